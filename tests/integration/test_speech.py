"""Real sentences through the real worker process, and what happens when it misbehaves."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import espeakng_loader
import pytest
from blockbuster import blockbuster_ctx

from bot.domain.hazard import Severity
from bot.texts.hazards import CONFIRMED, SENTENCES
from tests.support.patience import until
from voice.announcer import Announcement, open_announcer
from voice.espeak import COMMAND, VOICES, EspeakVoice
from voice.faults import SpeechFailed, VoiceMissing
from voice.policy import SpeakerSpec
from voice.reading import spoken_form
from voice.sound import read_wav
from voice.speakers.port import Outcome
from voice.speech import SpeechMaker, VoiceKey

WARNING = "请注意，基坑是危险区域，里面的师傅请马上退出来。12号。"
ENGLISH = "Attention at gate 12: please put on your hard hat."

PHONEMES = """
import ctypes, json, sys, espeakng_loader
library = ctypes.CDLL(espeakng_loader.get_library_path())
assert library.espeak_Initialize(1, 0, espeakng_loader.get_data_path().encode(), 0x8000) == 22050
library.espeak_TextToPhonemes.restype = ctypes.c_char_p
voice, texts = json.load(sys.stdin)
assert library.espeak_SetVoiceByName(voice.encode()) == 0
answers = []
for text in texts:
    rest, parts = ctypes.c_char_p(text.encode()), []
    while rest.value:
        parts.append(library.espeak_TextToPhonemes(ctypes.byref(rest), 1, 2).decode())
    answers.append(" ".join(parts))
print(json.dumps(answers))
"""


def phonemes(*texts: str, language: str = "zh") -> list[str]:
    """What the language's voice would pronounce, as espeak-ng writes it; a change of language
    shows as `(en)`."""
    done = subprocess.run(
        [sys.executable, "-c", PHONEMES],
        input=json.dumps([VOICES[language].voice, texts]),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.fixture
async def voice() -> AsyncIterator[EspeakVoice]:
    voice = EspeakVoice()
    yield voice
    await voice.close()


def alive(pid: int) -> bool:
    """Whether a process runs, be it as a zombie."""
    return Path(f"/proc/{pid}").exists()


async def test_a_chinese_warning_can_be_heard(voice: EspeakVoice, tmp_path: Path) -> None:
    speech = await SpeechMaker(voice, tmp_path).speak_to_file(WARNING, "zh")
    assert speech.path.is_relative_to(tmp_path)
    kept = await asyncio.to_thread(read_wav, speech.path)
    assert kept.sample_rate == 22050
    assert 5 < kept.seconds < 10  # 25 syllables and pauses
    assert 0.03 < kept.rms < 0.4
    assert 0.2 < kept.peak <= 1


async def test_it_speaks_for_most_of_its_length(voice: EspeakVoice) -> None:
    """Energy in most tenths of a second: neither a click with silence nor a cut sentence."""
    sound = await voice.make(WARNING, "zh")
    tenth = sound.sample_rate // 10
    pieces = sound.samples[: len(sound.samples) // tenth * tenth].reshape(-1, tenth)
    loud = (abs(pieces.astype(int)).max(axis=1) > 1000).mean()
    assert 0.6 < loud < 1


async def test_english_is_another_voice(voice: EspeakVoice) -> None:
    sound = await voice.make(ENGLISH, "en")
    assert 2 < sound.seconds < 6
    assert sound.rms > 0.03


async def test_sentences_in_turn_are_all_different_and_whole(voice: EspeakVoice) -> None:
    """pyttsx3 writes only the last of two queued sentences; here each gets its own."""
    texts = ["请注意", "请注意，大门口的师傅", "请注意，大门口的师傅，请戴好安全帽"]
    sounds = await asyncio.gather(*(voice.make(text, "zh") for text in texts))
    lengths = [sound.seconds for sound in sounds]
    assert lengths == sorted(lengths)
    assert lengths[2] > 2 * lengths[0]


async def test_no_sentence_takes_its_rate_from_the_one_before(voice: EspeakVoice) -> None:
    """pyttsx3 cancels a rate that espeak has not yet taken up."""
    lengths: dict[str, set[float]] = {WARNING: set(), ENGLISH: set()}
    for text, language in [(WARNING, "zh"), (ENGLISH, "en"), (WARNING, "zh")] * 4:
        lengths[text].add((await voice.make(text, language)).seconds)
    for seconds in lengths.values():
        assert max(seconds) < 1.02 * min(seconds)


async def test_the_first_sentences_of_fresh_workers_are_whole() -> None:
    """pyttsx3's first run cancels what espeak is doing, now or in the next run. Crowded, so that
    the workers' threads meet in many orders."""
    for _ in range(2):
        voices = [EspeakVoice() for _ in range(8)]
        sounds = await asyncio.gather(*(voice.make(WARNING, "zh") for voice in voices))
        await asyncio.gather(*(voice.close() for voice in voices))
        lengths = {round(sound.seconds, 1) for sound in sounds}
        assert len(lengths) == 1, lengths


