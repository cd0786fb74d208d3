"""`vision replay FILE`: what starts and ends in a recorded file, by the code that runs live."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bot.commands.common import complain, with_settings
from bot.configuration import site_language
from bot.domain.response import response_table
from bot.domain.site import Camera, SiteConfig
from bot.fault import ConfigFaults
from bot.settings import Settings, read_environment
from bot.sitefile import load_site
from bot.texts.terminal import told


def run(args: argparse.Namespace) -> int:
    """One line a change: seconds, camera, hazard, start or end, zone, confidence."""
    return with_settings(lambda settings: _found(args, settings))


def _found(args: argparse.Namespace, settings: Settings) -> int:
    site, file = Path(args.site), Path(args.file)
    language = site_language(site)
    for option, path in (("--site", site), ("FILE", file)):
        if not path.exists():
            return complain(told("replay.no_file", language, what=option, path=path))
    try:
        config = load_site(site, read_environment().values, check_sources=False)
    except ConfigFaults as error:
        return complain(*(str(fault) for fault in error.faults))
    camera = _camera(config, args.camera)
    if isinstance(camera, str):
        return complain(camera)
    return _replay(settings, config, camera, file, args.out)


def _camera(config: SiteConfig, wanted: str | None) -> Camera | str:
    language = config.language
    ids = ", ".join(camera.id for camera in config.cameras) or told("say.none", language)
    if wanted is None:
        if len(config.cameras) == 1:
            return config.cameras[0]
        return told("replay.which", language, known=ids)
    found = config.camera(wanted)
    return found or told("replay.no_camera", language, camera=repr(wanted), known=ids)


def _replay(
    settings: Settings, config: SiteConfig, camera: Camera, file: Path, out: str | None
) -> int:
    from bot.seeing import camera_spec
    from storage.models import ModelStore, bar
    from vision.detector import OnnxDetector
    from vision.replay import replay

    models = ModelStore(settings.models_dir)
    detectors = {
        name: OnnxDetector(models.pull(name, bar(sys.stderr)), models.classes(name))
        for name in camera.models
    }
    spec = camera_spec(camera, config, response_table(config))
    for change in replay(file, spec, detectors, Path(out) if out else None):
        print(change, flush=True)
    return 0
