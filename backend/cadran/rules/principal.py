"""Who asks, and what the role lets through."""

from dataclasses import dataclass, field
from uuid import UUID

from cadran.rules.vocabulary import Role

COMMERCIAL: frozenset[Role] = frozenset({"rep", "manager", "director", "admin"})


@dataclass(frozen=True)
class Principal:
    """A signed-in user, or an API key acting for the user who made it.

    ``team_ids``: for a manager the teams led (and the own one); for a rep the own team, for its averages only.
    ``scopes``: None for a person, else what the key was given (``kpi:read``, ``orders:write``, ``*:read``).
    """

    user_id: UUID
    name: str
    email: str
    role: Role
    team_ids: frozenset[UUID] = frozenset()
    scopes: frozenset[str] | None = None
    key_id: UUID | None = None
    language: str = "fr"
    business_unit_ids: frozenset[UUID] = field(default_factory=frozenset)

    @property
    def sees_all(self) -> bool:
        return self.role in ("director", "admin")

    @property
    def sees_amounts(self) -> bool:
        return self.role in COMMERCIAL

    def allows(self, resource: str, action: str) -> bool:
        """Whether the key's scopes let ``action`` (read or write) on ``resource`` through; write implies read."""
        if self.scopes is None:
            return True
        wanted = {f"{resource}:{action}", f"*:{action}"}
        if action == "read":
            wanted |= {f"{resource}:write", "*:write"}
        return not wanted.isdisjoint(self.scopes)
