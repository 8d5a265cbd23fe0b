"""Routes asked only by paths that begin as theirs: there are over a hundred, and each would be tried in turn."""

from fastapi import APIRouter
from starlette.routing import Match
from starlette.types import Scope


class Room(APIRouter):
    """A router behind the first words of its paths (``orders`` of ``/orders/{id}``)."""

    def __init__(self, router: APIRouter) -> None:
        super().__init__()
        self.include_router(router)
        paths = [getattr(route, "path", "/{any}") for route in router.routes]
        self.words = frozenset(path.split("/")[1] for path in paths)
        self.open = any("{" in word for word in self.words)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if not self.open and not scope.get("root_path") and scope["path"].split("/", 2)[1] not in self.words:
            return Match.NONE, {}
        return super().matches(scope)
