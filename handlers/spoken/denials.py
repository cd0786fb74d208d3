"""What makes a sentence no order: denials, questions, conditions, and words that nobody said."""

from __future__ import annotations

import re

_DENIES = re.compile(
    r"不|别(?!的人)|没|未|勿|莫|甭|谁|吗|么|呢|啥|怎|咋|哪|是否|几[个时点号]|多少|为何"
    r"|如果|要是|假如|万一|等(?!级)|待会|稍后|稍等|晚点|过会|一会|回头|明天|后天|昨天|前天|以后|之后|之前|以前"
    r"|口误|我是说|我说的是|更正|哦不|再说|听说|据说|好像|可能|也许|准备|打算|本来|取消(?!静音)|算了|错了(?!识别)|先(?!静音)"
    r"|(?<![a-z])(?:not|no|nor|never|don't|dont|doesn't|didn't|did|does|cannot|can't|cant|won't"
    r"|wouldn't|couldn't|shouldn't|should|isn't|wasn't|aren't|weren't|hasn't|haven't|hadn't|without"
    r"|unless|until|till|if|when|after|before|later|tomorrow|yesterday|soon|wait|hold on|never mind"
    r"|maybe|perhaps|who|why|what|which|where|how|whether|nobody|none|nothing|forget|stop|instead"
    r"|i mean|i meant|sorry|correction|scratch that|make that)"
    r"(?![a-z'])|n't(?![a-z])|\?",
)
"""Anywhere beside the names of a case it takes an order back, puts it off, or asks."""

_GHOSTS = re.compile(
    r"请不吝|点赞|打赏|订阅(?:我|频道|转发|我的)|字幕由|字幕组|字幕志愿|中文字幕|字幕制作|字幕提供|amara"
    r"|明镜|点点栏目|优优独播|感谢(?:观看|收看|收听|您的观看)|谢谢(?:观看|收看|收听|大家观看|大家收看)"
    r"|下期再见|下次再见|下期节目|我们下|本期视频|李宗盛|作词|作曲|编曲|词曲|独播剧场|由.{0,12}社群提供"
    r"|以下是普通话|普通话的句子|工地对讲|视频就到"
    r"|thank(?:s| you)(?: so much| very much)? for (?:watching|listening)|(?:please )?subscribe"
    r"|subtitles? (?:by|created)|see you (?:in the )?next|transcri(?:bed|ption) by"
    r"|copyright|all rights reserved",
)
"""Phrases of films and videos that recognisers hear in noise and silence."""

_GHOST_ALONE = re.compile(
    r"(?:(?:thank you|thanks|bye|bye bye|you|okay|ok|so|yeah|yes|no|hmm|oh|谢谢"
    r"|谢谢大家|再见|拜拜|嗯|啊|哦|是|是的|对|好|好的|不是|the)[\s,]*)+"
)
"""Ghosts too, and words too small to stand for anything."""

_CANTONESE = re.compile(r"[唔冇嘅咗喺啲佢嗰咁嚟哋乜嘢俾畀啱瞓攞揾睇嗌]|点解|边个|几时|系咪|唔该")
_FOREIGN = re.compile(r"[\u3040-\u30ff\uac00-\ud7af\u0400-\u04ff\u0600-\u06ff\u0e00-\u0e7f]")


def denies(text: str) -> bool:
    """Whether words (in their normal form) beside a command forbid carrying it out."""
    return _DENIES.search(text) is not None


def is_ghost(text: str) -> bool:
    """Whether a recogniser made it up, wholly or in part."""
    return _GHOSTS.search(text) is not None or _GHOST_ALONE.fullmatch(text) is not None


def is_cantonese(text: str) -> bool:
    """Whether it holds characters that only Cantonese is written with."""
    return _CANTONESE.search(text) is not None


def is_other_language(text: str) -> bool:
    """Cantonese and languages in other letters: understood only by halves, so not at all."""
    return is_cantonese(text) or _FOREIGN.search(text) is not None
