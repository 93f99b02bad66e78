"""The report as DOCX, read with python-docx, as XML, and by LibreOffice."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import PurePosixPath

import pytest
from docx import Document
from docx.oxml.ns import qn
from lxml import etree
from PIL import Image
from report_samples import sample_report

from geo_service.errors import MissingExtraError
from geo_service.report.document import (
    ChartBlock,
    MapBlock,
    Numbered,
    Paragraph,
    Section,
    TableBlock,
    plain,
)
from geo_service.report.docx import docx_bytes, pictures
from geo_service.report.docx.tables import data_table
from geo_service.report.numbering import numbered
from geo_service.vocabulary import Language
from tests.conftest import skip_or_fail

LANGUAGES = list(Language)
_SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="4"/>'
# The order that the standard (ECMA-376, part 1, 17.3.1.26, 17.3.2.28, 17.4.59) asks of properties; Word refuses files with another.
_ORDER = {
    "pPr": "pStyle keepNext keepLines pageBreakBefore widowControl numPr pBdr shd tabs spacing ind contextualSpacing jc outlineLvl",
    "rPr": "rStyle rFonts b bCs color sz szCs u lang",
    "tblPr": "tblStyle tblStyleRowBandSize tblW tblInd tblBorders tblLayout tblCellMar tblLook tblCaption",
    "trPr": "cantSplit tblHeader",
    "tcPr": "tcW tcBorders shd vAlign",
    "style": "name basedOn next uiPriority semiHidden unhideWhenUsed qFormat pPr rPr tblPr tblStylePr",
}


def _png(width: int = 90, height: int = 40) -> bytes:
    with BytesIO() as file:
        Image.new("L", (width, height), 255).save(file, "PNG")
        return file.getvalue()


@pytest.fixture
def quick(monkeypatch):
    """Drawings that take no time: how they look is tested where they are drawn."""
    for name in ("chart_png", "map_png"):
        monkeypatch.setattr(pictures, name, lambda *_, **__: _png())
    for name in ("chart_both", "map_both"):
        monkeypatch.setattr(pictures, name, lambda *_, **__: (_SVG, _png()))


def opened(report):
    return Document(BytesIO(docx_bytes(report)))


def xml_of(content: bytes, part: str = "word/document.xml"):
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return etree.fromstring(archive.read(part))


def styled(document, style: str) -> list[str]:
    return [one.text for one in document.paragraphs if one.style.name == style]


def sections_of(blocks, depth=1):
    for block in blocks:
        if isinstance(block, Section):
            yield depth, block.title
            yield from sections_of(block.blocks, depth + 1)


def blocks_of(report, kind):
    return [one for one in report.blocks() if isinstance(one, kind)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.usefixtures("quick")
def test_headings_are_the_sections_at_their_depth(language):
    report = sample_report(language)
    document = opened(report)
    headings = [
        (int(one.style.name[-1]), one.text) for one in document.paragraphs if one.style.name[:7] == "Heading"
    ]
    assert headings == list(sections_of(report.sections))
    assert styled(document, "Title") == [report.title]
    assert styled(document, "Subtitle") == [report.subtitle]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.usefixtures("quick")
def test_captions_count_themselves_in_the_pattern_of_the_language(language):
    report = sample_report(language)
    document = opened(report)
    blocks = blocks_of(report, Numbered)
    captions = [one for one in document.paragraphs if one.style.name == "Caption"]
    assert [one.text for one in captions] == [f"{report.label(one)}. {plain(one.caption)}" for one in blocks]
    for caption, block in zip(captions, blocks, strict=True):
        [instruction] = caption._p.iter(qn("w:instrText"))
        what, counter, *_ = instruction.text.split()
        assert what == "SEQ"
        assert counter.lower() in report.label(block).lower()
        assert counter.isalpha()
    assert document.styles["Caption"].paragraph_format.keep_with_next


@pytest.mark.usefixtures("quick")
def test_a_table_has_the_texts_of_its_figures():
    report = sample_report()
    [block] = blocks_of(report, TableBlock)
    table = next(one for one in opened(report).tables if one.style.name == "Report Table")
    cells = [[cell.text for cell in row.cells] for row in table.rows]
    assert cells == [list(block.headings), *([plain(cell) for cell in row] for row in block.rows)]
    assert [cell.paragraphs[0].style.name for cell in table.rows[1].cells] == [
        "Table Text",
        "Table Number",
        "Table Number",
    ]
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)
    look = table._tbl.tblPr.find(qn("w:tblLook"))
    assert (look.get(qn("w:firstRow")), look.get(qn("w:firstColumn"))) == ("1", "1")


def _table(rows: int, note=(), headings=("Region", "Household", "Share")):
    cells = tuple((("North-Kazakhstan Region",), (str(row),), ("1",)) for row in range(rows))
    return TableBlock("t", ("T",), note=note, headings=headings, rows=cells, table="regions")


def _kept(block) -> list[bool]:
    rows = data_table(block, "T").findall(qn("w:tr"))[1:]
    return [next(row.iter(qn("w:keepNext")), None) is not None for row in rows]


def test_a_short_table_stays_in_one_piece_and_with_its_note():
    assert _kept(_table(4)) == [True, True, True, False]
    assert _kept(_table(4, note=("Of all.",))) == [True] * 4


def test_a_long_table_breaks_but_leaves_no_row_alone():
    kept = _kept(_table(30))
    assert kept[:2] == [True, True]
    assert not any(kept[2:27])
    assert kept[27:] == [True, True, False]


@pytest.mark.parametrize(
    "headings", [("A", "B", "C"), ("Region", "Inhabitants " * 9, "S"), ("x" * 999, "B", "C")]
)
def test_columns_have_the_width_of_the_text_together(headings):
    grid = data_table(_table(2, headings=headings), "T").find(qn("w:tblGrid"))
    widths = [int(one.get(qn("w:w"))) for one in grid]
    assert sum(widths) == 9638
    assert min(widths) > 0


def test_a_column_is_as_wide_as_its_longest_word():
    grid = data_table(_table(2, headings=("Region", "Домохозяйства в них", "Доля")), "T").find(
        qn("w:tblGrid")
    )
    assert int(grid[1].get(qn("w:w"))) > len("Домохозяйства") * 112


@pytest.mark.usefixtures("quick")
def test_key_figures_stand_over_their_labels_and_a_hidden_one_is_a_word():
    report = sample_report("kk")
    table = next(one for one in opened(report).tables if one.style.name == "Key Figures")
    shown = [[one.text for one in cell.paragraphs] for cell in table.rows[0].cells]
    assert shown == [
        ["491\u00a0284", "Өзбекстан"],
        ["70\u00a0018", "Ресей Федерациясы"],
        ["жасырылған", "Қырғызстан"],
    ]
    [hidden] = table.rows[0].cells[2].paragraphs[0].runs
    assert hidden.style.name == "No Key Figure"


@pytest.mark.usefixtures("quick")
def test_every_picture_has_its_words_and_its_vectors():
    report = sample_report()
    document = opened(report)
    drawn = blocks_of(report, ChartBlock | MapBlock)
    shapes = list(document.inline_shapes)
    descriptions = [one._inline.docPr.get("descr") for one in shapes]
    assert descriptions == [
        one.description if isinstance(one, ChartBlock) else one.picture.description for one in drawn
    ]
    for shape in shapes:
        [vectors] = (one for one in shape._inline.iter() if one.tag.endswith("}svgBlip"))
        part = document.part.related_parts[vectors.get(qn("r:embed"))]
        assert (part.content_type, part.blob) == ("image/svg+xml", _SVG)
        assert shape.width.mm == pytest.approx(170, abs=0.1)


@pytest.mark.usefixtures("quick")
def test_vectors_are_in_the_font_of_the_document(monkeypatch):
    monkeypatch.setattr(
        pictures,
        "map_both",
        lambda *_, **__: (b"""<svg><text style="font-family: 'Rare', serif; fill: red"/></svg>""", _png()),
    )
    document = opened(sample_report())
    [drawing] = (one.blob for one in document.part.related_parts.values() if b"<text" in one.blob)
    assert b'"font-family: Calibri, ' in drawing
    assert b"Rare" not in drawing
    assert b"; fill: red" in drawing


@pytest.mark.usefixtures("quick")
def test_a_drawing_with_hatching_is_pixels_only(monkeypatch):
    monkeypatch.setattr(pictures, "map_both", lambda *_, **__: (b"<svg><pattern/></svg>", _png()))
    content = docx_bytes(sample_report())
    assert sum(one.tag.endswith("}svgBlip") for one in xml_of(content).iter(etree.Element)) == 5


@pytest.mark.usefixtures("quick")
def test_a_picture_higher_than_a_page_is_made_to_fit(monkeypatch):
    monkeypatch.setattr(pictures, "map_both", lambda *_, **__: (_SVG, _png(100, 300)))
    shape = list(opened(sample_report()).inline_shapes)[-1]
    assert shape.height.mm == pytest.approx(205, abs=0.1)
    assert shape.width.mm == pytest.approx(205 / 3, abs=0.1)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.usefixtures("quick")
def test_every_page_has_the_banners_the_release_and_its_number(language):
    report = sample_report(language)
    section = opened(report).sections[0]
    for footer in (section.footer, section.first_page_footer):
        text = "\n".join(one.text for one in footer.paragraphs)
        assert all(banner in text for banner in report.banners)
        assert report.release[:12] in text
        assert report.words["page"].format(number=1, all=1) in text
        fields = [one.text.strip() for one in footer._element.iter(qn("w:instrText"))]
        assert sorted(fields) == ["NUMPAGES", "PAGE"]
    assert section.header.paragraphs[0].text == f"{report.title}\n{report.subtitle}"
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)


@pytest.mark.usefixtures("quick")
def test_contents_link_to_the_headings():
    report = sample_report()
    root = xml_of(docx_bytes(report))
    names = {one.get(qn("w:name")) for one in root.iter(qn("w:bookmarkStart"))}
    links = list(root.iter(qn("w:hyperlink")))
    assert ["".join(one.itertext()) for one in links] == ["Summary", "Groups", "Labour migrants", "Maps"]
    assert {one.get(qn("w:anchor")) for one in links} <= names
    assert any("TOC" in one.text for one in root.iter(qn("w:instrText")))


@pytest.mark.usefixtures("quick")
def test_deep_sections_are_third_level_headings_and_not_in_the_contents():
    deep = Section("a", "A", (Section("b", "B", (Section("c", "C", (Section("d", "D", ()),)),)),))
    report = replace(sample_report(), sections=(deep,))
    document = opened(report)
    assert [styled(document, f"Heading {level}") for level in (1, 2, 3)] == [["A"], ["B"], ["C", "D"]]
    links = xml_of(docx_bytes(report)).iter(qn("w:hyperlink"))
    assert ["".join(one.itertext()) for one in links] == ["A", "B"]


@pytest.mark.usefixtures("quick")
def test_a_report_without_sections_can_be_opened():
    document = opened(replace(sample_report(), sections=(), banners=()))
    assert styled(document, "Title") == ["Mobility Tracking Matrix"]
    assert styled(document, "Warning") == []


@pytest.mark.usefixtures("quick")
def test_lists_are_lists_and_each_numbered_one_starts_anew():
    report = sample_report()
    summary = report.sections[0]
    again = Section("again", "Again", (summary.blocks[4],))
    document = opened(replace(report, sections=numbered((*report.sections, again))))
    assert styled(document, "List Bullet") == ["One", "Two 70,018"]
    items = [one for one in document.paragraphs if one.style.name == "List Number"]
    assert [one.text for one in items] == ["First", "Second"] * 2
    lists = [one._p.pPr.numPr.numId.val for one in items]
    assert lists[0] == lists[1] != lists[2] == lists[3]
    numbering = document.part.numbering_part.element
    made = {one.numId: one for one in numbering.findall(qn("w:num"))}
    assert all(next(made[one].iter(qn("w:startOverride"))).get(qn("w:val")) == "1" for one in set(lists))


@pytest.mark.usefixtures("quick")
def test_leads_notes_and_definitions_have_styles_of_their_own():
    document = opened(sample_report())
    assert styled(document, "Lead") == ["In all 491,284 came from Uzbekistan (76.8%)."]
    assert styled(document, "Note") == ["Reported is not measured."]
    assert "The answers are made up." in styled(document, "Warning")
    assert styled(document, "Definition")[0] == "returnee – A citizen who came back."
    assert "Source: OCHA" in styled(document, "Figure Note")


@pytest.mark.parametrize(("language", "tag"), [("en", "en-GB"), ("ru", "ru-RU"), ("kk", "kk-KZ")])
@pytest.mark.usefixtures("quick")
def test_properties_say_what_it_is_and_nobody_s_name(language, tag):
    report = sample_report(language)
    content = docx_bytes(report)
    about = Document(BytesIO(content)).core_properties
    assert (about.title, about.subject, about.language) == (report.title, report.subtitle, tag)
    assert (about.author, about.last_modified_by) == ("", "")
    assert about.created == about.modified == dt.datetime(2024, 1, 31, tzinfo=dt.UTC)
    languages = {one.get(qn("w:val")) for one in xml_of(content, "word/styles.xml").iter(qn("w:lang"))}
    assert languages == {tag}
    assert opened(replace(report, date=None)).core_properties.created is None
    assert len(opened(replace(report, title="long " * 99)).core_properties.title) == 255


@pytest.mark.usefixtures("quick")
def test_hostile_texts_stay_texts():
    hostile = '<w:br/>{ PAGE } \\h "&amp;" \x00\x07\x0b\x1b\ud800\ufffe tab\there\nline'
    report = sample_report()
    section = Section("bad", hostile, (Paragraph((hostile,)),))
    document = opened(
        replace(report, title=hostile, banners=(hostile,), sections=(*report.sections, section))
    )
    clean = '<w:br/>{ PAGE } \\h "&amp;"  tab here line'
    assert styled(document, "Title") == [clean]
    assert document.paragraphs[-1].text == clean
    assert document.sections[0].footer.paragraphs[0].text == clean


@pytest.mark.usefixtures("quick")
def test_bookmarks_have_names_that_word_allows():
    anchors = ["1st", "a-b", "A_b", "x" * 60, "x" * 50]
    report = replace(sample_report(), sections=tuple(Section(one, one, ()) for one in anchors))
    names = [one.get(qn("w:name")) for one in xml_of(docx_bytes(report)).iter(qn("w:bookmarkStart"))]
    assert len({one.casefold() for one in names}) == len(anchors)
    assert all(re.fullmatch(r"[A-Za-z]\w{0,39}", one) for one in names)


@pytest.mark.usefixtures("quick")
def test_the_package_is_what_word_needs():
    content = docx_bytes(sample_report())
    with zipfile.ZipFile(BytesIO(content)) as archive:
        names = set(archive.namelist())
        types = etree.fromstring(archive.read("[Content_Types].xml"))
        defaults = {one.get("Extension") for one in types if one.get("Extension")}
        overrides = {one.get("PartName") for one in types if one.get("PartName")}
        assert overrides <= {f"/{name}" for name in names}
        for name in names - {"[Content_Types].xml"}:
            assert f"/{name}" in overrides or name.rpartition(".")[2] in defaults
        for name in names:
            if name.endswith(".rels"):
                base = PurePosixPath(name).parent.parent
                for link in etree.fromstring(archive.read(name)):
                    assert str(base / link.get("Target")) in names
        roots = {name: etree.fromstring(archive.read(name)) for name in names if name.endswith(".xml")}
    document, styles = roots["word/document.xml"], roots["word/styles.xml"]
    known = {one.get(qn("w:styleId")) for one in styles.iter(qn("w:style"))}
    for root in roots.values():
        for tag in ("w:pStyle", "w:rStyle", "w:tblStyle", "w:basedOn", "w:next"):
            assert {one.get(qn(tag[:2] + "val")) for one in root.iter(qn(tag))} <= known
        for one in root.iter(*(qn(f"w:{tag}") for tag in _ORDER)):
            order = _ORDER[etree.QName(one).localname].split()
            places = [order.index(etree.QName(child).localname) for child in one]
            assert places == sorted(places), etree.tostring(one)
    for tag, name in (("wp:docPr", "id"), ("w:bookmarkStart", qn("w:id")), ("w:bookmarkStart", qn("w:name"))):
        ids = [one.get(name) for one in document.iter(qn(tag))]
        assert ids
        assert len(ids) == len(set(ids))
    links = {
        one.get("Id")
        for one in etree.fromstring(zipfile.ZipFile(BytesIO(content)).read("word/_rels/document.xml.rels"))
    }
    used = {value for one in document.iter() for key, value in one.attrib.items() if "relationships" in key}
    assert used <= links
    lists = {one.get(qn("w:numId")) for one in roots["word/numbering.xml"].iter(qn("w:num"))}
    assert {one.get(qn("w:val")) for one in document.iter(qn("w:numId"))} <= lists


@pytest.mark.usefixtures("quick")
def test_the_same_report_is_the_same_bytes():
    first, second = (docx_bytes(sample_report("ru")) for _ in range(2))
    assert first == second
    with zipfile.ZipFile(BytesIO(first)) as archive:
        assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_without_python_docx_the_extra_is_named(monkeypatch):
    for name in [one for one in sys.modules if one.startswith("geo_service.report.docx.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "docx", None)
    with pytest.raises(MissingExtraError, match=r"geo-service\[report\]"):
        docx_bytes(sample_report())


def test_libreoffice_shows_every_figure_and_has_every_letter(tmp_path):
    office, reader = shutil.which("soffice"), shutil.which("pdftotext")
    if office is None or reader is None:
        skip_or_fail("writer", "LibreOffice or pdftotext is not installed")
    report = sample_report("kk")
    (tmp_path / "report.docx").write_bytes(docx_bytes(report))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    subprocess.run(
        [
            office,
            profile,
            "--headless",
            "--convert-to",
            "pdf",
            "--outdir",
            tmp_path,
            tmp_path / "report.docx",
        ],
        check=False,
        capture_output=True,
        timeout=120,
    )
    if not (tmp_path / "report.pdf").exists():
        skip_or_fail("writer", "this LibreOffice has no Writer: it opens no DOCX")
    text = subprocess.run(
        [reader, "-layout", tmp_path / "report.pdf", "-"], check=True, capture_output=True, encoding="utf-8"
    ).stdout
    flat = " ".join(text.replace("\u00a0", " ").split())
    charted = {
        id(figure)
        for block in blocks_of(report, ChartBlock)
        for series in block.chart.series
        for figure in series.figures
    }
    for figure in report.figures():
        if id(figure) not in charted:
            assert figure.text.replace("\u00a0", " ") in flat
    for block in blocks_of(report, Numbered):
        assert f"{report.label(block)}. {plain(block.caption)}" in flat
    assert "�" not in text
    pages = text.rstrip("\f").split("\f")
    assert len(pages) >= 3
    for number, page in enumerate(pages, start=1):
        assert report.banners[0] in page
        assert report.words["page"].format(number=number, all=len(pages)) in page
