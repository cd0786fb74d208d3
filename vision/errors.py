"""What can go wrong in vision.

VisionError
├── SourceError(source, reason)        a camera, file or folder cannot be read
│   └── UnsupportedSource              the kind of source is not known here
├── ModelError(model, reason)          a detection model cannot be loaded or used
├── SpecError(field, reason)           a zone or camera description makes no sense
└── PictureError(reason)               bytes from outside that are no usable picture
    ├── PictureTooLarge                over the limit of bytes or of pixels
    ├── PictureUnreadable              no JPEG or PNG, or a broken one
    └── PictureTimeout                 decoding took too long, or cannot begin yet
"""

from __future__ import annotations


class VisionError(Exception):
    """Base of everything that vision raises on purpose."""


class SourceError(VisionError):
    """A source that cannot be opened or read; `source` is its name without credentials."""

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(f"{source}: {reason}")
        self.source = source
        self.reason = reason


class UnsupportedSource(SourceError):
    """The specification names a kind of source that this version cannot open."""


class ModelError(VisionError):
    """A model file that cannot be loaded, or does not answer in a known form."""

    def __init__(self, model: str, reason: str) -> None:
        super().__init__(f"{model}: {reason}")
        self.model = model
        self.reason = reason


class SpecError(VisionError):
    """A value of a camera or zone specification that makes no sense."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class PictureError(VisionError):
    """Foreign bytes that were refused; `reason` says what is wrong with them."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PictureTooLarge(PictureError):
    """More bytes or more pixels than are accepted."""


class PictureUnreadable(PictureError):
    """Neither JPEG nor PNG, or damaged beyond decoding."""


class PictureTimeout(PictureError):
    """Decoding took longer than it may and was killed, or no worker has started yet.

    Either way it says nothing against the picture.
    """
