"""What every operation refuses before it begins."""

from collections.abc import Callable

import httpx
import pytest

UNKNOWN = "018f0000-0000-7000-8000-000000000000"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", f"/customers/{UNKNOWN}?colour=blue", 422),
        ("DELETE", f"/customers/{UNKNOWN}?force=true", 422),
        ("GET", "/customers?colour=blue", 422),
        ("POST", "/customers?colour=blue", 422),
        ("GET", f"/customers/{UNKNOWN}", 404),
        ("GET", "/customers?limit=1", 200),
        ("POST", "/customers", 201),
    ],
)
async def test_parameters_nobody_declared(
    as_user: Callable[..., httpx.AsyncClient], method: str, path: str, status: int
) -> None:
    answer = await as_user("admin").request(method, path, json={"name": "Dupont"} if method == "POST" else None)
    assert answer.status_code == status, answer.text
    if status == 422:
        name = path.partition("?")[2].partition("=")[0]
        assert [error["pointer"] for error in answer.json()["errors"]] == [f"?{name}"]
