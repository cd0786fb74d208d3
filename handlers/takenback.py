"""Reasons that deny what the verb before them says: then nothing is done.

`关闭 13 领导说不能关` ends no case, and `关闭 12 没人了` ends one.  So what is looked for is a
denial of the act itself (cannot be closed, is not done, later), not the word "no".
"""

from __future__ import annotations

import re

from bot.domain.command import Verb

_ENDS = r"(?=$|[\s,.。;!~呢啊呀哦了])"
_BEFORE_ALL = re.compile(
    r"(?:不对(?=$|[\s,.。!])|[说打发写]错|不要|别(?![人的处])|先别|先不|不用了|不行|不可以|不能|等(?!级)|待会|稍后|稍等|晚点|过会|回头"
    r"|明天|后天|之前|以前|之后|以后|[前后时](?=$|[\s,先再要请把])|如果|要是|取消|算了|还没|尚未|还不|还在|还有"
    r"|(?:not (?:yet|now)|later|tomorrow|after|before|until|if|once|don'?t|do not|hold on"
    r"|never ?mind|no wait|soon|next|(?:please |pls )?wait)\b)",
    re.IGNORECASE,
)
"""How a reason begins that puts off or takes back the act."""

_WHOLE = re.compile(
    r"(?:no|nope|not|(?:(?:it|that|this)(?:'s| is)? )?(?:is |was )?(?:wrong|a mistake)"
    r"|不|错|错了|是?不对的?|我?没有?说(?:过)?)[\s,.。!]*",
    re.IGNORECASE,
)
"""A reason that says nothing but no."""

_DENIED = re.compile(
    # it must not, or cannot, be closed
    r"(?:不能|不可以?|不许|不准|不让|不要|不得|不应该?|不该|不用|不必|别|勿|先不|暂不|暂时不|无法|没法)"
    r"(?:再|先|给|把|急着)?(?:关(?![注心系])|动(?![火工土])|结案|销|撤案|闭)"
    r"|(?:不|没有?|未)(?:同意|批准?|允许|答应)" + _ENDS + r"|(?:需要?|得|该|由|找|问)谁"
    r"|(?:关|销|结)\s?(?:不了|不掉|不上|不得)"
    # later
    r"|(?:[0-9]+|[一二两三四五六七八九十半几]+)\s*个?(?:小时|钟头|分钟?|天|刻钟)(?:之|以)?后"
    r"(?=$|[\s,]|再|才|我|来|去|到|处理|整改|关|复)"
    r"|(?:再说|再议|再关|再处理|再定)" + _ENDS + r"|改天|改日"
    r"|\b(?:cannot|can ?not|can'?t|could(?:n'?t| not)|should(?:n'?t| not)|must(?:n'?t| not)"
    r"|do(?:n'?t| not)|wo(?:n'?t)|not allowed to|not to)\s+(?:be\s+)?(?:clos|done\b|do it|touch)"
    r"|^(?:(?:it|this|that|they|we)\s+)?(?:cannot|can ?not|can'?t|could(?:n'?t| not)"
    r"|should(?:n'?t| not)|must(?:n'?t| not)|isn'?t|is not|wasn'?t|was not"
    r"|hasn'?t|has not|haven'?t|have not)\b"
    r"(?!\s+(?:an?|any|there|the)\b)"
    r"|\bin [0-9]+ (?:min(?:ute)?s?|hours?|days?)\b",
    re.IGNORECASE,
)
"""Wherever it stands, it denies that the case may end now."""

_UNDONE = re.compile(
    r"(?:没有?|未|没能|未能)(?:能)?(?:做|完成|整改|处理|弄|解决|改|修|落实|搞定)(?:好|完|掉|到位)?"
    + _ENDS
    + r"|\bnot (?:yet )?(?:done|fixed|finished|ready|closed|completed?|rectified|resolved)\b"
    r"|\bstill (?:no|not|missing|open|broken|unsafe|without)\b",
    re.IGNORECASE,
)
"""What was to be put right is not."""

_REAL = re.compile(
    r"(?:不是|并非|不算|不像)误报|真的?(?:有(?!误)|摔|着)|真的?是(?!误报|假|看错|识别|拍)|是真的|属实"
    r"|\b(?:not (?:a )?false|is real|was real)\b",
    re.IGNORECASE,
)
"""It was no false alarm after all."""


def takes_back(verb: Verb, reason: str) -> bool:
    """Whether the reason of an act that ends a case denies it."""
    if _BEFORE_ALL.match(reason) or _WHOLE.fullmatch(reason) or _DENIED.search(reason):
        return True
    said = _REAL if verb is Verb.FALSE_ALARM else _UNDONE
    return said.search(reason) is not None