PLACES = (
    "大门", "基坑东侧", "3号楼", "2号塔吊", "105室", "1-3号仓库", "K10+500", "12#楼东侧",
    "负2层车库", "0731号料场", "第１２号门", "85%料仓", "10:30集合点", "3.5米平台", "1,200吨吊机",
)  # fmt: skip
"""Names with every kind of figure that people give to places."""


def test_chinese_never_switches_to_english() -> None:
    """Digits are the trap: some espeak-ng voices read the tones as "THREE"."""
    texts = [
        words.zh.replace("{place}", place)
        for words in (*SENTENCES.values(), *CONFIRMED.values())
        for place in PLACES
        if "{place}" in words.zh
    ]
    texts += [words.zh for words in SENTENCES.values() if "{place}" not in words.zh]
    texts += [
        "#105 号案件，10:42，拨打119，编号007，共1,200件",
        "0123456789",
        "2个人，２台吊车，-5℃，3/4 @ # * = _ & + 号",
    ]
    said = [spoken_form(text.replace("K10", "10"), "zh") for text in texts]
    for text, spoken in zip(said, phonemes(*said), strict=True):
        assert spoken, text
        assert "(en)" not in spoken, (text, spoken)


def test_a_hundred_and_five_is_not_a_hundred_and_fifty() -> None:
    """espeak-ng alone leaves the zero out, which changes the number."""
    zero, bare, spoken = (
        re.sub(r"[^a-zŋ ]", "", one) for one in phonemes("零", "105号", spoken_form("105号", "zh"))
    )
    assert zero.strip() == "liŋ"
    assert "liŋ" not in bare
    assert "liŋ" in spoken


async def test_a_missing_voice_is_named() -> None:
    """pyttsx3 says nothing and speaks with the voice it had."""
    voice = EspeakVoice(voices={"zh": VoiceKey("espeak", "sit/klingon", 165)})
    with pytest.raises(VoiceMissing, match="sit/klingon"):
        await voice.make(WARNING, "zh")
    with pytest.raises(VoiceMissing, match="'fr'"):
        await voice.make("Attention", "fr")
    assert voice.worker_pid, "a wrong name is no reason to lose the worker"
    await voice.close()


@pytest.mark.parametrize("text", ["🙂", "。。。", "\x00", "-"])
async def test_what_cannot_be_spoken_is_a_fault_and_does_not_end_the_worker(
    text: str, voice: EspeakVoice, tmp_path: Path
) -> None:
    maker = SpeechMaker(voice, tmp_path)
    await voice.warm_up()
    pid = voice.worker_pid
    assert pid is not None
    with suppress(SpeechFailed):
        speech = await maker.speak_to_file(text, "zh")
        assert speech.sound.rms > 0
    assert (await maker.speak_to_file("请注意", "zh")).sound.rms > 0.03
    assert voice.worker_pid == pid


async def test_a_stuck_worker_is_killed_and_replaced() -> None:
    voice = EspeakVoice(limit=1.0)
    await voice.warm_up()
    stuck = voice.worker_pid
    assert stuck
    os.kill(stuck, signal.SIGSTOP)
    sound = await voice.make(WARNING, "zh")
    assert sound.seconds > 5
    assert voice.worker_pid != stuck
    assert not alive(stuck)
    await voice.close()


