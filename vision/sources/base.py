"""What a source is: an iterator of frames that may block, so it belongs in a thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar, Protocol

from vision.frame import Frame

Rate = Callable[[], float]
"""Gives the frames per second that are wanted now; asked anew for every frame."""


class Source(Protocol):
    """Frames of one camera."""

    recorded: ClassVar[bool]
    """True where the pictures wait for us, so that somebody else must keep the pace."""

    def frames(self, rate: Rate) -> Iterator[Frame]:
        """Frames in order, at about the wanted rate by their own clock; ends with the source.

        Raises `SourceError` when the source cannot be read.
        """
        ...

    def close(self) -> None:
        """Make a blocked `frames` end soon; may be called from any thread, more than once."""
        ...
