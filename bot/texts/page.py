"""Every sentence of the console's pages, in zh and en; the page fetches one language as JSON.

`{name}` is filled in by the page.  Words that cards and lists share come from the vocabulary.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.case import Outcome, State
from bot.domain.hazard import Severity
from bot.texts.hazards import Words
from bot.texts.vocabulary import LANGUAGES, OUTCOMES, SEVERITIES, STATES, URGENT

_PAGE: Mapping[str, Words] = {
    # the frame
    "title": Words("喊话器 · 值班台", "Loudhailer · Console"),
    "brand": Words("喊话器", "Loudhailer"),
    "noscript": Words(
        "这个页面需要 JavaScript。请在浏览器设置里打开它。",
        "This page needs JavaScript. Please switch it on in the browser's settings.",
    ),
    "load_failed": Words("打不开，正在重试。", "Cannot be opened yet, trying again."),
    "other_language": Words("English", "中文"),
    "switch_language": Words("Switch to English", "切换到中文"),
    "theme.auto": Words("外观：跟随系统", "Appearance: like the system"),
    "theme.dark": Words("外观：深色", "Appearance: dark"),
    "theme.light": Words("外观：浅色", "Appearance: light"),
    "sign_out": Words("退出登录", "Sign out"),
    "signed_in_as": Words("当前：{name}", "Signed in: {name}"),
    "close": Words("关闭窗口", "Close window"),
    "tab.chat": Words("群聊", "Chat"),
    "tab.cases": Words("案件", "Cases"),
    "tab.cameras": Words("画面", "Cameras"),
    "tab.speaker": Words("喇叭", "Speaker"),
    "tabs": Words("页面", "Views"),
    # the connection
    "link.live": Words("已连接", "Connected"),
    "link.connecting": Words("连接中……", "Connecting…"),
    "link.lost": Words(
        "连接断开，正在重连。您发的内容会留着，连上后自动发出。",
        "Connection lost, reconnecting. What you send is kept and goes out by itself.",
    ),
    "link.waiting": Words("{count} 条待发送", "{count} waiting to be sent"),
    "link.signed_out": Words(
        "登录已失效，请用新的链接重新打开。", "Your session has ended. Open a new link."
    ),
    "link.sign_in": Words("重新登录", "Sign in again"),
    # the alarm strip
    "alarm.one": Words("紧急：{what}", "Emergency · {what}"),
    "alarm.many": Words(
        "{count} 件紧急案件未结，最新：{what}", "{count} emergencies, newest: {what}"
    ),
    "alarm.go": Words("查看", "Show"),
    # the chat
    "chat.label": Words("群聊消息", "Messages"),
    "chat.choose": Words("选择群聊", "Choose a chat"),
    "chat.own": Words("给我的消息", "To me"),
    "chat.admin": Words("管理群", "Admin"),
    "chat.all_sites": Words("全部工地", "All sites"),
    "chat.more_sites": Words("{name} 等 {count} 个工地", "{name} and {more} more"),
    "chat.empty": Words("还没有消息", "No messages yet"),
    "chat.empty_hint": Words(
        "发现隐患时，卡片会出现在这里。要上报，请发“上报”加一句话，可以带照片。",
        "Cards appear here when a hazard is seen. To report one yourself, send “/hazard” "
        "and a sentence, with a photo if you like.",
    ),
    "chat.no_group_hint": Words(
        "值班台没有群，卡片不会出现在这里。案件都在“案件”里，点开能看图、能处理。"
        '要在这里看卡片，请在站点文件里加 [[chats]] channel = "console"。',
        "The console has no chat, so no cards appear here. Every case is under Cases: open one to "
        'see its picture and act on it. For cards here, add [[chats]] with channel = "console" '
        "to the site file.",
    ),
    "chat.older": Words("更早的消息", "Older messages"),
    "chat.today": Words("今天", "Today"),
    "chat.yesterday": Words("昨天", "Yesterday"),
    "chat.new": Words("新消息", "New"),
    "chat.jump": Words("回到最新", "Newest"),
    "chat.jump_new": Words("{count} 条新消息", "{count} new"),
    "message.reply": Words("回复", "Reply"),
    "message.reply_to": Words("回复 {name}", "Reply to {name}"),
    "message.edited": Words("{time} 更新", "updated {time}"),
    "message.program": Words("喊话器", "Loudhailer"),
    "message.me": Words("我", "Me"),
    "message.photo": Words("照片", "Photo"),
    "message.erased": Words("照片已按规定删除", "The picture was erased by rule"),
    "message.photo_of": Words("{name} 发的照片", "Photo from {name}"),
    "message.snapshot": Words("现场图：{what}。点开放大", "Snapshot: {what}. Tap to enlarge"),
    "message.waiting": Words("待发送", "Waiting to be sent"),
    "message.sent": Words("已收到", "Received"),
    "message.failed": Words("没有发出去", "Not accepted"),
    "message.discard": Words("删除", "Discard"),
    "message.quoted_gone": Words("较早的消息", "An earlier message"),
    "card.press_waiting": Words("断网，连上后执行", "Offline, goes out later"),
    "card.press_refused": Words(
        "这个按钮已经不能用了，请看最新的卡片。",
        "This button no longer works; see the newest card.",
    ),
    "card.missing": Words("现在打不开这个案件。", "This case cannot be opened at the moment."),
    # the box to type in
    "box.label": Words("输入消息或命令", "A message or a command"),
    "box.hint": Words("例如：关闭 12 已整改", "For example: close 12 fixed"),
    "box.hint_reply": Words("例如：收到", "For example: ok"),
    "box.send": Words("发送", "Send"),
    "box.photo": Words("发照片", "Send a photo"),
    "box.photo_ready": Words("照片待发送", "Photo ready to be sent"),
    "box.photo_remove": Words("不发这张照片", "Remove the photo"),
    "box.photo_bad": Words("这个文件不是能用的照片。", "This file is no usable photo."),
    "talk.hold": Words("按住说话，或点一下开始", "Hold to talk, or tap to begin"),
    "talk.send": Words("说完了，发送", "Done, send"),
    "talk.drop": Words("不发了", "Do not send"),
    "talk.to_us": Words("正在录音", "Recording"),
    "talk.to_speaker": Words("对{name}喊话", "Speaking on {name}"),
    "talk.on_speaker": Words("用{name}喊话", "Speak on {name}"),
    "talk.recording": Words("{seconds} 秒语音", "a recording of {seconds} s"),
    "talk.too_short": Words(
        "太短了，请按住再说一遍。", "Too short: hold the button while you speak."
    ),
    "talk.forbidden": Words(
        "浏览器没有允许用麦克风。请在地址栏左边的设置里允许。",
        "The browser does not allow the microphone. Allow it beside the address.",
    ),
    "talk.no_microphone": Words("没有找到能用的麦克风。", "No microphone was found."),
    "box.cancel_reply": Words("不回复了", "Cancel the reply"),
    "box.too_long": Words("太长了，最多 {limit} 个字。", "Too long, at most {limit} characters."),
    "quick.1": Words("收到", "ok"),
    "quick.2": Words("已整改", "fixed"),
    "quick.3": Words("误报", "false alarm"),
    "quick.label": Words("常用回复", "Common replies"),
    # the case list
    "cases.title": Words("案件", "Cases"),
    "cases.live": Words("未结", "Open"),
    "cases.closed": Words("已关闭", "Closed"),
    "cases.filter": Words("筛选：编号、地点、隐患", "Filter: number, place, hazard"),
    "cases.none": Words("没有未结案件", "No open cases"),
    "cases.none_hint": Words("有新的会马上出现在这里。", "New ones appear here at once."),
    "cases.none_closed": Words("还没有关闭的案件", "No closed cases yet"),
    "cases.no_match": Words("没有符合的案件", "Nothing matches"),
    "cases.failed": Words("案件列表暂时取不到", "The case list cannot be fetched"),
    "cases.due": Words("{time} 前", "by {time}"),
    "cases.overdue": Words("已超时", "overdue"),
    # the cameras
    "cameras.title": Words("画面", "Cameras"),
    "cameras.none": Words("没有摄像头", "No cameras"),
    "cameras.live": Words("正常", "Live"),
    "cameras.slow": Words("看得太少", "Too few looks"),
    "cameras.slow_hint": Words(
        "画面里有人，每秒只看 {rate} 次，可能漏判跌倒",
        "People in view and only {rate} looks a second: a fall may be missed",
    ),
    "cameras.ended": Words("已播放完", "Ended"),
    "cameras.waiting": Words("等待画面", "Waiting for a picture"),
    "cameras.failed": Words("没有画面", "No picture"),
    "cameras.off": Words("未启用", "Off"),
    "cameras.trial": Words("试运行", "Trial"),
    "cameras.age": Words("{age}前", "{age} ago"),
    "cameras.now": Words("刚刚", "now"),
    "cameras.enlarge": Words("放大 {name}", "Enlarge {name}"),
    # the speaker
    "speaker.title": Words("现场喇叭", "Site speaker"),
    "speaker.none": Words("没有喇叭", "No speakers"),
    "speaker.start": Words("开始播报", "Start speaking"),
    "speaker.start_hint": Words(
        "点一下，这台设备就成为“{name}”。浏览器要点过才能出声。",
        "Tap once and this device becomes “{name}”. Browsers stay mute until tapped.",
    ),
    "speaker.stop": Words("停止", "Stop"),
    "speaker.ready": Words("待命，能出声", "Ready to speak"),
    "speaker.speaking": Words("正在播报", "Speaking"),
    "speaker.connecting": Words("连接中，现在不会出声", "Connecting, silent for now"),
    "speaker.blocked": Words("浏览器不让出声，请再点一下", "The browser keeps it mute: tap again"),
    "speaker.last": Words("上一句", "Last said"),
    "speaker.nothing_yet": Words("还没有播报过", "Nothing said yet"),
    "speaker.failed": Words("没有放出来：{why}", "Could not be played: {why}"),
    "speaker.full": Words("整屏喇叭页", "Full-screen page"),
    "speaker.device": Words("由现场设备播放", "Played by a device on site"),
    "speaker.answers": Words("现场设备，能连上", "A device on site; it answers"),
    "speaker.one_way": Words(
        "单向广播，没有回执：响没响要到现场听",
        "One way, nothing answers: only ears on site can tell",
    ),
    "speaker.back": Words(
        "{back} 起又有回音；先观察一会儿（{since} 起没有声音）",
        "Answers again since {back}; being watched (silent since {since})",
    ),
    "speaker.elsewhere": Words(
        "已有设备开着它的页面，能出声", "A device has its page open, and sounds"
    ),
    "speaker.down": Words("{since} 起没有声音：{why}", "Silent since {since}: {why}"),
    "speaker.heard": Words("心跳 {age}前", "heartbeat {age} ago"),
    "speaker.awake": Words("屏幕保持常亮", "The screen stays on"),
    "speaker.not_awake": Words(
        "屏幕可能会熄灭，请在设备上关闭自动锁屏", "The screen may go dark: switch off auto-lock"
    ),
    "speaker.unknown": Words("没有这个喇叭，或不归您管。", "There is no such speaker for you."),
    # spans of time
    "span.s": Words("{n} 秒", "{n} s"),
    "span.min": Words("{n} 分钟", "{n} min"),
    "span.h": Words("{n} 小时", "{n} h"),
    "span.d": Words("{n} 天", "{n} d"),
    # signing in
    "signin.title": Words("请用登录链接打开", "Please open your sign-in link"),
    "signin.why": Words(
        "值班台上的每个操作都记着是谁做的，所以要先知道您是谁。",
        "Every act on the console carries a person's name, so it has to know who you are.",
    ),
    "signin.how": Words("怎样拿到链接", "How to get a link"),
    "signin.step_run": Words(
        "启动服务时，终端会打印一个一次性链接。",
        "The terminal prints a single-use link at the start of:",
    ),
    "signin.step_link": Words("也可以随时为一个人生成：", "Or make one for a person at any time:"),
    "signin.step_ask": Words(
        "不是您装的？请工地管理员给您发一个链接。",
        "Somebody else set it up? Ask the site's administrator for a link.",
    ),
    "signin.single_use": Words(
        "链接只能用一次，用过后这台浏览器会保持登录。",
        "A link works once; after that this browser stays signed in.",
    ),
}


def _badge(words: Words) -> Words:
    """A word that stands alone begins with a capital."""
    return Words(words.zh, words.en.capitalize())


_SHARED: Mapping[str, Words] = {
    **{f"state.{state.value}": STATES[state] for state in State},
    **{f"outcome.{outcome.value}": OUTCOMES[outcome] for outcome in Outcome},
    # A card is in its chat's language, whatever the page's: both words are looked for.
    "urgent.zh": Words(URGENT.zh, URGENT.zh),
    "urgent.en": Words(URGENT.en, URGENT.en),
    **{f"severity.{severity.word}": _badge(SEVERITIES[severity]) for severity in Severity},
}

TEXTS: Mapping[str, Mapping[str, str]] = {
    language: {key: said.in_language(language) for key, said in {**_PAGE, **_SHARED}.items()}
    for language in LANGUAGES
}
"""Language -> key -> sentence."""
