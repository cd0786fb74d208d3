"""What the demo calls its things, and what it tells on the terminal."""

from __future__ import annotations

from collections.abc import Mapping

from bot.texts.hazards import Words

DEMO: Mapping[str, Words] = {
    "site": Words("演示工地", "Demo site"),
    "street": Words("街口", "Street"),
    "own": Words("您的画面", "Your source"),
    "zone": Words("基坑", "Pit"),
    "whole": Words("画面内", "In view"),
    "horn": Words("演示喇叭", "Demo horn"),
    "you": Words("演示员", "Demo user"),
    "open": Words(
        "在浏览器打开（只能用一次）：{link}", "Open this in a browser (works once): {link}"
    ),
    "try": Words(
        "几秒后会出现一张卡片。点一下“喇叭”就能听到提醒；输入“关闭 1”看卡片变化。按 Ctrl-C 结束。",
        "A card appears within seconds. Tap the speaker to hear the warning; type “close 1” and "
        "watch the card change. Ctrl-C ends it.",
    ),
}
