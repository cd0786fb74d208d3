"""Posts survive being written down."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.hazard import Severity
from bot.domain.message import Button, Mention, Post
from storage.console import post_from_json, post_to_json

TEXT = st.text(max_size=40)
POSTS = st.builds(
    Post,
    text=TEXT,
    buttons=st.lists(
        st.lists(st.builds(Button, TEXT, TEXT), max_size=3).map(tuple), max_size=3
    ).map(tuple),
    mentions=st.lists(st.builds(Mention, TEXT, st.none() | TEXT), max_size=3).map(tuple),
    silent=st.booleans(),
    case=st.none() | st.integers(1, 10**6),
    version=st.integers(0, 10**6),
    severity=st.none() | st.sampled_from(Severity),
    fields=st.dictionaries(TEXT, st.none() | TEXT | st.booleans(), max_size=3),
)


@given(POSTS)
def test_a_post_is_read_back_as_it_was_written(post: Post) -> None:
    """Through JSON, as the database keeps it."""
    assert post_from_json(json.loads(json.dumps(post_to_json(post)))) == post
