"""Signed tokens of an organisation's own identity provider: OpenID Connect, JWTs with asymmetric signatures."""

from __future__ import annotations

import hashlib
import ipaddress
import json
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import jwt

from geo_service.api.security.callers import Caller
from geo_service.api.security.roles import Role
from geo_service.errors import InputError, StoreError

if TYPE_CHECKING:
    from geo_service.settings import AuthSettings

__all__ = ["SignedDetails", "SignedTokens"]

_LARGEST = 1_000_000
_TIMEOUT_S = 5.0
_AGAIN_S = 10.0
"""How soon keys are fetched again at the earliest: a token with a key that nobody has must not make a request each time."""


@dataclass(frozen=True, slots=True)
class SignedDetails:
    """What a signed token says.

    Attributes:
        caller: Who asks.
        ends: When it is over, in seconds since 1970.
        key_id: Of the key that signed it; null where the issuer gives none.
    """

    caller: Caller
    ends: float
    key_id: str | None


class SignedTokens:
    """Finds out who asks from a JWT.

    Args:
        settings: The issuer, whom tokens have to be meant for, which signatures count, and the claim of roles.

    Raises:
        InputError: There is no audience, or an address is neither `https` nor on this machine.
    """

    def __init__(self, settings: AuthSettings) -> None:
        """Fetch nothing yet."""
        if not settings.oidc_issuer or not settings.oidc_audience:
            raise InputError(
                "an issuer needs whom its tokens are meant for; set GEO_SERVICE_AUTH_OIDC_AUDIENCE"
            )
        self._settings = settings
        self._issuer = settings.oidc_issuer
        for url in (settings.oidc_issuer, settings.oidc_jwks_url):
            if url is not None:
                _refuse_open(url)
        self._lock = threading.Lock()
        self._keys: dict[str | None, jwt.PyJWK] = {}
        self._fetched = float("-inf")
        self._tried = float("-inf")

    def caller(self, text: str) -> Caller | None:
        """Who asks; null when the token is not one of this issuer's that counts now.

        Raises:
            StoreError: The keys of the issuer cannot be fetched.
        """
        found = self.details(text)
        return None if found is None else found.caller

    def has_key(self, key_id: str | None) -> bool:
        """Whether the issuer still has that key.

        Raises:
            StoreError: The keys of the issuer cannot be fetched.
        """
        return self._key(key_id) is not None

    def details(self, text: str) -> SignedDetails | None:
        """Who asks, and until when; null as of `caller`.

        Raises:
            StoreError: The keys of the issuer cannot be fetched.
        """
        settings = self._settings
        try:
            header = jwt.get_unverified_header(text)
            if header.get("alg") not in settings.oidc_algorithms:
                return None
            key = self._key(header.get("kid"))
            if key is None:
                return None
            claims = jwt.decode(
                text,
                key,
                algorithms=list(settings.oidc_algorithms),
                audience=settings.oidc_audience,
                issuer=self._issuer,
                leeway=settings.oidc_leeway_s,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
        except (jwt.PyJWTError, ValueError, TypeError):
            return None
        subject = hashlib.sha256(f"{self._issuer}\n{claims['sub']}".encode()).hexdigest()
        caller = Caller(_role(claims, settings.oidc_role_claim), f"oidc:{subject[:12]}")
        return SignedDetails(caller, float(claims["exp"]), header.get("kid"))

    def _key(self, key_id: str | None) -> jwt.PyJWK | None:
        now = time.monotonic()
        with self._lock:
            is_old = now - self._fetched > self._settings.oidc_refresh_s
            if (is_old or key_id not in self._keys) and now - self._tried > _AGAIN_S:
                self._tried = now
                try:
                    self._keys = self._fetch()
                    self._fetched = now
                except (OSError, ValueError, jwt.PyJWTError) as error:
                    # Keys that are known go on counting while the issuer cannot be reached.
                    if not self._keys:
                        raise StoreError("the keys of the issuer of tokens cannot be fetched") from error
            if not self._keys and self._fetched == float("-inf"):
                raise StoreError("the keys of the issuer of tokens cannot be fetched")
            return self._keys.get(key_id)

    def _fetch(self) -> dict[str | None, jwt.PyJWK]:
        url = self._settings.oidc_jwks_url
        if url is None:
            about = _get(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
            if about.get("issuer") != self._issuer:
                raise ValueError("the discovery document is of another issuer")
            url = str(about.get("jwks_uri"))
            _refuse_open(url)
        keys: dict[str | None, jwt.PyJWK] = {}
        for one in _get(url).get("keys", []):
            # A set may hold keys for encryption or of kinds that this version does not know.
            if one.get("use", "sig") == "sig" and one.get("kty") in {"RSA", "EC", "OKP"}:
                try:
                    keys[one.get("kid")] = jwt.PyJWK(one)
                except jwt.PyJWTError:
                    continue
        return keys


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Follow none: a key comes from the address that was configured."""


_OPENER = urllib.request.build_opener(_NoRedirect())


def _get(url: str) -> dict[str, Any]:
    try:
        with _OPENER.open(url, timeout=_TIMEOUT_S) as answer:
            content = json.loads(answer.read(_LARGEST))
    except urllib.error.HTTPError as error:
        error.close()
        raise OSError(f"the answer was {error.code}") from error
    if not isinstance(content, dict):
        raise TypeError("no JSON object")
    return content


def _refuse_open(url: str) -> None:
    """Refuse an address whose answers others could change on the way.

    Raises:
        InputError: It is neither `https` nor on this machine.
    """
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and _is_loopback(parts.hostname or ""):
        return
    raise InputError(f"{url}: keys are fetched by https only; give an address that begins with https://")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _role(claims: dict[str, Any], path: str) -> Role:
    """The highest role that the claim names; the public's where it names none."""
    value: Any = claims
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    named = {one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)}
    found = Role.PUBLIC
    for role in Role:
        if role.value in named and role.includes(found):
            found = role
    return found
