"""What looks, speaks and lights up: voice, speakers, lights, models, cameras."""

from __future__ import annotations

import contextlib
import tempfile
from functools import partial
from pathlib import Path
from typing import cast

from bot.address import only_here
from bot.doctor.finding import Finding, Probe, in_thread
from bot.domain.response import response_table
from bot.domain.site import Actuator, Camera, SiteConfig, Speaker
from bot.settings import Settings


def probes(settings: Settings, config: SiteConfig) -> list[Probe]:
    """The voice where there are speakers, each speaker, each model in use, each camera."""
    models = sorted({name for camera in config.cameras for name in camera.models})
    voices = [Probe("voice", "", voice)] if config.speakers else []
    languages = sorted({one.language for one in config.speakers})
    return [
        *voices,
        Probe("hearing", "", partial(in_thread, partial(hearing, settings))),
        *(
            Probe("voice", one, partial(in_thread, partial(prepared, settings, config, one)))
            for one in languages
        ),
        *(Probe("speaker", one.id, partial(speaker, one, settings)) for one in config.speakers),
        *(Probe("light", one.id, partial(light, one)) for one in config.actuators),
        *(
            Probe("model", name, partial(in_thread, partial(model, settings.models_dir, name)))
            for name in models
        ),
        *(
            Probe("camera", one.id, partial(in_thread, partial(camera, one)))
            for one in config.cameras
        ),
    ]


async def voice() -> Finding:
    """Whether the engine starts and speaks a word."""
    from voice.espeak import EspeakVoice
    from voice.faults import VoiceFault

    engine = EspeakVoice()
    try:
        await engine.warm_up()
    except VoiceFault as fault:
        return Finding("voice", "", False, "voice.fault", {"reason": fault})
    finally:
        await engine.close()
    return Finding("voice", "", True, "voice.fine")


def prepared(settings: Settings, config: SiteConfig, language: str) -> Finding:
    """Whether the good voice of a language is here, and what it has prepared. Blocking."""
    from bot.assembly.voices import NETWORK, SPEAKERS, SPEECH, good_voice, sentences
    from storage.models import ModelStore
    from voice.preparing import readiness

    name = SPEAKERS[language]
    voice = good_voice(settings.models_dir)
    if voice is None or language not in voice.pack.styles:
        return Finding("voice", language, True, "voice.plain", {"name": name}, note=True)
    for model in (NETWORK, name):
        if damaged := ModelStore(settings.models_dir).damaged(model):
            params = {"name": model, "path": damaged[0]}
            return Finding("voice", language, False, "model.damaged", params)
    may_be_said = [
        one for one in sentences(config, response_table(config)) if one.language == language
    ]
    found = readiness(voice, settings.data_dir / SPEECH, may_be_said)
    params = {"ready": found.ready, "wanted": found.wanted}
    if found.ready < found.wanted:
        return Finding("voice", language, True, "voice.preparing", params, note=True)
    return Finding("voice", language, True, "voice.prepared", params)


def hearing(settings: Settings) -> Finding:
    """Whether voice notes can be understood. Blocking; reads the model."""
    from bot.hearing import MODEL, Engine, wanting
    from storage.models import ModelStore

    if settings.hearing == "off":
        return Finding("hearing", "", True, "hearing.off", note=True)
    if wanted := wanting(settings.models_dir, cast(Engine, settings.hearing)):
        return Finding("hearing", "", True, "hearing.missing", {"text": wanted}, note=True)
    if damaged := ModelStore(settings.models_dir).damaged(MODEL):
        params = {"name": MODEL, "path": damaged[0]}
        return Finding("hearing", "", False, "model.damaged", params)
    return Finding("hearing", "", True, "hearing.fine", {"name": settings.hearing})


_REPAIRED_SO = {"file": "speaker.folder", "local": "speaker.card"}


async def speaker(configured: Speaker, settings: Settings) -> Finding:
    """Whether it could play, without a sound; of a page, who could open it."""
    from voice.faults import VoiceFault
    from voice.speakers import open_speaker, speaker_kind

    url = configured.url.reveal()
    fault_key = _REPAIRED_SO.get(url.partition(":")[0], "speaker.fault")
    try:
        if speaker_kind(url) == "browser":  # its pages are known to the running instance alone
            alone = only_here(settings)
            key = "speaker.page_here" if alone else "speaker.page"
            return Finding("speaker", configured.id, True, key, note=alone)
        opened = open_speaker(url, work_dir=Path(tempfile.gettempdir()))
        health = await opened.probe()
        await opened.close()
    except VoiceFault as fault:
        return Finding("speaker", configured.id, False, fault_key, {"reason": fault})
    if not health.ok:
        return Finding("speaker", configured.id, False, fault_key, {"reason": health.detail})
    key = "speaker.one_way" if configured.one_way else "speaker.fine"
    return Finding("speaker", configured.id, True, key, note=configured.one_way)


async def light(configured: Actuator) -> Finding:
    """Whether it could be switched, and how it is, without switching it."""
    from bot.channels.actuators import open_actuator
    from bot.ports import SWITCHED

    opened = open_actuator(configured)
    try:
        looked = await opened.look()
    finally:
        await opened.close()
    if looked.outcome not in SWITCHED:
        params = {"reason": looked.detail or looked.outcome}
        return Finding("light", configured.id, False, "light.fault", params)
    key = {True: "light.on", False: "light.off", None: "light.there"}[looked.on]
    return Finding("light", configured.id, True, key, note=looked.on is None)


def model(folder: Path, name: str) -> Finding:
    """Whether it is here, and is what it should be. Blocking."""
    from storage.models import SHIPPED, ModelStore, NotPulled, UnknownModel

    try:
        damaged = ModelStore(folder).damaged(name)
    except NotPulled:
        return Finding("model", name, False, "model.missing", {"name": name})
    except UnknownModel:
        return Finding("model", name, False, "model.unknown", {"name": name})
    if name not in SHIPPED:
        return Finding("model", name, True, "model.own")
    if damaged:
        params = {"name": name, "path": damaged[0]}
        return Finding("model", name, False, "model.damaged", params)
    return Finding("model", name, True, "model.fine")


def camera(configured: Camera) -> Finding:
    """Whether a frame can be taken. Blocking, for as long as the source hangs."""
    from vision.errors import SourceError, VisionError
    from vision.sources import open_source

    source = configured.source.reveal()
    if source == "push":
        return Finding("camera", configured.id, True, "camera.push")
    try:
        with contextlib.closing(open_source(source, configured.id)) as opened:
            frame = next(iter(opened.frames(lambda: 1.0)), None)
    except VisionError as error:
        reason = error.reason if isinstance(error, SourceError) else str(error)
        return Finding("camera", configured.id, False, "camera.fault", {"reason": reason})
    if frame is None:
        return Finding("camera", configured.id, False, "camera.fault", {"reason": "-"})
    height, width = frame.image.shape[:2]
    params = {"width": width, "height": height}
    return Finding("camera", configured.id, True, "camera.fine", params)
