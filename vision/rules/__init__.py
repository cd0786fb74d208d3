"""The hazard rules: one file per hazard, found here by hazard id.

To add a rule: write a module with a class that fits `Rule`, and name it in `_RULES`.
"""

from __future__ import annotations

from vision.errors import SpecError
from vision.rules.base import Rule, Verdict
from vision.rules.fall import Fall
from vision.rules.roof_intrusion import RoofIntrusion
from vision.rules.zone_intrusion import ZoneIntrusion
from vision.specs import CameraSpec, ZoneSpec

_RULES: dict[str, type[Rule]] = {rule.hazard: rule for rule in (ZoneIntrusion, RoofIntrusion, Fall)}

__all__ = ["Rule", "Verdict", "hazards", "rules_for"]


def hazards() -> tuple[str, ...]:
    """Ids of the hazards that vision can judge by itself."""
    return tuple(_RULES)


def rules_for(camera: CameraSpec) -> list[Rule]:
    """The rules that watch this camera.

    Every zone gets the rule of its hazard; hazards that need no zone watch the whole picture
    unless a zone of that hazard narrows them down.
    """
    zoned = [_rule(zone) for zone in camera.zones]
    narrowed = {zone.hazard for zone in camera.zones}
    wide = [rule(None) for rule in _RULES.values() if not rule.needs_zone]
    return zoned + [rule for rule in wide if rule.hazard not in narrowed]


def _rule(zone: ZoneSpec) -> Rule:
    kind = _RULES.get(zone.hazard)
    if kind is None:
        known = ", ".join(_RULES)
        raise SpecError("hazard", f"zone {zone.id!r}: no rule for {zone.hazard!r} (known: {known})")
    return kind(zone)
