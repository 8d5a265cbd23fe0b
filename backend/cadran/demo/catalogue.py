"""What Hautecour sells: 120 products in ten families, and the stages of its pipeline."""

from dataclasses import dataclass
from decimal import Decimal

from cadran.demo.world import Row, World
from cadran.models import Product, Stage

VAT = Decimal("0.20")

# family, prefix, sectors that buy it most, then each item with its middle price; sizes make several products of it
FAMILIES: tuple[tuple[str, str, tuple[str, ...], tuple[tuple[str, float], ...]], ...] = (
    ("Roulements et paliers", "ROU", ("metal", "mecanique", "papier", "bois"),
     (
         ("Roulement à billes", 14), ("Roulement à rouleaux", 62), ("Palier à semelle", 88), ("Butée à billes", 27))),
    ("Transmission", "TRA", ("metal", "agro", "bois", "logistique"),
     (
         ("Courroie trapézoïdale", 19), ("Chaîne à rouleaux", 74),
         ("Motoréducteur", 690), ("Accouplement élastique", 120))),
    ("Pneumatique", "PNE", ("agro", "plasturgie", "papier", "mecanique"),
     (
         ("Vérin double effet", 132), ("Distributeur 5/2", 96),
         ("Raccord instantané (lot de 20)", 34), ("Filtre-régulateur", 78))),
    ("Hydraulique", "HYD", ("batiment", "metal", "public"),
     (
         ("Flexible haute pression", 58), ("Pompe à engrenages", 410),
         ("Vérin hydraulique", 520), ("Kit de joints", 41))),
    ("Équipements de protection", "EPI", ("batiment", "agro", "chimie", "logistique"),
     (
         ("Gants anticoupure (lot de 12)", 64), ("Chaussures de sécurité", 79),
         ("Casque de chantier", 23), ("Masque FFP2 (boîte de 50)", 31))),
    ("Outillage", "OUT", ("mecanique", "bois", "batiment", "metal"),
     (
         ("Perceuse-visseuse", 245), ("Jeu de clés", 118), ("Foret carbure", 37), ("Meuleuse d’angle", 169))),
    ("Lubrifiants", "LUB", ("agro", "metal", "logistique", "energie"),
     (
         ("Huile hydraulique 46 (bidon)", 112), ("Graisse multiusage (carton)", 86),
         ("Huile alimentaire (fût)", 640), ("Dégraissant (bidon)", 54))),
    ("Levage", "LEV", ("metal", "batiment", "logistique", "energie"),
     (
         ("Palan électrique", 1480), ("Élingue chaîne", 138), ("Potence murale", 1960), ("Transpalette", 520))),
    ("Automatismes", "AUT", ("plasturgie", "energie", "agro", "chimie"),
     (
         ("Variateur de vitesse", 560), ("Automate compact", 430),
         ("Capteur inductif", 48), ("Barrière immatérielle", 890))),
    ("Fluides et air comprimé", "FLU", ("chimie", "energie", "public", "plasturgie"),
     (
         ("Pompe centrifuge", 1120), ("Vanne papillon", 145),
         ("Compresseur à vis", 6400), ("Cartouche de filtration", 66))),
)  # fmt: skip
SIZES = (("taille 1", 0.7), ("taille 2", 1.0), ("taille 3", 1.45))
STAGES = (
    ("Qualification", "0.15"), ("Découverte", "0.30"), ("Proposition", "0.50"), ("Négociation", "0.75"),
    ("Accord verbal", "0.90"),
)  # fmt: skip


@dataclass(frozen=True)
class Item:
    """A product and what it sells for, list price or not."""

    row: Row
    price: Decimal


def stock(world: World) -> list[Item]:
    """The 120 products; a few have no cost, a few no list price, a few are no longer sold."""
    found: list[Item] = []
    for family, prefix, _, items in FAMILIES:
        number = 100
        for item, price in items:
            for size, factor in SIZES:
                number += 10
                listed = Decimal(round(price * factor * world.around(1, 0.06, 0.85, 1.15), 2)).quantize(Decimal("0.01"))
                ratio = Decimal(round(world.around(0.60, 0.07, 0.8, 1.18), 3))
                cost = (listed * ratio).quantize(Decimal("0.01"))
                row = world.add(
                    Product, reference=f"{prefix}-{number}", name=f"{item}, {size}", family=family, vat_rate=VAT,
                    list_price=None if world.chance(0.025) else listed, cost=None if world.chance(0.04) else cost,
                    is_active=not world.chance(0.03), external_id=f"ART-{prefix}-{number}",
                )  # fmt: skip
                found.append(Item(row, listed))
    return found


def stages(world: World) -> list[Row]:
    return [
        world.add(Stage, name=name, position=position, probability=Decimal(probability))
        for position, (name, probability) in enumerate(STAGES, start=1)
    ]


def range_for(world: World, sector: str) -> list[str]:
    """The three or four families a customer of this sector buys."""
    wanted = [(family, 4.0 if sector in sectors else 0.6) for family, _, sectors, _ in FAMILIES]
    found: list[str] = []
    while len(found) < 4:
        family = world.weighted(wanted)
        if family not in found:
            found.append(family)
    return found
