"""Someone is on a roof: a zone where nobody may be, with words and a response of its own."""

from __future__ import annotations

from typing import ClassVar

from vision.rules.zone_intrusion import ZoneIntrusion


class RoofIntrusion(ZoneIntrusion):
    """Judges where people's feet are, like any other zone."""

    hazard: ClassVar[str] = "roof_intrusion"
