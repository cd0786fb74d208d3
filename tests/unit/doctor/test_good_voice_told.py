"""What `doctor` tells of the good voice: not here, damaged, at work, done."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.assembly.voices import SPEECH, good_voice, sentences
from bot.doctor.devices import prepared
from bot.domain.response import response_table
from bot.domain.secret import Secret
from bot.domain.site import Site, SiteConfig, Speaker
from bot.settings import Settings
from storage.shipped import SHIPPED
from tests.support.announcing import tone
from tests.support.models import models_folder, pulled
from voice.shelf import Shelf
from voice.speech import PREPARED

CONFIG = SiteConfig(
    sites=(Site(id="yard", name="七号工地"),),
    speakers=(Speaker(id="horn", site="yard", name="喇叭", url=Secret("file:out")),),
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path)


def put_files(settings: Settings, *names: str) -> None:
    for name in names:
        folder = settings.models_dir / name
        folder.mkdir(parents=True)
        for file in SHIPPED[name].files:
            (folder / file.name).write_bytes(b"not what it should be")


def test_without_its_files_the_command_is_told_that_brings_them(settings: Settings):
    found = prepared(settings, CONFIG, "zh")
    assert (found.key, found.mark) == ("voice.plain", "note")
    assert "models pull kokoro-zh" in found.line("zh")
    put_files(settings, "kokoro-zh")  # its speaker alone says nothing
    assert prepared(settings, CONFIG, "zh").key == "voice.plain"
    put_files(settings, "kokoro")
    assert prepared(settings, CONFIG, "en").key == "voice.plain"


def test_a_damaged_file_is_a_fault_with_its_repair(settings: Settings):
    put_files(settings, "kokoro", "kokoro-zh")
    found = prepared(settings, CONFIG, "zh")
    assert (found.key, found.ok) == ("model.damaged", False)
    assert "models pull kokoro" in found.line("en")
    assert str(settings.models_dir / "kokoro") in found.line("en")


def test_how_many_sentences_are_ready_is_told(settings: Settings):
    pulled("kokoro-zh")
    settings.models_dir.symlink_to(models_folder())
    voice = good_voice(settings.models_dir)
    assert voice is not None
    may_be_said = sentences(CONFIG, response_table(CONFIG))
    shelf = Shelf(settings.data_dir / SPEECH / PREPARED)
    shelf.keep(voice.key("zh"), may_be_said[0].text, tone())

    found = prepared(settings, CONFIG, "zh")
    assert (found.key, found.mark) == ("voice.preparing", "note")
    assert found.params == {"ready": 1, "wanted": len(may_be_said)}

    for sentence in may_be_said:
        shelf.keep(voice.key("zh"), sentence.text, tone())
    found = prepared(settings, CONFIG, "zh")
    assert (found.key, found.mark) == ("voice.prepared", "ok")
    assert str(len(may_be_said)) in found.line("zh")
