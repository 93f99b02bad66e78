"""Static tokens: kept as hashes, over, taken back, many at once; and their command."""

from __future__ import annotations

import datetime as dt
import json
import re
import stat
import subprocess
import sys
import threading

import pytest
from typer.testing import CliRunner

from geo_service.api.problems import Problem, ProblemError
from geo_service.api.security import tokens as module
from geo_service.api.security.authenticate import Authenticator
from geo_service.api.security.roles import Role
from geo_service.api.security.tokens import TokenFile
from geo_service.cli.app import app
from geo_service.errors import InputError, NotFoundError, OutputError, StoreError
from geo_service.settings import AuthSettings


@pytest.fixture
def kept(tmp_path):
    return TokenFile(tmp_path / "sub" / "tokens.json")


def soon(**later):
    return dt.datetime.now(tz=dt.UTC).replace(microsecond=0) + dt.timedelta(**later)


def test_a_token_is_found_by_its_text_and_by_no_other(kept):
    token, text = kept.add("GIS unit", Role.ANALYST)
    other, other_text = kept.add("Another", Role.EDITOR)
    assert kept.verify(text) == token == kept.verify(text)
    assert kept.verify(other_text) == other
    for wrong in (
        "",
        text[:-1],
        f"{text}a",
        text[:-1] + ("A" if text[-1] != "A" else "B"),
        text.replace(token.id, other.id),
        f"gs_{'0' * 12}_{text[16:]}",
        "gs_" + "é" * 60,
    ):
        assert kept.verify(wrong) is None, wrong


def test_the_file_has_no_secret_and_is_readable_by_its_owner_only(kept):
    _, text = kept.add("Карта", Role.PUBLIC)
    content = kept.path.read_text(encoding="utf-8")
    assert text.rsplit("_", 1)[1] not in content
    assert text not in content
    assert json.loads(content)["tokens"][0]["hash"].startswith("$argon2id$")
    assert stat.S_IMODE(kept.path.stat().st_mode) == 0o600
    assert [one.name for one in kept.path.parent.iterdir() if "tokens.json-" in one.name] == []


def test_a_token_that_was_taken_back_stops_counting_at_once_in_every_process_that_read_it(kept):
    token, text = kept.add("x", Role.EDITOR)
    elsewhere = TokenFile(kept.path)
    assert elsewhere.verify(text) == token
    revoked = kept.revoke(token.id[:5])
    assert revoked.revoked is not None
    assert elsewhere.verify(text) is None
    assert kept.verify(text) is None
    assert kept.revoke(token.id) == revoked


def test_a_token_that_is_over_does_not_count(kept, monkeypatch):
    token, text = kept.add("x", Role.ANALYST, soon(seconds=30))
    assert kept.verify(text) == token
    monkeypatch.setattr(module, "_now", lambda: soon(seconds=31))
    assert kept.verify(text) is None
    assert not token.counts(soon(seconds=31))


def test_a_right_token_is_hashed_once_and_a_wrong_one_is_never_remembered(kept, monkeypatch):
    token, text = kept.add("x", Role.ANALYST)
    hashed = []
    verify = module._HASHER.verify
    monkeypatch.setattr(
        module,
        "_HASHER",
        type("Hasher", (), {"verify": lambda _, *given: hashed.append(1) or verify(*given)})(),
    )
    assert kept.verify(text) == kept.verify(text) == token
    assert len(hashed) == 1
    wrong = text[:-2] + ("AA" if text[-2:] != "AA" else "BB")
    assert kept.verify(wrong) is kept.verify(wrong) is None
    assert len(hashed) == 3


def test_what_cannot_be_a_token_is_refused_and_nothing_is_written(kept):
    for name in ("", "  ", "a\nb", "x" * 101):
        with pytest.raises(InputError, match="1 to 100 letters"):
            kept.add(name, Role.ANALYST)
    with pytest.raises(InputError, match="is over"):
        kept.add("x", Role.ANALYST, soon(days=-1))
    assert not kept.path.exists()
    with pytest.raises(NotFoundError, match="0 tokens"):
        kept.revoke("abc")


def test_the_beginning_of_two_ids_takes_neither_back(kept):
    # Of 17 ids two begin with the same of 16 digits.
    firsts = [kept.add("x", Role.PUBLIC)[0].id[0] for _ in range(17)]
    twice = next(one for one in firsts if firsts.count(one) > 1)
    with pytest.raises(NotFoundError, match="tokens; list them"):
        kept.revoke(twice)
    with pytest.raises(NotFoundError):
        kept.revoke("")
    assert all(one.revoked is None for one in kept.all())


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"tokens": [{}]}', '{"tokens": [{"id": "a", "role": "king"}]}', "\xff"]
)
def test_a_damaged_file_lets_nobody_in_and_is_not_overwritten(kept, content):
    kept.path.parent.mkdir()
    kept.path.write_bytes(content.encode("latin-1"))
    with pytest.raises(StoreError, match="no file of tokens"):
        kept.verify(f"gs_{'0' * 12}_{'A' * 43}")
    with pytest.raises(StoreError):
        kept.add("x", Role.EDITOR)
    assert kept.path.read_bytes() == content.encode("latin-1")


