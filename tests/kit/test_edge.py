"""The edge: whatever comes in, what goes out is an answer of ours, and the connection lives on."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from cadran.kit.edge import DATA_POLICY, PAGE_POLICY
from cadran.kit.problems import CODES
from edge_app import LIMIT, small_app

JSON = {"content-type": "application/json"}


@pytest.fixture
async def api() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=small_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as found:
        yield found


def refused(answer: httpx.Response, code: str) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = json.loads(answer.content.decode("utf-8"))
    assert body["code"] == code, body
    assert answer.status_code == CODES[code].status
    assert body["request_id"] == answer.headers["x-request-id"]
    return body


HOSTILE = [
    (b'{"name": "a\\u0000b"}', "validation"),
    (b'{"name": "a\x00b"}', "malformed_json"),
    (b'{"name": "\\ud800"}', "malformed_json"),
    (b'{"name": "\\udc00\\ud800"}', "malformed_json"),
    (b'{"\\ud800": 1}', "malformed_json"),
    (b'{"name": "\xff\xfe"}', "malformed_json"),
    (b'{"name": "\xed\xa0\x80"}', "malformed_json"),
    ('{"name": "é"}'.encode("latin-1"), "malformed_json"),
    ('{"name": "x"}'.encode("utf-16"), "malformed_json"),
    (b'\xef\xbb\xbf{"name": "x"}', "malformed_json"),
    (b'{"amount": NaN}', "malformed_json"),
    (b'{"amount": Infinity}', "malformed_json"),
    (b'{"amount": -Infinity}', "malformed_json"),
    (b'{"amount": 1e999}', "malformed_json"),
    (b'{"amount": "NaN"}', "validation"),
    (b'{"amount": "1e999"}', "validation"),
    (b'{"amount": 1e300}', "validation"),
    (b'{"count": 9007199254740992}', "validation"),
    (b'{"count": -9223372036854775809}', "validation"),
    (b'{"free": {"deep": [18446744073709551616]}}', "validation"),
    (b'{"count": ' + b"9" * 300 + b"}", "validation"),
    (b'{"count": ' + b"9" * 400 + b"}", "malformed_json"),
    (b'{"day": "0001-01-01"}', "validation"),
    (b'{"day": "9999-12-31"}', "validation"),
    (b'{"day": "2026-11-23T00:00:00"}', "validation"),
    (b'{"at": "2026-11-23T00:00:00"}', "validation"),
    (b'{"at": "0001-01-01T00:00:00Z"}', "validation"),
    (b'{"at": "9999-12-31T23:59:59Z"}', "validation"),
    (b'{"at": 1e10}', "validation"),
    (b'{"name": "' + b"x" * 201 + b'"}', "validation"),
    (b'{"name": "a", "name": "b"}', "malformed_json"),
    (b'{"free": [{"a": {"b": 1, "\\u0062": 2}}]}', "malformed_json"),
    (b'{"free": ' + b"[" * 64 + b"]" * 64 + b"}", "malformed_json"),
    (b'{"a":' * 65 + b"1" + b"}" * 65, "malformed_json"),
    (b"[" * 1990, "malformed_json"),
    (b"{", "malformed_json"),
    (b"", "validation"),
    (b"   ", "malformed_json"),
    (b"'name'", "malformed_json"),
    (b"{} {}", "malformed_json"),
    (b"{'name': 1}", "malformed_json"),
    (b'{"name": "x",}', "malformed_json"),
    (b'{"name": "x"} // note', "malformed_json"),
    (b"null", "validation"),
    (b"[]", "validation"),
    (b'"text"', "validation"),
    (b"12", "validation"),
    (b'{"nam\xc3\xa9": 1}', "validation"),
    (b'{"name": "' + b"x" * LIMIT + b'"}', "too_large"),
]


@pytest.mark.parametrize(("body", "code"), HOSTILE, ids=range(len(HOSTILE)))
async def test_hostile_bodies(api: httpx.AsyncClient, body: bytes, code: str) -> None:
    refused(await api.post("/things", content=body, headers=JSON), code)


async def test_without_the_edge_the_same_bodies_do_harm() -> None:
    """The control: it is the edge that refuses them, or the table proves nothing."""
    transport = httpx.ASGITransport(app=small_app(edge=False), raise_app_exceptions=False)
    harmed = [
        b'{"free": "\\ud800"}',
        b'{"free": 18446744073709551616}',
        b'{"name": "a", "name": "b"}',
        b'{"free": NaN}',
    ]
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as bare:
        found = [(await bare.post("/things", content=body, headers=JSON)).status_code for body in harmed]
    assert 500 in found
    assert not any(400 <= status < 500 for status in found)


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"name": "\\ud83d\\ude00", "notes": "one\\ntwo", "amount": 0.30000000000000004, "count": 2147483647}',
        b'{"free": ' + b"[" * 63 + b"]" * 63 + b"}",
        b'{"free": {"a": {"x": 1}, "b": {"x": 1}, "c": "\\"x\\": 1", "n": 9007199254740991}}',
        b'{"free": [' + b"{}," * 200 + b"{}]}",
        b'{"free": {"deep": "\\\\ud800 is text", "digits": "12345678901234567890"}}',
    ],
)
async def test_honest_bodies(api: httpx.AsyncClient, body: bytes) -> None:
    answer = await api.post("/things", content=body, headers=JSON)
    assert answer.status_code == 201, answer.text


async def test_a_number_beyond_what_json_carries_is_pointed_at(api: httpx.AsyncClient) -> None:
    sent = b'{"count": 9007199254740993, "free": {"a/b": [1, 12345678901234567890]}}'
    body = refused(await api.post("/things", content=sent, headers=JSON), "validation")
    assert [error["pointer"] for error in body["errors"]] == ["/count", "/free/a~1b/1"]
    assert all("text" in error["remedy"] for error in body["errors"])


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-type": "application/json"}, 201),
        ({"content-type": "Application/JSON; charset=UTF-8"}, 201),
        ({"content-type": 'application/json; charset="utf-8"'}, 201),
        ({"content-type": "application/json; charset=latin-1"}, 415),
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/x-www-form-urlencoded"}, 415),
        ({"content-type": "application/merge-patch+json"}, 415),
        ({"content-type": "text/csv"}, 415),
        ({"content-type": "application/json", "content-encoding": "gzip"}, 415),
        ({}, 415),
    ],
)
async def test_content_types(api: httpx.AsyncClient, headers: dict[str, str], status: int) -> None:
    answer = await api.post("/things", content=b'{"name": "x"}', headers=headers)
    assert answer.status_code == status
    if status == 415:
        refused(answer, "unsupported_media_type")


async def test_merge_patch_is_for_patch(api: httpx.AsyncClient) -> None:
    for kind in ("application/merge-patch+json", "application/json"):
        answer = await api.patch("/things/x", content=b'{"name": "y"}', headers={"content-type": kind})
        assert answer.json()["name"] == "y"


async def test_a_verb_needs_no_body(api: httpx.AsyncClient) -> None:
    assert (await api.post("/things/accept")).json() == {"accepted": True}


async def chunks(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"1," * 50


async def test_a_body_is_counted_though_it_does_not_say_its_size(api: httpx.AsyncClient) -> None:
    refused(await api.post("/things", content=chunks(LIMIT), headers=JSON), "too_large")


async def test_a_declared_size_is_enough_to_refuse(api: httpx.AsyncClient) -> None:
    asked = False

    async def watched() -> AsyncIterator[bytes]:
        nonlocal asked
        asked = True
        yield b"x"

    for path, kind in (("/things", "application/json"), ("/files", "text/csv")):
        headers = {"content-type": kind, "content-length": str(10**9)}
        refused(await api.post(path, content=watched(), headers=headers), "too_large")
    assert not asked


async def test_files_are_larger_where_they_are_expected(api: httpx.AsyncClient) -> None:
    csv = {"content-type": "text/csv"}
    assert (await api.post("/files", content=b"x" * 5 * LIMIT, headers=csv)).status_code == 200
    refused(await api.post("/files", content=chunks(LIMIT), headers=csv), "too_large")
    refused(await api.post("/files", content=b"[1]", headers={"content-type": "image/png"}), "unsupported_media_type")
    sent = await api.post("/files/form", files={"file": ("a.csv", b"x" * 5 * LIMIT)})
    assert sent.json() == {"size": 5 * LIMIT}
    refused(await api.post("/files/form", files={"file": ("a.csv", b"x" * 15 * LIMIT)}), "too_large")


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("/things?q=%00", "malformed_request"),
        ("/things?q=%ff", "malformed_request"),
        ("/things?q=%ed%a0%80", "malformed_request"),
        ("/things?q=100%", "malformed_request"),
        ("/things?q=%zz", "malformed_request"),
        ("/things?q=%0a", "validation"),
        ("/things?limit=-1", "validation"),
        ("/things?limit=99999999999999999999999999", "validation"),
        ("/things?limit=1e3", "validation"),
        ("/things?limit=NaN", "validation"),
        ("/things?%00=1", "malformed_request"),
        ("/things?nonsense=1", "validation"),
        ("/things/%00", "malformed_request"),
        ("/things/%c3%28", "malformed_request"),
        ("/no%20where", "not_found"),
        ("*", "malformed_request"),
    ],
)
async def test_hostile_addresses(target: str, code: str) -> None:
    # By hand: clients mend such addresses before they send them.
    path, _, query = target.partition("?")
    answer = await raw("GET", path.encode(), query.encode())
    refused(answer, code)


async def raw(method: str, path: bytes, query: bytes = b"") -> httpx.Response:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    decoded = httpx.URL("http://x" + path.decode()).path if path.startswith(b"/") else path.decode()
    scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "path": decoded,
             "raw_path": path, "query_string": query, "root_path": "", "scheme": "http", "headers": [],
             "client": ("127.0.0.1", 1), "server": ("testserver", 80)}  # fmt: skip
    await small_app()(scope, receive, send)
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return httpx.Response(sent[0]["status"], headers=sent[0]["headers"], content=body)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE", "BREW", "get"])
async def test_methods_nobody_offers(api: httpx.AsyncClient, method: str) -> None:
    answer = await raw(method, b"/things")
    refused(answer, "method_not_allowed")
    assert answer.headers["allow"] == "GET, HEAD, POST"


async def test_head_is_get_without_the_body(api: httpx.AsyncClient) -> None:
    got, head = await api.get("/things"), await api.head("/things")
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["content-length"] == got.headers["content-length"]
    assert (await api.head("/nowhere")).status_code == 404


async def test_head_of_an_endless_stream_ends(api: httpx.AsyncClient) -> None:
    async with asyncio.timeout(2):
        assert (await api.head("/stream")).content == b""


async def test_a_mistake_of_ours_says_nothing_of_itself(
    api: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await api.get("/boom")
    body = refused(answer, "internal")
    assert "secret" not in answer.text
    assert [record.exc_info is not None for record in caplog.records if body["request_id"] in record.getMessage()] == [
        True
    ]


@pytest.mark.parametrize(
    ("given", "kept"),
    [("req-1.A_b", True), ("x" * 100, True), ("x" * 101, False), ("a b", False), ('a"b', False), ("é", False)],
)
async def test_request_ids(api: httpx.AsyncClient, given: str, kept: bool) -> None:
    answer = await api.get("/things", headers={b"x-request-id": given.encode()})
    shown = answer.headers["x-request-id"]
    assert (shown == given) is kept
    assert answer.json()["request_id"] == shown


async def test_each_request_has_an_id_of_its_own(api: httpx.AsyncClient) -> None:
    assert len({(await api.get("/things")).headers["x-request-id"] for _ in range(5)}) == 5


@pytest.mark.parametrize("path", ["/things", "/page", "/nowhere", "/boom"])
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_security_headers(api: httpx.AsyncClient, path: str, scheme: str) -> None:
    headers = (await api.get(f"{scheme}://testserver{path}")).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["content-security-policy"] == (PAGE_POLICY if path == "/page" else DATA_POLICY)
    assert ("strict-transport-security" in headers) is (scheme == "https")
    assert "server" not in headers
    assert "unsafe" not in PAGE_POLICY


async def test_the_access_log_tells_no_secrets(api: httpx.AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    secrets = {"authorization": "Bearer hush-key", "cookie": "session=hush-cookie", "x-request-id": "req-12345"}
    with caplog.at_level(logging.INFO, "cadran.access"):
        await api.get("/things?q=hush-query", headers=secrets)
        await api.patch("/things/hush-path", content=b'{"name": "hush-body"}', headers=JSON | {"x-request-id": "r2"})
        await api.head("/nowhere%0A")
    lines = [json.loads(record.getMessage()) for record in caplog.records if record.name == "cadran.access"]
    assert [(line["method"], line["route"], line["status"]) for line in lines] == [
        ("GET", "/things", 200), ("PATCH", "/things/{name}", 200), ("HEAD", "/nowhere�", 404),
    ]  # fmt: skip
    assert (lines[0]["principal"], lines[0]["request_id"]) == ("somebody", "req-12345")
    assert lines[0]["ms"] >= 0
    assert "hush" not in caplog.text
