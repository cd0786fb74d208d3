"""What the cameras look with: whether there is such a model, and bringing it here."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from bot.domain.error import BadInput, InputFault
from bot.domain.site import SiteConfig
from bot.settings import Settings
from bot.texts.reasons import reason_in


def unknown_models(settings: Settings, config: SiteConfig) -> Iterator[str]:
    """A line for each model that a camera asks for, and that nobody can bring."""
    from storage.models import ModelStore, NotPulled, UnknownModel

    models = ModelStore(settings.models_dir)
    for name, camera in _wanted(config).items():
        try:
            models.path(name)
        except NotPulled:
            continue
        except UnknownModel as error:
            yield str(_fault(camera, error, config.language))


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
