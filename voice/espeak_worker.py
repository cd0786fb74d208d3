"""The process that holds pyttsx3. Started by `voice.worker`, one at a time, as a script.

pyttsx3 segfaults with several engines in threads, hangs after a fork and can hang for good in
C code. Alone in a process it can be killed. A line of JSON comes in, a line goes out:

    {"text", "voice", "rate", "path", "limit"}
        ->  {"ok": true} | {"fault": "voice" | "speech", "detail"}

Its first line of output says that it is ready. Its one argument is a folder for its files.
It ends when its input ends, so it does not outlive a killed parent.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import sys
import threading
from pathlib import Path
from typing import Any, TextIO

# espeak-ng copies the data path into a buffer of 160 bytes and cuts what is longer.
LONGEST_DATA_PATH = 120
START_LIMIT = 30.0
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


class Mouth:
    """pyttsx3's espeak driver on the library and data of the espeakng-loader wheel."""

    def __init__(self, scratch: Path) -> None:
        import espeakng_loader

        data = Path(espeakng_loader.get_data_path()).resolve()
        os.environ["ESPEAK_DATA_PATH"] = str(short_path(data, scratch))
        # The driver asks for "libespeak-ng.so.1"; a library of that soname which is already
        # loaded is taken before any the system has.
        library = Path(espeakng_loader.get_library_path()).resolve().with_name("libespeak-ng.so.1")
        self._wheel = ctypes.CDLL(str(library))

        import pyttsx3
        from pyttsx3.drivers import _espeak

        if _espeak.dll is None or _espeak.dll._handle != self._wheel._handle:
            raise RuntimeError("pyttsx3 took another espeak library than the wheel's")
        self._espeak = _espeak
        self._finished = threading.Event()
        self._errors: list[str] = []
        self._engine: Any = pyttsx3.init("espeak")
        self._engine.connect("finished-utterance", self._on_finished)
        self._engine.connect("error", self._on_error)
        self.voices = frozenset(voice.id for voice in self._engine.getProperty("voices"))
        # The first runAndWait of an engine does not wait, and cancels what espeak is still doing;
        # the first sentence pays for loading dictionaries. Neither is to be a real sentence.
        self._espeak.Synchronize()
        self._engine.runAndWait()
        self.speak("1", "gmw/en", 200, scratch / "warm-up.wav")

    def _on_finished(self, name: str | None = None, completed: bool = False) -> None:
        if not completed:
            self._errors.append("it was cut off")
        self._finished.set()

    def _on_error(self, name: str | None = None, exception: Exception | None = None) -> None:
        self._errors.append(repr(exception))
        self._finished.set()

    def speak(self, text: str, voice: str, rate: int, path: Path) -> None:
        """Write `text` as a WAV file. Raises LookupError for a voice, RuntimeError for the rest."""
        if voice not in self.voices:
            raise LookupError(voice)
        self._finished.clear()
        self._errors.clear()
        self._engine.setProperty("voice", voice)
        self._engine.setProperty("rate", rate)
        # espeak sets the rate in its own thread. What is still under way when runAndWait begins,
        # pyttsx3 takes for an old sentence and cancels: the rate would be the last sentence's.
        self._espeak.Synchronize()
        if self._engine.getProperty("voice") != voice:
            raise LookupError(voice)
        if self._wheel.espeak_GetParameter(self._espeak.RATE, 1) != rate:
            raise RuntimeError(f"the rate {rate} was not taken")
        self._engine.save_to_file(text, str(path))
        self._engine.runAndWait()
        self._finished.wait()
        # The event comes from inside espeak's callback; nothing may be set before it has returned.
        self._espeak.Synchronize()
        if self._errors:
            raise RuntimeError(self._errors[0])


def short_path(data: Path, scratch: Path) -> Path:
    """A path of `data` that fits into espeak-ng's buffer: itself, or a link to it."""
    if len(os.fsencode(data)) <= LONGEST_DATA_PATH:
        return data
    link = scratch / "espeak-ng-data"
    link.symlink_to(data, target_is_directory=True)
    return link


def answer_to(mouth: Mouth, request: dict[str, Any]) -> dict[str, Any]:
    """Carry out one request."""
    signal.setitimer(signal.ITIMER_REAL, request["limit"])
    try:
        mouth.speak(request["text"], request["voice"], request["rate"], Path(request["path"]))
    except LookupError as fault:
        return {"fault": "voice", "detail": str(fault)}
    except (RuntimeError, OSError, ValueError) as fault:
        return {"fault": "speech", "detail": str(fault)}
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return {"ok": True}


def own_output() -> TextIO:
    """Keep the real standard output for answers: pyttsx3 prints "Audio saved to" on it."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    return answers


def die_with_parent() -> None:
    """The end of the input ends this process, too, though not while it hangs in C code."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def main() -> None:
    """Answer requests until the input ends."""
    # Signals reach the whole group; the parent decides when this process ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    die_with_parent()
    # Nobody may be left to kill a process that hangs in C code: the alarm's default does.
    signal.setitimer(signal.ITIMER_REAL, START_LIMIT)
    answers = own_output()
    scratch = Path(sys.argv[1])
    mouth = Mouth(scratch)
    signal.setitimer(signal.ITIMER_REAL, 0)
    print(json.dumps({"ok": True, "voices": sorted(mouth.voices)}), file=answers)
    for line in sys.stdin:
        print(json.dumps(answer_to(mouth, json.loads(line))), file=answers)
    shutil.rmtree(scratch, ignore_errors=True)
    answers.close()


if __name__ == "__main__":
    main()
