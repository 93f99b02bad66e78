"""What docs/deployment.md tells to copy: a unit that systemd takes, roles that are enough and no more, commands with options that there are."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from test_docs import COMMAND, ROOT, blocks

from geo_service.api.operations.serving import GRACE_S
from geo_service.errors import StoreError
from geo_service.release.postgis_store import PostgisStore
from geo_service.settings import PostgisSettings
from tests import store_fixtures
from tests.postgis_releases import as_user, push

server = store_fixtures.server
PAGE = ROOT / "docs" / "deployment.md"
ROLES = ("geo_service_reader", "publisher", "service", "planner")


def unit() -> str:
    [found] = [block for block in blocks(PAGE, "ini") if "[Unit]" in block]
    return found


def test_systemd_takes_the_unit(tmp_path):
    systemd = shutil.which("systemd-analyze")
    if systemd is None:
        pytest.skip("systemd is not installed here")
    path = tmp_path / "geo-service.service"
    path.write_text(unit().replace("/opt/geo-service/bin/geo-service", "/bin/true"), encoding="utf-8")
    done = subprocess.run([systemd, "verify", str(path)], capture_output=True, text=True, check=False)
    about_it = [line for line in (done.stdout + done.stderr).splitlines() if path.name in line]
    assert (done.returncode, about_it) == (0, [])


def test_the_unit_waits_for_what_is_being_answered():
    waits = re.findall(
        r"(?:TimeoutStopSec=|--stop-timeout |stop_grace_period: )(\d+)", PAGE.read_text(encoding="utf-8")
    )
    assert len(waits) == 3
    assert all(int(one) > GRACE_S for one in waits)


@pytest.mark.parametrize(
    "line",
    re.findall(
        r"(?:geo-service|command:|\\\n) +((?:serve|tokens|releases|rounds) .*)$",
        PAGE.read_text(encoding="utf-8"),
        flags=re.MULTILINE,
    ),
)
def test_commands_inside_units_and_containers_have_the_options_they_are_shown_with(line):
    words, command = shlex.split(line.removesuffix("\\").partition("`")[0], comments=True), COMMAND
    while words and words[0] in getattr(command, "commands", {}):
        command, words = command.commands[words[0]], words[1:]
    known = {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
    assert {word.partition("=")[0] for word in words if re.match(r"--?[A-Za-z]", word)} <= known


@pytest.mark.postgis
@pytest.mark.xdist_group("stores in postgis")
def test_the_roles_of_the_page_publish_and_read_and_no_more(server):
    def here(text: str) -> str:
        return re.sub(rf"\b({'|'.join((*ROLES, 'mobility'))})\b", r"\1_of_docs", text)

    of_cluster, of_database = (
        [one.strip() for one in here(block).split(";") if one.strip()] for block in blocks(PAGE, "sql")
    )

    def store(user: str) -> PostgisStore:
        url = urlsplit(as_user(server.url, here(user)))._replace(path=f"/{here('mobility')}").geturl()
        return PostgisStore(url, PostgisSettings(reader=here("geo_service_reader"), pool_max=2))

    with psycopg.connect(server.url, autocommit=True) as administrator:
        try:
            for statement in of_cluster:
                administrator.execute(statement)
            with psycopg.connect(
                make_conninfo(server.url, dbname=here("mobility")), autocommit=True
            ) as inside:
                for statement in of_database:
                    inside.execute(statement)
            with store("publisher") as publisher:
                release = push(publisher)
            with store("service") as service:
                assert service.current() == release
                assert service.verify() == []
                with pytest.raises(StoreError, match="may not publish here"):
                    push(service, 300)
        finally:
            administrator.execute(f"DROP DATABASE IF EXISTS {here('mobility')} WITH (FORCE)")
            for role in map(here, ROLES):
                administrator.execute(f"DROP ROLE IF EXISTS {role}")
