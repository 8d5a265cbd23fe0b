"""`cadran serve` on a demo company of its own, as whoever types `make run` has it, for the tests in a browser."""

import asyncio
import os
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from databases import ROOT, clone, drop

DIST = ROOT / "frontend/dist/index.html"
PASSWORD = "bienvenue-cadran"
EMAILS = {
    "director": "helene.vasseur@hautecour.example",
    "manager": "antoine.le.goff@hautecour.example",
    "rep": "camille.morel@hautecour.example",
    "marketing": "baptiste.aubry@hautecour.example",
    "admin": "sandrine.picard@hautecour.example",
}
PATIENCE = 120  # seconds; the demo company takes a few, on a busy machine more


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@asynccontextmanager
async def demo_company(server_url: str) -> AsyncIterator[str]:
    """The address of a server on a new database of ``server_url`` that holds the demo company; all goes at the end."""
    url = await clone(server_url)
    port = free_port()
    environment = os.environ | {
        "DATABASE_URL": url,
        "PORT": str(port),
        "HOST": "127.0.0.1",
        "CADRAN_RATE_LIMIT": "100000",
    }
    program = Path(sys.executable).with_name("cadran")
    with tempfile.TemporaryFile() as said:
        process = await asyncio.create_subprocess_exec(
            program, "serve", "--demo", cwd=ROOT, env=environment, stdout=said, stderr=said
        )
        try:
            address = f"http://127.0.0.1:{port}"
            await ready(address, process)
            yield address
        except TimeoutError as error:
            said.seek(0)
            raise RuntimeError(said.read().decode()) from error
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
            await drop(url)


async def ready(address: str, process: asyncio.subprocess.Process) -> None:
    """Waits until the server answers. Raises TimeoutError, also when it has ended."""
    async with httpx.AsyncClient(base_url=address) as client:
        for _ in range(PATIENCE * 5):
            if process.returncode is not None:
                break
            try:
                if (await client.get("/readyz")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.2)
    raise TimeoutError


async def session_of(address: str, role: str) -> dict[str, str]:
    """The cookies of someone who has just signed in."""
    async with httpx.AsyncClient(base_url=address) as client:
        answer = await client.post("/session", json={"email": EMAILS[role], "password": PASSWORD})
        answer.raise_for_status()
        return dict(client.cookies)
