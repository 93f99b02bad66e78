"""Classes, colours and numbers of maps."""

from __future__ import annotations

import itertools
import math
import re
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.errors import InputError
from geo_service.maps import palettes
from geo_service.maps.classes import NOTHING, NULL, Classing, Scheme, class_labels, classify
from geo_service.maps.numbers import Numbers, floats
from geo_service.vocabulary import Language

FOUND = [Scheme.QUANTILES, Scheme.EQUAL]
NUMBERS = Numbers("en")
CLASSINGS = st.one_of(
    st.builds(Classing, st.sampled_from(FOUND), st.integers(2, 9)),
    st.lists(st.integers(1, 5000), min_size=1, max_size=8, unique=True).map(
        lambda edges: Classing(Scheme.GIVEN, edges=tuple(sorted(edges)))
    ),
)
MISSING = st.just(math.nan)
COUNTS = st.lists(st.one_of(st.integers(0, 30), st.integers(0, 10**6), MISSING), max_size=40)
RATES = st.lists(
    st.one_of(st.floats(0, 1, allow_subnormal=False), st.floats(0, 1e7, allow_subnormal=False), MISSING),
    max_size=40,
)


def holds(label: str, value: float) -> bool:
    """Whether a label says that a number is of its class, by nothing but its text."""
    label = label.replace(",", "")
    if found := re.fullmatch(r">([\d.]+)–([\d.]+)", label):
        return float(found[1]) < value <= float(found[2])
    if found := re.fullmatch(r">([\d.]+)", label):
        return float(found[1]) < value
    low, _, high = label.partition("–")
    return float(low) <= value <= float(high or low)


def check(values: list[float], classing: Classing, *, is_whole: bool) -> None:
    numbers = np.array(values, dtype=np.float64)
    found = classify(numbers, classing, is_whole=is_whole)
    labels = class_labels(found, NUMBERS.exact)
    assert len(set(labels)) == len(labels) == len(found.edges)
    for value, place in zip(numbers, found.position, strict=True):
        if math.isnan(value):
            assert place == NULL
        elif value == 0:
            assert place == NOTHING
        else:
            assert [holds(label, value) for label in labels] == [at == place for at in range(len(labels))]
    assert sum(found.counts) == int((numbers > 0).sum())
    if classing.scheme is not Scheme.GIVEN:
        assert len(labels) <= classing.k
        assert all(found.counts)
    elif found.counts:
        assert found.counts[-1]


@given(COUNTS, CLASSINGS)
@settings(max_examples=80)
def test_every_count_is_in_exactly_the_class_whose_label_holds_it(values, classing):
    check(values, classing, is_whole=True)


@given(RATES, CLASSINGS)
@settings(max_examples=80)
def test_every_rate_is_in_exactly_the_class_whose_label_holds_it(values, classing):
    check(values, classing, is_whole=False)


@given(st.lists(st.integers(0, 200), max_size=30), st.integers(2, 9))
@settings(max_examples=25)
def test_natural_breaks_are_such_classes_too(values, k):
    check(values, Classing(Scheme.NATURAL, k), is_whole=True)


def test_quantiles_and_equal_intervals_are_those_of_mapclassify():
    import mapclassify  # noqa: PLC0415

    values = np.random.default_rng(6).lognormal(3, 1.5, 200)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peers = {
            Scheme.QUANTILES: mapclassify.Quantiles(values, 5),
            Scheme.EQUAL: mapclassify.EqualInterval(values, 5),
            Scheme.NATURAL: mapclassify.FisherJenks(values, 5),
        }
    for scheme, peer in peers.items():
        found = classify(values, Classing(scheme, 5))
        counts = [count for count in peer.counts.tolist() if count]
        assert found.counts == counts, scheme


def test_natural_breaks_separate_what_is_apart():
    values = np.array([1, 2, 3, 100, 101, 102, 900, 901])
    assert classify(values, Classing(Scheme.NATURAL, 3), is_whole=True).counts == [3, 3, 2]


