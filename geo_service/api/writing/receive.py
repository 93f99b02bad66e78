"""Uploads from the network to disk, bounded in size, number and time."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from geo_service.api.problems import Problem, ProblemError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Message, Receive

    from geo_service.settings import UploadSettings

__all__ = ["LAYER_SUFFIXES", "SURVEY_SUFFIXES", "Received", "receive"]

SURVEY_SUFFIXES = (".xlsx", ".xls", ".csv", ".zip")
LAYER_SUFFIXES = (".geojson", ".json", ".gpkg", ".fgb", ".zip", ".kml", ".parquet", ".csv", ".xlsx")

_MAX_FILES = 20
_MAX_FIELDS = 20
_MAX_FIELD = 2_000
_INFLATED = 20
"""How many times its own size an archive may have inside; workbooks are archives too."""
_CHUNK = 1 << 20
_UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|]")


@dataclass(frozen=True, slots=True)
class Received:
    """What was received.

    Attributes:
        files: The files by the field they came in, in their order.
        fields: The other fields.
        fingerprint: The SHA-256 of all of it.
    """

    files: dict[str, list[Path]]
    fields: dict[str, str]
    fingerprint: str


async def receive(
    request: Request, folder: Path, settings: UploadSettings, allowed: Mapping[str, tuple[str, ...]]
) -> Received:
    """The files of a request into a folder.

    Args:
        request: Its body is `multipart/form-data`.
        folder: Where the files go, under their own names.
        settings: The largest body, and how long it may take.
        allowed: The suffixes that each field of files may have.

    Raises:
        ProblemError: It is too large, too slow, no such body, or holds other files.
    """
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise ProblemError(
            Problem.UNSUPPORTED_MEDIA_TYPE,
            "send the files as multipart/form-data",
            allowed=["multipart/form-data"],
        )
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise ProblemError(
            Problem.UNSUPPORTED_MEDIA_TYPE,
            "send the body as it is, not compressed",
            parameter="Content-Encoding",
        )
    length = request.headers.get("content-length", "0")
    if length.isdigit() and int(length) > settings.max_bytes:
        raise _too_large(settings)
    bounded = Request(request.scope, _bounded(request.receive, settings))
    try:
        async with asyncio.timeout(settings.max_s):
            form = await bounded.form(max_files=_MAX_FILES, max_fields=_MAX_FIELDS, max_part_size=_MAX_FIELD)
    except TimeoutError as error:
        raise ProblemError(
            Problem.TIMEOUT, f"the upload took longer than {settings.max_s:g} s; send less at once"
        ) from error
    except HTTPException as error:
        raise ProblemError(Problem.INVALID_BODY, f"the form cannot be read: {error.detail}") from error
    except ClientDisconnect as error:
        raise ProblemError(Problem.INVALID_BODY, "the upload ended before its end") from error
    try:
        return await asyncio.to_thread(_kept, form.multi_items(), folder, allowed)
    finally:
        await form.close()


def _bounded(receive: Receive, settings: UploadSettings) -> Receive:
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > settings.max_bytes:
            raise _too_large(settings)
        return message

    return bounded


def _too_large(settings: UploadSettings) -> ProblemError:
    return ProblemError(
        Problem.TOO_LARGE,
        f"an upload has at most {settings.max_bytes:,} bytes",
        headers={"Connection": "close"},
    )


def _kept(items: list[tuple[str, Any]], folder: Path, allowed: Mapping[str, tuple[str, ...]]) -> Received:
    files: dict[str, list[Path]] = {}
    fields: dict[str, str] = {}
    sums: list[list[str]] = []
    for name, value in items:
        if isinstance(value, UploadFile):
            if name not in allowed:
                raise _refused(f"'{name[:60]}' is no field of files; there are: {', '.join(allowed)}", name)
            path = folder / _file_name(value.filename or "", name, allowed[name])
            if path.exists():
                raise _refused(f"two files are called '{path.name}'; give each its own name", name)
            sums.append([name, path.name, _copied(value, path)])
            _refuse_bomb(path, name)
            files.setdefault(name, []).append(path)
        elif name in fields:
            raise _refused(f"'{name[:60]}' is given twice; give it once", name)
        else:
            fields[name] = value
    content = json.dumps([sums, sorted(fields.items())]).encode()
    return Received(files, fields, hashlib.sha256(content).hexdigest())


def _file_name(given: str, field: str, allowed: tuple[str, ...]) -> str:
    """A name that is a plain file in one folder, as near to the given one as can be."""
    name = PurePosixPath(given.replace("\\", "/")).name
    name = _UNSAFE.sub("_", unicodedata.normalize("NFC", name)).strip(" .")[-120:]
    suffix = Path(name).suffix.lower()
    if suffix not in allowed or name.startswith("."):
        raise _refused(f"'{name[:60]}' is not a file of a kind that is taken: {', '.join(allowed)}", field)
    return name


def _copied(file: UploadFile, path: Path) -> str:
    digest = hashlib.sha256()
    file.file.seek(0)
    with path.open("xb") as out:
        while chunk := file.file.read(_CHUNK):
            digest.update(chunk)
            out.write(chunk)
    return digest.hexdigest()


def _refuse_bomb(path: Path, field: str) -> None:
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            inside = sum(one.file_size for one in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise _refused(f"'{path.name}' is a damaged archive; send it again", field) from error
    if inside > max(path.stat().st_size * _INFLATED, 10 * _CHUNK):
        raise ProblemError(
            Problem.TOO_LARGE,
            f"'{path.name}' would be more than {_INFLATED} times as large unpacked; send it unpacked",
            parameter=field,
        )


def _refused(detail: str, field: str) -> ProblemError:
    return ProblemError(Problem.INVALID_BODY, detail, parameter=field[:60])
