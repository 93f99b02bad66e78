"""The planner's page as values of its template: every text in the language of the request, every link made."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from geo_service.api.kept import Kept
from geo_service.api.maps.embed import embed_code
from geo_service.api.questions.gap_question import gap_question
from geo_service.api.questions.gaps import gaps_about
from geo_service.api.questions.places import places_of
from geo_service.api.security.roles import Role
from geo_service.maps.encoding import script_text
from geo_service.maps.numbers import Numbers
from geo_service.maps.viewer_words import viewer_words
from geo_service.vocabulary import POPULATION_GROUPS, AdminLevel
from geo_service.vocabulary.countries import countries
from geo_service.web.planner.choices import choices_of, default_basis
from geo_service.web.planner.downloads import downloads_of
from geo_service.web.planner.state import Ask
from geo_service.web.planner.tables import communities_table, group_table, totals_table
from geo_service.web.planner.units import group_rows, level_of, levels, totals, whole, whole_group
from geo_service.web.planner.words import Words, words_of

if TYPE_CHECKING:
    from geo_service.api.context import Asked
    from geo_service.api.questions.gap_models import GapsAbout
    from geo_service.api.questions.gap_question import GapQuestion
    from geo_service.api.questions.models import About
    from geo_service.vocabulary import Basis
    from geo_service.web.planner.state import State

__all__ = ["Figure", "view_of"]


_EMBEDDED_HEIGHT = 480
_KEPT = 64
_abouts: Kept[GapsAbout] = Kept(_KEPT)
_COLUMN = re.compile(r"\b[a-z]+\d*(?:_[a-z0-9]+)+\b")
"""The name of a column: notes that have one are for who reads the files."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that stands large at the top.

    Attributes:
        number: As a text.
        before: What stands before it in its line, as Kazakh has what the number is of; empty for nothing.
        after: What stands after it: "of 1,245"; empty for nothing.
        label: What is counted.
    """

    number: str
    before: str
    after: str
    label: str


def view_of(asked: Asked, state: State, current: str | None) -> dict[str, Any]:
    """The values of the template.

    Args:
        asked: The request.
        state: What it asks for.
        current: The release that counts.

    Raises:
        ProblemError: What is asked for is not there for who asks.
    """
    words, numbers = words_of(asked.language), Numbers(asked.language)
    if not asked.role.includes(Role.ANALYST):
        # Of what is not shown nothing is said again either.
        state = replace(state, q=None, select=None)
    basis = (state.basis or default_basis(asked)) if state.ask is Ask.ACCESS else None
    places_of(asked.release).within(state.adm, None, AdminLevel.COUNTRY)
    there = levels(asked, state.ask, basis)
    by = level_of(asked, state, there)
    answer = (_access if state.ask is Ask.ACCESS else _mobility)(asked, state, basis, by, words, numbers)
    downloads = downloads_of(asked, state, basis, by)
    where = _where(asked, state)
    title = words.at(answer.pop("what"), where)
    return answer | {
        "state": state,
        "words": words,
        "title": title,
        "choices": choices_of(asked, state, basis, there, by, current, words, numbers),
        "downloads": downloads,
        "by": by,
        "round": _round(asked, words, numbers),
        "is_synthetic": bool(asked.release.manifest.round and asked.release.manifest.round.synthetic),
        "asks": [
            (
                one.value,
                state.href(asked.base, ask=one, sort=None, order=None),
                words[f"ask_{one}"],
                one is state.ask,
            )
            for one in Ask
        ],
        "is_public": asked.role is Role.PUBLIC,
        "link": _link(asked, state),
        "embed": embed_code(downloads.map_html, title, "100%", _EMBEDDED_HEIGHT),
        "notes": [one for one in answer["about"].notes if not _COLUMN.search(one)],
        "release": asked.release.manifest.id,
        "script": script_text(
            {
                "viewer": viewer_words(asked.language),
                "shapes": downloads.shapes,
                "says": {name: words[name] for name in ("copied", "copy_by_hand", "map_failed")},
                "changed": words.say("answer_of", title="{title}"),
            }
        ),
    }


def _same(state: State, **changes: Any) -> str:
    """The query of the same rows."""
    return state.with_(**changes, page=state.page, select=state.select).query()


def _access(
    asked: Asked, state: State, basis: Basis | None, by: AdminLevel | None, words: Words, numbers: Numbers
) -> dict[str, Any]:
    km = None if state.beyond_km is None else numbers.exact(state.beyond_km)
    is_shown = asked.role.includes(Role.ANALYST)
    (about_whole, _), row = whole(asked, state, basis)
    about: About = about_whole
    sentences = []
    communities = None
    if is_shown:
        question = gap_question(asked, state.service, basis, state.beyond_km, state.adm)
        about = of_gaps = _about(question)
        communities = communities_table(question, state, words, numbers)
        if of_gaps.communities_uncounted:
            count = numbers.count(of_gaps.communities_uncounted)
            sentences.append(words.say("uncounted", count=count))
    texts = {name: _shown(row[name], numbers, words) for name in _OF_WHOLE}
    share = (
        words["hidden" if row["suppressed"] else "not_known"]
        if row["share"] is None
        else numbers.share(row["share"])
    )
    found = words.say(
        "found_without" if km is None else "found_beyond",
        found=texts["villages_without"],
        total=texts["villages"],
        households=texts["households_without"],
        all_households=texts["households"],
        share=share,
        km=km,
        service=words.called(state.service, km),
    )
    found = found[:1].upper() + found[1:]
    if row["villages_unknown"]:
        sentences.insert(0, words.say("unknown", count=texts["villages_unknown"]))
    if not is_shown and row["households_without"] is None:
        sentences.append(words["households_hidden" if row["suppressed"] else "households_not_known"])
    figures = [
        _figure(words, "card_communities", texts["villages_without"], texts["villages"]),
        _figure(words, "card_households", texts["households_without"], texts["households"]),
    ]
    if row["share"] is not None:
        figures.append(_figure(words, "card_share", share))
    rows = totals(asked, state, basis, by) if by is not None else None
    return {
        "what": words.title_of(state.service, km),
        "basis": None if basis is None else words.basis_sentence(basis),
        "found": found,
        "sentences": sentences,
        "figures": figures,
        "communities": communities,
        "totals": None if rows is None else totals_table(asked, state, rows[1], row, words, numbers),
        "about": about,
        "hidden": about_whole.suppressed.rule if about_whole.suppressed else None,
    }


def _about(question: GapQuestion) -> GapsAbout:
    """What `/access/gaps` says of its numbers, worked out once of a release."""
    asked = question.asked
    of = (question.service, question.basis, question.beyond_km, question.within.adm)
    return _abouts.get((asked.release.manifest.id, asked.language, *of), lambda: gaps_about(question))


_OF_WHOLE = ("villages", "villages_without", "villages_unknown", "households", "households_without")


def _mobility(
    asked: Asked, state: State, _: Basis | None, by: AdminLevel | None, words: Words, numbers: Numbers
) -> dict[str, Any]:
    about, rows = group_rows(asked, state, by or AdminLevel.REGION)
    of_all = whole_group(asked, state)
    figures, found, sentences = [], "", []
    if of_all is not None:
        names = ("individuals", "villages", "villages_present")
        texts = {name: _shown(of_all[name], numbers, words) for name in names}
        found = words.say("found_group", **texts)
        figures = [
            _figure(words, "card_individuals", texts["individuals"]),
            _figure(words, "card_present", texts["villages_present"], texts["villages"]),
        ]
    if any(one["suppressed"] for one in rows):
        sentences.append(words["people_hidden"])
    return {
        "what": words.of_group(POPULATION_GROUPS[state.group].label(asked.language)),
        "basis": words["basis_group"],
        "found": found,
        "sentences": sentences,
        "figures": figures,
        "communities": None,
        "totals": group_table(asked, state, rows, words, numbers),
        "about": about,
        "hidden": about.suppressed.rule if about.suppressed else None,
    }


def _figure(words: Words, card: str, number: str, total: str | None = None) -> Figure:
    """A card from its wording, in whose first line the number has its place."""
    of = {} if total is None else {"total": total}
    line, _, label = words.say(card, number="{number}", **of).partition("\n")
    before, _, after = line.partition("{number}")
    return Figure(number, before.strip(), after.strip(), label)


def _shown(value: int | None, numbers: Numbers, words: Words) -> str:
    return words["not_known"] if value is None else numbers.count(value)


def _where(asked: Asked, state: State) -> str | None:
    if state.adm is None:
        return None
    places = places_of(asked.release)
    codes = [one.strip() for one in state.adm.split(",")]
    return ", ".join(places.name(one, asked.language) or one for one in codes)


def _round(asked: Asked, words: Words, numbers: Numbers) -> str:
    of = asked.release.manifest.round
    if of is None:
        return words["no_round"]
    country = countries().get(of.country)
    name = of.country if country is None else country.label(asked.language)
    text = words.say("round_of", number=of.number, country=name)
    if of.collected_from and of.collected_to:
        first, last = dt.date.fromisoformat(of.collected_from), dt.date.fromisoformat(of.collected_to)
        text += "; " + words.say("collected", days=numbers.days(first, last))
    return text


def _link(asked: Asked, state: State) -> str:
    """The address of exactly this, also after another round has been published and for who reads another language."""
    of = asked.release.manifest.round
    same = _same(state, lang=asked.language, round=of.number if of else state.round)
    return f"{asked.base}/?{same}"
