"""`python -m tests.load [MINUTES]`: a server of two workers, 64 clients, a publisher and somebody who kills workers, on a loopback."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.load.variants import Ledger, publish

CLIENTS, WORKERS, PUBLISH_S, KILL_S = 64, 2, 10, 45
HERE = Path(__file__).parent


def main(minutes: float) -> int:
    with tempfile.TemporaryDirectory() as folder:
        return run(Path(folder), minutes)


def run(folder: Path, minutes: float) -> int:
    ledger = Ledger(folder / "ledger")
    publish(folder / "releases", 0, ledger)
    port = free_port()
    environment = os.environ | {
        "LOAD_LEDGER": str(folder / "ledger"),
        "LOAD_KILLS": str(folder / "kills"),
        "LOAD_TOLD": str(folder / "told.json"),
        "GEO_SERVICE_AUTH_TOKENS": str(folder / "tokens.json"),
        "GEO_SERVICE_API_KEEP_S": "120",
    }
    log = (folder / "server.log").open("w")
    arguments = ["serve", "--store", str(folder / "releases"), "--port", str(port), "--workers", str(WORKERS)]
    server = subprocess.Popen(
        [sys.executable, "-c", "from geo_service.cli.entry import main; main()", *arguments],
        env=environment,
        stdout=log,
        stderr=log,
    )
    over = threading.Event()
    publisher = None
    try:
        wait_until_ready(port)
        publisher = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.load.publisher",
                str(folder / "releases"),
                str(folder / "ledger"),
                str(PUBLISH_S),
            ]
        )
        killer = threading.Thread(target=kill_workers, args=(server.pid, folder / "kills", over), daemon=True)
        killer.start()
        status = subprocess.run(
            [
                *(sys.executable, "-m", "locust", "-f", str(HERE / "locustfile.py"), "--headless"),
                *("-u", str(CLIENTS), "-r", str(CLIENTS), "-t", f"{round(minutes * 60)}s"),
                *("--host", f"http://127.0.0.1:{port}", "--only-summary"),
            ],
            env=environment,
            check=False,
        ).returncode
        print((folder / "told.json").read_text())
        print(f"{len((folder / 'ledger').read_text().splitlines())} releases were published")
        kills = (folder / "kills").read_text().splitlines() if (folder / "kills").exists() else []
        print(f"{len(kills)} workers were killed; memory of the server: {memory_mb(server.pid)} MB")
        return status
    finally:
        over.set()
        for process in (publisher, server):
            if process is not None:
                process.terminate()
                process.wait(timeout=60)
        log.close()
        text = (folder / "server.log").read_text()
        errors = [line for line in text.splitlines() if "Traceback" in line or '"level": "ERROR"' in line]
        print(f"{len(errors)} errors in the server's log", *errors[:5], sep="\n")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def wait_until_ready(port: int) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("the server did not come up")


def children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def workers(pid: int) -> list[int]:
    """The processes that answer: those that have the port open and are not helpers of multiprocessing."""
    return [one for one in children(pid) if b"spawn_main" in Path(f"/proc/{one}/cmdline").read_bytes()]


def memory_mb(pid: int) -> list[int]:
    return [
        int(line.split()[1]) // 1024
        for one in (pid, *children(pid))
        for line in Path(f"/proc/{one}/status").read_text().splitlines()
        if line.startswith("VmRSS")
    ]


def kill_workers(server: int, told: Path, over: threading.Event) -> None:
    while not over.wait(KILL_S):
        victim = workers(server)[-1]
        with told.open("a") as file:
            file.write(f"{time.time()}\n")
        os.kill(victim, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 5.0))
