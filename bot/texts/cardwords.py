"""What a card is put together from; `bot.texts.cards` decides which of it is said."""

from __future__ import annotations

from collections.abc import Mapping

from bot.texts.hazards import Words

CARD: Mapping[str, Words] = {
    # several cases in one message
    "digest.head": Words(
        "📋 D{digest} · {text} {count} 件（{span}）· {states}",
        "📋 D{digest} · {text}: {count} ({span}) · {states}",
    ),
    "digest.hazards": Words("隐患", "hazards"),
    "digest.state": Words("{state}", "{state}"),
    "digest.foot": Words(
        "回复本条：号码（{count}）= 看单件 · 收到 = 全部确认 · 关闭 D{digest} = 只关这里的一般隐患",
        "Reply with a number ({count}) for its own card, “ok” to acknowledge all; "
        "“close D{digest}” closes the general ones listed here, nothing else",
    ),
    # under the first line
    "card.one_person": Words("1 人", "1 person"),
    "card.people": Words("{count} 人", "{count} people"),
    "card.times": Words("共 {count} 次，最近 {at}", "{count} times, last at {at}"),
    "card.late": Words("⏱ 迟到 {minutes}", "⏱ {minutes} late"),
    "card.late_site": Words("（现场断网）", " (the site was offline)"),
    "card.late_chat": Words("（当时发不出去）", " (it could not be sent)"),
    "card.picture_follows": Words("🖼 照片随后补上", "🖼 The picture follows"),
    "card.picture_erased": Words("🖼 照片已按规定删除", "🖼 The picture was erased by rule"),
    "card.picture_lost": Words("🖼 照片发不出来", "🖼 The picture cannot be shown"),
    "card.clock_off": Words(
        "⏱ 设备时钟不对（报 {text}），按收到时间记",
        "⏱ the device's clock is wrong (says {text}): time of receipt",
    ),
    "card.trial": Words("🧪 试运行，不算数", "🧪 on trial, does not count"),
    "card.note": Words("📝 {text}", "📝 {text}"),
    "card.reported": Words("📝 {by} 上报：{text}", "📝 {by} reports: {text}"),
    # the state line
    "card.state": Words("状态：{text}", "State: {text}"),
    "card.goes_to": Words(
        "（{due} 前没人确认就升级给{names}）",
        " (goes to {names} unless acknowledged by {due})",
    ),
    "card.escalates": Words(
        "（{due} 前没人确认就升级）",
        " (escalates unless acknowledged by {due})",
    ),
    "card.go_now": Words("，请马上到场。", ", please go there at once. "),
    "card.taken": Words("{who} {at} 处理中", "{who} is on it since {at}"),
    "card.arrived": Words("{who} {at} 已到场", "{who} is there since {at}"),
    "card.given_to": Words("交给{to}", "given to {to}"),
    "card.fix_by": Words("{due} 前整改", "to be fixed by {due}"),
    "card.said_fixed": Words("{who} {at} 报已整改", "{who} reported it fixed at {at}"),
    "card.seen_gone": Words("{at} 看到已消除", "seen gone at {at}"),
    "card.waits_for": Words("等{names}复查", "waiting for {names} to verify"),
    "card.waits": Words("等复查", "waiting to be verified"),
    "card.limit": Words("限 {due}", "due {due}"),
    "card.by": Words("{who} {at}", "{who} {at}"),
    "card.reason": Words("{reason}", "{reason}"),
    "card.after": Words("（见后图）", " (see the after-picture)"),
    # the horn, and who is there
    "card.spoke": Words("📢 {text}已提醒 {count} 次", "📢 {text} spoke {count} times"),
    "card.spoke_once": Words("📢 {text}已提醒 1 次", "📢 {text} spoke once"),
    "card.mute_horn": Words("📢 {text}：{ended}", "📢 {text}: {ended}"),
    "card.last_try": Words("，最近一次：{ended}", "; last try: {ended}"),
    "card.interrupted": Words(
        "被 {case} 打断，没有重播", "interrupted by case {case}, not repeated"
    ),
    "card.interrupted_again": Words(
        "被 {case} 打断，还会重播", "interrupted by case {case}, to be said again"
    ),
    "card.lit": Words("💡 {text}开：{switched}", "💡 {text} on: {switched}"),
    "card.alerted": Words("📟 {path} {at} 已发出", "📟 {path} sent at {at}"),
    "card.alerted_again": Words(
        "📟 {path}已发出 {count} 次，最近 {at}", "📟 {path} sent {count} times, last at {at}"
    ),
    "card.alert_retried": Words("📟 {path}还没发出，重试中", "📟 {path} not out yet, retrying"),
    "card.alert_last": Words("，最近一次没发出", "; the last one not yet"),
    "card.alert_failed": Words("📟 {path}没有发出", "📟 {path} could not be sent"),
    "card.duty": Words("值班：{people}", "On duty: {people}"),
    # what to do first in an emergency
    "first_aid.fall": Words(
        "不要搬动伤者，需要时打 120",
        "Do not move the injured; call an ambulance if needed",
    ),
    "first_aid.smoke_fire": Words(
        "先疏散人员，起火打 119",
        "Get people out first; call the fire brigade if it burns",
    ),
    "first_aid.overheat": Words(
        "先断电、疏散，起火打 119",
        "Cut the power, get people out; call the fire brigade if it burns",
    ),
    "first_aid.sos": Words(
        "先联系本人，需要时打 120",
        "Reach the person first; call an ambulance if needed",
    ),
}
