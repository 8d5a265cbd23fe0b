"""Made-up names: people, companies, streets; real towns. Any likeness to a real company is chance."""

FIRST_NAMES = (
    "Alain", "Alice", "Amélie", "André", "Anne", "Arnaud", "Aurélie", "Béatrice", "Benoît", "Bruno", "Carole",
    "Catherine", "Cécile", "Cédric", "Céline", "Christelle", "Christophe", "Claude", "Clément", "Corinne", "Cyril",
    "Damien", "Daniel", "David", "Delphine", "Denis", "Didier", "Dominique", "Émilie", "Emmanuel", "Éric", "Estelle",
    "Fabien", "Fabrice", "Florence", "Franck", "François", "Frédéric", "Gaëlle", "Gérard", "Gilles", "Guillaume",
    "Hervé", "Isabelle", "Jacques", "Jean-Marc", "Jean-Pierre", "Jérôme", "Joël", "Julie", "Julien", "Karine",
    "Laetitia", "Laurent", "Loïc", "Ludovic", "Magali", "Marc", "Marie", "Marion", "Maryse", "Mathieu", "Mélanie",
    "Michel", "Mickaël", "Mireille", "Monique", "Muriel", "Myriam", "Nathalie", "Nicolas", "Nicole", "Odile",
    "Olivier", "Pascal", "Pascale", "Patrice", "Patricia", "Patrick", "Philippe", "Pierre", "Rachida", "Raphaël",
    "Régis", "Rémi", "Romain", "Sabrina", "Samir", "Sandra", "Sébastien", "Séverine", "Sophie", "Stéphane", "Sylvain",
    "Sylvie", "Thierry", "Valérie", "Véronique", "Vincent", "Virginie", "Xavier", "Yannick", "Yves",
)  # fmt: skip

HERS = frozenset(
    {
        "Alice", "Amélie", "Anne", "Aurélie", "Béatrice", "Carole", "Catherine", "Cécile", "Céline", "Christelle",
        "Corinne", "Delphine", "Émilie", "Estelle", "Florence", "Gaëlle", "Isabelle", "Julie", "Karine", "Laetitia",
        "Magali", "Marie", "Marion", "Maryse", "Mélanie", "Mireille", "Monique", "Muriel", "Myriam", "Nathalie",
        "Nicole", "Odile", "Pascale", "Patricia", "Rachida", "Sabrina", "Sandra", "Séverine", "Sophie", "Sylvie",
        "Valérie", "Véronique", "Virginie",
    }
)  # fmt: skip

LAST_NAMES = (
    "Abadie", "Allard", "Arnoux", "Auclair", "Barbier", "Baudry", "Beaumont", "Berger", "Bertin", "Besson", "Blanchet",
    "Bodin", "Boisselier", "Bonnard", "Boucher", "Bourdon", "Bousquet", "Brossard", "Cadiou", "Camus", "Caron",
    "Carpentier", "Chabert", "Champion", "Chapuis", "Charrier", "Chevallier", "Colas", "Collet", "Cordier", "Cousin",
    "Daniel", "Darras", "Delaunay", "Delcourt", "Descamps", "Didier", "Doucet", "Dubreuil", "Dufour", "Dumas", "Duval",
    "Escoffier", "Fabre", "Faivre", "Faucher", "Ferrer", "Fleury", "Fournier", "Gaillard", "Garnier", "Gauthier",
    "Gilbert", "Girard", "Goubert", "Grandjean", "Grenier", "Guérin", "Guichard", "Guyot", "Hamel", "Haddad", "Hubert",
    "Humbert", "Jacquet", "Joubert", "Jourdan", "Kieffer", "Klein", "Lacombe", "Lacroix", "Lafarge", "Lambert",
    "Langlois", "Laporte", "Larue", "Le Bihan", "Le Roux", "Leclercq", "Lefort", "Legrand", "Lemaire", "Lesage",
    "Leroy", "Loiseau", "Lopez", "Maillard", "Marchal", "Maréchal", "Marty", "Masson", "Maurel", "Mercier", "Meunier",
    "Michaud", "Millet", "Monnier", "Moreau", "Moulin", "Navarro", "Noël", "Olivier", "Paquet", "Pasquier", "Pelletier",
    "Perret", "Picot", "Poirier", "Prévost", "Raynaud", "Renard", "Rey", "Ricard", "Rigaud", "Rivière", "Rousseau",
    "Roussel", "Sanchez", "Schmitt", "Schneider", "Tessier", "Tixier", "Vallet", "Vasseur", "Vidal", "Voisin", "Weiss",
)  # fmt: skip

