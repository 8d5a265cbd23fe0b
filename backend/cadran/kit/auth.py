"""Secrets: passwords, session tokens, API keys. Only hashes are ever stored."""

import asyncio
import hashlib
import secrets
import unicodedata
import zlib
from collections.abc import Callable
from functools import cache
from typing import TypeVar
from weakref import WeakKeyDictionary

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from cadran.kit.problems import Problem

PREFIX = "cdr_live_"
FEED_PREFIX = "cdr_feed_"  # goes in addresses, and only there
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_RANDOM, _CHECK = 30, 6
PATIENCE = 2.0  # seconds in the queue for a turn
T = TypeVar("T")
_passwords = PasswordHash((Argon2Hasher(),))
# Argon2 takes 64 MB and a core: two at once, in threads, so that the event loop and the others go on.
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


async def _hashing(work: Callable[[], T]) -> T:
    turn = _turns.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(2))
    try:
        async with asyncio.timeout(PATIENCE):
            await turn.acquire()
    except TimeoutError:
        raise Problem("overloaded", "Too many people sign in at this moment.") from None
    try:
        return await asyncio.to_thread(work)
    finally:
        turn.release()


def _spelled(password: str) -> str:
    """One spelling of each character: an é of a Mac's keyboard is the é of a telephone's."""
    return unicodedata.normalize("NFC", password)


async def hash_password(password: str) -> str:
    """What is stored of a password. Raises a 503 when too many others wait for their turn."""
    return await _hashing(lambda: _passwords.hash(_spelled(password)))


@cache
def _nobody() -> str:
    """Verified in place of the password of a user who does not exist, so that both take the same time."""
    return _passwords.hash(secrets.token_urlsafe(16))


async def verify_password(password: str, stored: str | None) -> bool:
    """Whether the password is the stored one; as long for a user without one, or for no user. Raises a 503."""

    def work() -> bool:
        nobody = _nobody()  # made by the first sign-in whoever it is for
        return _passwords.verify(_spelled(password), stored or nobody)

    matches = await _hashing(work)
    return matches and stored is not None


def new_token() -> str:
    """A session's token, 256 bits."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """What is stored of a token or key."""
    return hashlib.sha256(secret.encode()).digest()


def _checksum(text: str) -> str:
    number, found = zlib.crc32(text.encode()), ""
    for _ in range(_CHECK):
        number, rest = divmod(number, len(_ALPHABET))
        found += _ALPHABET[rest]
    return found


def new_api_key(prefix: str = PREFIX) -> tuple[str, str, bytes]:
    """A key (the prefix, 30 random characters, a checksum), its shown prefix, and what is stored of it."""
    body = "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM))
    key = prefix + body + _checksum(body)
    return key, key[: len(prefix) + 4], digest(key)


def well_formed(key: str, prefix: str = PREFIX) -> bool:
    """Whether the checksum holds: a typing error is found before any look-up."""
    body, check = key[len(prefix) : -_CHECK], key[-_CHECK:]
    return key.startswith(prefix) and len(body) == _RANDOM and key.isascii() and _checksum(body) == check