def test_natural_breaks_of_very_many_numbers_are_found_from_some_of_them():
    values = np.concatenate([np.arange(1, 3001), np.arange(50_000, 51_000)]).astype(float)
    assert classify(values, Classing(Scheme.NATURAL, 2), is_whole=True).counts == [3000, 1000]


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([], []),
        ([math.nan, math.nan], []),
        ([0, 0], []),
        ([7], ["7"]),
        ([7, 7, 7, 0, math.nan], ["7"]),
        ([1, 2], ["1", "2"]),
    ],
)
@pytest.mark.parametrize("scheme", FOUND)
def test_few_numbers_make_few_classes(values, labels, scheme):
    found = classify(np.array(values, dtype=float), Classing(scheme, 5), is_whole=True)
    assert class_labels(found, NUMBERS.count) == labels


def test_edges_are_the_roundest_that_leave_every_number_in_its_class():
    found = classify(np.array([2, 7, 11, 26, 96, 103]), Classing(Scheme.QUANTILES, 3), is_whole=True)
    assert class_labels(found, NUMBERS.count) == ["1–9", "10–89", "90–103"]
    found = classify(np.array([0.0123, 0.021, 0.17, 0.42]), Classing(Scheme.QUANTILES, 2))
    assert class_labels(found, NUMBERS.exact_share, NUMBERS.exact_percent) == [">0–10%", ">10–42%"]


def test_shares_do_not_end_above_all():
    found = classify(np.array([0.2, 0.999]), Classing(Scheme.QUANTILES, 2))
    assert found.edges[-1] == 1.0


def test_given_edges_belong_to_the_class_below_them():
    found = classify(np.array([0.05, 0.0501, 0.7, 0.0]), Classing(Scheme.GIVEN, edges=(0.05, 0.5)))
    assert found.position.tolist() == [0, 1, 2, NOTHING]
    labels = class_labels(found, NUMBERS.exact_share, NUMBERS.exact_percent)
    assert labels == [">0–5%", ">5–50%", ">50%"]


def test_given_edges_beyond_the_largest_number_make_no_class():
    found = classify(np.array([3.0, 40.0]), Classing(Scheme.GIVEN, edges=(9, 24, 99, 999)), is_whole=True)
    assert class_labels(found, NUMBERS.count) == ["1–9", "10–24", "25–99"]
    assert found.counts == [1, 0, 1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"scheme": "pretty"}, "use quantiles, natural, equal, given"),
        ({"k": 1}, "ask for 2 to 9"),
        ({"k": 10}, "ask for 2 to 9"),
        ({"edges": (1, 2)}, "need the scheme 'given'"),
        ({"scheme": Scheme.GIVEN}, "above 0 and rise"),
        ({"scheme": Scheme.GIVEN, "edges": (5, 2)}, "above 0 and rise"),
        ({"scheme": Scheme.GIVEN, "edges": (2, 2)}, "above 0 and rise"),
        ({"scheme": Scheme.GIVEN, "edges": (0, 2)}, "above 0 and rise"),
        ({"scheme": Scheme.GIVEN, "edges": (1, math.inf)}, "above 0 and rise"),
        ({"scheme": Scheme.GIVEN, "edges": tuple(range(1, 10))}, "at most 8"),
    ],
)
def test_what_makes_no_classes_is_refused(arguments, said):
    with pytest.raises(InputError, match=said):
        Classing(**arguments)


@pytest.mark.parametrize(
    ("value", "classing", "said"),
    [
        (math.inf, Classing(), "infinite"),
        (-1.0, Classing(), "below 0"),
        (1.5, Classing(), "no count"),
        (2.0, Classing(Scheme.GIVEN, edges=(1.5,)), "not 1.5"),
    ],
)
def test_numbers_that_fit_no_class_are_refused(value, classing, said):
    with pytest.raises(InputError, match=said):
        classify(np.array([1.0, value]), classing, is_whole=True)


