"""What the cameras look with: whether there is such a model, and bringing it here."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from bot.domain.error import BadInput, InputFault
from bot.domain.site import SiteConfig
from bot.fault import Fault
from bot.settings import Settings
from bot.sitefile.load import decode, read_bytes
from bot.sitefile.locate import Lines
from bot.texts.reasons import reason_in


def unknown_models(settings: Settings, config: SiteConfig) -> Iterator[Fault]:
    """Each place of the site file that asks for a model that nobody can bring."""
    from storage.models import ModelStore, NotPulled, UnknownModel

    path, models = settings.site_file, ModelStore(settings.models_dir)
    lines = Lines(decode(path, read_bytes(path)))
    for n, camera in enumerate(config.cameras):
        for m, name in enumerate(camera.models):
            try:
                models.path(name)
            except NotPulled:
                continue
            except UnknownModel as error:
                line = lines.line(("cameras", n, "models", m))
                told = reason_in(error, config.language)
                yield Fault(str(path), line, f"cameras[{n}].models[{m}]", name, told)


def fetch_models(settings: Settings, config: SiteConfig) -> None:
    """Bring what the cameras look with; raises `BadInput` naming the camera where it cannot."""
    from storage.models import ModelStore, ModelStoreError, bar

    models = ModelStore(settings.models_dir)
    for name, camera in _wanted(config).items():
        try:
            models.pull(name, bar(sys.stderr))
        except ModelStoreError as error:
            raise _fault(camera, error, config.language) from error


def _wanted(config: SiteConfig) -> dict[str, str]:
    """Each model, and a camera that asks for it."""
    return {name: camera.id for camera in config.cameras for name in camera.models}


def _fault(camera: str, error: Exception, language: str) -> BadInput:
    return BadInput([InputFault(f"cameras.{camera}.models", reason_in(error, language))])
