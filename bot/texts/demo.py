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
    "lead": Words("李工（演示）", "Li (demo)"),
    "head": Words("王监督（演示）", "Wang (demo)"),
    "builder": Words("顶峰建设（演示）", "Summit Build (demo)"),
    "open": Words(
        "在浏览器打开（只能用一次）：{link}", "Open this in a browser (works once): {link}"
    ),
    "try": Words(
        "几秒后会出现 {case} 号卡片，一直开着等您处理。点一下“喇叭”就能听到提醒；输入“升级 {case}”"
        "或“关闭 {case}”看卡片变化。按 Ctrl-C 结束。",
        "Card #{case} appears within seconds and stays open until you act. Tap the speaker to hear "
        "the warning; type “escalate {case}” or “close {case}” and watch the card change. Ctrl-C "
        "ends it.",
    ),
}
