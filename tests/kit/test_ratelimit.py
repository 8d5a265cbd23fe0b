"""Buckets that refill, and the middleware that answers by them."""

from typing import Any

import httpx
from starlette.types import Receive, Scope, Send

from cadran.kit.edge import Edge
from cadran.kit.ratelimit import Buckets, RateLimit


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_refills_steadily() -> None:
    clock = Clock()
    buckets = Buckets(6, 60, clock)
    assert [buckets.take(b"a") for _ in range(7)] == [True] * 6 + [False]
    assert buckets.wait(b"a") == 10
    assert buckets.take(b"b"), "each caller has a bucket"
    clock.now += 9.9
    assert not buckets.take(b"a")
    clock.now += 0.1
    assert buckets.take(b"a")
    assert not buckets.take(b"a")
    clock.now += 3600
    assert buckets.left(b"a") == 6, "and no more than full"


def test_the_longest_unseen_are_forgotten() -> None:
    buckets = Buckets(2, 60, Clock(), most=3)
    for caller in (b"a", b"b", b"c", b"a", b"d"):
        buckets.take(caller)
    assert (buckets.left(b"a"), buckets.left(b"b"), buckets.left(b"d")) == (0, 2, 1)


def client_of(buckets: Buckets, status: int = 200) -> httpx.AsyncClient:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    def caller_of(scope: Scope) -> Any:
        return dict(scope["headers"]).get(b"authorization")

    wrapped = Edge(RateLimit(app, buckets, caller_of))
    return httpx.AsyncClient(transport=httpx.ASGITransport(wrapped), base_url="http://testserver")


async def test_a_key_is_told_what_is_left() -> None:
    clock = Clock()
    async with client_of(Buckets(2, 60, clock)) as client:
        key = {"Authorization": "one"}
        first = await client.get("/", headers=key)
        assert (first.headers["ratelimit-policy"], first.headers["ratelimit"]) == ('"key";q=2;w=60', '"key";r=1;t=30')
        assert (await client.get("/", headers=key)).status_code == 200
        refused = await client.get("/", headers=key)
        assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
        assert refused.headers["retry-after"] == "30"
        assert refused.headers["ratelimit"] == '"key";r=0;t=60'
        assert (await client.get("/", headers={"Authorization": "two"})).status_code == 200
        for _ in range(5):
            assert "ratelimit" not in (await client.get("/")).headers, "without a key nothing is counted"
        clock.now += 30
        assert (await client.get("/", headers=key)).status_code == 200


async def test_an_unchanged_answer_is_free() -> None:
    async with client_of(Buckets(2, 60, Clock()), status=304) as client:
        for _ in range(5):
            answer = await client.get("/", headers={"Authorization": "one"})
            assert answer.status_code == 304
            assert answer.headers["ratelimit"] == '"key";r=2;t=0'
