"""What people write in a sales force: in French, in the customers' words."""

import unicodedata


def folded(text: str) -> str:
    """Lower case without accents or punctuation: for addresses."""
    plain = unicodedata.normalize("NFKD", text.lower().replace("œ", "oe"))
    kept = "".join(each if each.isalnum() else " " if each in " -’'&." else "" for each in plain)
    return " ".join(kept.split())


# department: functions, of which the first decide; for him and for her where French tells them apart
FUNCTIONS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "Achats": (
        ("Directeur des achats|Directrice des achats", "Responsable achats"),
        ("Acheteur|Acheteuse", "Assistant achats|Assistante achats"),
    ),
    "Production": (
        ("Directeur de production|Directrice de production", "Directeur d’usine|Directrice d’usine"),
        ("Chef d’atelier|Cheffe d’atelier", "Responsable méthodes"),
    ),
    "Maintenance": (
        ("Responsable maintenance",),
        (
            "Technicien de maintenance|Technicienne de maintenance",
            "Magasinier|Magasinière",
            "Automaticien|Automaticienne",
        ),
    ),
    "Direction": (
        ("Gérant|Gérante", "Directeur général|Directrice générale", "Président|Présidente"),
        ("Assistant de direction|Assistante de direction",),
    ),
    "Bureau d’études": (
        ("Directeur technique|Directrice technique",),
        ("Ingénieur projets|Ingénieure projets", "Dessinateur-projeteur|Dessinatrice-projeteuse"),
    ),
    "Finance": (
        ("Directeur administratif et financier|Directrice administrative et financière",),
        ("Comptable fournisseurs", "Comptable"),
    ),
    "Qualité, sécurité": (
        ("Responsable QSE",),
        ("Animateur sécurité|Animatrice sécurité", "Contrôleur qualité|Contrôleuse qualité"),
    ),
}


def function(title: str, *, her: bool) -> str:
    """A function as this person bears it."""
    return title.split("|")[-1 if her else 0]


