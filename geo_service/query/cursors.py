"""Cursors: where the next page begins, opaque, and of no use for another question or another release.

A cursor is base64url of a line of JSON and the keyed BLAKE2b (RFC 7693) of that line: the release, a checksum of the question, and the sort
values and `fid` of the last feature that was given.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import hmac
import json
import math
import re
from typing import TYPE_CHECKING, Any

from geo_service.errors import CursorError
from geo_service.query.properties import PropertyType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.query.questions import Features

__all__ = ["cursor_release", "question_of", "read_cursor", "write_cursor"]

_VERSION = 1
_MAC_BYTES = 16
_KEY_BYTES = 64
_LONGEST = 65_536
_RELEASE = re.compile(r"[0-9a-f]{32}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_INT64 = range(-(2**63), 2**63)
_AGAIN = "start again without a cursor"

_DAMAGED = f"the cursor is damaged: it is not one that was given here; {_AGAIN}"


def question_of(collection: str, features: Features) -> str:
    """What two pages have to share: the collection, which features and in which order, not which of their properties."""
    content = {
        "collection": collection,
        "filter": features.filter.canonical() if features.filter else None,
        "box": [float(one) for one in features.box] if features.box else None,
        "time": [one.isoformat() if one else None for one in (features.time.first, features.time.last)]
        if features.time
        else None,
        "ids": sorted(set(features.ids)) if features.ids is not None else None,
        "sort": [[key.name, key.descending] for key in features.sort],
    }
    return json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"))


def write_cursor(position: Sequence[Any], *, release: str, question: str, key: bytes) -> str:
    """The cursor after a feature.

    Args:
        position: Its sort values and then its `fid`: text, integers, finite numbers, booleans, dates or null.
        release: The id of the release.
        question: As `question_of` gives it.
        key: The secret that signs it; empty for a checksum only.
    """
    values = [one.isoformat() if isinstance(one, dt.date) else one for one in position]
    content = {"v": _VERSION, "release": release, "question": _checksum(question), "after": values}
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    return base64.urlsafe_b64encode(_mac(body, key) + body).rstrip(b"=").decode()


def read_cursor(
    text: str, *, release: str, question: str, key: bytes, types: Sequence[PropertyType]
) -> tuple[Any, ...]:
    """The position that a cursor holds.

    Args:
        text: The cursor.
        release: The id of the release that is asked.
        question: As `question_of` gives it.
        key: As it was written with.
        types: Of the sort properties and of `fid`.

    Raises:
        CursorError: It is damaged, of another release or of another question.
    """
    mac, body, content = _opened(text)
    if not hmac.compare_digest(mac, _mac(body, key)):
        raise CursorError(_DAMAGED)
    if content["release"] != release:
        raise CursorError(
            f"the cursor is of release {content['release'][:12]}, and release {release[:12]} was asked: "
            f"ask that release, or {_AGAIN}"
        )
    if content["question"] != _checksum(question):
        raise CursorError(
            f"the cursor is of another collection, filter, box, time or sort; ask as before, or {_AGAIN}"
        )
    after = content["after"]
    if len(after) != len(types):
        raise CursorError(_DAMAGED)
    return tuple(_value(value, kind) for value, kind in zip(after, types, strict=True))


def cursor_release(text: str) -> str:
    """The id of the release that a cursor says it is of; `read_cursor` is what checks it.

    Raises:
        CursorError: It is damaged.
    """
    release: str = _opened(text)[2]["release"]
    return release


def _opened(text: str) -> tuple[bytes, bytes, dict[str, Any]]:
    if len(text) > _LONGEST or not text.isascii():
        raise CursorError(_DAMAGED)
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        mac, body = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
        content = json.loads(body)
    except (binascii.Error, ValueError, RecursionError) as error:
        raise CursorError(_DAMAGED) from error
    # The last character of base64 has bits that say nothing: only one spelling is a cursor.
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != text:
        raise CursorError(_DAMAGED)
    known = (
        isinstance(content, dict)
        and content.get("v") == _VERSION
        and isinstance(content.get("release"), str)
        and _RELEASE.fullmatch(content["release"])
        and isinstance(content.get("question"), str)
        and isinstance(content.get("after"), list)
    )
    if not known:
        raise CursorError(_DAMAGED)
    return mac, body, content


def _mac(body: bytes, key: bytes) -> bytes:
    # BLAKE2b takes keys of 64 bytes at most; a longer one counts by its hash.
    short = key if len(key) <= _KEY_BYTES else hashlib.blake2b(key).digest()
    return hashlib.blake2b(body, digest_size=_MAC_BYTES, key=short, person=b"geo-cursor").digest()


def _checksum(question: str) -> str:
    return hashlib.blake2b(question.encode(), digest_size=_MAC_BYTES).hexdigest()


def _value(value: Any, kind: PropertyType) -> Any:
    if value is None:
        return None
    if kind is PropertyType.DATE and isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return dt.date.fromisoformat(value)
        except ValueError as error:
            raise CursorError(_DAMAGED) from error
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind is PropertyType.NUMBER and is_number and math.isfinite(value):
        return float(value)
    fits = (
        (kind is PropertyType.TEXT and isinstance(value, str))
        or (kind is PropertyType.BOOLEAN and isinstance(value, bool))
        or (kind is PropertyType.INTEGER and type(value) is int and value in _INT64)
    )
    if not fits:
        raise CursorError(_DAMAGED)
    return value
