from __future__ import annotations

import datetime as dt
import io
import shutil
import subprocess
import sys
from dataclasses import replace

import pypdf
import pytest
from pypdf.generic import DictionaryObject

from geo_service.errors import MissingExtraError, OutputError
from geo_service.report.document import (
    Bullets,
    ChartBlock,
    Figure,
    FigureStyle,
    MapBlock,
    Note,
    NoteKind,
    Paragraph,
    Section,
    TableBlock,
    plain,
)
from geo_service.report.numbering import numbered
from geo_service.report.pdf import pdf_bytes
from geo_service.report.typst.columns import columns_of
from geo_service.report.typst.data import typeset
from geo_service.report.typst.heights import title_size
from geo_service.report.typst.placing import Beside, placed
from geo_service.vocabulary import Language
from tests.conftest import skip_or_fail
from tests.report_samples import sample_report

A4 = (595.276, 841.89)
LANGUAGES = list(Language)
HOSTILE = (
    "#let x = 1",
    "*bold*",
    "$y$",
    "@ref",
    "<script>alert(1)</script>",
    "#panic()",
    "`raw`",
    "= heading",
    "\\n",
    "//comment",
    "_under_",
)
KAZAKH = "ӘәҒғҚқҢңӨөҰұҮүҺһІі"


@pytest.fixture(scope="module")
def written():
    """The sample in each language: the report, its bytes and what pypdf reads of them."""
    made = {}
    for language in LANGUAGES:
        report = sample_report(language)
        content = pdf_bytes(report)
        made[language] = (report, content, pypdf.PdfReader(io.BytesIO(content)))
    return made


def text_of(content, tmp_path, *options):
    if shutil.which("pdftotext") is None:
        skip_or_fail("poppler", "no pdftotext was found on PATH")
    file = tmp_path / "report.pdf"
    file.write_bytes(content)
    # A PDF/UA file of Typst says "Suspects false", at which this version of poppler wonders on stderr.
    return subprocess.run(
        ["pdftotext", *options, str(file), "-"], capture_output=True, check=True, text=True
    ).stdout


def elements(reader):
    """All structure elements."""
    waiting = [reader.trailer["/Root"]["/StructTreeRoot"]["/K"]]
    while waiting:
        one = waiting.pop()
        one = one.get_object() if hasattr(one, "get_object") else one
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, DictionaryObject):
            if "/S" in one:
                yield one
            if "/K" in one:
                waiting.append(one["/K"])


def fonts(reader):
    found = {}
    waiting = [page["/Resources"] for page in reader.pages]
    while waiting:
        resources = waiting.pop().get_object()
        for font in resources.get("/Font", {}).values():
            found[font.get_object()["/BaseFont"]] = font.get_object()
        forms = [one.get_object() for one in resources.get("/XObject", {}).values()]
        waiting += [one["/Resources"] for one in forms if "/Resources" in one]
    return found


def titles(outline):
    return [one if isinstance(one, str) else one["/Title"] for one in flat(outline)]


def flat(outline):
    for one in outline:
        if isinstance(one, list):
            yield from flat(one)
        else:
            yield one


def with_blocks(*blocks):
    return replace(sample_report(), sections=numbered([Section("only", "Only", blocks)]))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_is_tagged_says_its_language_and_shows_its_title(written, language):
    report, _, reader = written[language]
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/StructTreeRoot"]["/K"]
    assert root["/Lang"] == language.value
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata.title == report.title
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_are_a4_and_do_nothing_by_themselves(written, language):
    _, content, reader = written[language]
    for page in reader.pages:
        assert [float(one) for one in page.mediabox[2:]] == pytest.approx(A4, abs=0.1)
    assert b"/JavaScript" not in content
    assert b"/OpenAction" not in content
    assert not reader.attachments
    assert len(content) < 1_000_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_bookmarks_are_the_sections(written, language):
    report, _, reader = written[language]
    sections = [one.title for one in report.blocks() if isinstance(one, Section)]
    assert [one for one in titles(reader.outline) if one != report.words["contents"]] == sections