# Simulated colour vision: G. M. Machado, M. M. Oliveira, L. A. F. Fernandes, A physiologically-based model for simulation of color vision deficiency,
# IEEE TVCG 15 (2009), severity 1.0, in linear sRGB.
VISION = {
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
# sRGB to CIE XYZ, IEC 61966-2-1.
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
FLAT = [palettes.ZERO, palettes.NOT_ASSESSED, palettes.NO_DATA, palettes.SUPPRESSED]
PALETTES = {
    **{f"units {count}": [*palettes.unit_colours(count), *FLAT] for count in range(1, 10)},
    **{f"bands {count}": [*palettes.band_colours(count), *FLAT] for count in range(1, 10)},
    **{
        f"change {count}": [*itertools.chain(*palettes.change_colours(count)), *FLAT] for count in range(1, 5)
    },
    "agreement": [
        palettes.EQUAL,
        palettes.ONE_APART,
        palettes.NEARER,
        palettes.FARTHER,
        palettes.NOT_COMPARED,
    ],
}


def cielab(colour: str, vision: str = "normal") -> np.ndarray:
    values = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.asarray(VISION[vision]) @ linear, 0, 1)
    parts = TO_XYZ @ seen / TO_XYZ.sum(axis=1)
    roots = np.where(parts > 216 / 24389, np.cbrt(parts), (24389 / 27 * parts + 16) / 116)
    return np.array([116 * roots[1] - 16, 500 * (roots[0] - roots[1]), 200 * (roots[1] - roots[2])])


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("name", PALETTES)
def test_colours_of_one_legend_stay_apart_in_any_colour_vision(name, vision):
    seen = [cielab(colour, vision) for colour in PALETTES[name]]
    nearest = min(float(np.linalg.norm(one - other)) for one, other in itertools.combinations(seen, 2))
    assert nearest > 8


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize(
    "ramp", [palettes.UNIT_RAMP, palettes.BAND_RAMP, palettes.LESS_RAMP, palettes.MORE_RAMP]
)
def test_ramps_fall_in_lightness_step_by_step(ramp, vision):
    lightness = [cielab(colour, vision)[0] for colour in ramp]
    assert all(high - low > 4 for high, low in itertools.pairwise(lightness))


def test_more_classes_than_colours_are_refused():
    with pytest.raises(InputError, match="at most 9"):
        palettes.unit_colours(10)
    with pytest.raises(InputError, match="at most 4"):
        palettes.change_colours(5)


def test_numbers_are_written_as_each_language_does():
    said = {
        language: (
            Numbers(language).count(1234567),
            Numbers(language).share(0.1234),
            Numbers(language).km(12345),
            Numbers(language).signed(Numbers(language).count)(-1200),
        )
        for language in Language
    }
    assert said == {
        Language.EN: ("1,234,567", "12.3%", "12.3", "−1,200"),
        Language.RU: ("1\u00a0234\u00a0567", "12,3\u00a0%", "12,3", "−1\u00a0200"),
        Language.KK: ("1\u00a0234\u00a0567", "12,3%", "12,3", "−1\u00a0200"),
    }


def test_a_small_share_is_not_shown_as_none_nor_a_large_one_as_all():
    shares = [NUMBERS.share(one) for one in (0, 0.0001, 0.05, 0.9999, 1, -0.0001, 1.5)]
    assert shares == ["0%", "<0.1%", "5%", ">99.9%", "100%", ">−0.1%", "150%"]


def test_rates_have_three_digits_and_null_is_empty():
    assert NUMBERS.texts(floats([0.06148, 3.6102, 12345.6, 0.0, None]), NUMBERS.rate) == [
        "0.0615",
        "3.61",
        "12,346",
        "0",
        "",
    ]
    assert NUMBERS.texts([None], NUMBERS.count, "hidden") == ["hidden"]