def test_a_folder_in_the_way_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        TokenFile(tmp_path / "file" / "tokens.json").add("x", Role.PUBLIC)


def test_tokens_made_by_many_threads_and_a_process_at_once_are_all_there(kept):
    script = (
        "import sys; from pathlib import Path; from geo_service.api.security.tokens import TokenFile;"
        "from geo_service.api.security.roles import Role;"
        "[TokenFile(Path(sys.argv[1])).add('process', Role.PUBLIC) for _ in range(5)]"
    )
    process = subprocess.Popen([sys.executable, "-c", script, str(kept.path)])
    threads = [
        threading.Thread(target=lambda: [TokenFile(kept.path).add("thread", Role.PUBLIC) for _ in range(5)])
        for _ in range(3)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert process.wait(timeout=60) == 0
    assert len(kept.all()) == 20


def caller(auth, text):
    return auth.caller(None if text is None else f"Bearer {text}")


def test_nobody_without_a_token_is_more_than_the_public_once_a_token_was_ever_made(kept):
    settings = AuthSettings(tokens=kept.path)
    local, elsewhere = (Authenticator(settings, is_local=one) for one in (True, False))
    assert local.caller(None).role is Role.EDITOR
    assert elsewhere.caller(None).role is Role.PUBLIC
    assert not local.is_configured
    token, text = kept.add("x", Role.ANALYST)
    kept.revoke(token.id)
    assert local.is_configured
    assert local.caller(None).role is Role.PUBLIC
    with pytest.raises(ProblemError):
        caller(local, text)


def test_who_has_a_token_has_its_role_and_its_name_is_no_persons(kept):
    auth = Authenticator(AuthSettings(tokens=kept.path), is_local=False)
    for role in Role:
        token, text = kept.add("Aigerim S.", role)
        assert caller(auth, text).role is role
        assert caller(auth, text).name == f"token:{token.id}"


@pytest.mark.parametrize(
    "header", ["", "Basic YTpi", "Bearer", "Bearer ", "Bearer x", "bearer gs_1_2", "Token x"]
)
def test_a_header_that_is_no_token_is_401_and_never_the_public(kept, header):
    kept.add("x", Role.ANALYST)
    with pytest.raises(ProblemError) as raised:
        Authenticator(AuthSettings(tokens=kept.path), is_local=True).caller(header)
    assert raised.value.problem is Problem.UNAUTHENTICATED
    assert raised.value.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_file_that_cannot_be_read_is_503_without_its_path(kept):
    kept.path.parent.mkdir()
    kept.path.write_text("{")
    with pytest.raises(ProblemError) as raised:
        caller(Authenticator(AuthSettings(tokens=kept.path), is_local=True), f"gs_{'0' * 12}_{'A' * 43}")
    assert raised.value.problem.status == 503
    assert str(kept.path.parent) not in str(raised.value.to_json())


def run(*arguments, status=0):
    result = CliRunner().invoke(app, ["tokens", *map(str, arguments)])
    assert result.exit_code == status, result.output
    return result


def test_the_command_makes_lists_and_takes_back(tmp_path):
    file = tmp_path / "tokens.json"
    assert "make one" in run("list", "--file", file).stdout
    shown = run("add", "GIS unit", "--role", "editor", "--days", 9, "--file", file).stdout
    text = re.search(r"^gs_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$", shown, re.MULTILINE)[0]
    token = TokenFile(file).verify(text)
    assert token.role is Role.EDITOR
    assert abs(token.expires - soon(days=9)) < dt.timedelta(minutes=1)
    assert token.id in run("list", "--file", file).stdout
    assert text[16:] not in run("list", "--file", file).stdout
    assert "does not count any more" in run("revoke", token.id, "--file", file).stdout
    [listed] = json.loads(run("list", "--json", "--file", file).stdout)["tokens"]
    assert listed["revoked"] is not None
    assert set(listed) == {"id", "name", "role", "created", "expires", "revoked"}


def test_the_command_gives_scripts_the_token_alone(tmp_path):
    file = tmp_path / "tokens.json"
    quiet = run("add", "x", "--quiet", "--never-expires", "--file", file).stdout
    assert TokenFile(file).verify(quiet.strip()).expires is None
    answer = json.loads(run("add", "y", "--json", "--file", file).stdout)
    assert TokenFile(file).verify(answer["token"]).id == answer["id"]


def test_the_command_says_what_is_wrong(tmp_path):
    file = tmp_path / "tokens.json"
    assert "is not a role" in run("add", "x", "--role", "king", "--file", file, status=2).stderr
    assert "list them" in run("revoke", "abc", "--file", file, status=1).stderr
    assert not file.exists()