# What the customer said, with the report's summary. At least one says no, one hesitates, one names a competitor.
CUSTOMER_WORDS = (
    ("Vos délais sur les roulements nous ont sauvé l’arrêt de mai, on veut la même chose pour septembre.",
     "Prépare l’arrêt technique de septembre."),
    ("Le prix est bon, mais je n’ai pas de budget avant janvier.",
     "Budget gelé jusqu’en janvier, relance à prévoir début décembre."),
    ("On a deux fournisseurs sur le pneumatique et je veux passer à un seul d’ici l’été.",
     "Consolidation des fournisseurs : nous sommes en finale."),
    ("Votre concurrent livre en quarante-huit heures, vous en cinq jours. Pour moi, c’est ça la différence.",
     "Le délai est le seul frein ; voir un stock déporté."),
    ("La dernière commande est arrivée incomplète, deux fois de suite. Mon chef d’atelier est furieux.",
     "Mécontent des livraisons partielles, à traiter avant toute offre."),
    ("Envoyez-moi une fiche technique claire, je la montre à mon directeur jeudi.",
     "Demande une documentation pour sa direction."),
    ("Je préfère payer un peu plus et ne pas avoir à rappeler trois fois.", "Attend du service plus que du prix."),
    ("Les gants que vous nous avez proposés, les gars les adoptent. On passe à deux cents paires par mois.",
     "Essai des EPI concluant, passage en commande récurrente."),
    ("Nous ouvrons une deuxième ligne en mars, il faudra tout équiper : vérins, variateurs, sécurité.",
     "Nouvelle ligne en mars, projet à chiffrer."),
    ("Je n’ai plus la main sur les achats, tout remonte au siège maintenant.",
     "Décision centralisée au siège, identifier le décideur."),
    ("Honnêtement, je vous avais oubliés. Passez plus souvent.", "Client peu visité, cadence à revoir."),
    ("Votre huile tient mille heures de plus, c’est mesuré. Je la veux sur toutes les machines.",
     "Gain mesuré sur les lubrifiants, extension au parc complet."),
    ("Tant que le litige sur la facture de mars n’est pas réglé, je ne commande rien.",
     "Litige bloquant, à régler avec la comptabilité."),
    ("Si vous tenez dix pour cent, je signe aujourd’hui.", "Négocie dix pour cent de remise pour signer."),
    ("On regarde aussi une offre espagnole, vingt pour cent moins chère. Mais le service, on ne sait pas.",
     "Concurrent espagnol à −20 %, sans service local."),
    ("Le variateur fonctionne très bien, par contre personne ne sait le paramétrer chez nous.",
     "Besoin de formation au paramétrage."),
    ("Je veux un interlocuteur unique, pas quatre numéros de téléphone.", "Demande un interlocuteur unique."),
    ("Nous passons au contrat annuel si vous garantissez le stock des références critiques.",
     "Contrat annuel possible contre stock de sécurité."),
    ("La maintenance est internalisée depuis janvier, donc on aura besoin d’outillage.",
     "Maintenance internalisée : besoin d’outillage."),
    ("Ce mois-ci, c’est calme. Revenez après la foire.", "Pas de besoin immédiat."),
    ("Mon patron part à la retraite en juin, son fils reprend. Il faudra le rencontrer.",
     "Succession en juin, rencontrer le repreneur."),
    ("On a perdu un gros marché, nos volumes vont baisser d’un tiers.",
     "Volumes en baisse d’un tiers, revoir l’objectif."),
    ("Les palans sont livrés sans certificat, je ne peux pas les mettre en service.",
     "Certificats manquants, relancer le fournisseur."),
    ("Vous êtes les seuls à m’avoir rappelé dans la journée.", "Réactivité appréciée."),
    ("Le devis est trop compliqué, mettez-moi trois lignes et un total.", "Refaire le devis en plus simple."),
    ("On veut réduire le nombre de références, de quatre cents à cent cinquante.",
     "Projet de rationalisation des références."),
    ("J’ai besoin de savoir si c’est recyclable, mon client me le demande.",
     "Demande d’informations environnementales."),
    ("Le commercial précédent venait tous les mois, c’était bien.", "Regrette l’ancien rythme de visites."),
    ("Pour les fluides, on reste chez notre fournisseur actuel. Pour le reste, faites-moi une offre.",
     "Ouvert sauf sur les fluides."),
    ("Si la pompe lâche encore une fois, je change de marque.", "Troisième panne de pompe, visite technique urgente."),
    ("Votre site est pratique, mes magasiniers commandent tout seuls.",
     "Adoption du site, commandes en libre-service."),
    ("Il me faut une réponse avant vendredi, le comité d’investissement est lundi.",
     "Comité d’investissement lundi, répondre avant vendredi."),
    ("On n’a pas été livrés à l’atelier mais au siège, à quarante kilomètres.",
     "Erreur d’adresse de livraison à corriger."),
    ("Le groupe impose un référencement, il y a un questionnaire de trente pages.", "Référencement groupe à remplir."),
    ("Vos remises, je ne les comprends jamais. Donnez-moi un prix net.", "Veut des prix nets."),
    ("J’ai parlé de vous à mon voisin, il fait la même chose que nous avec cinquante machines.",
     "Recommandation d’un prospect voisin."),
    ("On est contents, il n’y a rien à dire. Continuez.", "Client satisfait, rien à signaler."),
    ("La commande est validée, il manque juste la signature du directeur, qui rentre mardi.",
     "Accord verbal, signature attendue mardi."),
    ("Finalement, le projet est repoussé d’un an. Ce n’est pas contre vous.", "Projet reporté d’un an."),
    ("Le compresseur est surdimensionné, on paie l’air comprimé deux fois trop cher.",
     "Audit d’air comprimé à proposer."),
    ("Je préfère l’ancien modèle, le nouveau ne rentre pas dans l’armoire.",
     "Problème d’encombrement, revoir la référence."),
    ("Quand j’appelle pour une urgence, je veux quelqu’un, pas un répondeur.", "Demande une ligne d’urgence."),
    ("Les délais annoncés sont tenus depuis six mois, bravo à la logistique.", "Satisfait des délais."),
    ("Nous avons eu un accident : toute la sécurité machine est à revoir, et vite.",
     "Mise en sécurité urgente du parc."),
    ("Avant de parler prix, venez voir comment on travaille.", "Visite d’atelier à organiser."),
    ("Vous pouvez reprendre les invendus ? J’ai pour huit mille euros de courroies qui dorment.",
     "Reprise de stock à étudier."),
    ("Le terme de paiement à soixante jours, c’est fini pour nous aussi.", "Conditions de paiement à revoir."),
    ("Votre technicien a trouvé la panne en dix minutes, le nôtre cherchait depuis deux jours.",
     "Assistance technique très appréciée."),
)  # fmt: skip

