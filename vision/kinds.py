"""Kinds of source by how they are written; known without loading what opens them."""

from __future__ import annotations

import re

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]+):", re.IGNORECASE)
OUR_OWN = frozenset({"pan"})


def not_opened(spec: str) -> str | None:
    """The kind of a source that this version cannot open: `rtsp`, `webcam`; None where it can."""
    if spec.isdigit():
        return "webcam"
    scheme = _SCHEME.match(spec)
    kind = scheme.group(1).lower() if scheme else None
    return None if kind in OUR_OWN else kind
