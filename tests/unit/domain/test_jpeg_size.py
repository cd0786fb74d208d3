"""How large a picture is stands in its header."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.jpegsize import jpeg_size
from tests.support.pictures import jpeg


@pytest.mark.parametrize("size", [(8, 8), (640, 48), (2, 900), (4096, 1)])
def test_width_and_height(size: tuple[int, int]) -> None:
    """As it was made."""
    assert jpeg_size(jpeg(*size)) == size


@given(st.binary(max_size=200), st.booleans())
def test_whatever_the_bytes_are_it_ends(data: bytes, begins: bool) -> None:
    """Nonsense has no size, or a wrong one; it never fails."""
    width, height = jpeg_size((b"\xff\xd8\xff" if begins else b"") + data)
    assert width >= 0
    assert height >= 0


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xd8", b"GIF89a", b"\x89PNG\r\n\x1a\n", jpeg(8, 8)[:20]]
)
def test_what_is_no_picture_has_no_size(data: bytes) -> None:
    """Unknown is nought."""
    assert jpeg_size(data) == (0, 0)
