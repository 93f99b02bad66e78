"""Sessions of browsers: a signed cookie that says which token signed in and until when.

The token itself is not in it: a cookie that is taken from a browser is of use until its end and no longer, is no `Authorization` anywhere, and
takes no slow hash to check. Nothing is kept here, so that every worker can check it: with the key that all workers have, and what of the token is
in its file. So a session ends with its token, at once when that is taken back. Of a token of an issuer the session keeps the role, and ends
with the token or with the key that signed it.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import re
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from geo_service.api.operations.asgi import header_values
from geo_service.api.security.callers import Caller
from geo_service.api.security.roles import Role
from geo_service.api.security.tokens import PREFIX

if TYPE_CHECKING:
    from starlette.types import Scope

    from geo_service.api.security.oidc import SignedTokens
    from geo_service.api.security.tokens import Token, TokenFile
    from geo_service.settings import ApiSettings, AuthSettings

__all__ = ["SessionCookie", "Sessions", "SignedIn", "is_for_people", "is_form"]

_NAME = "geo-service-session"
_LONGEST = 2_048
_LONGEST_TOKEN = 16_384
_PARTS = re.compile(r"([A-Za-z0-9_-]{1,1024})\.([A-Za-z0-9_-]{43})")
_FORMS = ("/sign-in", "/sign-out", "/uploads")


def is_for_people(path: str) -> bool:
    """Whether there is a page of the service there, where a session that is over means signed out, and no error.

    Elsewhere it is an error: who believes to be signed in must not take the numbers of the public for all of them.

    Args:
        path: Of the URL, below that of the service.
    """
    return path == "/" or is_form(path)


def is_form(path: str) -> bool:
    """Whether only forms of the service's own pages are sent there."""
    return path in _FORMS or path.startswith("/uploads/")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that has begun.

    Attributes:
        value: Of the cookie.
        caller: Who signed in.
        seconds: How long it lasts at most.
    """

    value: str
    caller: Caller
    seconds: int


class Sessions:
    """Begins sessions and finds out whose they are.

    Args:
        settings: The key that signs them, and how long they last. Without a key a new one is made, which only this process knows.
        tokens: The service's own tokens.
        signed: Tokens of an issuer; null for none.
    """

    def __init__(self, settings: AuthSettings, tokens: TokenFile, signed: SignedTokens | None) -> None:
        """Derive the key; sessions of another issuer do not count."""
        given = settings.session_key.get_secret_value().encode() or secrets.token_bytes(32)
        of = json.dumps([settings.oidc_issuer, settings.oidc_audience, settings.oidc_role_claim])
        self._key = hmac.digest(given, f"geo-service session\n{of}".encode(), "sha256")
        self._longest_s = settings.session_s
        self._tokens = tokens
        self._signed = signed

    def begin(self, text: str) -> SignedIn | None:
        """A session of whoever has this token; null when it is none that counts.

        Raises:
            StoreError: Tokens cannot be checked now.
        """
        now = time.time()
        if text.startswith(PREFIX):
            token = self._tokens.verify(text)
            if token is None:
                return None
            ends = now + self._longest_s
            if token.expires is not None:
                ends = min(ends, token.expires.timestamp())
            said = {"token": token.id, "ends": int(ends)}
            return SignedIn(
                self._sealed(said, token.hash), Caller(token.role, f"token:{token.id}"), int(ends - now)
            )
        if self._signed is None or len(text) > _LONGEST_TOKEN:
            return None
        found = self._signed.details(text)
        if found is None:
            return None
        ends = min(now + self._longest_s, found.ends)
        said = {
            "name": found.caller.name,
            "role": found.caller.role.value,
            "key": found.key_id,
            "ends": int(ends),
        }
        return SignedIn(self._sealed(said, ""), found.caller, max(0, int(ends - now)))

    def caller(self, value: str) -> Caller | None:
        """Whose session it is; null when it is none that counts now.

        Raises:
            StoreError: That cannot be found out now.
        """
        match = _PARTS.fullmatch(value) if len(value) <= _LONGEST else None
        said = _read(match[1]) if match else None
        if match is None or said is None:
            return None
        token = self._tokens.counting(str(said["token"])) if "token" in said else None
        if not hmac.compare_digest(self._mac(match[1], token.hash if token else ""), match[2]):
            return None
        # From here on it is what was written here.
        return self._of(said, token) if time.time() < said["ends"] else None

    def _of(self, said: dict[str, Any], token: Token | None) -> Caller | None:
        if "token" in said:
            return Caller(token.role, f"token:{token.id}") if token else None
        if self._signed is None or not self._signed.has_key(said["key"]):
            return None
        return Caller(Role(said["role"]), said["name"])

    def _sealed(self, said: dict[str, Any], of: str) -> str:
        content = _text(json.dumps(said, separators=(",", ":")).encode())
        return f"{content}.{self._mac(content, of)}"

    def _mac(self, content: str, of: str) -> str:
        """With the hash of the token, so that another token of the same id has other sessions."""
        return _text(hmac.digest(self._key, f"{content}\n{of}".encode(), "sha256"))


class SessionCookie:
    """How the cookie of a session is called, read and set.

    Over `https` it is `Secure`, and has a name that browsers take from nobody but this host, so that no neighbour can set it.

    Args:
        settings: The public URL says whether people come by `https`, and under which path.
    """

    def __init__(self, settings: ApiSettings) -> None:
        """Read the public URL."""
        public = urlsplit(settings.public_url or "")
        self._scheme = public.scheme
        self._path = public.path.rstrip("/") or None

    def given(self, scope: Scope) -> str | None:
        """The value that a request has; null for none, empty where it has several: one of them is somebody else's."""
        name = self._named(scope)[0]
        found = [
            value.strip()
            for line in header_values(scope, b"cookie")
            for key, _, value in (one.partition("=") for one in line.split(";"))
            if key.strip() == name
        ]
        return None if not found else (found[0] if len(found) == 1 else "")

    def set(self, scope: Scope, value: str, seconds: int) -> str:
        """The header `Set-Cookie` that begins a session."""
        name, path, is_secure = self._named(scope)
        secure = "; Secure" if is_secure else ""
        return f"{name}={value}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"

    def cleared(self, scope: Scope) -> str:
        """The header `Set-Cookie` that ends it in the browser."""
        return self.set(scope, "", 0)

    def _named(self, scope: Scope) -> tuple[str, str, bool]:
        """Name, path, and whether it is for `https` only."""
        path = self._path or scope.get("root_path", "").rstrip("/") or "/"
        if (self._scheme or scope["scheme"]) != "https":
            return _NAME, path, False
        # `__Host-` is for cookies of a whole host.
        return (f"__Host-{_NAME}" if path == "/" else f"__Secure-{_NAME}"), path, True


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _read(content: str) -> dict[str, Any] | None:
    """What a cookie says, before anything is known of who wrote it."""
    try:
        said = json.loads(base64.urlsafe_b64decode(content + "=" * (-len(content) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return None
    return said if isinstance(said, dict) else None