OUTCOMES = (
    ("Intéressé", 30), ("Devis à établir", 24), ("Commande à venir", 14), ("Suivi courant", 20), ("Sans suite", 7),
    ("Réclamation", 5),
)  # fmt: skip
NEXT_STEPS = (
    "Envoyer le devis", "Rappeler pour valider", "Organiser une démonstration", "Transmettre la fiche technique",
    "Rencontrer le directeur de production", "Planifier un audit sur site", "Relancer le service achats",
    "Faire passer le technicien", "Préparer le contrat annuel", "Vérifier le stock des références critiques",
)  # fmt: skip
PURPOSES = (
    "Point trimestriel", "Présentation de la gamme pneumatique", "Suivi de devis", "Négociation du contrat annuel",
    "Audit de l’atelier", "Réclamation de livraison", "Découverte des besoins", "Démonstration d’outillage",
    "Visite de courtoisie", "Préparation de l’arrêt technique", "Revue des EPI", "Bilan des consommations",
)  # fmt: skip
LATE_REASONS = (
    "Client absent, rappel prévu", "Reportée à la demande du client", "Urgence chez un autre client",
    "Commercial souffrant", "Interlocuteur en congé", "Panne de véhicule", "Atelier fermé pour inventaire",
)  # fmt: skip
VISIT_NEXT_ACTIONS = (
    "Rappeler pour fixer une date", "Proposer une visite commune avec le technicien",
    "Confirmer avec le service achats",
    "Rédiger le compte rendu", "Passer par l’assistante de direction",
)  # fmt: skip
CALL_NOTES = (
    "A demandé un délai sur la référence habituelle.", "Pas de réponse, message laissé.", "Confirme la réception.",
    "Souhaite une visite le mois prochain.", "Attend la validation de son directeur.", "A reçu le catalogue.",
    "Demande un geste sur les frais de port.", "Rappelle la semaine prochaine.", "Question de facturation transmise.",
)  # fmt: skip
FOLLOW_UP_NOTES = (
    "Devis bien reçu, étude en cours.", "Hésite avec un concurrent.", "Attend le retour de l’atelier.",
    "Demande une remise supplémentaire.", "Décision la semaine prochaine.", "Injoignable, message laissé.",
)  # fmt: skip

