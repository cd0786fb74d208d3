"""Chinese characters as the phonemes that the network was trained on: IPA with arrows for tones.

The network knows the four tones as → ↗ ↓ ↘ and the neutral one as none, stops and affricates with a
plain or an aspirated sign, and ɨ for the vowel of zhi, chi, shi, ri, zi, ci, si. Tone changes
between syllables are not written: it makes them itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

TONES: Mapping[str, str] = {"1": "→", "2": "↗", "3": "↓", "4": "↘", "5": ""}

INITIALS: Mapping[str, str] = {
    "b": "p", "p": "pʰ", "m": "m", "f": "f",
    "d": "t", "t": "tʰ", "n": "n", "l": "l",
    "g": "k", "k": "kʰ", "h": "x",
    "j": "ʨ", "q": "ʨʰ", "x": "ɕ",
    "zh": "ꭧ", "ch": "ꭧʰ", "sh": "ʂ", "r": "ɻ",
    "z": "ʦ", "c": "ʦʰ", "s": "s",
}  # fmt: skip

# As pinyin is spelt after an initial; the tone stands before a closing n or ŋ.
FINALS: Mapping[str, str] = {
    "a": "a", "ai": "ai", "an": "an", "ang": "aŋ", "ao": "au",
    "e": "ɤ", "ei": "ei", "en": "ən", "eng": "əŋ", "er": "ɚ", "ê": "ɛ",
    "o": "wo", "ou": "ou", "ong": "ʊŋ",
    "i": "i", "ia": "ja", "ian": "jɛn", "iang": "jaŋ", "iao": "jau", "ie": "je", "in": "in",
    "ing": "iŋ", "iong": "jʊŋ", "iou": "jou", "iu": "jou",
    "u": "u", "ua": "wa", "uai": "wai", "uan": "wan", "uang": "waŋ", "uei": "wei", "ui": "wei",
    "uen": "wən", "un": "wən", "ueng": "wəŋ", "uo": "wo",
    "v": "y", "van": "ɥɛn", "ve": "ɥe", "vn": "yn",
}  # fmt: skip

# What is spelt with y or w has no initial; pinyin writes ü as u after y, j, q and x.
WITHOUT_INITIAL: Mapping[str, str] = {
    "yi": "i", "ya": "ia", "yan": "ian", "yang": "iang", "yao": "iao", "ye": "ie", "yin": "in",
    "ying": "ing", "yong": "iong", "you": "iou", "yu": "v", "yuan": "van", "yue": "ve",
    "yun": "vn", "wu": "u", "wa": "ua", "wai": "uai", "wan": "uan", "wang": "uang",
    "wei": "uei", "wen": "uen", "weng": "ueng", "wo": "uo",
}  # fmt: skip

# Interjections and syllables without a vowel.
ODD: Mapping[str, tuple[str, str]] = {
    "o": ("ɔ", ""), "yo": ("jɔ", ""), "m": ("m", ""), "n": ("n", ""), "ng": ("ŋ", ""),
    "hm": ("hm", ""), "hng": ("hŋ", ""),
}  # fmt: skip

SYLLABLE = re.compile(r"(zh|ch|sh|[bpmfdtnlgkhjqxrzcs])?([a-zê]+)")
APICAL = frozenset({"zh", "ch", "sh", "r", "z", "c", "s"})
PALATAL = frozenset({"j", "q", "x"})


def mandarin_phonemes(characters: str) -> str:
    """A run of Chinese characters. The whole run decides how each is read: 行人, but 银行."""
    # 0.4 s and 30 MB, for the process that speaks only
    from pypinyin import Style, lazy_pinyin

    syllables = lazy_pinyin(
        characters, style=Style.TONE3, neutral_tone_with_five=True, errors="ignore"
    )
    return "".join(map(syllable_phonemes, syllables))


def syllable_phonemes(pinyin: str) -> str:
    """One syllable, such as `zhuang1`; nothing for what is no syllable of Mandarin."""
    spelt, tone = pinyin[:-1], TONES.get(pinyin[-1:], "")
    if spelt in ODD:
        vowel, coda = ODD[spelt]
        return vowel + tone + coda
    initial, final = initial_and_final(spelt)
    if final not in FINALS:
        return ""
    sound = "ɨ" if final == "i" and initial in APICAL else FINALS[final]
    coda = sound[-1] if len(sound) > 1 and sound[-1] in "nŋ" else ""
    return INITIALS.get(initial, "") + sound.removesuffix(coda) + tone + coda


def initial_and_final(spelt: str) -> tuple[str, str]:
    """`zhuang` -> zh, uang; `yuan` -> "", van; `ju` -> j, v."""
    if spelt in WITHOUT_INITIAL:
        return "", WITHOUT_INITIAL[spelt]
    found = SYLLABLE.fullmatch(spelt)
    if not found:
        return "", ""
    initial, final = found[1] or "", found[2]
    if initial in PALATAL and final.startswith("u"):
        final = f"v{final[1:]}"
    return initial, final
