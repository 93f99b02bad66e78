"""Cursors: what they hold comes back as it was, and nothing else comes through."""

from __future__ import annotations

import base64
import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.errors import CursorError
from geo_service.query.cursors import cursor_release, question_of, read_cursor, write_cursor
from geo_service.query.filters import parse_filter
from geo_service.query.properties import PropertyType
from geo_service.query.questions import Features, SortKey, TimeInterval

RELEASE, OTHER = "0123456789abcdef" * 2, "f" * 32
KEY = b"a secret of these tests"
FEATURES = Features(
    filter=parse_filter("households > 100"),
    box=(66, 48, 70, 52),
    time=TimeInterval(dt.date(2024, 1, 1)),
    sort=(SortKey("village_name"), SortKey("households", descending=True)),
)
QUESTION = question_of("villages", FEATURES)
T = PropertyType
TYPES = [T.TEXT, T.INTEGER, T.INTEGER]
CURSOR = write_cursor(("Қызылжар", 2**53 + 1, 7), release=RELEASE, question=QUESTION, key=KEY)


def read(text, *, release=RELEASE, question=QUESTION, key=KEY, types=TYPES):
    return read_cursor(text, release=release, question=question, key=key, types=types)


VALUES = {
    T.TEXT: st.text(st.characters(exclude_categories=["Cs"])),
    T.INTEGER: st.integers(-(2**63), 2**63 - 1),
    T.NUMBER: st.floats(allow_nan=False, allow_infinity=False),
    T.BOOLEAN: st.booleans(),
    T.DATE: st.dates(),
}
typed = st.lists(
    st.sampled_from(list(VALUES)).flatmap(
        lambda kind: (st.none() | VALUES[kind]).map(lambda value: (kind, value))
    ),
    max_size=5,
)


@given(typed, st.binary(max_size=100))
def test_a_position_comes_back_as_it_was(position, key):
    types, values = [kind for kind, _ in position], tuple(value for _, value in position)
    cursor = write_cursor(values, release=RELEASE, question=QUESTION, key=key)
    again = read(cursor, types=types, key=key)
    assert again == values
    assert [type(one) for one in again] == [type(one) for one in values]
    assert cursor_release(cursor) == RELEASE
    assert cursor.replace("-", "").replace("_", "").isalnum(), "it stands in a URL as it is"


@pytest.mark.parametrize("at", range(len(CURSOR)))
def test_no_character_can_be_another(at):
    for other in "Ab0-_=.é\0 ":
        if other != CURSOR[at]:
            with pytest.raises(CursorError, match="without a cursor"):
                read(CURSOR[:at] + other + CURSOR[at + 1 :])


def test_no_character_can_be_missing_or_added():
    for at in range(len(CURSOR)):
        with pytest.raises(CursorError):
            read(CURSOR[:at])
        with pytest.raises(CursorError):
            read(CURSOR[:at] + CURSOR[at + 1 :] if CURSOR[at] != CURSOR[at + 1 : at + 2] else CURSOR[:at])
    for more in ("A", "=", "==", "\n", " ", CURSOR):
        with pytest.raises(CursorError):
            read(CURSOR + more)


@given(st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode().rstrip("=")))
def test_what_is_no_cursor_is_refused(text):
    with pytest.raises(CursorError):
        read(text)
    with pytest.raises(CursorError):
        cursor_release(text)


@pytest.mark.parametrize(
    "content",
    [
        [],
        {},
        {"v": 2, "release": RELEASE, "question": "x", "after": []},
        {"v": 1, "release": "../..", "question": "x", "after": []},
        {"v": 1, "release": 5, "question": "x", "after": []},
        {"v": 1, "release": RELEASE, "question": 5, "after": []},
        {"v": 1, "release": RELEASE, "question": "x", "after": 5},
        "[" * 5000,
    ],
)
def test_a_cursor_of_another_form_is_damaged(content):
    body = content.encode() if isinstance(content, str) else json.dumps(content).encode()
    text = base64.urlsafe_b64encode(b"0" * 16 + body).decode().rstrip("=")
    with pytest.raises(CursorError, match="damaged"):
        cursor_release(text)


def test_a_cursor_of_another_release_names_both():
    with pytest.raises(CursorError, match=r"release 0123456789ab, and release ffffffffffff"):
        read(CURSOR, release=OTHER)


def test_a_cursor_with_another_key_is_damaged():
    with pytest.raises(CursorError, match="damaged"):
        read(CURSOR, key=b"another")
    with pytest.raises(CursorError, match="damaged"):
        read(CURSOR, key=b"")


@pytest.mark.parametrize(
    "other",
    [
        question_of("access", FEATURES),
        question_of("villages", Features()),
        *(
            question_of("villages", Features(**changed))
            for changed in (
                {"filter": parse_filter("households > 101")},
                {"filter": parse_filter("households >= 100")},
                {"box": (66, 48, 70, 53)},
                {"time": TimeInterval(dt.date(2024, 1, 2))},
                {"time": TimeInterval(None, dt.date(2024, 1, 1))},
                {"sort": (SortKey("village_name"),)},
                {"sort": (SortKey("village_name", descending=True), SortKey("households", descending=True))},
                {"sort": (SortKey("households", descending=True), SortKey("village_name"))},
                {"ids": ("a",)},
                {"ids": ()},
            )
        ),
    ],
)
def test_a_cursor_of_another_question_is_refused(other):
    with pytest.raises(CursorError, match="another collection, filter, box, time or sort"):
        read(CURSOR, question=other)


def test_the_same_question_is_the_same_however_it_is_written():
    one = Features(filter=parse_filter("a=1 AND b=2"), ids=("x", "y"), box=(1, 2, 3, 4))
    same = Features(
        filter=parse_filter(
            '{"args":[{"args":[{"property":"a"},1],"op":"="},{"op":"=","args":[{"property":"b"},2]}],"op":"and"}'
        ),
        ids=("y", "x", "x"),
        box=(1.0, 2.0, 3.0, 4.0),
        fields=("a",),
        geometry=False,
    )
    assert question_of("villages", one) == question_of("villages", same)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("7", T.INTEGER),
        (7.0, T.INTEGER),
        (True, T.INTEGER),
        (2**63, T.INTEGER),
        (7, T.TEXT),
        (1, T.BOOLEAN),
        (True, T.NUMBER),
        ("x", T.NUMBER),
        ("2024-02-31", T.DATE),
        ("20240131", T.DATE),
        (5, T.DATE),
        ("x", T.GEOMETRY),
    ],
)
def test_a_value_of_another_type_is_damage(value, kind):
    cursor = write_cursor((value,), release=RELEASE, question=QUESTION, key=KEY)
    with pytest.raises(CursorError, match="damaged"):
        read(cursor, types=[kind])


def test_a_position_of_another_length_is_damage():
    with pytest.raises(CursorError, match="damaged"):
        read(CURSOR, types=TYPES[:2])


def test_integers_in_a_column_of_numbers_come_back_as_numbers():
    cursor = write_cursor((5,), release=RELEASE, question=QUESTION, key=KEY)
    assert read(cursor, types=[T.NUMBER]) == (5.0,)
