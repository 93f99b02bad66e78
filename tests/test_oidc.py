"""Signed tokens of an identity provider: a real signer on a loopback, and whoever would like to be one."""

from __future__ import annotations

import base64
import datetime as dt
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from geo_service.api.problems import ProblemError
from geo_service.api.security import oidc
from geo_service.api.security.authenticate import Authenticator
from geo_service.api.security.oidc import SignedTokens
from geo_service.api.security.roles import Role
from geo_service.errors import InputError, StoreError
from geo_service.settings import AuthSettings

AUDIENCE = "geo-service"
RSA, OTHER_RSA = (rsa.generate_private_key(65537, 2048) for _ in range(2))
EC = ec.generate_private_key(ec.SECP256R1())


class Provider:
    """An issuer with a discovery document and keys, and a count of who asked for them."""

    def __init__(self):
        self.keys = {"rsa": RSA, "ec": EC}
        self.asked = 0
        self.up = True
        self.said_issuer = None
        self.url = ""

    def answer(self, path):
        if not self.up:
            return 503, {}
        if path == "/.well-known/openid-configuration":
            return 200, {"issuer": self.said_issuer or self.url, "jwks_uri": f"{self.url}/keys"}
        if path == "/keys":
            self.asked += 1
            kinds = {"rsa": jwt.algorithms.RSAAlgorithm, "ec": jwt.algorithms.ECAlgorithm}
            return 200, {
                "keys": [
                    {"kty": "oct", "kid": "secret", "k": "AAAA"},
                    {"kty": "RSA", "kid": "broken"},
                    *(
                        kinds[name[:3].rstrip("0")].to_jwk(key.public_key(), as_dict=True)
                        | {"kid": name, "use": "sig"}
                        for name, key in self.keys.items()
                    ),
                ]
            }
        return 302, {}


@contextmanager
def serving(provider):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status, content = provider.answer(self.path)
            body = json.dumps(content).encode()
            self.send_response(status)
            if status == 302:
                self.send_header("Location", f"{provider.url}/keys")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def shared():
    with serving(Provider()) as provider:
        yield provider


@pytest.fixture
def provider(shared):
    url = shared.url
    shared.__init__()
    shared.url = url
    return shared


def settings(provider, **more):
    return AuthSettings(oidc_issuer=provider.url, oidc_audience=AUDIENCE, **more)


def claims(provider, **more):
    now = dt.datetime.now(tz=dt.UTC)
    return {
        "iss": provider.url,
        "aud": AUDIENCE,
        "sub": "aigerim@example.org",
        "iat": now,
        "exp": now + dt.timedelta(minutes=5),
        "geo_service_role": "analyst",
    } | more


def signed(content, key=RSA, algorithm="RS256", kid="rsa"):
    return jwt.encode(content, key, algorithm=algorithm, headers={"kid": kid} if kid else None)


def minutes(number):
    return dt.datetime.now(tz=dt.UTC) + dt.timedelta(minutes=number)


@pytest.mark.parametrize(("key", "algorithm", "kid"), [(RSA, "RS256", "rsa"), (EC, "ES256", "ec")])
def test_a_token_that_the_issuer_signed_gives_its_role_and_no_name(provider, key, algorithm, kid):
    tokens = SignedTokens(settings(provider))
    caller = tokens.caller(signed(claims(provider), key, algorithm, kid))
    assert caller.role is Role.ANALYST
    assert caller.name.startswith("oidc:")
    assert "aigerim" not in caller.name
    assert caller == tokens.caller(signed(claims(provider), key, algorithm, kid))
    assert provider.asked == 1


@pytest.mark.parametrize(
    ("said", "role"),
    [
        ("editor", Role.EDITOR),
        (["viewer", "analyst", "public"], Role.ANALYST),
        (["analyst", "editor"], Role.EDITOR),
        ("king", Role.PUBLIC),
        (None, Role.PUBLIC),
        ({"editor": True}, Role.PUBLIC),
        ([["editor"]], Role.PUBLIC),
        ("Editor", Role.PUBLIC),
    ],
)
def test_the_highest_role_that_is_named_counts_and_without_one_it_is_the_public(provider, said, role):
    token = signed(claims(provider, geo_service_role=said))
    assert SignedTokens(settings(provider)).caller(token).role is role


def test_the_claim_may_be_inside_another(provider):
    token = signed(claims(provider, realm_access={"roles": ["editor"]}))
    tokens = SignedTokens(settings(provider, oidc_role_claim="realm_access.roles"))
    assert tokens.caller(token).role is Role.EDITOR
    assert tokens.caller(signed(claims(provider, realm_access="editor"))).role is Role.PUBLIC


def without(content, name):
    return {key: value for key, value in content.items() if key != name}


FORGED = {
    "of another issuer": lambda p: signed(claims(p, iss="https://evil.example")),
    "for another service": lambda p: signed(claims(p, aud="another")),
    "over for longer than clocks differ": lambda p: signed(claims(p, exp=minutes(-1))),
    "not yet begun": lambda p: signed(claims(p, nbf=minutes(2))),
    "made in the future": lambda p: signed(claims(p, iat=minutes(2))),
    "without an end": lambda p: signed(without(claims(p), "exp")),
    "without a subject": lambda p: signed(without(claims(p), "sub")),
    "without an audience": lambda p: signed(without(claims(p), "aud")),
    "without a beginning": lambda p: signed(without(claims(p), "iat")),
    "signed by another key": lambda p: signed(claims(p), OTHER_RSA),
    "with a key that nobody has": lambda p: signed(claims(p), kid="none"),
    "without a key's name": lambda p: signed(claims(p), kid=None),
    "with a signature that is not allowed": lambda p: signed(claims(p), algorithm="RS512"),
    "with the public key as a secret": lambda p: _confused(p),  # noqa: PLW0108 - it is defined below
    "without a signature": lambda p: jwt.encode(claims(p), None, algorithm="none", headers={"kid": "rsa"}),
    "with a secret from the set of keys": lambda p: signed(claims(p), b"\0\0\0" * 12, "HS256", "secret"),
    "with another kind of key": lambda p: signed(claims(p), EC, "ES256", "rsa"),
    "changed": lambda p: _changed(signed(claims(p))),
    "not a token at all": lambda _: "a.b.c",
    "of one part": lambda _: "abc",
    "of letters beyond ASCII": lambda _: "Қ.Қ.Қ",
}