@pytest.mark.parametrize("language", LANGUAGES)
def test_charts_and_maps_have_their_words_in_the_structure_tree(written, language):
    report, _, reader = written[language]
    said = [one["/Alt"] for one in elements(reader) if one["/S"] == "/Figure"]
    blocks = list(report.blocks())
    assert {one.description for one in blocks if isinstance(one, ChartBlock)} <= set(said)
    assert {one.picture.description for one in blocks if isinstance(one, MapBlock)} <= set(said)
    assert len(said) == sum(isinstance(one, (ChartBlock, MapBlock)) for one in blocks)


def test_tables_lists_headings_and_contents_are_told_by_their_tags(written):
    _, _, reader = written[Language.EN]
    tags = [one["/S"] for one in elements(reader)]
    for tag in ("/H1", "/H2", "/Table", "/THead", "/TH", "/TD", "/L", "/LI", "/TOC", "/P", "/Caption"):
        assert tag in tags


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_font_is_in_the_file_and_is_one_of_ours(written, language):
    _, _, reader = written[language]
    found = fonts(reader)
    assert found
    for name, font in found.items():
        assert "SourceSansPro" in name or "DejaVuSans" in name
        descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor)
        assert "/ToUnicode" in font


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_come_out_as_they_are_and_with_every_letter(written, language, tmp_path):
    report, content, _ = written[language]
    text = text_of(content, tmp_path)
    assert "\ufffd" not in text
    assert "□" not in text
    together = " ".join(text.split())
    for hostile in HOSTILE[:5]:
        assert hostile in together
    for figure in report.figures():
        assert " ".join(figure.text.split()) in together
    assert all(letter in text for letter in KAZAKH) is (language is Language.KK)
    for block in report.blocks():
        if isinstance(block, (ChartBlock, MapBlock, TableBlock)):
            assert f"{report.label(block)}. {plain(block.caption)}" in together


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_says_its_banners_its_release_and_its_number(written, language):
    report, _, reader = written[language]
    count = len(reader.pages)
    assert count > 2
    for number, page in enumerate(reader.pages, start=1):
        text = " ".join(page.extract_text().split())
        assert all(banner in text for banner in report.banners)
        assert report.release in text
        assert report.words["page"].format(number=number, all=count) in text


def test_the_same_report_has_the_same_bytes_and_the_date_of_its_data(written):
    report, content, reader = written[Language.RU]
    assert pdf_bytes(sample_report(Language.RU)) == content
    assert reader.metadata.creation_date.date() == report.date == dt.date(2024, 1, 31)


def test_a_report_without_a_date_has_none_and_not_that_of_its_making():
    undated = pdf_bytes(replace(sample_report(), sections=(), date=None))
    reader = pypdf.PdfReader(io.BytesIO(undated))
    assert reader.metadata.creation_date is None
    assert str(dt.datetime.now(dt.UTC).year) not in str(reader.trailer["/Root"]["/Metadata"].get_data())
    assert pdf_bytes(replace(sample_report(), sections=(), date=None)) == undated


def test_no_text_of_a_report_is_markup(tmp_path):
    everything = " ".join(HOSTILE)
    cell = Figure("t", 0, "c", 1.0, HOSTILE[0], FigureStyle.COUNT)
    report = with_blocks(
        Paragraph((everything,)),
        Paragraph((everything,), is_lead=True),
        Bullets(((everything,),)),
        Note(NoteKind.BASE, (everything,)),
        TableBlock(
            "t",
            (everything,),
            0,
            (everything,),
            headings=(everything, "b"),
            rows=(((everything,), (cell,)),),
            table="t",
        ),
    )
    report = replace(report, title=everything, subtitle=everything, banners=(everything,), release='"#x')
    content = pdf_bytes(report)
    text = text_of(content, tmp_path)
    for one in HOSTILE:
        assert text.replace("\n", " ").count(one.split()[0]) >= 8
    assert pypdf.PdfReader(io.BytesIO(content)).metadata.title == everything


