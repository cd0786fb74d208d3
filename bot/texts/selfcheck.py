"""What a canary's message says: that it is a test, and then how everything is."""

from __future__ import annotations

from collections.abc import Mapping

from bot.texts.hazards import Words

SELF_CHECK: Mapping[str, Words] = {
    "canary.sent": Words(
        "🐤 {at} 送达测试，不是告警，无需处理。",
        "🐤 Delivery test of {at}: no alarm, nothing to do.",
    ),
    "canary.done": Words(
        "🐤 {at} 送达测试正常，{text} 秒。", "🐤 Delivery test of {at}: fine, {text} s."
    ),
    "canary.given_up": Words(
        "🐤 {at} 的送达测试没有全部送到，以新的一次为准。",
        "🐤 The delivery test of {at} did not get everywhere; a newer one counts.",
    ),
    "selfcheck.start": Words("📣 {at} 开机自检", "📣 {at} Check after the start"),
    "selfcheck.daily": Words("☀️ {at} 开工自检", "☀️ {at} Morning check"),
    "selfcheck.every": Words("🐤 {at} 定时自检", "🐤 {at} Regular check"),
    "selfcheck.asked": Words("🐤 {at} 自检", "🐤 {at} Check"),
    "selfcheck.cameras": Words("摄像头 {count}/{total}{text}", "cameras {count}/{total}{text}"),
    "selfcheck.speakers": Words("喇叭 {count}/{total}{text}", "speakers {count}/{total}{text}"),
    "selfcheck.lights": Words("警灯 {count}/{total}{text}", "lights {count}/{total}{text}"),
    "selfcheck.paths": Words("通道 {count}/{total}{text}", "paths {count}/{total}{text}"),
    "selfcheck.delivered": Words("送达 {text} 秒", "delivered in {text} s"),
    "selfcheck.duty": Words("值班 {names}", "on duty {names}"),
    "selfcheck.nobody": Words("现在没人值班", "nobody on duty"),
    "selfcheck.open": Words("未处理 {count}（最早 {since}）", "{count} open (since {since})"),
    "selfcheck.overdue": Words("超时 {count}", "{count} overdue"),
    "selfcheck.none_open": Words("没有未处理的", "nothing open"),
    "selfcheck.first": Words("首次启动", "first start"),
    "selfcheck.clean": Words(
        "上次正常停止，停了 {minutes}（{since} 起）",
        "stopped cleanly, away {minutes} (since {since})",
    ),
    "selfcheck.crash": Words(
        "上次是断电或崩溃，停了 {minutes}（{since} 起）",
        "power cut or crash, away {minutes} (since {since})",
    ),
    "selfcheck.again": Words("短时间内第 {count} 次启动", "start no. {count} in short order"),
    "selfcheck.timers": Words("补办期限 {count}", "{count} deadlines caught up"),
    "selfcheck.inbox": Words("补办来信 {count}", "{count} messages caught up"),
    "selfcheck.outbox": Words("补发 {count}", "{count} deliveries caught up"),
    "selfcheck.witness": Words("存证指纹 {text}", "evidence {text}"),
}
"""`selfcheck.*` are pieces of one line; `{text}` of the counts names what is missing."""
