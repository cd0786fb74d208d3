"""What commands print for people at a terminal, in the language of the site file."""

from __future__ import annotations

from collections.abc import Mapping

from bot.texts.hazards import Words

TERMINAL: Mapping[str, Words] = {
    # what the site file may say and this version does not do
    "not_yet": Words(
        "警告：{what}：这个版本还不支持：{why}", "warning: {what}: not yet in this version: {why}"
    ),
    "not_yet.source": Words(
        "{kind} 来源打不开，这一路不会有画面。现在能用：视频文件、图片、文件夹、push",
        "{kind} sources cannot be opened, there will be no pictures. What works: a video file, a "
        "picture, a folder, push",
    ),
    "not_yet.chase": Words(
        "还不会按时重拨；没人到场时会再叫一次（arrive_within）",
        "people are not called again at these times, but once more where nobody arrives "
        "(arrive_within)",
    ),
    "not_yet.at_once": Words(
        "at_once 还不会立刻派工单：到整改期限（rectify_within）才派",
        "at_once gives no work order at once, but when it is overdue (rectify_within)",
    ),
    # run
    "run.console": Words(
        "值班台（{name}，只能用一次）：{link}", "Console for {name} (once): {link}"
    ),
    "run.speaker": Words("喇叭 {speaker}：{link}", "Speaker {speaker}: {link}"),
    # say
    "say.no_speaker": Words(
        "没有喇叭 {speaker}；现有：{known}", "there is no speaker {speaker}; there are: {known}"
    ),
    "say.none": Words("（无）", "none"),
    "say.page": Words(
        "{speaker} 是网页喇叭，请在值班台发：/say {speaker} {text}",
        "{speaker} is a browser page; send in the console: /say {speaker} {text}",
    ),
    "say.said": Words(
        "{speaker}：{horn}（{seconds} 秒）{detail}", "{speaker}: {horn} ({seconds} s) {detail}"
    ),
    # deliveries
    "deliveries.none": Words("没有待发的，也没有丢失的。", "Nothing waits, nothing was lost."),
    "deliveries.retry": Words("{count} 条将重新发送", "{count} will be tried again"),
    "deliveries.more": Words(
        "……还有更多：用 --limit 多列一些（现在 {limit} 条），或用 --state、--chat、--case 缩小范围",
        "... and more: list more with --limit (now {limit}), or fewer with --state, --chat, --case",
    ),
    "deliveries.over": Words(
        "{count} 条已经没有意义，不再发送（{numbers}）：按钮的应答、喇叭、已关闭案件的旧通知",
        "{count} would tell nobody anything any more and stay ({numbers}): answers to buttons, "
        "announcements, old words about closed cases",
    ),
    "deliveries.unknown": Words(
        "没有可以重发的：{numbers}（deliveries list 会列出编号；等待中的会自己再试）",
        "nothing to be tried again: {numbers} (deliveries list shows the numbers; what waits is "
        "tried by itself)",
    ),
    "deliveries.head": Words(
        "编号|状态|种类|发往|案件|自|次数|原因", "ID|STATE|KIND|TO|CASE|SINCE|TRIES|WHY"
    ),
}


def told(key: str, language: str, /, **params: object) -> str:
    """A sentence of `TERMINAL` in zh or en."""
    return TERMINAL[key].in_language(language).format(**params)
