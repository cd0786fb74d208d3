"""What commands tell is in the site file's language, and in English where there is none."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest

from bot.texts.evidence import EVIDENCE
from bot.texts.reasons import reason_in
from bot.texts.usage import usage_fault
from storage.models import ChecksumMismatch, ModelStore, NotPulled, UnknownModel
from storage.shipped import SHIPPED
from tests.support.terminal import Terminal

SITE = """
language = "{language}"
[[sites]]
id = "yard-7"
[[members]]
id = "li"
name = "Li"
role = "site_lead"
"""
_HAN = re.compile("[\u4e00-\u9fff]")


def test_a_chinese_site_is_told_everything_in_chinese(tmp_path: Path) -> None:
    """Names, numbers and exit codes stay; the key is the last word."""
    terminal = Terminal(tmp_path, SITE.format(language="zh"))
    assert terminal("migrate").out == "数据库已是最新。\n"
    created = terminal("key", "create", "--name", "box", "--role", "source")
    assert created.out.startswith("密钥 box（source）")
    assert re.fullmatch(r"lh_[A-Za-z0-9_-]{30,}", created.out.split()[-1])
    terminal("key", "create", "--name", "box", "--role", "source").told(2, "有效密钥")
    assert "所有工地" in terminal("key", "list").out
    terminal("key", "create", "--name", "x", "--role", "boss").told(
        2, "用法：", "--role 不能是 'boss'"
    )
    terminal("key", "create", "--name", "x", "--role", "operator").told(0, "x 只能查看")
    terminal("key", "create", "--name", "x", "--role", "source", "--member", "xu").told(
        2, "没有 xu"
    )
    terminal("key", "revoke", "nix").told(2, "没有名为 'nix'")
    assert terminal("key", "revoke", "box").out == "已停用 box\n"
    terminal("member", "deactivate", "xu").told(2, "没有人员 'xu'")
    assert terminal("member", "deactivate", "li").out == "li 从现在起什么都不能做了\n"
    assert terminal("audit", "verify").out == "已核验 0 条链，0 处不对\n"
    terminal("audit", "export", "--case", "5", "--out", "x.zip").told(2, "没有案件 5")
    listed = terminal("models", "list").out
    assert "名称" in listed
    assert all(_HAN.search(line) for line in listed.splitlines())
    terminal("models", "pull", "nix").told(2, "没有模型 nix")
    terminal("models", "add", "mine", "gone.onnx").told(2, "没有文件 gone.onnx")
    terminal("run", "--role", "core").told(2, "--role core：多进程要用 PostgreSQL")
    terminal("run", "--role", "vision").told(2, "--role vision：这个版本还没有")
    replay = ("vision", "replay", "site.toml", "--site")
    terminal(*replay, "gone.toml").told(2, "--site: there is no gone.toml")
    terminal(*replay, "site.toml").told(2, "--camera：请写明是哪一路：（无）")
    terminal(*replay, "site.toml", "--camera", "gate").told(2, "没有 'gate'")
    terminal("vision", "replay", "gone.mp4", "--site", "site.toml").told(2, "FILE：没有 gone.mp4")
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        ended = terminal("run", HTTP_PORT=str(taken))
    ended.told(2, f"LOUDHAILER_HTTP_PORT：127.0.0.1 的端口 {taken}：被别的程序占用")


@pytest.mark.parametrize("there", [True, False], ids=["english", "none"])
def test_others_are_told_in_english(tmp_path: Path, there: bool) -> None:
    """Also where no site file says a language."""
    terminal = Terminal(tmp_path, SITE.format(language="en"))
    if not there:
        terminal.site.unlink()
    ended = [
        terminal("migrate"),
        terminal("audit", "verify"),
        terminal("models", "list"),
        terminal("key", "create", "--role", "boss"),
    ]
    assert [one.code for one in ended] == [0, 0, 0, 2]
    assert ended[1].out == "0 chains verified, 0 faults\n"
    assert "error: --role cannot be 'boss'; choose from " in ended[3].lines[-1]
    assert not any(_HAN.search(one.out + one.err) for one in ended)


@pytest.mark.parametrize(
    "message",
    [
        "argument --case: invalid _case value: 'x'",
        "argument --case: there is no case 0",
        "argument id: there is no delivery 0",
        "argument --limit: must be 1 to 100000, not 0",
        "argument --seconds: must be over 0, not -1",
        "argument --role: expected one argument",
        "argument --role: invalid choice: 'x' (choose from 'all', 'core')",
        "argument --console: ignored explicit argument 'x'",
        "argument --name: not allowed with argument NAME",
        "the following arguments are required: --member",
        "one of the arguments NAME --name is required",
        "unrecognized arguments: --x",
        "ambiguous option: --n could match --no-canary, --name",
    ],
)
def test_what_was_typed_wrongly_is_told_in_both_languages(message: str) -> None:
    """With what was typed; nothing of argparse's own words in Chinese."""
    chinese, english = (usage_fault("loudhailer", message, one) for one in ("zh", "en"))
    assert _HAN.search(chinese)
    assert not _HAN.search(english)
    assert not re.search("invalid|must|there is|expected|required|argument", chinese)
    assert "_case" not in english


FAULTS = """
2 entries were written, 1 are there
the last entry is not the one the case remembers
entry 2 is missing
does not follow the entry before it
was changed after it was written
its private part was changed after it was written
its private part is gone
its evidence cannot be read: KeyError('n')
there are entries of it, but no case
its number was never given out
case 3 is missing
canary 1 is missing
the cases 3 to 5 are missing
the canaries 3 to 5 are missing
the case cannot be read: 'x'
state is 'open', its entries say 'closed'
its note is not the one that its entries tell
the annotated picture ab12 is not listed any more
no entry tells of the annotated picture ab12
no entry tells that the annotated picture ab12 was erased
the annotated picture ab12 is missing
the annotated picture ab12 was changed
delivery 7 (card to telegram:-1001) is not what was written down of it
no checkpoint has the hash 3f9a: what it sealed was taken away or rewritten
entry 2 is not the one that checkpoint 1 sealed
no checkpoint sealed as much of it as it remembers
checkpoint 1 is missing
checkpoint 1 was changed after it was taken
""".strip().splitlines()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_evidence_is_told_in_chinese(fault: str) -> None:
    """With its numbers, and as it was found in English."""
    chinese = reason_in(fault, "zh")
    assert _HAN.search(chinese)
    assert set(re.findall("[0-9]+", chinese)) == set(re.findall("[0-9]+", fault))
    assert reason_in(fault, "en") == fault


def test_no_fault_of_the_evidence_is_forgotten_here() -> None:
    """Every pattern that there is has its example above."""
    unused = [one for one in EVIDENCE if not any(re.fullmatch(one, fault) for fault in FAULTS)]
    assert unused == []


def test_every_fault_of_the_models_is_told_in_chinese(tmp_path: Path) -> None:
    """And what each of the shipped ones is."""
    errors = [UnknownModel("x"), NotPulled("x"), ChecksumMismatch("x", "ab", "cd")]
    told = [str(error) for error in errors] + [one.notes for one in ModelStore(tmp_path).list()]
    assert len(told) == 3 + len(SHIPPED)
    assert [one for one in told if not _HAN.search(reason_in(one, "zh"))] == []
