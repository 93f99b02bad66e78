"""Requests over connections that are kept, by wrk in a process of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Timing", "has_wrk", "timed"]

TIMEOUT_S = 60

_SCRIPT = """
local requests, at = {}, 0
function init(args)
  for path in io.lines(args[1]) do requests[#requests + 1] = wrk.format("GET", path) end
end
function request()
  at = at + 1
  return requests[(at - 1) % #requests + 1]
end
function done(summary, latency, _)
  local e = summary.errors
  io.write(string.format(
    '\\nJSON {"requests":%d,"us":%d,"bytes":%d,"p50":%f,"p99":%f,"status":%d,"others":%d}\\n',
    summary.requests, summary.duration, summary.bytes, latency:percentile(50), latency:percentile(99),
    e.status, e.connect + e.read + e.write + e.timeout))
end
"""


@dataclass(frozen=True, slots=True)
class Timing:
    """What a service did with a case.

    Attributes:
        requests: How many were answered.
        per_second: Those that were answered well, a second.
        p50_ms: Milliseconds that half of them took at most.
        p99_ms: The same of 99 of 100.
        mb_per_second: Megabytes of answers.
        errors: Answers that were none, and connections that broke.
    """

    requests: int
    per_second: float
    p50_ms: float
    p99_ms: float
    mb_per_second: float
    errors: int


def has_wrk() -> bool:
    """Whether wrk is installed."""
    return shutil.which("wrk") is not None


def timed(
    base: str, paths: Sequence[str], *, seconds: float, connections: int, headers: Mapping[str, str]
) -> Timing:
    """Ask for all paths in turn for some seconds, each connection one after the other.

    Args:
        base: `http://host:port`.
        paths: With their queries.
        seconds: How long; rounded up to whole ones.
        connections: How many, all by one thread.
        headers: Of each request.

    Raises:
        RuntimeError: wrk failed.
    """
    with tempfile.TemporaryDirectory(prefix="api-wrk-") as name:
        folder = Path(name)
        (folder / "paths").write_text("\n".join(paths) + "\n", encoding="utf-8")
        (folder / "script.lua").write_text(_SCRIPT, encoding="utf-8")
        command = [
            "wrk",
            "-t1",
            f"-c{connections}",
            f"-d{max(1, round(seconds + 0.49))}s",
            f"--timeout={TIMEOUT_S}s",
        ]
        command += [f"-H{key}: {value}" for key, value in headers.items()]
        command += ["-s", str(folder / "script.lua"), base, "--", str(folder / "paths")]
        told = subprocess.run(command, capture_output=True, text=True, check=False)
    line = next((one for one in told.stdout.splitlines() if one.startswith("JSON ")), None)
    if told.returncode or line is None:
        raise RuntimeError(f"wrk failed: {(told.stderr or told.stdout).strip()[:300]}")
    found = json.loads(line.removeprefix("JSON "))
    duration = found["us"] / 1e6
    return Timing(
        found["requests"],
        max(found["requests"] - found["status"], 0) / duration,
        found["p50"] / 1e3,
        found["p99"] / 1e3,
        found["bytes"] / 1e6 / duration,
        found["status"] + found["others"],
    )
