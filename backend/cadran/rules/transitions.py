"""From which state a record may go to which other."""

from collections.abc import Mapping

QUOTES: Mapping[str, frozenset[str]] = {
    "draft": frozenset({"sent", "superseded"}),
    "sent": frozenset({"accepted", "refused", "expired", "superseded", "draft"}),
    "refused": frozenset({"sent", "superseded"}),
    "expired": frozenset({"sent", "accepted", "superseded"}),
    "accepted": frozenset({"sent"}),
    "superseded": frozenset(),
}
ORDERS: Mapping[str, frozenset[str]] = {
    "draft": frozenset({"confirmed", "cancelled"}),
    "confirmed": frozenset({"cancelled", "closed"}),
    "closed": frozenset({"confirmed", "cancelled"}),
    "cancelled": frozenset({"confirmed"}),
}
INVOICES: Mapping[str, frozenset[str]] = {
    "draft": frozenset({"posted", "cancelled"}),
    "posted": frozenset({"cancelled"}),
    "cancelled": frozenset(),
}
OPPORTUNITIES: Mapping[str, frozenset[str]] = {
    "open": frozenset({"won", "lost"}),
    "won": frozenset({"open", "lost"}),
    "lost": frozenset({"open", "won"}),
}
LEADS: Mapping[str, frozenset[str]] = {
    "new": frozenset({"working", "qualified", "disqualified", "converted"}),
    "working": frozenset({"new", "qualified", "disqualified", "converted"}),
    "qualified": frozenset({"new", "working", "disqualified", "converted"}),
    "disqualified": frozenset({"new", "working", "qualified"}),
    "converted": frozenset(),
}


def allowed(transitions: Mapping[str, frozenset[str]], was: str, now: str) -> bool:
    return was == now or now in transitions[was]
