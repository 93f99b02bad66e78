"""Static tokens: made once, shown once, kept as hashes in one file.

A token is `gs_<id>_<secret>`. Its id is public and stands in logs; of its secret, 32 random bytes, the file has an Argon2id hash only.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import os
import re
import secrets
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from geo_service.api.security.roles import Role
from geo_service.errors import InputError, NotFoundError, OutputError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

try:
    import fcntl
except ImportError:  # pragma: no cover  # Windows has none
    fcntl = None  # type: ignore[assignment]

__all__ = ["PREFIX", "Token", "TokenFile"]

PREFIX = "gs_"

_TOKEN = re.compile(r"gs_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,100}")
_REMEMBERED = 1024
_REMEMBER_S = 300.0

# 19 MiB and two passes, as OWASP advises for Argon2id: some 20 ms. The secrets are random, so that more would gain nothing.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a token; never its secret.

    Attributes:
        id: 12 hexadecimal digits.
        name: What or whom it is for, as its maker said.
        role: What it may do.
        hash: Argon2id of the secret.
        created: UTC.
        expires: UTC; null for never.
        revoked: When it was taken back, UTC; null while it counts.
    """

    id: str
    name: str
    role: Role
    hash: str
    created: dt.datetime
    expires: dt.datetime | None = None
    revoked: dt.datetime | None = None

    def counts(self, now: dt.datetime) -> bool:
        """Whether it is neither taken back nor over at that moment."""
        return self.revoked is None and (self.expires is None or now < self.expires)


class TokenFile:
    """The tokens of a service. Several processes may use one file: each change is seen at the next question.

    Args:
        path: The file; it is made with the first token, readable by its owner only.
    """

    def __init__(self, path: Path) -> None:
        """Read nothing yet."""
        self.path = path
        self._lock = threading.Lock()
        self._seen: tuple[tuple[int, int, int] | None, dict[str, Token]] = (None, {})
        self._known: dict[bytes, tuple[float, Token]] = {}
        # A hash takes 19 MiB: not one for each of many guesses at once.
        self._hashing = threading.BoundedSemaphore(2)

    def all(self) -> list[Token]:
        """Every token, the oldest first.

        Raises:
            StoreError: The file cannot be read, or is no file of tokens.
        """
        return sorted(self._tokens().values(), key=lambda one: (one.created, one.id))

    def add(self, name: str, role: Role, expires: dt.datetime | None = None) -> tuple[Token, str]:
        """Make a token; returns what is kept of it and the token itself, which nobody can have again.

        Raises:
            InputError: The name is empty, long or has control characters, or it would be over at once.
            OutputError: The file cannot be written.
            StoreError: It cannot be read.
        """
        now = _now()
        if not _NAME.fullmatch(name) or not name.strip():
            raise InputError("a token's name has 1 to 100 letters and no line breaks; say what it is for")
        if expires is not None and expires <= now:
            raise InputError(f"{expires:%Y-%m-%d %H:%M} UTC is over; give a later time")
        secret = base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode()
        token = Token(secrets.token_hex(6), name.strip(), role, _HASHER.hash(secret), now, expires)
        with self._changing() as tokens:
            tokens[token.id] = token
        return token, f"{PREFIX}{token.id}_{secret}"

    def revoke(self, token_id: str) -> Token:
        """Take a token back, for good; the second time nothing changes.

        Raises:
            NotFoundError: There is none of that id, or of several that begin so.
            OutputError: The file cannot be written.
            StoreError: It cannot be read.
        """
        with self._changing() as tokens:
            found = [one for one in tokens if token_id and one.startswith(token_id)]
            if len(found) != 1:
                raise NotFoundError(
                    f"'{token_id[:20]}' is the id of {len(found)} tokens; list them: geo-service tokens list"
                )
            token = tokens[found[0]]
            tokens[token.id] = token if token.revoked else replace(token, revoked=_now())
            return tokens[token.id]

    def counting(self, token_id: str) -> Token | None:
        """The token of an id, null when none of it counts. Whoever knows an id has proved nothing.

        Raises:
            StoreError: The file cannot be read.
        """
        token = self._tokens().get(token_id)
        return token if token is not None and token.counts(_now()) else None

    def verify(self, text: str) -> Token | None:
        """The token that `text` is, null when it is none that counts.

        A token that was right is remembered by its SHA-256 for some minutes, since a hash takes some 20 ms; one that is taken back
        stops counting at once all the same.

        Raises:
            StoreError: The file cannot be read.
        """
        match = _TOKEN.fullmatch(text)
        if match is None:
            return None
        token = self._tokens().get(match[1])
        if token is None or not token.counts(_now()):
            return None
        digest = hashlib.sha256(text.encode()).digest()
        known = self._known.get(digest)
        if known is not None and known[0] > time.monotonic() and known[1] == token:
            return token
        with self._hashing:
            try:
                _HASHER.verify(token.hash, match[2])
            except (VerificationError, InvalidHashError):
                return None
        with self._lock:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[digest] = (time.monotonic() + _REMEMBER_S, token)
        return token

    def _tokens(self) -> dict[str, Token]:
        stamp = self._stamp()
        seen = self._seen
        if stamp is None or stamp != seen[0]:
            seen = self._seen = (stamp, {} if stamp is None else self._read())
        return seen[1]

    def _stamp(self) -> tuple[int, int, int] | None:
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(f"{self.path} cannot be read: {error.strerror}") from error
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _read(self) -> dict[str, Token]:
        try:
            content = json.loads(self.path.read_text(encoding="utf-8"))
            return {one["id"]: _from_json(one) for one in content["tokens"]}
        except OSError as error:
            raise StoreError(f"{self.path} cannot be read: {error.strerror}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise StoreError(f"{self.path} is no file of tokens; mend it or put a copy back") from error

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Token]]:
        """The tokens to change; they are written when the block ends, and nobody else changes them meanwhile."""
        beside = self.path.with_name(f".{self.path.name}-{os.getpid()}-{secrets.token_hex(4)}")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self._lock, self.path.with_name(f"{self.path.name}.lock").open("w") as lock:
                if fcntl is not None:
                    fcntl.flock(lock, fcntl.LOCK_EX)
                tokens = {} if self._stamp() is None else self._read()
                yield tokens
                descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                    json.dump({"tokens": [_to_json(one) for one in tokens.values()]}, file, indent=1)
                    file.write("\n")
                    file.flush()
                    os.fsync(file.fileno())
                beside.replace(self.path)
        except OSError as error:
            raise OutputError(f"{self.path} cannot be written: {error.strerror}") from error
        finally:
            with suppress(OSError):
                beside.unlink(missing_ok=True)


def _now() -> dt.datetime:
    return dt.datetime.now(tz=dt.UTC).replace(microsecond=0)


def _to_json(token: Token) -> dict[str, Any]:
    return {
        key: value.isoformat() if isinstance(value, dt.datetime) else value
        for key, value in asdict(token).items()
    }


def _from_json(content: dict[str, Any]) -> Token:
    def time_of(key: str) -> dt.datetime | None:
        return dt.datetime.fromisoformat(content[key]) if content.get(key) else None

    return Token(
        id=content["id"],
        name=content["name"],
        role=Role(content["role"]),
        hash=content["hash"],
        created=dt.datetime.fromisoformat(content["created"]),
        expires=time_of("expires"),
        revoked=time_of("revoked"),
    )
