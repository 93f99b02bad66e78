"""One file from an address to disk: streamed beside its place, limited, verified, then renamed.

Taken are `https:`, and `file:` and `http:` to this machine, which organisations use for mirrors and tests for real
transfers. An answer from elsewhere may not lead to a file or service of this machine.
"""

from __future__ import annotations

import hashlib
import http.client
import ipaddress
import json
import os
import urllib.error
import urllib.request
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

from geo_service._version import __version__
from geo_service.errors import FetchError, OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["Progress", "check_url", "download", "download_json"]

Progress: TypeAlias = "Callable[[str, int, int | None], None]"
"""Called with the file's name, the bytes so far and the bytes to come in all (null when not known)."""

_CHUNK_BYTES = 1 << 16
_MAX_JSON_BYTES = 20_000_000


def check_url(url: str, origin: str | None = None) -> None:
    """Say no to an address that is not taken.

    Args:
        url: Where something would be fetched from.
        origin: The address whose answer led here; null when a person gave it.

    Raises:
        FetchError: It is neither `https:` nor on this machine; or it is on this machine and `origin` is not.
    """
    if not _is_local(url) and urlsplit(url).scheme != "https":
        raise FetchError(
            f"{url}: only https:, file: and http: to this machine are taken; look for an https: address of the same"
        )
    if origin is not None and _is_local(url) and not _is_local(origin):
        raise FetchError(f"{url}: {origin} leads to this machine, which is not followed")


def _is_local(url: str) -> bool:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "file":
        return host in {"", "localhost"}
    if parts.scheme not in {"http", "https"}:
        return False
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def download(
    url: str,
    target: Path,
    *,
    max_bytes: int,
    timeout_s: float,
    sha256: str | None = None,
    origin: str | None = None,
    progress: Progress | None = None,
) -> str:
    """Fetch one file.

    Args:
        url: Where it is.
        target: Where it goes; written as `.NAME.part` beside it and renamed when it is whole and right.
        max_bytes: One byte more is refused, by what the server announces and by what comes.
        timeout_s: How long to wait for each answer, in seconds.
        sha256: What its checksum must be, hexadecimal; null to take any.
        origin: The address whose answer led here, see `check_url`.
        progress: Called as bytes come in.

    Returns:
        The SHA-256 of the file, lower-case hexadecimal.

    Raises:
        FetchError: The address is not taken, does not answer, breaks off, sends too much, or sends something else.
        OutputError: The file cannot be written.
    """
    beside = target.with_name(f".{target.name}.part")
    try:
        digest = _stream(url, origin, beside, target.name, max_bytes, timeout_s, progress)
        if sha256 is not None and digest != sha256.lower():
            raise FetchError(
                f"{url}: its SHA-256 is {digest}, not {sha256.lower()}: it was changed at its source or on the way. "
                f"Nothing was kept; try again, and if it stays so ask whoever keeps the list of sources"
            )
        beside.replace(target)
    except OSError as error:
        raise OutputError(f"{target}: it cannot be written: {error.strerror}") from error
    finally:
        beside.unlink(missing_ok=True)
    return digest


def _stream(
    url: str,
    origin: str | None,
    beside: Path,
    name: str,
    max_bytes: int,
    timeout_s: float,
    progress: Progress | None,
) -> str:
    digest, so_far = hashlib.sha256(), 0
    with _opened(url, origin, timeout_s) as (answer, expected), beside.open("wb") as file:
        _require_within_limit(url, expected or 0, max_bytes)
        while chunk := _read(url, answer):
            so_far += len(chunk)
            _require_within_limit(url, so_far, max_bytes)
            digest.update(chunk)
            file.write(chunk)
            if progress is not None:
                progress(name, so_far, expected)
    if expected is not None and so_far != expected:
        raise FetchError(f"{url}: it broke off after {so_far:,} of {expected:,} bytes; try again")
    return digest.hexdigest()


def download_json(url: str, *, timeout_s: float) -> Any:
    """What a JSON answer says, for a list of files that is to be looked through.

    Raises:
        FetchError: As for `download`, or it is not JSON.
    """
    text = bytearray()
    with _opened(url, None, timeout_s) as (answer, _):
        while chunk := _read(url, answer):
            text += chunk
            _require_within_limit(url, len(text), _MAX_JSON_BYTES)
    try:
        return json.loads(text)
    except ValueError as error:
        raise FetchError(f"{url}: the answer is not JSON; the service may have moved") from error


def _require_within_limit(url: str, size_bytes: int, max_bytes: int) -> None:
    if size_bytes > max_bytes:
        raise FetchError(
            f"{url}: it is larger than the limit of {max_bytes:,} bytes; GEO_SERVICE_BOUNDARIES_MAX_BYTES raises it"
        )


@contextmanager
def _opened(url: str, origin: str | None, timeout_s: float) -> Iterator[tuple[IO[bytes], int | None]]:
    """The answer as a stream, and how many bytes it says it has."""
    check_url(url, origin)
    if urlsplit(url).scheme == "file":
        path = urllib.request.url2pathname(urlsplit(url).path)
        try:
            file = open(path, "rb")  # noqa: PTH123, SIM115
            size_bytes = os.fstat(file.fileno()).st_size
        except OSError as error:
            raise FetchError(f"{url}: it cannot be read: {error.strerror}") from error
        with file:
            yield file, size_bytes
        return
    request = urllib.request.Request(url, headers={"User-Agent": f"geo-service/{__version__}"})  # noqa: S310
    try:
        answer = _opener(url).open(request, timeout=timeout_s)
    except urllib.error.HTTPError as error:
        error.close()
        raise FetchError(
            f"{url}: the server answered {error.code} {error.reason}; see whether the set is still published there"
        ) from error
    except (OSError, http.client.HTTPException) as error:
        raise FetchError(
            f"{url}: no answer: {getattr(error, 'reason', error)}; see whether this machine is online"
        ) from error
    with answer:
        length = answer.headers.get("Content-Length")
        yield answer, int(length) if length is not None and length.isdigit() else None


def _read(url: str, answer: IO[bytes]) -> bytes:
    try:
        return answer.read(_CHUNK_BYTES)
    except (OSError, http.client.HTTPException) as error:
        raise FetchError(f"{url}: it broke off: {str(error) or type(error).__name__}; try again") from error


class _CheckedRedirects(urllib.request.HTTPRedirectHandler):
    """Follows a redirect only to an address that would be taken, and that its origin may lead to."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        check_url(newurl, req.full_url)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener(url: str) -> urllib.request.OpenerDirector:
    # A proxy stands between this machine and others, never between it and itself.
    proxies = urllib.request.ProxyHandler({} if _is_local(url) else None)
    return urllib.request.build_opener(proxies, _CheckedRedirects())
