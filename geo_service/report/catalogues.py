"""Catalogues of the report's sentences, kept in step with the code.

Whoever writes or changes a sentence of a section runs, in the root of the repository,

    python -m geo_service.report.catalogues              # all domains
    python -m geo_service.report.catalogues summary      # some of them

and fills in what is empty or marked as fuzzy in `geo_service/report/locale/{ru,kk}/DOMAIN.po`; running it again puts the file into its one form. With `--check`
nothing is written, and the exit status is 1 where a catalogue is not what it should be.

A domain is a module or a package of `report.sections`. Sentences are the literals given to `say`, to `say_n`, and to `text` of what the code calls `m` or `messages`
(`row.text("label")` is a column of a table).
"""

from __future__ import annotations

import ast
import sys
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from geo_service.vocabulary import Language

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = [
    "LANGUAGES",
    "catalogue_path",
    "faults",
    "main",
    "read_catalogue",
    "sentences_of_sections",
    "updated",
]

HERE = Path(__file__).resolve().parent
LANGUAGES = tuple(one for one in Language if one is not Language.EN)
"""Those that have catalogues."""

_KEYWORDS: dict[str, Any] = {"say": None, "text": None, "say_n": (1, 2)}
_RECEIVERS = {"m", "messages"}
_WIDTH = 110
_HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Language: {language}\\n"\n"Plural-Forms: {plurals};\\n"\n\n'


def sentences_of_sections(sections: Path = HERE / "sections") -> dict[str, Catalog]:
    """The sentences in the code, a catalogue without translations a domain, in the order of the code.

    Args:
        sections: The folder of the modules.

    Raises:
        ValueError: A sentence is not a literal, so that no translation of it can be found.
    """
    found: dict[str, Catalog] = {}
    for path in sorted(sections.rglob("*.py")):
        domain = path.relative_to(sections).parts[0].removesuffix(".py")
        with path.open("rb") as file:
            for _line, sentence, _comments, _context in extract(_calls, file, keywords=_KEYWORDS):
                found.setdefault(domain, Catalog()).add(sentence)
    return found


def catalogue_path(domain: str, language: Language) -> Path:
    """Where a catalogue is."""
    return HERE / "locale" / language.value / f"{domain}.po"


def read_catalogue(domain: str, language: Language) -> Catalog:
    """A catalogue as it is; empty where there is none.

    Raises:
        babel.messages.pofile.PoFileError: It is not written as a catalogue is.
    """
    path = catalogue_path(domain, language)
    if not path.exists():
        return Catalog(locale=language.value)
    with path.open("rb") as file:
        return read_po(file, locale=language.value, abort_invalid=True)


def updated(catalogue: Catalog, template: Catalog) -> bytes:
    """A catalogue with the sentences of the code, as its file is written.

    A sentence that is like one that was translated gets its translation, marked as fuzzy; sentences that are no longer in the code go.

    Args:
        catalogue: With translations; changed.
        template: The sentences in the code.
    """
    catalogue.update(template)
    for message in catalogue:
        # They say what the braces and per cents of a sentence could mean to others.
        message.flags -= {"python-format", "python-brace-format"}
    body = BytesIO()
    write_po(
        body,
        catalogue,
        width=_WIDTH,
        no_location=True,
        omit_header=True,
        ignore_obsolete=True,
        include_previous=True,
    )
    header = _HEADER.format(language=catalogue.locale_identifier, plurals=catalogue.plural_forms.rstrip("; "))
    return header.encode() + body.getvalue().strip() + b"\n"


def faults(domain: str, language: Language, template: Catalog) -> list[str]:
    """What is wrong with a catalogue, a line a fault.

    Args:
        domain: Of which sentences.
        language: Of the translations.
        template: The sentences in the code.
    """
    catalogue = read_catalogue(domain, language)
    path = catalogue_path(domain, language)
    found = [
        f"{path.parent.name}/{path.name}: {_id(message)!r} is {fault}"
        for message in template
        if message.id and (fault := _fault(catalogue.get(message.id), catalogue.num_plurals))
    ]
    if not path.exists() or path.read_bytes() != updated(catalogue, template):
        found.append(f"{path.parent.name}/{path.name}: is not in step with the code, or not in its one form")
    return found


def _fault(message: Message | None, plurals: int) -> str | None:
    if message is None:
        return "not there"
    forms = message.string if isinstance(message.string, tuple) else (message.string,)
    if not all(forms):
        return "not translated"
    if message.fuzzy:
        return "fuzzy"
    return "short of plural forms" if message.pluralizable and len(forms) != plurals else None


def _id(message: Message) -> str:
    return str(message.id[0] if isinstance(message.id, tuple) else message.id)


def _calls(file: Any, keywords: Any, comment_tags: Any, options: Any) -> Iterator[Any]:  # noqa: ARG001
    """Calls that say sentences, as Babel asks an extraction method for them."""
    calls = [one for one in ast.walk(ast.parse(file.read())) if isinstance(one, ast.Call)]
    for call in sorted(calls, key=lambda one: (one.lineno, one.col_offset)):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if name not in keywords or (name == "text" and _receiver(call.func) not in _RECEIVERS):
            continue
        literals = [_literal(one) for one in call.args[: 2 if name == "say_n" else 1]]
        if not literals or None in literals:
            raise ValueError(
                f"{getattr(file, 'name', '')}:{call.lineno}: a sentence has to be a literal for its translation to be found"
            )
        yield call.lineno, name, literals[0] if len(literals) == 1 else tuple(literals), []


def _receiver(function: ast.expr) -> str:
    owner = function.value if isinstance(function, ast.Attribute) else function
    return owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""


def _literal(argument: ast.expr) -> str | None:
    return argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else None


def main(arguments: Sequence[str]) -> int:
    """Bring catalogues into step, or with `--check` say what is wrong with them."""
    templates = sentences_of_sections()
    domains = [one for one in arguments if one != "--check"] or sorted(templates)
    for domain in domains:
        for language in LANGUAGES:
            template = templates.get(domain, Catalog())
            path = catalogue_path(domain, language)
            if "--check" not in arguments:
                made = updated(read_catalogue(domain, language), template)
                if not path.exists() or path.read_bytes() != made:
                    path.write_bytes(made)
    found = [
        fault
        for domain in domains
        for language in LANGUAGES
        for fault in faults(domain, language, templates.get(domain, Catalog()))
    ]
    sys.stdout.writelines(f"{one}\n" for one in found)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
