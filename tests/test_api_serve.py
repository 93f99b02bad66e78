"""The service as a process: how it starts, whom it refuses, how it stops, and that it comes back."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx2 as httpx
import pytest
from releases import small_contents
from typer.testing import CliRunner
from uvicorn import Config, Server
from waiting import wait_until

from geo_service.api.operations import wire
from geo_service.cli import entry
from geo_service.cli.app import app
from geo_service.release.stores import open_store

VILLAGES = 20_000
COMMAND = "from geo_service.cli.entry import main; main()"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("releases")
    open_store(folder).publish(small_contents(VILLAGES))
    return folder


@pytest.fixture(autouse=True)
def without_tokens(tmp_path, monkeypatch):
    monkeypatch.setenv("GEO_SERVICE_AUTH_TOKENS", str(tmp_path / "none.json"))


@contextmanager
def served(store, *options):
    """A process that serves on a free port, and its URL."""
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1]), "COLUMNS": "200"}
    with subprocess.Popen(
        [sys.executable, "-c", COMMAND, "serve", "--store", str(store), "--port", "0", *options],
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        log = []
        try:
            for line in process.stderr:
                log.append(line)
                if found := re.search(r"(http://127\.0\.0\.1:\d+)/docs", line):
                    break
            else:
                pytest.fail("".join(log))
            reader = threading.Thread(target=lambda: log.extend(process.stderr), daemon=True)
            reader.start()
            yield process, found[1], log
        finally:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(60)
                except subprocess.TimeoutExpired:
                    process.kill()


def answered(url, path="/health/ready", within_s=60.0):
    """The first answer, as soon as there is one."""
    until = time.monotonic() + within_s
    while True:
        try:
            return httpx.get(f"{url}{path}", timeout=60)
        except httpx.TransportError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def test_a_stop_finishes_the_stream_that_runs(store):
    with served(store, "--log", "json") as (process, url, log):
        assert answered(url).status_code == 200
        place = urlsplit(url)
        with socket.socket() as connection:
            # So that most of the answer is still to be made when the stop comes.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.connect((place.hostname, place.port))
            connection.settimeout(30)
            asked = "GET /ogc/collections/villages/items?f=geojsonseq HTTP/1.1\r\nHost: localhost\r\n\r\n"
            connection.sendall(asked.encode())
            got = connection.recv(65_536)
            process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            assert process.poll() is None
            while part := connection.recv(1_048_576):
                got += part
        assert process.wait(60) == 0
    assert got.startswith(b"HTTP/1.1 200")
    assert got.endswith(b"\r\n0\r\n\r\n")
    assert got.count(b'"type":"Feature"') == VILLAGES
    assert any("everybody on this machine is an editor" in line for line in log)
    assert sum('"route":"/ogc/collections/{name}/items"' in line for line in log) == 1


def workers_of(process):
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii").split()
    return {int(one) for one in children if b"spawn_main" in Path(f"/proc/{one}/cmdline").read_bytes()}


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds workers by /proc")
def test_a_worker_that_was_killed_comes_back_and_all_count_together(store):
    with served(store, "--workers", "2") as (process, url, log):
        assert answered(url).status_code == 200
        before = workers_of(process)
        assert len(before) == 2
        os.kill(min(before), signal.SIGKILL)
        assert answered(url).status_code == 200
        wait_until(lambda: len(workers_of(process) - before) == 1)
        metrics = answered(url, "/metrics").text
        process.terminate()
        assert process.wait(60) == 0
    assert "geo_service_requests_in_progress 1.0" in metrics
    assert not [line for line in log if "Traceback" in line]


# Whom it refuses


@pytest.mark.parametrize(
    "options",
    [("--host", "0.0.0.0"), ("--public-url", "https://geo.example.org"), ("--host", "::")],
)
def test_without_authentication_nobody_elsewhere_is_let_in(options, tmp_path, monkeypatch):
    monkeypatch.setenv("GEO_SERVICE_API_PUBLIC_URL", "")
    monkeypatch.delenv("GEO_SERVICE_API_PUBLIC_URL")
    monkeypatch.setenv("GEO_SERVICE_API_STORE", "")
    ran = CliRunner().invoke(app, ["serve", "--store", str(tmp_path), *options])
    assert ran.exit_code == 1
    assert "geo-service tokens add NAME --role analyst" in ran.stderr
    assert "no authentication" in ran.stderr


def test_a_port_that_is_taken_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("GEO_SERVICE_API_STORE", "")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ran = CliRunner().invoke(
            app, ["serve", "--store", str(tmp_path), "--port", str(taken.getsockname()[1])]
        )
    assert ran.exit_code == 1
    assert "--port" in ran.stderr


def test_without_the_extra_it_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("GEO_SERVICE_API_STORE", "")
    monkeypatch.delitem(sys.modules, "geo_service.api.operations.serving", raising=False)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    import geo_service.api.operations as package  # noqa: PLC0415

    monkeypatch.delattr(package, "serving", raising=False)
    ran = CliRunner().invoke(app, ["serve", "--store", str(tmp_path)])
    assert ran.exit_code == 1
    assert "geo-service[api]" in ran.stderr


def test_the_command_begins_without_the_libraries_of_the_others():
    code = "import sys, geo_service.cli.entry, geo_service.cli.serve; print([m for m in ('pandas', 'scipy', 'fastapi') if m in sys.modules])"
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True
    )
    assert ran.stdout.strip() == "[]"


def test_the_other_commands_are_where_they_were(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["geo-service", "--version"])
    with pytest.raises(SystemExit) as ended:
        entry.main()
    assert ended.value.code == 0
    assert "geo-service" in capsys.readouterr().out


# Connections


@pytest.fixture
def connected():
    """Connects to a server that answers everything with nothing."""

    async def nothing(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(Config(nothing, http=wire.BoundedHttp, ws="none", lifespan="off", log_config=None))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield lambda: socket.create_connection(listener.getsockname(), timeout=10)
    server.should_exit = True
    thread.join()


def test_headers_without_end_are_given_up_on(connected):
    with connected() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-More: ")
        try:
            for _ in range(64):
                connection.sendall(b"a" * 16_384)
            said = connection.recv(1024)
        except OSError:
            said = b"HTTP/1.1 431"
    assert said.startswith(b"HTTP/1.1 431")


def test_headers_that_do_not_come_are_not_waited_for(connected, monkeypatch):
    monkeypatch.setattr(wire, "HEAD_S", 0.2)
    with connected() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: ")
        assert connection.recv(1024) == b""


def test_a_connection_takes_one_request_after_another(connected):
    with connected() as connection:
        for _ in range(3):
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert connection.recv(1024).startswith(b"HTTP/1.1 204")
