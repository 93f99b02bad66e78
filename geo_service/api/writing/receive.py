"""Uploads from the network to disk, bounded in size, number and time."""

from __future__ import annotations

import asyncio
import hashlib
import json
import unicodedata
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from geo_service.api.problems import Problem, ProblemError
from geo_service.api.writing.archives import DamagedArchiveError, TooMuchInsideError, refuse_bomb

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Message, Receive

    from geo_service.settings import UploadSettings

__all__ = ["LAYER_SUFFIXES", "SURVEY_SUFFIXES", "TABLE_SUFFIXES", "Received", "receive"]

SURVEY_SUFFIXES = (".xlsx", ".xls", ".csv", ".zip")
TABLE_SUFFIXES = (".csv", ".xlsx")
LAYER_SUFFIXES = (".geojson", ".json", ".gpkg", ".fgb", ".zip", ".kml", ".parquet", ".csv", ".xlsx")

_MAX_FILES = 20
_MAX_FIELDS = 20
_MAX_FIELD = 2_000
_INFLATED = 10
"""How many times the largest upload an archive may have inside; workbooks are archives too."""
_CHUNK = 1 << 20
_LONGEST_NAME = 120
_SHOWN = 60
_UNSAFE = frozenset('/\\:*?"<>|')


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
    if length.isascii() and length.isdigit() and int(length[:18]) > settings.max_bytes:
        raise _too_large(settings)
    bounded = Request(request.scope, _bounded(request.receive, settings))
    try:
        async with asyncio.timeout(settings.max_s):
            form = await bounded.form(max_files=_MAX_FILES, max_fields=_MAX_FIELDS, max_part_size=_MAX_FIELD)
    except TimeoutError as error:
        raise ProblemError(
            Problem.TIMEOUT,
            f"the upload took longer than {settings.max_s:g} s; send less at once",
            headers={"Connection": "close"},
        ) from error
    except HTTPException as error:
        raise ProblemError(Problem.INVALID_BODY, f"the form cannot be read: {error.detail}") from error
    except ClientDisconnect as error:
        raise ProblemError(Problem.INVALID_BODY, "the upload ended before its end") from error
    except OSError as error:
        raise _cannot_be_kept() from error
    try:
        return await asyncio.to_thread(_kept, form.multi_items(), folder, allowed, settings)
    except OSError as error:
        raise _cannot_be_kept() from error
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


def _cannot_be_kept() -> ProblemError:
    return ProblemError(
        Problem.BUSY, "uploads cannot be kept at this moment; try again later", headers={"Retry-After": "60"}
    )


def _kept(
    items: list[tuple[str, Any]],
    folder: Path,
    allowed: Mapping[str, tuple[str, ...]],
    settings: UploadSettings,
) -> Received:
    files: dict[str, list[Path]] = {}
    fields: dict[str, str] = {}
    sums: list[list[str]] = []
    for name, value in items:
        if isinstance(value, UploadFile):
            if not value.filename and not value.size:
                # What a browser sends of a field that no file was chosen in.
                continue
            if name not in allowed:
                raise _refused(
                    f"'{name[:_SHOWN]}' is no field of files; there are: {', '.join(allowed)}", name
                )
            path = folder / _file_name(value.filename or "", name, allowed[name])
            if path.exists():
                raise _refused(f"two files are called '{path.name}'; give each its own name", name)
            sums.append([name, path.name, _copied(value, path)])
            _refuse_archive(path, name, settings.max_bytes * _INFLATED)
            files.setdefault(name, []).append(path)
        elif name in fields:
            raise _refused(f"'{name[:_SHOWN]}' is given twice; give it once", name)
        else:
            fields[name] = value
    content = json.dumps([sums, sorted(fields.items())]).encode()
    return Received(files, fields, hashlib.sha256(content).hexdigest())


def _file_name(given: str, field: str, allowed: tuple[str, ...]) -> str:
    """A name that is a plain file in one folder, as near to the given one as can be."""
    name = PurePosixPath(given.replace("\\", "/")).name
    name = "".join(_safe(one) for one in unicodedata.normalize("NFC", name)).strip(" .")[-_LONGEST_NAME:]
    while len(name.encode()) > _LONGEST_NAME:
        name = name[1:]
    suffix = Path(name).suffix.lower()
    if suffix not in allowed or name.startswith("."):
        raise _refused(
            f"'{name[:_SHOWN]}' is not a file of a kind that is taken: {', '.join(allowed)}", field
        )
    return name


def _safe(character: str) -> str:
    return character if character.isprintable() and character not in _UNSAFE else "_"


def _copied(file: UploadFile, path: Path) -> str:
    digest = hashlib.sha256()
    file.file.seek(0)
    with path.open("xb") as out:
        while chunk := file.file.read(_CHUNK):
            digest.update(chunk)
            out.write(chunk)
    return digest.hexdigest()


def _refuse_archive(path: Path, field: str, most: int) -> None:
    try:
        refuse_bomb(path, most)
    except DamagedArchiveError as error:
        raise _refused(f"'{path.name}' is a damaged archive; send it again", field) from error
    except TooMuchInsideError as error:
        raise ProblemError(
            Problem.TOO_LARGE,
            f"'{path.name}' has more than {most:,} bytes inside; send less at once",
            parameter=field,
        ) from error


def _refused(detail: str, field: str) -> ProblemError:
    return ProblemError(Problem.INVALID_BODY, detail, parameter=field[:_SHOWN])
