"""Which camera, speaker or light is meant by a name; what fits several is asked, never guessed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from bot.casework.core import Core
from bot.domain.actuator import Actuator
from bot.domain.error import Refused
from bot.domain.site import Camera, Speaker

Part = TypeVar("Part", Camera, Speaker, Actuator)


def the_one(core: Core, found: Sequence[Part], wanted: str, many: str) -> Part:
    """The only one that is called so; where there are `many`, a refusal with their ids."""
    if len(found) > 1:
        choices = [f"{one.id} ({_site_name(core, one.site)})" for one in found]
        raise Refused(many, text=wanted, names=choices)
    return found[0]


def cameras_named(core: Core, wanted: str, sites: tuple[str, ...]) -> list[Camera]:
    """The one with this id, else all with this name or alias on these sites."""
    here = [camera for camera in core.people.config.cameras if camera.site in sites]
    by_id = [camera for camera in here if camera.id == wanted]
    return by_id or [camera for camera in here if wanted in (camera.name, *camera.aliases)]


def camera_named(core: Core, wanted: str, sites: tuple[str, ...]) -> Camera:
    """The camera with this id, name or alias on these sites; without a name the only one there is.

    Raises `Refused`, naming them all.
    """
    if found := cameras_named(core, wanted, sites):
        return the_one(core, found, wanted, "refused.many_cameras")
    here = [camera for camera in core.people.config.cameras if camera.site in sites]
    if not here:
        raise Refused("refused.no_cameras")
    names = [camera.name for camera in here]
    if wanted:
        raise Refused("refused.no_such_camera", text=wanted, names=names)
    if len(here) > 1:
        raise Refused("refused.which_camera", names=names)
    return here[0]


def _site_name(core: Core, id: str) -> str:
    site = core.people.config.site(id)
    return site.name if site else id
