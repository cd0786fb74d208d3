"""How fast a sentence becomes sound, and what that does to the event loop.

Run it by hand: `python -m tests.benchmarks.bench_voice`. It prints one figure a line.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from bot.domain.hazard import Severity
from voice.announcer import Announcement, open_announcer
from voice.espeak import EspeakVoice
from voice.policy import SpeakerSpec
from voice.shaping import shaped
from voice.speech import SpeechMaker

SENTENCE = "请注意，基坑是危险区域，里面的师傅请马上退出来。{}号。"
COLD_STARTS = 10
SENTENCES = 100


def figure(what: str, seconds: list[float]) -> None:
    """Print median, 99th percentile and maximum in milliseconds."""
    ordered = sorted(value * 1000 for value in seconds)
    p99 = ordered[min(len(ordered) - 1, round(len(ordered) * 0.99))]
    print(
        f"{what:58} p50 {statistics.median(ordered):7.1f}  p99 {p99:7.1f}  max {ordered[-1]:7.1f}"
    )


async def timed(folder: Path, texts: list[str], voice: EspeakVoice) -> list[float]:
    """Seconds that each sentence took."""
    maker = SpeechMaker(voice, folder)
    taken = []
    for text in texts:
        began = time.perf_counter()
        await maker.speak_to_file(text, "zh")
        taken.append(time.perf_counter() - began)
    return taken


async def loop_lags(until: asyncio.Event) -> list[float]:
    """How late 1 ms sleeps return."""
    lags = []
    while not until.is_set():
        before = time.perf_counter()
        await asyncio.sleep(0.001)
        lags.append(time.perf_counter() - before - 0.001)
    return lags


async def announced(folder: Path) -> list[float]:
    """Seconds from an announcement to its file on a file speaker, chime and all."""
    taken = []
    spec = SpeakerSpec("gate", f"file:{folder}/gate", at_most_per_hour=10**6)
    async with open_announcer([spec], data_dir=folder / "data") as announcer:
        await announcer.announce(said("warm", "请注意", time.time()))
        for number in range(SENTENCES):
            began = time.perf_counter()
            await announcer.announce(said(str(number), SENTENCE.format(number), time.time()))
            taken.append(time.perf_counter() - began)
    return taken


def said(id: str, text: str, now: float) -> Announcement:
    """An announcement for the one speaker."""
    return Announcement(id, ("gate",), text, "zh", Severity.GENERAL, now + 10)


async def main() -> None:
    """Print all figures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cold: list[float] = []
        for number in range(COLD_STARTS):
            voice = EspeakVoice()
            cold += await timed(folder / f"cold-{number}", [SENTENCE.format(12)], voice)
            await voice.close()
        figure("first sentence, worker not yet started [ms]", cold)

        voice = EspeakVoice()
        await voice.warm_up()
        texts = [SENTENCE.format(number) for number in range(SENTENCES)]
        done = asyncio.Event()
        lags = asyncio.create_task(loop_lags(done))
        figure("sentence, warm, not cached [ms]", await timed(folder / "warm", texts, voice))
        figure("sentence, cached [ms]", await timed(folder / "warm", texts, voice))
        done.set()
        figure("event loop lag meanwhile [ms]", await lags)

        sound = await voice.make(SENTENCE.format(12), "zh")
        began = time.perf_counter()
        played = shaped(sound, calm=False, lead_silence=0.3)
        print(f"shaping one sentence: {(time.perf_counter() - began) * 1000:.1f} ms")
        print(f"sentence: {sound.seconds:.2f} s, RMS {sound.rms:.3f}, peak {sound.peak:.2f}")
        print(f"as played: {played.seconds:.2f} s, RMS {played.rms:.3f}, peak {played.peak:.2f}")
        await voice.close()

        figure("announcement to finished file, not cached [ms]", await announced(folder / "said"))


if __name__ == "__main__":
    asyncio.run(main())
