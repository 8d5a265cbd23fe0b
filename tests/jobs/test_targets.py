"""No message goes to an internal address, whatever it is called, wherever a name or a redirect leads."""

import secrets
import socket
from base64 import b64encode
from ipaddress import ip_address

import httpcore
import pytest

from cadran.jobs.worker import Worker
from cadran.kit.db import Database
from cadran.webhooks.sending import Sender
from cadran.webhooks.targets import CheckedBackend, Refused, check, public
from receiver import Receiver, receiving
from working_company import Company

SECRET = "whsec_" + b64encode(secrets.token_bytes(24)).decode()
EVERYWHERE = "0.0.0.0"  # noqa: S104 - the canary hears every IPv4 address of this machine
SPELLINGS = [
    "127.0.0.1", "127.0.0.2", "127.255.255.254", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1",
    "0x7f.0.0.1", "017700000001", "0177.0.0.1", "0177.1", "00000177.0.0.1", "0x7F.0x0.0x0.0x1", "127.0.0.1.", "0",
    EVERYWHERE, "0x0", "00.0.0.0", "[::1]", "[0:0:0:0:0:0:0:1]", "[0000:0000:0000:0000:0000:0000:0000:0001]",
    "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[::127.0.0.1]", "[::7f00:1]",
    "[64:ff9b::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2002:7f00:0001::1]",
    "[2001:0:53aa:64c:0:0:80ff:fffe]", "localhost", "LOCALHOST", "localhost.", "LocalHost", "loc%61lhost",
    "%31%32%37.0.0.1", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "①②⑦.⓪.⓪.①", "127。0。0。1", "127．0．0．1", "１２７.０.０.１",
    "169.254.169.254", "2852039166", "0xa9fea9fe", "[::ffff:169.254.169.254]", "[fd00:ec2::254]", "100.100.100.200",
    "168.63.129.16", "192.0.0.192", "10.0.0.1", "10.1", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.1",
    "3232235521", "100.64.0.1", "198.18.0.1", "192.88.99.1", "224.0.0.1", "255.255.255.255", "[fe80::1]",
    "[fc00::1]", "[fd12:3456::1]", "[ff02::1]", "user@127.0.0.1", "example.com@127.0.0.1", "{host}",
]  # fmt: skip
assert len(set(SPELLINGS)) >= 60


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_internal_addresses_are_refused(spelling: str, nowhere: Database) -> None:
    """Where it is given, where it is sent to, and below both, where the connection is made."""
    with receiving(host=EVERYWHERE) as canary:
        host = spelling.replace("{host}", socket.gethostname())
        url = f"https://{host}:{canary.port}/hooks"
        with pytest.raises(Refused):
            await check(url, internal=False)
        sender = Sender(nowhere, timeout=2)
        attempt = await sender.attempt(url, SECRET, "msg_1", "{}")
        assert (attempt.status, bool(attempt.error)) == (None, True)
        with pytest.raises((Refused, httpcore.ConnectError, ValueError)):
            await sender.pool.request("POST", url.replace("https:", "http:").encode("utf-8"), content=b"{}")
        with pytest.raises((Refused, httpcore.ConnectError)):
            await CheckedBackend(internal=False).connect_tcp(host.rpartition("@")[2], canary.port, timeout=2)
        await sender.close()
        assert canary.connections == 0


@pytest.fixture
def nowhere() -> Database:
    """Attempts need no database."""
    return Database(None)  # type: ignore[arg-type]


@pytest.mark.parametrize("spelling", ["127.0.0.1", "2130706433", "0177.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"])
async def test_the_canary_sings(spelling: str, nowhere: Database) -> None:
    """The control: allowed explicitly, the same requests arrive."""
    with receiving(host="::1" if spelling == "[::1]" else EVERYWHERE) as canary:
        canary.secret = SECRET
        sender = Sender(nowhere, timeout=5, internal=True)
        attempt = await sender.attempt(f"http://{spelling}:{canary.port}/hooks", SECRET, "msg_1", '{"type":"x"}')
        await sender.close()
        assert attempt.error is None
        assert (canary.connections, canary.accepted) == (1, ["msg_1"])


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_not_followed(status: int, nowhere: Database) -> None:
    with receiving() as canary, receiving(lambda message: status) as receiver:
        canary.secret = receiver.secret = SECRET
        receiver.location = canary.url
        sender = Sender(nowhere, timeout=5, internal=True)
        attempt = await sender.attempt(receiver.url, SECRET, "msg_1", '{"type":"x"}')
        await sender.close()
        assert attempt.status == status
        assert attempt.error
        assert len(receiver.seen) == 1
        assert canary.connections == 0


async def test_a_name_that_leads_elsewhere_the_second_time(nowhere: Database) -> None:
    """Rebinding: the address connected to is the one that was checked; every connection is checked anew."""
    answers = [["8.8.8.8"], ["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["::ffff:10.0.0.1"]]
    connected = []

    class Recorder(httpcore.AsyncNetworkBackend):
        async def connect_tcp(self, host: str, *given: object, **more: object) -> httpcore.AsyncNetworkStream:
            connected.append(host)
            raise httpcore.ConnectError("nobody there")

    async def resolver(host: str, port: int) -> list:  # type: ignore[type-arg]
        return [ip_address(each) for each in answers.pop(0)]

    backend = CheckedBackend(internal=False, resolver=resolver)
    backend.inner = Recorder()
    with pytest.raises(httpcore.ConnectError):
        await backend.connect_tcp("hooks.example.com", 443)
    for _ in range(3):
        with pytest.raises(Refused):
            await backend.connect_tcp("hooks.example.com", 443)
    assert connected == ["8.8.8.8"]
    assert answers == []


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.216.34", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4007:80e::200e"]
)
def test_public_addresses_are_allowed(address: str) -> None:
    assert public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    ["http://example.com/", "ftp://example.com/", "https://a:b@example.com/", "https://example.com/#x", "https:///x"],
)
async def test_what_is_no_target(url: str) -> None:
    with pytest.raises(Refused):
        await check(url, internal=False)


async def test_refused_over_http_and_when_it_becomes_internal(company: Company, worker: Worker) -> None:
    """The API refuses it; a webhook made while it was allowed reaches nothing once it is not."""
    with receiving() as canary:
        made = await company.webhook(canary, events=["customers.*"])
        app = company.admin._transport.app  # type: ignore[attr-defined]
        app.state.settings = company.settings.model_copy(update={"webhook_internal": False})
        for url in (
            canary.url,
            f"https://127.1:{canary.port}/",
            "https://localhost/",
            "https://169.254.169.254/latest",
        ):
            refused = await company.admin.post("/webhooks", json={"name": "x", "url": url, "events": ["*"]})
            assert refused.status_code == 422, url
            assert refused.json()["errors"][0]["pointer"] == "/url"
            changed = await company.admin.patch(f"/webhooks/{made['id']}", json={"url": url})
            assert changed.status_code == 422, url
        await company.make("customers")
        await company.settled()
        await worker.look()
        strict = Sender(company.database, internal=False)
        await strict.send_due(made["id"])
        await strict.close()
        (row,) = await company.rows("SELECT status, response_status, error FROM webhook_deliveries")
        assert (row.status, row.response_status) == ("pending", None)
        assert row.error
        assert canary.connections == 0


def test_a_receiver_verifies() -> None:
    found = Receiver(secret=SECRET)
    assert found.receive({"webhook-id": "1", "webhook-timestamp": "1", "webhook-signature": "v1,x"}, b"{}") == 400
    assert found.unsigned == 1
