"""Filters made up by hypothesis: trees of CQL2 JSON that fit the queryables of the test's layers."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.releases import NAMES

__all__ = ["conditions"]

TEXTS = [*(f"{name} {i}" for name in NAMES[:9] for i in (0, 3)), "", "A", "Я", "ё", "қ", "KAZ001", "KZ-0007"]
PATTERN_PARTS = [
    "%",
    "_",
    "\\%",
    "\\_",
    "\\\\",
    "Бу",
    "ал",
    "Ё",
    "a,b",
    " ",
    "0",
    "!",
    "'",
    '"',
    "Қ",
    "Әй",
    "\\!",
]


def _p(name):
    return {"property": name}


def _op(name, *args):
    return {"op": name, "args": list(args)}


comparisons = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
small = st.integers(-3, 150).map(float) | st.sampled_from([0.5, 12.5, -30.0, 107.5, 2.25])
texts = st.sampled_from(TEXTS)


def numbers(names, depth=2):
    """Numbers: divisors, and what has a remainder, are whole and not zero; see the list of deviations in the test."""
    leaf = small | st.sampled_from(names).map(_p)
    if depth == 0:
        return leaf
    inner = numbers(names, depth - 1)
    divisor = st.integers(1, 9).map(float) | st.integers(-9, -1).map(float)
    whole = st.sampled_from([one for one in names if one != "elevation_m"]).map(_p)
    return st.one_of(
        leaf,
        st.builds(_op, st.sampled_from(["+", "-", "*"]), inner, inner),
        st.builds(_op, st.just("/"), inner, divisor),
        st.builds(_op, st.sampled_from(["%", "div"]), whole, divisor),
        st.builds(_op, st.just("^"), leaf, st.sampled_from([0.0, 1.0, 2.0, 3.0])),
    )


def _casei(node):
    return _op("casei", node)


def textual(names):
    leaf = st.sampled_from(names).map(_p) | texts
    return leaf | leaf.map(_casei)


patterns = st.lists(st.sampled_from(PATTERN_PARTS), max_size=5).map("".join)


def likes(names):
    value = st.sampled_from(names).map(_p)
    return st.one_of(
        st.builds(lambda a, b: _op("like", a, b), value, patterns),
        st.builds(lambda a, b: _op("like", _casei(a), _casei(b)), value, patterns),
    )


days = st.builds(lambda month, day: f"2024-{month:02d}-{day:02d}", st.integers(1, 9), st.integers(8, 22))
dates = days.map(lambda one: {"date": one})
timestamps = st.builds(
    lambda day, hour: {"timestamp": f"{day}T{hour:02d}:00:00Z"}, days, st.sampled_from([0, 6, 23])
)


def intervals(name):
    literal = st.tuples(days, days).map(sorted).map(lambda both: {"interval": both})
    half = st.sampled_from([("..", 1), (0, "..")]).flatmap(
        lambda ends: days.map(lambda day: {"interval": ["..", day] if ends[0] == ".." else [day, ".."]})
    )
    of_property = st.sampled_from(
        [{"interval": [_p(name), ".."]}, {"interval": ["..", _p(name)]}, {"interval": [_p(name), _p(name)]}]
    )
    return literal | half | of_property


OF_EITHER = [
    "t_after",
    "t_before",
    "t_contains",
    "t_disjoint",
    "t_during",
    "t_intersects",
    "t_overlappedBy",
    "t_overlaps",
]
OF_INTERVALS = [
    *OF_EITHER,
    "t_equals",
    "t_finishedBy",
    "t_finishes",
    "t_meets",
    "t_metBy",
    "t_startedBy",
    "t_starts",
]


def temporal(name):
    either = st.just(_p(name)) | dates | timestamps | intervals(name)
    mine = st.just(_p(name)) | intervals(name)
    return st.one_of(
        st.builds(_op, comparisons, st.just(_p(name)), dates | timestamps),
        st.builds(_op, st.just("t_equals"), st.just(_p(name)), dates | timestamps),
        st.builds(_op, st.sampled_from(OF_EITHER), mine, either),
        st.builds(_op, st.sampled_from(OF_EITHER), either, mine),
        st.builds(_op, st.sampled_from(OF_INTERVALS), intervals(name), intervals(name)),
    )


# The grid of the villages and the edges of the regions are hit on purpose.
longitudes = st.sampled_from([64.0, 65.0, 66.0, 66.7, 68.0, 69.5, 71.0, 72.3, 74.0, 80.0, 80.5, 81.0])
latitudes = st.sampled_from([46.0, 47.0, 47.5, 48.0, 48.9, 49.8, 50.7, 53.0, 54.0])
positions = st.tuples(longitudes, latitudes).map(list)


def _box(a, b):
    west, east = sorted((a[0], b[0]))
    south, north = sorted((a[1], b[1]))
    return west, south, east + (0.5 if west == east else 0), north + (0.5 if south == north else 0)


boxes = st.builds(_box, positions, positions)
geometries = st.one_of(
    positions.map(lambda one: {"type": "Point", "coordinates": one}),
    st.lists(positions, min_size=1, max_size=3, unique_by=tuple).map(
        lambda many: {"type": "MultiPoint", "coordinates": many}
    ),
    st.lists(positions, min_size=2, max_size=3, unique_by=tuple).map(
        lambda many: {"type": "LineString", "coordinates": many}
    ),
    boxes.map(lambda box: {"bbox": list(box)}),
    boxes.map(
        lambda box: {
            "type": "Polygon",
            "coordinates": [[[box[0], box[1]], [box[2], box[1]], [box[2], box[3]], [box[0], box[1]]]],
        }
    ),
)


def spatial(operators):
    return st.builds(
        lambda op, literal, turned: _op(
            op, *((literal, _p("geometry")) if turned else (_p("geometry"), literal))
        ),
        st.sampled_from(operators),
        geometries,
        st.booleans(),
    )


def conditions(*, number_names, text_names, boolean_names, date_name, spatial_operators):
    """Filters that any row of the layer can be asked."""
    every = [*number_names, *text_names, *boolean_names, date_name, "geometry"]
    leaves = [
        st.builds(_op, comparisons, numbers(number_names), numbers(number_names)),
        st.builds(_op, comparisons, textual(text_names), textual(text_names)),
        likes(text_names),
        st.builds(lambda a, b, c: _op("between", a, b, c), numbers(number_names), small, small),
        st.builds(
            lambda a, many: _op("in", a, many),
            st.sampled_from(number_names).map(_p),
            st.lists(small, min_size=1, max_size=4),
        ),
        st.builds(
            lambda a, many: _op("in", a, many),
            st.sampled_from(text_names).map(_p),
            st.lists(texts, min_size=1, max_size=4),
        ),
        st.sampled_from(every).map(lambda name: _op("isNull", _p(name))),
        temporal(date_name),
        spatial(spatial_operators),
    ]
    if boolean_names:
        leaves.append(st.sampled_from(boolean_names).map(_p))
        leaves.append(
            st.builds(
                _op,
                st.sampled_from(["=", "<>"]),
                st.sampled_from(boolean_names).map(_p),
                st.booleans(),
            )
        )
    return st.recursive(
        st.one_of(leaves),
        lambda inner: st.one_of(
            st.builds(
                lambda op, many: _op(op, *many),
                st.sampled_from(["and", "or"]),
                st.lists(inner, min_size=2, max_size=3),
            ),
            inner.map(lambda one: _op("not", one)),
        ),
        max_leaves=6,
    )