def _confused(provider):
    secret = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    header, body = (
        base64.urlsafe_b64encode(json.dumps(one, default=str).encode()).rstrip(b"=")
        for one in (
            {"alg": "HS256", "kid": "rsa", "typ": "JWT"},
            claims(provider, iat=int(minutes(0).timestamp()), exp=int(minutes(5).timestamp())),
        )
    )
    import hashlib  # noqa: PLC0415
    import hmac  # noqa: PLC0415

    signature = hmac.new(secret, header + b"." + body, hashlib.sha256).digest()
    return b".".join([header, body, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()


def _changed(token):
    header, body, signature = token.split(".")
    content = json.loads(base64.urlsafe_b64decode(body + "=="))
    body = base64.urlsafe_b64encode(json.dumps(content | {"geo_service_role": "editor"}).encode())
    return f"{header}.{body.rstrip(b'=').decode()}.{signature}"


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize("kind", FORGED)
def test_nobody_gets_in_with_a_token_that_is(provider, kind):
    tokens = SignedTokens(settings(provider))
    assert tokens.caller(signed(claims(provider))) is not None
    assert tokens.caller(FORGED[kind](provider)) is None
    with pytest.raises(ProblemError) as raised:
        Authenticator(settings(provider), is_local=True).caller(f"Bearer {FORGED[kind](provider)}".rstrip())
    assert raised.value.problem.status == 401


def test_clocks_may_differ_by_the_leeway(provider):
    token = signed(claims(provider, exp=minutes(-0.25)))
    assert SignedTokens(settings(provider)).caller(token) is not None
    assert SignedTokens(settings(provider, oidc_leeway_s=0)).caller(token) is None


def test_a_new_key_is_fetched_and_unknown_ones_do_not_make_a_request_each(provider, monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr(oidc.time, "monotonic", lambda: clock[0])
    tokens = SignedTokens(settings(provider))
    assert tokens.caller(signed(claims(provider))) is not None
    provider.keys["rsa0"] = OTHER_RSA
    renewed = signed(claims(provider), OTHER_RSA, kid="rsa0")
    for _ in range(5):
        assert tokens.caller(renewed) is None
    assert provider.asked == 1
    clock[0] += 11
    assert tokens.caller(renewed) is not None
    assert provider.asked == 2
    del provider.keys["rsa"]
    clock[0] += 301
    assert tokens.caller(signed(claims(provider))) is None
    assert provider.asked == 3


def test_known_keys_go_on_counting_while_the_issuer_is_down_and_without_any_it_is_503(provider, monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr(oidc.time, "monotonic", lambda: clock[0])
    tokens = SignedTokens(settings(provider))
    token = signed(claims(provider))
    assert tokens.caller(token) is not None
    provider.up = False
    clock[0] += 301
    assert tokens.caller(token) is not None
    fresh = SignedTokens(settings(provider))
    for _ in range(2):
        with pytest.raises(StoreError, match="cannot be fetched"):
            fresh.caller(token)
    with pytest.raises(ProblemError) as raised:
        Authenticator(settings(provider), is_local=False).caller(f"Bearer {token}")
    assert raised.value.problem.status == 503


def test_a_discovery_document_of_another_issuer_and_redirects_are_not_followed(provider):
    provider.said_issuer = "https://evil.example"
    with pytest.raises(StoreError):
        SignedTokens(settings(provider)).caller(signed(claims(provider)))
    elsewhere = settings(provider, oidc_jwks_url=f"{provider.url}/moved")
    with pytest.raises(StoreError):
        SignedTokens(elsewhere).caller(signed(claims(provider)))
    assert provider.asked == 0
    direct = settings(provider, oidc_jwks_url=f"{provider.url}/keys")
    assert SignedTokens(direct).caller(signed(claims(provider))) is not None


def test_addresses_have_to_be_https_or_on_this_machine_and_tokens_meant_for_somebody():
    for url in (
        "http://id.example.org",
        "ftp://id.example.org",
        "file:///etc/passwd",
        "id.example.org",
        "https://",
    ):
        with pytest.raises(InputError, match="https"):
            SignedTokens(AuthSettings(oidc_issuer=url, oidc_audience="x"))
    with pytest.raises(InputError, match="https"):
        SignedTokens(
            AuthSettings(
                oidc_issuer="https://id.example.org",
                oidc_audience="x",
                oidc_jwks_url="http://id.example.org/k",
            )
        )
    with pytest.raises(InputError, match="AUDIENCE"):
        SignedTokens(AuthSettings(oidc_issuer="https://id.example.org"))
    for url in ("https://id.example.org", "http://localhost:8080", "http://[::1]:1"):
        SignedTokens(AuthSettings(oidc_issuer=url, oidc_audience="x"))
