"""Secrets: passwords, session tokens, API keys. Only hashes are ever stored."""

import asyncio
import hashlib
import secrets
import zlib
from collections.abc import Callable
from typing import TypeVar

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

PREFIX = "cdr_live_"
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_RANDOM, _CHECK = 30, 6
T = TypeVar("T")
_passwords = PasswordHash((Argon2Hasher(),))
# Argon2 takes 64 MB and a core: two at once, in threads, so that the event loop and the others go on.
_turns: dict[int, asyncio.Semaphore] = {}


def _turn() -> asyncio.Semaphore:
    loop = id(asyncio.get_running_loop())
    return _turns.setdefault(loop, asyncio.Semaphore(2))


async def _hashing(work: Callable[[], T]) -> T:
    async with _turn():
        return await asyncio.to_thread(work)


async def hash_password(password: str) -> str:
    return await _hashing(lambda: _passwords.hash(password))


# Verified in place of the password of a user who does not exist, so that both take the same time.
_NOBODY = _passwords.hash(secrets.token_urlsafe(16))


async def verify_password(password: str, stored: str | None) -> bool:
    """Whether the password is the stored one; as long for a user without one, or for no user."""
    matches = await _hashing(lambda: _passwords.verify(password, stored or _NOBODY))
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


def new_api_key() -> tuple[str, str, bytes]:
    """A key (``cdr_live_``, 30 random characters, a checksum), its shown prefix, and what is stored of it."""
    body = "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM))
    key = PREFIX + body + _checksum(body)
    return key, key[: len(PREFIX) + 4], digest(key)


def well_formed(key: str) -> bool:
    """Whether the checksum holds: a typing error is found before any look-up."""
    body, check = key[len(PREFIX) : -_CHECK], key[-_CHECK:]
    return key.startswith(PREFIX) and len(body) == _RANDOM and key.isascii() and _checksum(body) == check