NEEDS = (
    "Remplacer dix vérins en fin de vie sur la ligne 2.", "Sécuriser les convoyeurs avant l’audit.",
    "Réduire les arrêts liés aux roulements.", "Équiper la nouvelle ligne de conditionnement.",
    "Passer à des variateurs pour baisser la facture d’électricité.", "Centraliser les achats d’EPI de trois sites.",
    "Remettre à niveau l’outillage de l’atelier.", "Lubrification automatique du parc machines.",
    "Renouveler les palans après contrôle.", "Audit et régulation de l’air comprimé.",
)  # fmt: skip
COMPETITORS = (
    "Fournisseur historique, 8 % moins cher.", "Offre espagnole, sans service local.", "Achat direct au fabricant.",
    "Aucun concurrent connu.", "Distributeur voisin, livraison en 48 heures.", "Plateforme en ligne.",
)  # fmt: skip
PROJECTS = (
    "Équipement ligne de conditionnement", "Rénovation transmission", "Contrat annuel EPI", "Modernisation pneumatique",
    "Parc de variateurs", "Mise en sécurité des machines", "Lubrification centralisée", "Outillage atelier",
    "Palans et levage", "Air comprimé", "Contrat-cadre consommables", "Remplacement des motoréducteurs",
)  # fmt: skip
LOST_REASONS = (
    ("Prix", 36), ("Projet abandonné", 20), ("Délai", 16), ("Concurrent en place", 18), ("Sans réponse", 10),
)  # fmt: skip
REFUSED_REASONS = (("Prix trop élevé", 42), ("Délai trop long", 20), ("Concurrent retenu", 23), ("Projet reporté", 15))
DEAL_ACTIONS = (
    "Rencontrer le second décideur", "Envoyer la version révisée du devis", "Valider le planning de livraison",
    "Obtenir l’accord de la direction", "Faire une démonstration sur site", "Relancer le bureau d’études",
)  # fmt: skip

TASK_TITLES = (
    "Envoyer la fiche technique", "Confirmer la remise demandée à la direction",
    "Préparer le plan d’action du trimestre",
    "Rappeler l’acheteur", "Mettre à jour la fiche client", "Vérifier le délai de livraison", "Transmettre l’avoir",
    "Demander les certificats au fournisseur", "Organiser la démonstration", "Relancer la facture échue",
    "Préparer la visite de la semaine prochaine", "Chiffrer la variante", "Envoyer les échantillons",
    "Valider les conditions de paiement", "Inviter au salon", "Compléter les coordonnées du décideur",
)  # fmt: skip
MARKETING_TASKS = (
    "Préparer la campagne EPI", "Qualifier les contacts du salon", "Nettoyer les doublons",
    "Rédiger la lettre d’information",
    "Mettre à jour le catalogue en ligne",
)  # fmt: skip
REQUESTS = (
    ("Pièce manquante dans la livraison", "Livraison"), ("Facture à corriger", "Facturation"),
    ("Fuite sur un vérin", "Panne"),
    ("Demande de certificat de conformité", "Documentation"), ("Retour de matériel non conforme", "Retour"),
    ("Aide au paramétrage d’un variateur", "Assistance"), ("Délai à confirmer", "Livraison"),
    ("Bruit anormal du réducteur", "Panne"),
    ("Changement d’adresse de livraison", "Livraison"), ("Duplicata de bon de livraison", "Documentation"),
)  # fmt: skip
LEAD_SOURCES = (
    ("Site internet", 30, 0.42), ("Salon", 22, 0.48), ("Recommandation", 14, 0.72),
    ("Prospection téléphonique", 14, 0.30),
    ("Campagne e-mail", 10, 0.26), ("LinkedIn", 6, 0.33), ("Partenaire", 4, 0.60),
)  # fmt: skip
DISQUALIFIED_REASONS = ("Hors zone", "Pas de projet", "Budget insuffisant", "Injoignable", "Étudiant ou concurrent")

PLANS = (
    "Reconquête des clients inactifs", "Développement du pneumatique", "Contrats annuels EPI",
    "Grands comptes agroalimentaires",
    "Lancement de la gamme variateurs", "Fidélisation des clients A", "Ouverture du bassin lyonnais",
    "Maintenance et outillage",
    "Air comprimé, économies d’énergie", "Conquête des collectivités", "Relance des devis dormants",
    "Montée en gamme du levage",
)  # fmt: skip
PLAN_ACTIONS = (
    "Cibler les clients et préparer l’argumentaire", "Appeler chaque client de la liste", "Visiter les dix premiers",
    "Former l’équipe à la gamme", "Envoyer les offres", "Organiser une journée technique", "Relancer les indécis",
    "Négocier avec le fournisseur", "Faire le bilan avec l’équipe",
)  # fmt: skip
