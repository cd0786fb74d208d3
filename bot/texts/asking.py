"""What is read back to a person before it is done."""

from __future__ import annotations

from collections.abc import Mapping

from bot.texts.hazards import Words

ASKING: Mapping[str, Words] = {
    "ask.spoken": Words(
        "🎙 听到“{heard}”。\n{text}\n60 秒内不回就不执行。语音请说“执行”或“取消”。",
        "🎙 I heard “{heard}”.\n{text}\nNot done unless confirmed within 60 s. By voice say "
        "“confirm” or “cancel”.",
    ),
    "ask.typed": Words(
        "{text}\n60 秒内按“确认执行”或回“执行”，不回就不执行。",
        "{text}\nPress Confirm or answer “confirm” within 60 s, else nothing is done.",
    ),
    "ask.spoken_which": Words(
        "🎙 听到“{heard}”。\n{text}\n60 秒内请选一件，不选就不执行。",
        "🎙 I heard “{heard}”.\n{text}\nChoose one within 60 s, else nothing is done.",
    ),
    "ask.typed_which": Words(
        "{text}\n60 秒内请选一件，不选就不执行。",
        "{text}\nChoose one within 60 s, else nothing is done.",
    ),
    "ask.which": Words("{verb}哪一件？", "Which one: {verb}?"),
    "ask.choice": Words("{case}（{facts}）", "{case} ({facts})"),
    "ask.case": Words("{verb} {case}？（{facts}）{reason}", "{case}: {verb}? ({facts}){reason}"),
    "ask.cases": Words("{verb} {cases}？{reason}", "{cases}: {verb}?{reason}"),
    "ask.verify": Words(
        "{case} 复查通过？（{facts}）{reason}", "{case}: verified as fixed? ({facts}){reason}"
    ),
    "ask.verify_failed": Words(
        "{case} 复查不通过？（{facts}）{reason}", "{case}: found not fixed? ({facts}){reason}"
    ),
    "ask.assign": Words(
        "把 {case} 指派给 @{member}？（{facts}）", "Assign {case} to @{member}? ({facts})"
    ),
    "ask.mute": Words("把{place}静音 {minutes}？", "Mute {place} for {minutes}?"),
    "ask.unmute": Words("解除{place}静音？", "Unmute {place}?"),
    "ask.say": Words("让{speaker}播：“{text}”？", "Shall {speaker} say: “{text}”?"),
    "ask.hazard": Words("上报：“{text}”？", "Report: “{text}”?"),
    "ask.sos": Words("报紧急、通知全体：“{text}”？", "Raise an emergency for all: “{text}”?"),
    "ask.facts": Words("{text} · {at} · {state}", "{text} · {at} · {state}"),
    "ask.changed": Words(
        "{case} 刚有变化：{who} {at} {event}。", "{case} has just changed: {who} {event} at {at}. "
    ),
    "voice.one_by_one": Words(
        "号码没听准，什么都没做。请一件一件说，或按卡片上的按钮。",
        "I am not sure of the numbers, nothing was done. Please name one case at a time, or use "
        "the buttons.",
    ),
}
"""Key -> sentence; `heard` is what a recogniser wrote, `facts` which case it is."""
