"""Latin letters as the phonemes that the network was trained on, through eSpeak NG's own rules.

eSpeak writes IPA; the network has a sign of its own for each diphthong and affricate.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from pathlib import Path

VOICE = "gmw/en-us"
UTF8 = 1
IPA_TIED = 0x80 | 0x02 | ord("^") << 8  # speak_lib.h: IPA, with ^ between the parts of one sound
AUDIO_OUTPUT_RETRIEVAL = 1
DONT_EXIT = 0x8000

# The longer ones first: what is left of a diphthong is a vowel.
SIGNS: Sequence[tuple[str, str]] = (
    ("a^ɪ", "I"), ("a^ʊ", "W"), ("e^ɪ", "A"), ("o^ʊ", "O"), ("ə^ʊ", "O"), ("ɔ^ɪ", "Y"),
    ("d^ʒ", "ʤ"), ("t^ʃ", "ʧ"), ("ə^l", "ᵊl"), ("n̩", "ᵊn"), ("l̩", "ᵊl"), ("^", ""),
    ("ɜːɹ", "ɜɹ"), ("ɜː", "ɜɹ"), ("ɚ", "əɹ"), ("ɪə", "iə"), ("ː", ""),
    ("r", "ɹ"), ("x", "k"), ("ç", "k"), ("ɐ", "ə"), ("ɬ", "l"), ("ʲ", ""), ("ɾ", "T"), ("ʔ", "t"),
    ("g", "ɡ"), ("̃", ""), ("-", ""),
)  # fmt: skip


class EnglishReader:
    """eSpeak NG as a dictionary. One to a process: the library has one state."""

    def __init__(self, library: Path, data: Path) -> None:
        """`data` is short enough for espeak's buffer. Raises OSError."""
        self._espeak = ctypes.CDLL(str(library))
        self._espeak.espeak_TextToPhonemes.restype = ctypes.c_char_p
        started = self._espeak.espeak_Initialize(
            AUDIO_OUTPUT_RETRIEVAL, 0, str(data).encode(), DONT_EXIT
        )
        if started < 0 or self._espeak.espeak_SetVoiceByName(VOICE.encode()):
            raise OSError(f"eSpeak NG does not start with its data in {data}")

    def phonemes(self, text: str) -> str:
        """Words without punctuation, as the network has learned them."""
        rest, parts = ctypes.c_char_p(text.encode()), []
        while rest.value:
            said = self._espeak.espeak_TextToPhonemes(ctypes.byref(rest), UTF8, IPA_TIED)
            parts.append(said.decode())
        return network_signs(" ".join(parts))


def network_signs(ipa: str) -> str:
    """eSpeak's IPA, tied by ^, in the network's signs."""
    for sign, network in SIGNS:
        ipa = ipa.replace(sign, network)
    return " ".join(ipa.split())
