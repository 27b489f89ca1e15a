"""A password as a salted hash, which can be kept in a settings file in its place, and the visits that gave it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass, field

SESSION_S = 12 * 3600.0
_SCRYPT_N, _SCRYPT_R, _SCRYPT_P = 2**14, 8, 1
"""16 MB and about 50 ms a try: the figures RFC 7914 names for interactive logins."""


def hash_password(password: str) -> str:
    """Return ``scrypt$n$r$p$salt$hash``."""
    salt = secrets.token_bytes(16)
    digest = _scrypt(password, salt, _SCRYPT_N, _SCRYPT_R, _SCRYPT_P)
    encoded = (base64.b64encode(part).decode() for part in (salt, digest))
    return "$".join(("scrypt", str(_SCRYPT_N), str(_SCRYPT_R), str(_SCRYPT_P), *encoded))


def is_hashed(password: str) -> bool:
    """Tell whether a setting holds the hash of a password and not the password."""
    return password.startswith("scrypt$") and password.count("$") == 5


def verify_password(password: str, hashed: str) -> bool:
    """Compare in constant time; a damaged hash lets nobody in."""
    try:
        _, n, r, p, salt, digest = hashed.split("$")
        expected = base64.b64decode(digest, validate=True)
        given = _scrypt(password, base64.b64decode(salt, validate=True), int(n), int(r), int(p))
    except ValueError:
        return False
    return hmac.compare_digest(given, expected)


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    secret = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(secret, salt=salt, n=n, r=r, p=p, maxmem=256 * n * r * p, dklen=32)


@dataclass(slots=True)
class Sessions:
    """Visits that gave the password, in memory: a restart asks again."""

    _until: dict[str, float] = field(default_factory=dict)

    def start(self) -> str:
        """Return the token of a new session."""
        now = time.monotonic()
        self._until = {token: until for token, until in self._until.items() if until > now}
        token = secrets.token_urlsafe(32)
        self._until[token] = now + SESSION_S
        return token

    def holds(self, token: str) -> bool:
        """Tell whether a token belongs to a session that is not over."""
        return self._until.get(token, 0.0) > time.monotonic()

    def end(self, token: str) -> None:
        """Forget a session."""
        self._until.pop(token, None)
