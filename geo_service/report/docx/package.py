"""The file around a document: the template that it starts from, and the archive that it ends in."""

from __future__ import annotations

from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document

if TYPE_CHECKING:
    from docx.document import Document as Docx

__all__ = ["archived", "new_document"]

_TEMPLATE = {
    "[Content_Types].xml": "content_types.xml",
    "_rels/.rels": "package_rels.xml",
    "docProps/core.xml": "core.xml",
    "word/_rels/document.xml.rels": "document_rels.xml",
    "word/document.xml": "document.xml",
    "word/fontTable.xml": "fontTable.xml",
    "word/numbering.xml": "numbering.xml",
    "word/settings.xml": "settings.xml",
    "word/styles.xml": "styles.xml",
    "word/theme/theme1.xml": "theme.xml",
}
_NO_DATE = (1980, 1, 1, 0, 0, 0)
_FILE_MODE = 0o644 << 16
_UNIX = 3


def new_document() -> Docx:
    """An empty A4 document with the styles, lists, colours and fonts of `template/`."""
    folder = files("geo_service.report.docx") / "template"
    archive = BytesIO()
    with ZipFile(archive, "w") as made:
        for name, source in _TEMPLATE.items():
            made.writestr(name, (folder / source).read_bytes())
    archive.seek(0)
    return Document(archive)


def archived(document: Docx) -> bytes:
    """The document as a file, without the time of its making: the same bytes for the same document."""
    saved, steady = BytesIO(), BytesIO()
    document.save(saved)
    with ZipFile(saved) as source, ZipFile(steady, "w") as target:
        # Readers guess the type of a file from its first member.
        for name in sorted(source.namelist(), key=lambda one: (one != "[Content_Types].xml", one)):
            member = ZipInfo(name, _NO_DATE)
            member.compress_type = ZIP_DEFLATED
            member.create_system = _UNIX
            member.external_attr = _FILE_MODE
            target.writestr(member, source.read(name))
    return steady.getvalue()
