"""A reason may say no to the act itself: then nothing is done; other noes are good reasons."""

from __future__ import annotations

import pytest

from handlers.words import parse

DENIED = [
    *("关闭 13\n不对，是 12", "关闭 13，不对，12", "关闭 13 打错了，是 12 号", "整改 13 不对"),
    *(
        "关闭 13 关不了",
        "关闭 13 这个关不掉",
        "关闭 13 现在销不了",
        "误报 13 真有人",
        "误报 13 真是摔了",
    ),
    *("整改 13 没做", "整改 13 未完成", "整改 13 没有整改", "整改 13 还没好", "整改 13 护栏没修好"),
    *("fixed 13 no", "fixed 13 isn't", "fixed 13 not done", "fixed 13 it is not", "fixed 13 not"),
    *("误报 13 不是误报", "误报 13 并非误报", "误报 13 是真的", "false alarm 13 not a false alarm"),
    *(
        "关闭 13 领导说不能关",
        "关闭 13 这个先不动",
        "关闭 13 不许关",
        "关闭 13 李工说别关",
        "关闭 13 不",
    ),
    *(
        "关闭 13 没整改",
        "关闭 13 工人没处理",
        "关闭 13 需要谁批准",
        "关闭 13 领导没同意",
        "关闭 13 错",
    ),
    *("关闭 13 是不对的", "关闭 13 我没说", "关闭 13 前先拍照", "关闭 13 看看再说", "关闭 13 改天"),
    *("关闭 12 20 分钟后再说", "关闭 12 半小时后处理", "关闭 12，10分钟后我来", "关闭 12 两天后"),
    *(
        "close 13 no",
        "close 13 cannot, still no helmet",
        "close 13 still no helmet",
        "close 13 can't",
    ),
    *("close 13 should not be done", "close 13 is wrong", "close 13 please wait", "close 13 nope"),
    *("close 13 boss says do not close", "close 13 in 20 minutes", "close 13 hasn't been done"),
]

GOOD = [
    *(
        "关闭 12 没人了",
        "关闭 12 没有问题",
        "关闭 12 现场无人",
        "关闭 12 没有人了",
        "关闭 12 不是隐患",
    ),
    *(
        "关闭 12 没发现问题",
        "关闭 12 没戴帽的人已离开",
        "关闭 12 无异常",
        "关闭 12 不再使用",
        "整改 12 没问题了",
    ),
    *(
        "关闭 12 别人已处理",
        "关闭 12 不动火了",
        "关闭 12 以上已整改",
        "关闭 12 后面已清理",
        "关闭 12 未见隐患",
    ),
    *(
        "误报 12 没修好的摄像头",
        "误报 12 看错了",
        "误报 12 不是人",
        "误报 12 没有人",
        "误报 12 识别错了",
    ),
    *(
        "close 12 no hazard any more",
        "close 12 no one there",
        "close 12 not a hazard",
        "close 12 nobody",
    ),
    *(
        "close 12 isn't a hazard",
        "close 12 no longer there",
        "close 12 nothing there",
        "fixed 12 no gap",
    ),
    *(
        "误报 12 真是误报",
        "误报 12 真的是误报",
        "误报 12 真有误",
        "关闭 12 门关上了",
        "关闭 12 阀门关掉了",
    ),
    *("false alarm 12 not a person", "false alarm 12 no fire", "close 12 workers cannot get in"),
]


@pytest.mark.parametrize("text", DENIED)
def test_what_denies_the_act_stops_it(text: str) -> None:
    """In a reply to the card as well, with and without its number."""
    assert parse(text) is None
    assert parse(text, reply=True) is None


@pytest.mark.parametrize("text", GOOD)
def test_what_is_not_there_is_a_good_reason(text: str) -> None:
    """Nobody there, no problem: that is why it can be closed."""
    said = parse(text)
    assert said is not None
    assert said.numbers == (12,)
    assert said.reason