# Companies the sales force talks about, the biggest customers: name, sector, whose, town, postal code.
KNOWN_COMPANIES = (
    ("Fonderies du Rhin", "metal", "thomas", "Mulhouse", "68100"),
    ("Groupe Hélias", "agro", "mehdi", "Reims", "51100"),
    ("Laiterie Nord", "agro", "ines", "Caen", "14000"),
    ("Énergie Plus", "energie", "camille", "Nantes", "44000"),
    ("Delmas Industrie", "mecanique", "camille", "Saint-Herblain", "44800"),
    ("Briant Logistique", "logistique", "paul", "Rennes", "35000"),
    ("Cotto & Fils", "batiment", "camille", "Nantes", "44000"),
    ("Imprimerie Joly", "papier", "jeanne", "Angers", "49000"),
    ("Kermarrec SAS", "agro", "camille", "Vannes", "56000"),
    ("Ateliers Morvan", "mecanique", "mehdi", "Dijon", "21000"),
)

# sector: name, typical cycle in days for its settings (None: the company's), how its companies are called
SECTORS: dict[str, tuple[str, int | None, tuple[str, ...]]] = {
    "metal": ("Métallurgie", None, ("Fonderie {}", "Forges {}", "Aciers {}", "Chaudronnerie {}", "Tôlerie {}")),
    "mecanique": ("Mécanique", None, ("Mécanique {}", "Ateliers {}", "Usinage {}", "Décolletage {}", "{} Précision")),
    "agro": ("Agroalimentaire", 45, ("Conserverie {}", "Minoterie {}", "Laiterie {}", "Salaisons {}")),
    "batiment": ("Bâtiment et travaux publics", 60, ("{} Construction", "Charpentes {}", "Travaux {}", "{} & Fils")),
    "energie": ("Énergie", 120, ("{} Énergie", "Électricité {}", "Hydro {}", "{} Thermique", "Réseaux {}")),
    "plasturgie": ("Plasturgie", None, ("Plastiques {}", "{} Injection", "Moulage {}", "{} Composites")),
    "chimie": ("Chimie", 75, ("Chimie {}", "Peintures {}", "Laboratoires {}", "{} Résines")),
    "logistique": ("Transport et logistique", None, ("Transports {}", "{} Logistique", "Entrepôts {}")),
    "papier": ("Papier et imprimerie", None, ("Imprimerie {}", "Papeterie {}", "Cartonnages {}", "Étiquettes {}")),
    "bois": ("Bois et ameublement", None, ("Scierie {}", "Menuiserie {}", "Meubles {}", "Parquets {}")),
    "public": ("Collectivités", 150, ("Régie des eaux de {}", "Syndicat mixte de {}", "Régie de transport de {}")),
}  # fmt: skip

STREETS = (
    "rue de l’Industrie", "avenue des Métiers", "zone artisanale des Prés", "rue Ampère", "rue Denis-Papin",
    "boulevard de l’Europe", "chemin du Moulin", "rue Gustave-Eiffel", "route de Paris", "allée des Charmes",
    "rue Nicéphore-Niépce", "avenue Jean-Jaurès", "rue du Port", "impasse des Forges", "rue des Frères-Lumière",
    "zone industrielle Nord", "rue Blaise-Pascal", "avenue du Général-Leclerc", "rue de la Gare", "rue Marie-Curie",
    "parc d’activités de la Plaine", "rue Lavoisier", "quai de la Marne", "rue du Champ-Fleuri", "route de la Vallée",
)  # fmt: skip

