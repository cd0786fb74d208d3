"""The line of every value is known, whatever way it is written."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.sitefile.locate import KeyPath, Lines

EVERYTHING = '''\
# every integer below is the number of its own line
a = 2
"quoted \\" # = key" = 3
'literal.key' = 4   # comment with [brackets] and = signs
dotted . "two words" . c = 5
text = "a # no comment, [no] = header \\"quoted\\""
long = """
[[not.a.header]]
b = 8 "" \\"""
""""
raw = \'\'\'
[[neither]] = 'quoted'
\'\'\'\'\'
after = 14
list = [15, 15, [15,
    16, # ]
    17], { x = 17, y = [17, { z.w = 17 }] },
    18,
]
empty = []
none = {}
when = 2026-11-22 08:00:00
here = { q = 23, r.s = 23 } # }
[table]
k = 25
[table.sub."x.y"]
k = 27
[[many]]
k = 29
[many.sub]
k = 31
[[many.inner]]
k = 33
[[many.inner]]
k = 35
[[many]]
  k = 37
  [[many.inner]]
  k = 39
  [many.inner.deep.down]
  k = 41
[ spaced . out ]
k = 43
[[ spaced . many ]]
k = 45
inline = [{ k = 46 },
  { k = 47 }]
'''


def leaves(value: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """Every path of a document and what stands there."""
    yield path, value
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, (*path, index))


def test_every_value_of_a_text_with_everything_has_its_line():
    document = tomllib.loads(EVERYTHING)
    lines = Lines(EVERYTHING)
    found = {path: value for path, value in leaves(document) if type(value) is int}
    assert len(found) > 25
    assert {path: lines.line(path) for path in found} == found


def test_headers_and_containers_stand_where_they_begin():
    lines = Lines(EVERYTHING)
    assert lines.line(("many",)) == 28
    assert lines.line(("many", 1)) == 36
    assert lines.line(("many", 0, "inner", 1)) == 34
    assert lines.line(("many", 1, "inner", 0, "deep", "down")) == 40
    assert lines.line(("list", 2)) == 15
    assert lines.line(("long",)) == 7


def test_what_is_missing_is_sought_at_the_nearest_thing_around_it():
    lines = Lines(EVERYTHING)
    assert lines.line(("many", 1, "absent", "more")) == 36
    assert lines.line(("absent",)) == 1
    assert Lines("").line(("a", 0)) == 1


keys = st.sampled_from(["a", "b", '"c d"', "'e.f'", "g"])
fillers = st.sampled_from(["", "# [x] = 1", "   ", "\t# '''"])
pairs = st.sampled_from(
    [
        "KEY = N",
        "KEY.sub = N",
        "KEY = [N, [N], { z = N }] # N",
        'KEY = { p = N, q = "}]#", r = [N] }',
        'KEY = """a\n[[b]]\n"""',
        "KEY = [\nN, # ]\nN]",
    ]
)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Arrays of tables with nested arrays, values and blank lines; integers are line numbers."""
    lines: list[str] = []

    def put(text: str) -> None:
        for line in text.split("\n"):
            lines.append(line.replace("N", str(len(lines) + 1)))

    def body() -> None:
        for key in draw(st.lists(keys, unique=True, max_size=3)):
            put(draw(fillers))
            put(draw(pairs).replace("KEY", key))

    for outer in draw(st.lists(st.sampled_from(["x", '"y y"']), max_size=4)):
        put(f"[[{outer}]]")
        body()
        for _ in range(draw(st.integers(0, 2))):
            put(f"  [[{outer}.inner]]")
            body()
    return "\n".join(lines)


@given(documents())
def test_every_value_of_any_text_has_its_line(text: str):
    lines = Lines(text)
    for path, value in leaves(tomllib.loads(text)):
        if type(value) is int:
            assert lines.line(path) == value
