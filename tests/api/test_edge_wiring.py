"""The application stands behind the edge, and only imports may be large."""

from collections.abc import Callable

import httpx
import pytest

SignIn = Callable[..., httpx.AsyncClient]
TWO_MEBIBYTES = b"name\n" + b"x" * 2 * 1024 * 1024


@pytest.mark.parametrize(
    ("path", "kind", "status"),
    [
        ("/customers", "application/json", 413),
        ("/imports?resource=customers", "application/json", 413),
        ("/imports?resource=customers&dry_run=true", "text/csv", 201),
        ("/imports?resource=customers", "image/png", 415),
        ("/customers", "text/csv", 415),
    ],
)
async def test_sizes_and_types(as_user: SignIn, path: str, kind: str, status: int) -> None:
    body = TWO_MEBIBYTES if status in (201, 413) else b"name\nDupont\n"
    answer = await as_user("admin").post(path, content=body, headers={"content-type": kind})
    assert answer.status_code == status, answer.text


async def test_every_answer_is_marked(client: httpx.AsyncClient) -> None:
    for path in ("/healthz", "/customers", "/nowhere", "/app/"):
        answer = await client.get(path)
        assert answer.headers["x-request-id"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


async def test_each_problem_type_leads_to_its_meaning(client: httpx.AsyncClient) -> None:
    problem = (await client.get("/customers")).json()
    assert (await client.get(problem["type"])).json()["title"] == problem["title"]


async def test_large_answers_travel_small_and_workbooks_as_they_are(as_user: SignIn) -> None:
    client = as_user("director")
    whole = await client.get("/kpi")
    assert whole.headers["content-encoding"] == "gzip"
    assert "accept-encoding" in whole.headers["vary"].lower()
    plain = await client.get("/kpi", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.json() == whole.json()
    assert "content-encoding" not in (await client.get("/customers?format=xlsx")).headers
