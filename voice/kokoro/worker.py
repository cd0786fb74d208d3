"""The process that holds the network. Started by `voice.worker`, one at a time.

It works at a low priority: what is said at once never waits for it. A line of JSON comes in, a
line goes out:

    {"text", "style", "pace", "path", "limit"}
        ->  {"ok": true} | {"fault": "speech", "detail"}

Its arguments: its niceness, the network, its vocabulary, and a folder for its files.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from functools import cache
from pathlib import Path
from typing import Any

from voice.espeak_worker import die_with_parent, own_output, short_path
from voice.kokoro.english import EnglishReader
from voice.kokoro.network import Network, read_style
from voice.kokoro.phonemes import phonemes_of

START_LIMIT = 240.0


class Reader:
    """Text to phonemes; eSpeak NG is loaded when the first Latin letter comes."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._english: EnglishReader | None = None

    def phonemes(self, text: str) -> str:
        """Raises OSError where eSpeak NG does not start."""
        return phonemes_of(text, self._latin)

    def _latin(self, text: str) -> str:
        if self._english is None:
            import espeakng_loader

            data = short_path(Path(espeakng_loader.get_data_path()).resolve(), self._scratch)
            self._english = EnglishReader(Path(espeakng_loader.get_library_path()), data)
        return self._english.phonemes(text)


def answer_to(reader: Reader, network: Network, request: dict[str, Any]) -> dict[str, Any]:
    """Carry out one request."""
    signal.setitimer(signal.ITIMER_REAL, request["limit"])
    try:
        style = kept_style(Path(request["style"]))
        sound = network.say(reader.phonemes(request["text"]), style, request["pace"])
        Path(request["path"]).write_bytes(sound.to_wav())
    except (RuntimeError, OSError, ValueError) as fault:
        return {"fault": "speech", "detail": str(fault)}
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return {"ok": True}


kept_style = cache(read_style)


def main() -> None:
    """Answer requests until the input ends."""
    # Signals reach the whole group; the parent decides when this process ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    die_with_parent()
    os.nice(int(sys.argv[1]))
    signal.setitimer(signal.ITIMER_REAL, START_LIMIT)
    answers = own_output()
    model, vocabulary, scratch = map(Path, sys.argv[2:])
    reader, network = Reader(scratch), Network(model, vocabulary)
    reader.phonemes("请注意")  # the dictionary belongs to the start
    signal.setitimer(signal.ITIMER_REAL, 0)
    print(json.dumps({"ok": True}), file=answers)
    for line in sys.stdin:
        print(json.dumps(answer_to(reader, network, json.loads(line))), file=answers)
    shutil.rmtree(scratch, ignore_errors=True)
    answers.close()
