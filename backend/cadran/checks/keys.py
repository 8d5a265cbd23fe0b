"""What two spellings of one name, phone, address or company have in common: the keys duplicates are looked for by."""

import re
import unicodedata
from functools import lru_cache

LEGAL_FORMS = frozenset(
    {
        "sa", "sas", "sasu", "sarl", "eurl", "sci", "snc", "scop", "sca", "scp", "selarl", "selas", "ei", "eirl",
        "gie", "gip", "asso", "association", "ste", "societe", "ets", "etablissements", "etablissement", "groupe",
        "group", "gmbh", "ag", "kg", "ohg", "ug", "ev", "mbh", "co", "cie", "compagnie", "company", "corp",
        "corporation", "inc", "incorporated", "llc", "llp", "ltd", "limited", "plc", "pty", "bv", "nv", "bvba",
        "sprl", "srl", "spa", "sl", "slu", "ab", "as", "aps", "oy", "oyj", "kft", "doo", "sro", "sp", "zoo", "lda",
        "ltda", "kk", "holding", "the",
    }
)  # fmt: skip
FREE_MAIL = frozenset(
    {
        "gmail.com", "googlemail.com", "outlook.com", "outlook.fr", "hotmail.com", "hotmail.fr", "live.fr",
        "live.com", "msn.com", "yahoo.com", "yahoo.fr", "icloud.com", "me.com", "free.fr", "orange.fr",
        "wanadoo.fr", "sfr.fr", "neuf.fr", "laposte.net", "bbox.fr", "numericable.fr", "aol.com", "gmx.com",
        "gmx.de", "gmx.fr", "web.de", "t-online.de", "proton.me", "protonmail.com",
    }
)  # fmt: skip
SHARED_MAILBOXES = frozenset(
    {
        "contact", "info", "infos", "hello", "bonjour", "accueil", "admin", "administration", "commercial",
        "commerce", "vente", "ventes", "sales", "achat", "achats", "purchasing", "compta", "comptabilite",
        "accounting", "facturation", "billing", "direction", "secretariat", "office", "mail", "service", "sav",
        "support", "help", "rh", "hr", "noreply", "no-reply", "reception", "order", "orders", "commande",
        "commandes", "marketing", "standard",
    }
)  # fmt: skip
HONORIFICS = frozenset(
    {
        "m", "mr", "mme", "mlle", "mrs", "ms", "miss", "dr", "docteur", "prof", "pr", "me", "maitre", "monsieur",
        "madame", "mademoiselle", "herr", "frau",
    }
)  # fmt: skip
_STREETS = {
    "av": "avenue", "ave": "avenue", "bd": "boulevard", "bld": "boulevard", "blvd": "boulevard", "r": "rue",
    "rte": "route", "pl": "place", "ch": "chemin", "che": "chemin", "imp": "impasse", "all": "allee", "st": "saint",
    "ste": "sainte", "str": "strasse", "street": "street", "rd": "road", "sq": "square", "fg": "faubourg",
    "fbg": "faubourg", "qu": "quai", "za": "zone", "zi": "zone", "zac": "zone", "pce": "place", "pde": "parade",
    "cct": "circuit", "cres": "crescent", "pl.": "place",
}  # fmt: skip
_NOT_WORDS = re.compile(r"[^0-9a-z]+")


@lru_cache(maxsize=1 << 17)
def plain(value: str) -> str:
    """Lower-case ASCII-like words separated by one space, without accents or punctuation."""
    if not value.isascii():
        value = value.replace("ß", "ss").replace("œ", "oe").replace("Œ", "oe").replace("æ", "ae").replace("ø", "o")
        decomposed = unicodedata.normalize("NFKD", value)
        value = "".join(each for each in decomposed if not unicodedata.combining(each)).casefold()
        return " ".join("".join(each if each.isalnum() else " " for each in value).split())
    return _NOT_WORDS.sub(" ", value.lower()).strip()


@lru_cache(maxsize=1 << 17)
def company_core(name: str) -> tuple[str, frozenset[str]]:
    """A company's name without its legal form (``"dupont industrie"``), and the forms taken off."""
    words = plain(name.replace("&", " et ").replace(".", "")).split()
    kept = [word for word in words if word not in LEGAL_FORMS and word not in ("et", "and", "und")]
    if not kept:
        return " ".join(words), frozenset()
    return " ".join(kept), frozenset(words) & LEGAL_FORMS


def digits(value: str | None) -> str:
    return "" if value is None else "".join(each for each in value if "0" <= each <= "9")


@lru_cache(maxsize=1 << 17)
def phone_key(value: str | None) -> str:
    """The last nine digits, which do not depend on how the prefix is written; empty under six or when all the same."""
    found = digits(value)[-9:].lstrip("0")
    return found if len(found) >= 6 and len(set(found)) > 2 else ""


def email_key(value: str | None) -> str:
    """Lower case, without a ``+tag``; empty when it is no address."""
    if value is None or value.count("@") != 1:
        return ""
    local, domain = value.strip().lower().split("@")
    local = local.split("+")[0]
    return f"{local}@{domain}" if local and "." in domain else ""


def is_shared_mailbox(email: str) -> bool:
    """Whether an address belongs to a desk rather than to a person."""
    return plain(email.partition("@")[0]).replace(" ", "") in SHARED_MAILBOXES


def web_domain(website: str | None, email: str | None) -> str:
    """The company's own domain, from its site or else its e-mail; empty for a public mail provider's."""
    found = ""
    if website:
        found = website.strip().lower().split("//")[-1].split("/")[0].split("?")[0].split(":")[0].removeprefix("www.")
    if "." not in found and email:
        found = email_key(email).partition("@")[2]
    return found if "." in found and found not in FREE_MAIL else ""


@lru_cache(maxsize=1 << 17)
def person_name(value: str | None) -> str:
    """A first or last name without titles, spaces or hyphens."""
    if not value:
        return ""
    words = plain(value).split()
    return "".join(word for word in words if word not in HONORIFICS) if len(words) > 1 else "".join(words)


@lru_cache(maxsize=1 << 17)
def street_key(value: str | None) -> str:
    """A street with its abbreviations spelled out, its number first."""
    if not value:
        return ""
    return " ".join(_STREETS.get(word, word) for word in plain(value).split() if word not in ("bis", "ter"))


def postal_key(value: str | None) -> str:
    return "" if value is None else plain(value).replace(" ", "").lstrip("0")


_SOUNDS = (
    ("ph", "f"), ("eau", "o"), ("au", "o"), ("ck", "k"), ("qu", "k"), ("q", "k"), ("ch", "s"), ("sh", "s"), ("c", "k"),
    ("x", "s"), ("z", "s"), ("y", "i"), ("w", "v"), ("g", "j"), ("h", ""), ("d", "t"), ("b", "p"), ("m", "n"),
)  # fmt: skip


@lru_cache(maxsize=1 << 17)
def sound(word: str) -> str:
    """How a folded word roughly sounds: its first letter and its consonants, alike ones taken as one."""
    for spelled, heard in _SOUNDS:
        word = word.replace(spelled, heard)
    first, rest = word[:1], "".join(each for each in word[1:] if each not in "aeiou")
    found = "".join(each for each, before in zip(first + rest, " " + first + rest, strict=False) if each != before)
    return found[:6]
