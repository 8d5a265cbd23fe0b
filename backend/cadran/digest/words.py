"""What a digest says besides figures, in French and English."""

from collections.abc import Mapping
from typing import Any

Said = Mapping[str, str]

FR: Said = {
    "agenda": "Vos visites d’aujourd’hui",
    "todo": "À faire, dans l’ordre",
    "todo_more": "et {n} de plus",
    "decide": "À décider",
    "people": "Par commercial",
    "ahead": "{amount} d’avance",
    "behind": "{amount} de retard",
    "no_target": "sans objectif",
    "open_day": "Ouvrir ma journée : {url}",
    "open_activity": "Ouvrir l’activité : {url}",
    "why": "Vous recevez ce message parce que vous l’avez demandé à Cadran. Pour l’arrêter : {url}",
    "kind.visit": "Visite",
    "kind.quote": "Devis",
    "kind.delivery": "Livraison",
    "kind.invoice": "Facture",
    "kind.task": "Tâche",
    "late": "en retard de {n} j",
    "today": "aujourd’hui",
    "expires": "expire dans {n} j",
    "expires_today": "expire aujourd’hui",
    "silent": "sans réponse",
    "date_reached": "relance prévue",
    "late_delivery": "livraison en retard",
    "planned": "prévue",
    "slipped": "signature dépassée de {days} j",
    "quiet": "sans contact depuis {days} j",
    "to_sign": "à signer sur la période",
    "expiring": "le devis expire dans {days} j",
    "person_behind": "en retard sur le rythme",
}
EN: Said = {
    "agenda": "Your visits today",
    "todo": "To do, in order",
    "todo_more": "and {n} more",
    "decide": "To decide",
    "people": "By rep",
    "ahead": "{amount} ahead",
    "behind": "{amount} behind",
    "no_target": "no target",
    "open_day": "Open my day: {url}",
    "open_activity": "Open the activity: {url}",
    "why": "You receive this message because you asked Cadran for it. To stop it: {url}",
    "kind.visit": "Visit",
    "kind.quote": "Quote",
    "kind.delivery": "Delivery",
    "kind.invoice": "Invoice",
    "kind.task": "Task",
    "late": "{n} d late",
    "today": "today",
    "expires": "expires in {n} d",
    "expires_today": "expires today",
    "silent": "unanswered",
    "date_reached": "follow-up due",
    "late_delivery": "delivery late",
    "planned": "planned",
    "slipped": "signature {days} d overdue",
    "quiet": "no contact for {days} d",
    "to_sign": "to sign in the period",
    "expiring": "the quote expires in {days} d",
    "person_behind": "behind the pace",
}
WORDS: Mapping[str, Said] = {"fr": FR, "en": EN}

# The words of reasons whose code means something else elsewhere.
_DECIDE = {"silent": "quiet", "behind": "person_behind"}


def urgency(said: Said, todo: Mapping[str, Any]) -> str:
    """Why a thing is on the list, in a few words."""
    if todo["expires_in"] is not None:
        return said["expires_today"] if todo["expires_in"] == 0 else said["expires"].format(n=todo["expires_in"])
    if todo["reason"] == "late_delivery":
        return said["late_delivery"]
    if (todo["days_late"] or 0) > 0:
        return said["late"].format(n=todo["days_late"])
    return said.get(todo["reason"] or "", said["planned"])


def reason(said: Said, entry: Mapping[str, Any]) -> str:
    """Why a deal or a person is to be decided on."""
    code = entry["reason"]["code"]
    return said[_DECIDE.get(code, code)].format(**entry["reason"]["values"])