# team: towns with postal code; the prefix of its landlines, from the ranges kept free for fiction
TOWNS: dict[str, tuple[tuple[str, str], ...]] = {
    "ouest": (
        ("Nantes", "44000"), ("Saint-Herblain", "44800"), ("Vannes", "56000"), ("Lorient", "56100"),
        ("Rennes", "35000"),
        ("Vitré", "35500"), ("Quimper", "29000"), ("Brest", "29200"), ("Saint-Brieuc", "22000"), ("Angers", "49000"),
        ("Cholet", "49300"), ("Le Mans", "72000"), ("Laval", "53000"), ("La Roche-sur-Yon", "85000"),
        ("Les Herbiers", "85500"), ("Caen", "14000"), ("Cherbourg-en-Cotentin", "50100"), ("Rouen", "76000"),
        ("Le Havre", "76600"), ("Tours", "37000"), ("Poitiers", "86000"), ("La Rochelle", "17000"), ("Niort", "79000"),
        ("Saint-Nazaire", "44600"), ("Fougères", "35300"), ("Pontivy", "56300"),
    ),
    "nordest": (
        ("Strasbourg", "67000"), ("Mulhouse", "68100"), ("Colmar", "68000"), ("Haguenau", "67500"), ("Metz", "57000"),
        ("Nancy", "54000"), ("Épinal", "88000"), ("Reims", "51100"), ("Troyes", "10000"), ("Lille", "59000"),
        ("Roubaix", "59100"), ("Valenciennes", "59300"), ("Dunkerque", "59140"), ("Arras", "62000"), ("Lens", "62300"),
        ("Amiens", "80000"), ("Saint-Quentin", "02100"), ("Besançon", "25000"), ("Belfort", "90000"),
        ("Dijon", "21000"),
        ("Charleville-Mézières", "08000"), ("Saint-Dié-des-Vosges", "88100"),
    ),
    "idf": (
        ("Paris", "75012"), ("Gennevilliers", "92230"), ("Saint-Denis", "93200"), ("Argenteuil", "95100"),
        ("Cergy", "95000"), ("Évry-Courcouronnes", "91000"), ("Massy", "91300"), ("Melun", "77000"), ("Meaux", "77100"),
        ("Créteil", "94000"), ("Ivry-sur-Seine", "94200"), ("Versailles", "78000"), ("Poissy", "78300"),
        ("Mantes-la-Jolie", "78200"), ("Bobigny", "93000"), ("Chelles", "77500"), ("Orléans", "45000"),
        ("Chartres", "28000"), ("Beauvais", "60000"), ("Compiègne", "60200"),
    ),
    "sud": (
        ("Lyon", "69007"), ("Villeurbanne", "69100"), ("Saint-Étienne", "42000"), ("Grenoble", "38000"),
        ("Valence", "26000"), ("Annecy", "74000"), ("Oyonnax", "01100"), ("Clermont-Ferrand", "63000"),
        ("Marseille", "13015"), ("Vitrolles", "13127"), ("Toulon", "83000"), ("Nice", "06200"), ("Avignon", "84000"),
        ("Montpellier", "34000"), ("Nîmes", "30000"), ("Perpignan", "66000"), ("Toulouse", "31100"),
        ("Montauban", "82000"), ("Pau", "64000"), ("Bordeaux", "33000"), ("Limoges", "87000"), ("Castres", "81100"),
    ),
}  # fmt: skip
LANDLINES = {"ouest": "+33 2 61 91", "nordest": "+33 3 53 01", "idf": "+33 1 99 00", "sud": "+33 4 65 71"}

# name, sector, town, postal code, country, phone prefix, currency, team
ABROAD = (
    ("Helvetia Präzision AG", "mecanique", "Bâle", "4051", "CH", "+41 61 555", "CHF", "nordest"),
    ("Manufacture du Jura SA", "mecanique", "La Chaux-de-Fonds", "2300", "CH", "+41 32 555", "CHF", "nordest"),
    ("Léman Instruments SA", "chimie", "Genève", "1227", "CH", "+41 22 555", "CHF", "sud"),
    ("Alpes Turbines SA", "energie", "Sion", "1950", "CH", "+41 27 555", "CHF", "sud"),
    ("Gulf Coast Valves Inc.", "energie", "Houston", "77002", "US", "+1 713 555", "USD", "idf"),
    ("Great Lakes Bearings LLC", "mecanique", "Cleveland", "44114", "US", "+1 216 555", "USD", "nordest"),
    ("Brasserie de la Meuse SA", "agro", "Liège", "4000", "BE", "+32 4 555", "EUR", "nordest"),
    ("Ardenne Bois SPRL", "bois", "Bastogne", "6600", "BE", "+32 61 55", "EUR", "nordest"),
    ("Saarland Guss GmbH", "metal", "Sarrebruck", "66111", "DE", "+49 681 555", "EUR", "nordest"),
)  # fmt: skip