async def test_a_worker_that_always_hangs_is_an_error_in_bounded_time(tmp_path: Path) -> None:
    hanging = tmp_path / "hanging.py"
    hanging.write_text("import sys\nprint('{\"ok\": true}', flush=True)\nsys.stdin.read()\n")
    voice = EspeakVoice(limit=0.2, command=(sys.executable, str(hanging)))
    began = time.monotonic()
    with pytest.raises(SpeechFailed, match="no answer within"):
        await voice.make(WARNING, "zh")
    assert time.monotonic() - began < 5
    assert voice.worker_pid is None
    await voice.close()


async def test_a_stuck_worker_ends_by_itself_if_nobody_kills_it(tmp_path: Path) -> None:
    worker = await asyncio.create_subprocess_exec(
        *COMMAND,
        str(tmp_path),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    key = VOICES["zh"]
    request = {
        "text": WARNING * 15,
        "voice": key.voice,
        "rate": key.rate,
        "path": str(tmp_path / "long.wav"),
        "limit": 0.001,
    }
    await worker.communicate(json.dumps(request).encode() + b"\n")
    assert worker.returncode == -signal.SIGALRM


async def test_a_worker_that_was_killed_is_replaced(voice: EspeakVoice) -> None:
    await voice.warm_up()
    killed = voice.worker_pid
    assert killed
    os.kill(killed, signal.SIGKILL)
    assert (await voice.make(WARNING, "zh")).seconds > 5
    assert voice.worker_pid != killed


async def test_a_worker_that_cannot_start_says_why(tmp_path: Path) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("raise SystemExit('no espeak here')\n")
    for command, reason in [
        ((sys.executable, str(broken)), "no espeak here"),
        ((str(tmp_path / "no-python"),), "cannot be started"),
    ]:
        voice = EspeakVoice(command=command)
        with pytest.raises(SpeechFailed, match=reason):
            await voice.make(WARNING, "zh")
        with pytest.raises(SpeechFailed, match=reason):
            await voice.warm_up()
        await voice.close()


async def test_a_cancelled_sentence_does_not_answer_for_the_next(voice: EspeakVoice) -> None:
    await voice.warm_up()
    long = asyncio.create_task(voice.make("请注意" * 100, "zh"))
    await asyncio.sleep(0.005)
    long.cancel()
    with suppress(asyncio.CancelledError):
        await long
    assert 0.3 < (await voice.make("请注意", "zh")).seconds < 3


def workers() -> set[int]:
    """The speech workers that this process has started."""
    tasks = Path("/proc/self/task").glob("*/children")
    children = {int(pid) for task in tasks for pid in task.read_text().split()}
    return {
        pid for pid in children if b"espeak_worker" in Path(f"/proc/{pid}/cmdline").read_bytes()
    }


async def test_a_warm_up_cut_short_does_not_answer_for_a_sentence(voice: EspeakVoice) -> None:
    for delay in (0, 0.005, 0.02, 0.05):
        warming = asyncio.create_task(voice.warm_up())
        await asyncio.sleep(delay)
        warming.cancel()
        with suppress(asyncio.CancelledError):
            await warming
    assert (await voice.make(WARNING, "zh")).seconds > 5
    assert workers() == {voice.worker_pid}


@pytest.mark.parametrize("delay", [0, 0.01, 0.3])
async def test_an_announcer_closed_at_any_moment_leaves_no_worker(
    delay: float, tmp_path: Path
) -> None:
    async with open_announcer([SpeakerSpec("gate", "browser:")], data_dir=tmp_path):
        await asyncio.sleep(delay)
    assert workers() == set()


async def test_closing_leaves_no_process_no_file_and_no_thread(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    voice = EspeakVoice()
    await voice.make(WARNING, "zh")
    pid = voice.worker_pid
    assert pid
    scratch = [
        path
        for path in Path("/tmp").glob("loudhailer-voice-*")
        if str(path).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]
    await voice.close()
    assert not alive(pid)
    assert not any(path.exists() for path in scratch)
    with pytest.raises(SpeechFailed, match="closed"):
        await voice.make(WARNING, "zh")

    def left() -> list[threading.Thread]:
        """New threads, but for the loop's own pool, which lives as long as the loop."""
        new = set(threading.enumerate()) - before
        return [thread for thread in new if not thread.name.startswith("asyncio_")]

    # The thread in which asyncio awaits a child ends just after it has told of the child's end.
    await until(lambda: not left())


async def test_the_worker_ends_with_a_killed_parent(tmp_path: Path) -> None:
    program = (
        "import asyncio\n"
        "from voice.espeak import EspeakVoice\n"
        "async def main():\n"
        "    voice = EspeakVoice()\n"
        "    await voice.warm_up()\n"
        "    print(voice.worker_pid, flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert parent.stdout
    worker = int(await parent.stdout.readline())
    assert alive(worker)
    parent.kill()
    await parent.wait()
    await until(lambda: not alive(worker) or "Z" in Path(f"/proc/{worker}/stat").read_text())


async def test_it_speaks_with_the_wheels_library_though_the_system_has_one(tmp_path: Path) -> None:
    """Another libespeak-ng.so.1 first in the loader's path, as a system package would put it."""
    other = tmp_path / "libespeak-ng.so.1"
    shutil.copy(espeakng_loader.get_library_path(), other)
    command = ("/usr/bin/env", f"LD_LIBRARY_PATH={tmp_path}", *COMMAND)
    voice = EspeakVoice(command=command)
    assert (await voice.make(WARNING, "zh")).seconds > 5
    maps = Path(f"/proc/{voice.worker_pid}/maps").read_text()
    await voice.close()
    wheel = Path(espeakng_loader.get_library_path()).resolve().parent
    assert str(wheel) in maps
    assert str(other) not in maps


async def test_a_deep_installation_path_does_not_silence_it(tmp_path: Path) -> None:
    """espeak-ng cuts its data path at 160 bytes and then ends the process."""
    deep = tmp_path / ("d" * 120) / ("e" * 60)
    shutil.copytree(Path(espeakng_loader.__file__).parent, deep / "espeakng_loader")
    voice = EspeakVoice(command=("/usr/bin/env", f"PYTHONPATH={deep}", *COMMAND))
    assert (await voice.make(WARNING, "zh")).seconds > 5
    maps = Path(f"/proc/{voice.worker_pid}/maps").read_text()
    await voice.close()
    assert str(deep) in maps


async def test_nothing_is_printed_on_our_output(
    voice: EspeakVoice, capfd: pytest.CaptureFixture[str]
) -> None:
    """pyttsx3 prints "Audio saved to ..." on standard output."""
    await voice.make(WARNING, "zh")
    await voice.close()
    assert capfd.readouterr() == ("", "")


async def test_the_loop_runs_on_while_a_long_sentence_is_made(
    voice: EspeakVoice, tmp_path: Path
) -> None:
    """Ticks go on, and nothing blocks: neither files nor processes nor the making itself."""
    maker = SpeechMaker(voice, tmp_path)
    await voice.warm_up()
    busy: list[float] = []

    async def tick() -> None:
        while True:
            before = time.thread_time()  # the loop's own, whatever else the machine does
            await asyncio.sleep(0.002)
            busy.append(time.thread_time() - before)

    ticking = asyncio.create_task(tick())
    with blockbuster_ctx():
        began = time.perf_counter()
        for number in range(5):
            await maker.speak_to_file(WARNING * 10 + str(number), "zh")
        taken = time.perf_counter() - began
    ticking.cancel()
    assert taken > 0.2  # long enough to tell
    assert max(busy) < taken / 4


async def test_a_warning_is_announced_on_a_file_speaker(tmp_path: Path) -> None:
    spec = SpeakerSpec("gate", f"file:{tmp_path}/gate", lead_silence_s=0.5)
    async with open_announcer([spec], data_dir=tmp_path / "data") as announcer:
        with blockbuster_ctx():
            (report,) = await announcer.announce(
                Announcement("a", ("gate",), WARNING, "zh", Severity.SERIOUS, time.time() + 10)
            )
    assert report.report.outcome is Outcome.SPOKEN
    written = await asyncio.to_thread(read_wav, tmp_path / "gate" / "000001.wav")
    kept = next((tmp_path / "data" / "speech").glob("*/*.wav"))
    speech = await asyncio.to_thread(read_wav, kept)
    assert written.seconds == pytest.approx(speech.seconds + 0.5 + 0.9 + 0.2 + 0.4, abs=0.01)
    assert written.rms > 0.03
    assert not any(written.samples[: round(0.5 * written.sample_rate)])
