"""CSV files as cells of text: their encoding and delimiter found, their rows counted as a spreadsheet shows them."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geo_service.findings import FindingCode
from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_service.findings import Findings, Place

__all__ = ["read_delimited"]

_SAMPLE_CHARACTERS = 65_536
_SAMPLE_RECORDS = 20
_DELIMITERS = ",;\t|"
_HEAD_ROWS = 10
_BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)

_WRONG_ENCODING = Wording(
    en="the text is not {encoding}: byte {byte} cannot be read",
    ru="текст не в кодировке {encoding}: байт {byte} не читается",
    kk="мәтін {encoding} кодтауында емес: {byte} байты оқылмайды",
)
_NO_ENCODING = Wording(
    en="there is no encoding named '{encoding}'",
    ru="кодировки «{encoding}» нет",
    kk="«{encoding}» деген кодтау жоқ",
)
_USUAL_ENCODINGS = Wording(
    en="Give one such as --encoding utf-8 or --encoding cp1251",
    ru="Укажите другую, например --encoding utf-8 или --encoding cp1251",
    kk="Басқасын көрсетіңіз, мысалы --encoding utf-8 немесе --encoding cp1251",
)
_SAY_ENCODING = Wording(
    en="Save it as UTF-8, or say how it was saved, for Cyrillic often --encoding cp1251",
    ru="Сохраните файл в UTF-8 или укажите его кодировку, для кириллицы часто --encoding cp1251",
    kk="Файлды UTF-8 түрінде сақтаңыз немесе кодтауын көрсетіңіз, кириллица үшін көбіне --encoding cp1251",
)
_ZERO_BYTES = Wording(
    en="it holds bytes that are zero, so it is UTF-16 or no text at all",
    ru="в файле есть нулевые байты: это UTF-16 или вовсе не текст",
    kk="файлда нөлдік байттар бар: бұл UTF-16 немесе мүлде мәтін емес",
)
_SAY_UTF_16 = Wording(
    en="Save it as UTF-8, or say how it was saved, such as --encoding utf-16",
    ru="Сохраните файл в UTF-8 или укажите его кодировку, например --encoding utf-16",
    kk="Файлды UTF-8 түрінде сақтаңыз немесе кодтауын көрсетіңіз, мысалы --encoding utf-16",
)
_OPEN_QUOTE = Wording(
    en="a quotation mark opens in this row and does not close",
    ru="в этой строке открывается кавычка, которая не закрывается",
    kk="бұл жолда тырнақша ашылып, жабылмай қалған",
)
_CLOSE_QUOTE = Wording(
    en="Close it, or write it twice where it belongs to the text",
    ru="Закройте её или удвойте, если она часть текста",
    kk="Оны жабыңыз немесе ол мәтіннің бөлігі болса, екі рет жазыңыз",
)
_NO_ROWS = Wording(
    en="its rows cannot be told apart: {reason}",
    ru="его строки не удаётся разделить: {reason}",
    kk="оның жолдарын ажырату мүмкін емес: {reason}",
)
_LONG_ROW = Wording(
    en="it has {cells} cells where the header has {columns}",
    ru="ячеек {cells}, а столбцов в заголовке {columns}",
    kk="ұяшық саны {cells}, ал тақырыпта {columns} баған",
)
_QUOTE_DELIMITER = Wording(
    en="Put text that holds '{delimiter}' into quotation marks",
    ru="Возьмите текст, в котором есть «{delimiter}», в кавычки",
    kk="Ішінде «{delimiter}» бар мәтінді тырнақшаға алыңыз",
)


def read_delimited(
    content: bytes,
    place: Place,
    findings: Findings,
    *,
    header_row: Callable[[list[list[str]]], int],
    encoding: str | None = None,
    tabs: bool = False,
) -> tuple[pd.DataFrame, int]:
    """The cells of a CSV.

    Args:
        content: The whole file.
        place: Where findings say that it is.
        findings: Where problems are added.
        header_row: Which of the first rows is the header: a row longer than it is an error.
        encoding: How the text is saved where no byte order mark says it; null for UTF-8.
        tabs: Whether it is delimited by tabs; else the delimiter is found.

    Returns:
        All rows, header and all, as text (dtype string), null where a cell is empty; and the line of the first as a spreadsheet
        shows it. No rows where there is no text.

    Raises:
        FindingsError: It cannot be read; why is among `findings`.
    """
    text = _decoded(content, findings, place, encoding)
    # A spreadsheet takes this line for an instruction and does not show it.
    instruction = re.match(r"sep=(.)\r?\n", text)
    text = text[instruction.end() :] if instruction else text
    blank = re.match(r"(?:[ \t]*(?:\r\n|\r|\n))*", text)
    blank_lines = len(text[: blank.end()].splitlines()) if blank else 0
    text = text[blank.end() :] if blank else text
    if not text.strip():
        return pd.DataFrame(), 1
    delimiter = instruction[1] if instruction else "\t" if tabs else _delimiter(text[:_SAMPLE_CHARACTERS])
    first_row = 1 + blank_lines
    try:
        cells = pd.read_csv(
            io.BytesIO(text.encode()),
            sep=delimiter,
            header=None,
            dtype="string",
            keep_default_na=False,
            na_values=[""],
            skip_blank_lines=False,
            skipinitialspace=True,
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        if unclosed := re.search(r"EOF inside string starting at row (\d+)", str(error)):
            findings.stop(
                FindingCode.UNREADABLE,
                _OPEN_QUOTE(),
                place,
                row=int(unclosed[1]) + first_row,
                suggestion=_CLOSE_QUOTE(),
            )
        cells = _read_uneven(text, delimiter, findings, place, first_row, header_row)
    return cells, first_row


def _decoded(content: bytes, findings: Findings, place: Place, encoding: str | None) -> str:
    marked = next((name for mark, name in _BYTE_ORDER_MARKS if content.startswith(mark)), None)
    encoding = marked or encoding or "utf-8"
    try:
        text = content.decode(encoding).removeprefix("\ufeff")
    except UnicodeError as error:
        at = error.start if isinstance(error, UnicodeDecodeError) else 0
        findings.stop(
            FindingCode.WRONG_ENCODING,
            _WRONG_ENCODING(encoding=encoding, byte=f"{content[at]:#04x}"),
            place,
            row=content.count(b"\n", 0, at) + 1,
            suggestion=_SAY_ENCODING(),
        )
    except LookupError:
        code, message = FindingCode.WRONG_ENCODING, _NO_ENCODING(encoding=encoding)
        findings.stop(code, message, place, suggestion=_USUAL_ENCODINGS())
    if "\0" in text:
        findings.stop(FindingCode.WRONG_ENCODING, _ZERO_BYTES(), place, suggestion=_SAY_UTF_16())
    return text


def _delimiter(sample: str) -> str:
    """What splits most of the first records into the same number of cells, and into the most of them."""

    def evenness(delimiter: str) -> tuple[int, int]:
        records = islice(csv.reader(io.StringIO(sample, newline=None), delimiter=delimiter), _SAMPLE_RECORDS)
        try:
            widths = Counter(len(record) for record in records if len(record) > 1)
        except csv.Error:
            return 0, 0
        width, count = max(widths.items(), key=lambda item: item[::-1], default=(0, 0))
        return count, width

    return max(_DELIMITERS, key=evenness)


def _read_uneven(
    text: str,
    delimiter: str,
    findings: Findings,
    place: Place,
    first_row: int,
    header_row: Callable[[list[list[str]]], int],
) -> pd.DataFrame:
    """Rows of different lengths; one that has more cells than the header has columns is an error."""
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True))
    except csv.Error as error:
        findings.stop(FindingCode.UNREADABLE, _NO_ROWS(reason=error), place)
    width = max(map(len, records))
    padded = [[cell or None for cell in record] + [None] * (width - len(record)) for record in records]
    cells = pd.DataFrame(padded, dtype="string")
    header = header_row([[cell or "" for cell in record] for record in padded[:_HEAD_ROWS]])
    columns = len(records[header])
    lengths = np.zeros(len(cells), dtype=np.int64)
    for at in range(columns, width):
        lengths[cells[at].notna().to_numpy()] = at + 1
    lengths[:header] = 0
    for row in np.flatnonzero(lengths > columns).tolist():
        findings.error(
            FindingCode.UNREADABLE,
            _LONG_ROW(cells=lengths[row], columns=columns),
            place,
            row=row + first_row,
            suggestion=_QUOTE_DELIMITER(delimiter=delimiter),
        )
    findings.raise_errors()
    return cells[range(columns)]
