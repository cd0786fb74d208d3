"""What is wrong with a command as it was typed, in zh and en, by what argparse says of it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.texts.hazards import Words

_FAULTS: Mapping[str, Words] = {
    r"argument (.+?): invalid choice: (.+) \(choose from (.+)\)": Words(
        "{0} 不能是 {1}，可以是 {2}", "{0} cannot be {1}; choose from {2}"
    ),
    r"argument (.+?): invalid \S+ value: (.+)": Words(
        "{0} 应为数字，不能是 {1}", "{0} must be a number, not {1}"
    ),
    r"argument (.+?): must be over 0, not (.+)": Words(
        "{0} 应大于 0，不能是 {1}", "{0} must be over 0, not {1}"
    ),
    r"argument (.+?): must be 1 to (\d+), not (.+)": Words(
        "{0} 应在 1 到 {1} 之间，不能是 {2}", "{0} must be 1 to {1}, not {2}"
    ),
    r"argument (.+?): there is no delivery (.+)": Words(
        "{0}：没有投递 {1}", "{0}: there is no delivery {1}"
    ),
    r"argument (.+?): there is no case (.+)": Words(
        "{0}：没有案件 {1}", "{0}: there is no case {1}"
    ),
    r"argument (.+?): expected one argument": Words(
        "{0} 后面要写一个值", "{0} must be followed by a value"
    ),
    r"argument (.+?): expected at least one argument": Words(
        "{0} 至少要写一个", "{0} must be given at least once"
    ),
    r"argument (.+?): not allowed with argument (.+)": Words(
        "{0} 不能和 {1} 一起用", "{0} cannot be given together with {1}"
    ),
    r"argument (.+?): ignored explicit argument (.+)": Words(
        "{0} 后面不能写 {1}", "{0} takes no value, {1} was given"
    ),
    r"the following arguments are required: (.+)": Words(
        "还要写：{0}", "the following arguments are required: {0}"
    ),
    r"one of the arguments (.+) is required": Words(
        "要写其中一个：{0}", "one of the arguments {0} is required"
    ),
    r"unrecognized arguments: (.+)": Words("不认识：{0}", "unrecognized arguments: {0}"),
    r"ambiguous option: (.+) could match (.+)": Words(
        "{0} 可能指 {1}，请写全", "{0} could be {1}; write it out"
    ),
}
_PATTERNS = [(re.compile(pattern, re.DOTALL), words) for pattern, words in _FAULTS.items()]
_LINE = Words("{prog}：错误：{fault}", "{prog}: error: {fault}")


def usage_fault(prog: str, message: str, language: str) -> str:
    """The line that tells it; a message that is not known stays as it is."""
    fault = message
    for pattern, words in _PATTERNS:
        if found := pattern.fullmatch(message):
            fault = words.in_language(language).format(*found.groups())
            break
    return _LINE.in_language(language).format(prog=prog, fault=fault)


def usage(text: str, language: str) -> str:
    """The lines before it, that tell how a command is written."""
    return text if language == "en" else text.replace("usage: ", "用法：", 1)