def test_letters_that_no_typeface_has_are_boxes_and_no_error(tmp_path):
    content = pdf_bytes(with_blocks(Paragraph(("A \U0001f4a7 \u6c34 B\x07",)), Paragraph(("العربية",))))
    text = text_of(content, tmp_path)
    assert "A □ □ B□" in text


def test_a_report_of_nothing_is_written():
    content = pdf_bytes(replace(sample_report(), sections=(), banners=(), date=None, subtitle=""))
    assert len(pypdf.PdfReader(io.BytesIO(content)).pages) >= 1


def test_a_long_table_goes_on_with_its_headings_and_stays_on_the_page(tmp_path):
    headings = (
        "Облыс немесе республикалық маңызы бар қала",
        *(f"Тұрғындардыңсаны {number}" for number in range(9)),
    )
    rows = tuple(
        (
            (f"Өңір {row}",),
            *((Figure("t", row, "c", 1.0, "12 345 678", FigureStyle.COUNT),) for _ in headings[1:]),
        )
        for row in range(200)
    )
    report = with_blocks(TableBlock("long", ("Long",), headings=headings, rows=rows, table="t"))
    content = pdf_bytes(report)
    reader = pypdf.PdfReader(io.BytesIO(content))
    pages = [page.extract_text() for page in reader.pages[1:]]
    assert len(pages) > 1
    assert all("Облыс" in page for page in pages)
    words = text_of(content, tmp_path, "-bbox")
    for line in words.splitlines():
        if "<word" in line:
            right = float(line.split('xMax="')[1].split('"')[0])
            assert right <= A4[0] - 50


def test_columns_fill_no_more_than_the_page_and_cut_no_word():
    wide = columns_of(["word" * 6] * 8, [["1"] * 8], 480)
    assert sum(wide.widths) <= 480
    assert wide.size < 9
    narrow = columns_of(["a", "b"], [["c", "d"]], 480)
    assert sum(narrow.widths) < 200
    assert narrow.size == 9
    endless = columns_of(["x" * 400] * 4, [], 480)
    assert sum(endless.widths) <= 480


def test_a_long_title_is_set_smaller():
    sizes = [title_size("Матрица отслеживания мобильности " * count) for count in (1, 3, 6, 40)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > 30 > sizes[2] > 17


def test_small_charts_stand_beside_their_text_or_each_other():
    charts = [one for one in sample_report().blocks() if isinstance(one, ChartBlock)]
    text = Paragraph(("A sentence that is long enough to stand beside a chart. " * 4,))
    assert [type(one) for one in placed([text, charts[1]])] == [Beside]
    assert [type(one) for one in placed([charts[0], charts[1], charts[2]])] == [Beside, ChartBlock]
    assert [type(one) for one in placed([replace(text, is_lead=True), charts[1]])] == [Paragraph, ChartBlock]
    assert [type(one) for one in placed([Paragraph(("Short.",)), charts[1]])] == [Paragraph, ChartBlock]
    assert [type(one) for one in placed([text, charts[4]])] == [Paragraph, ChartBlock]


def test_notes_of_one_kind_are_set_together():
    notes = [Note(kind, ("x",)) for kind in (NoteKind.BASE, NoteKind.SOURCE, NoteKind.SYNTHETIC)]
    [section] = typeset(with_blocks(*notes)).data["sections"]
    assert [(one["is_warning"], len(one["items"])) for one in section["blocks"]] == [(False, 2), (True, 1)]


def test_what_typst_cannot_set_is_an_output_error():
    unknown = replace(sample_report(), words={**sample_report().words, "page": 1})
    with pytest.raises(OutputError, match="cannot be typeset"):
        pdf_bytes(unknown)


def test_without_typst_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(MissingExtraError, match=r"geo-service\[report\]"):
        pdf_bytes(sample_report())
