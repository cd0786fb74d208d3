"""What `doctor` tells: a line for each probe, and with every fault what to do about it."""

from __future__ import annotations

from collections.abc import Mapping

from bot.program import program
from bot.texts.hazards import Words
from bot.texts.reasons import reason_in

PARTS: Mapping[str, Words] = {
    "data": Words("数据目录", "data folder"),
    "database": Words("数据库", "database"),
    "redis": Words("Redis", "Redis"),
    "pictures": Words("照片", "pictures"),
    "journal": Words("紧急日志", "emergency journal"),
    "clock": Words("时钟", "clock"),
    "http": Words("网页端口", "HTTP port"),
    "tls": Words("证书", "certificate"),
    "public": Words("公开地址", "public address"),
    "deliveries": Words("投递", "deliveries"),
    "bot": Words("机器人", "bot"),
    "chat": Words("聊天群", "chat"),
    "member": Words("人员", "member"),
    "alert": Words("第二通道", "alert"),
    "canary": Words("送达测试", "delivery test"),
    "voice": Words("语音合成", "voice"),
    "speaker": Words("喇叭", "speaker"),
    "hearing": Words("语音识别", "hearing"),
    "light": Words("警灯", "light"),
    "model": Words("模型", "model"),
    "camera": Words("摄像头", "camera"),
    "looks": Words("识别能力", "looks"),
}
"""What is probed, in the order of the lines."""

MARKS: Mapping[str, Words] = {
    "ok": Words("正常", "ok   "),
    "note": Words("提示", "note "),
    "fault": Words("故障", "FAULT"),
}

DOCTOR: Mapping[str, Words] = {
    "data.fine": Words("可写，剩余 {free}", "writable, {free} free"),
    "data.unwritable": Words(
        "不能写入（{reason}）：请把 {path} 的写权限给运行本程序的用户，或改 LOUDHAILER_DATA_DIR",
        "cannot be written to ({reason}): give the user that runs this program the right to write "
        "to {path}, or change LOUDHAILER_DATA_DIR",
    ),
    "data.full": Words(
        "只剩 {free}：请清理 {path} 所在的磁盘，至少留出 {wanted}（站点文件的 keep_free）",
        "only {free} free: make room on the disk of {path}, at least {wanted} (keep_free of the "
        "site file)",
    ),
    "pictures.fine": Words("可以保存", "can be kept"),
    "pictures.unwritable": Words(
        "存不下（{reason}）：请把 {path} 的写权限给运行本程序的用户，并检查磁盘",
        "cannot be kept ({reason}): give the user that runs this program the right to write to "
        "{path}, and check the disk",
    ),
    "journal.fine": Words("没有待补入库的紧急上报", "no emergency waits to be recorded"),
    "journal.waiting": Words(
        "{count} 条紧急上报还没有入库：请让本程序运行起来，并检查数据库和磁盘",
        "{count} emergencies are not recorded yet: get this program running, and check the "
        "database and the disk",
    ),
    "journal.unusable": Words(
        "不能使用（{reason}）：请检查 {path} 的权限和磁盘，腾出空间后会自动恢复",
        "cannot be used ({reason}): check {path} and its disk; with room it is back by itself",
    ),
    "database.fine": Words("可写，表结构是最新的", "writable, its schema is up to date"),
    "database.outdated": Words(
        "表结构太旧：请运行 {program} migrate", "its schema is outdated: run {program} migrate"
    ),
    "database.unusable": Words(
        "不能使用（{reason}）：请让它运行起来，或检查 LOUDHAILER_DATABASE_URL 和磁盘",
        "cannot be used ({reason}): get it running, or check LOUDHAILER_DATABASE_URL and the disk",
    ),
    "redis.fine": Words("进程之间可以互相唤醒", "processes can wake each other"),
    "redis.away": Words(
        "用不了（{reason}）：不会丢任何东西，但各进程每秒才看一次数据库；"
        "请让它运行起来，或检查 LOUDHAILER_REDIS_URL",
        "cannot be used ({reason}): nothing is lost, but processes look at the database once a "
        "second only; get it running, or check LOUDHAILER_REDIS_URL",
    ),
    "clock.fine": Words("与聊天服务器相差 {seconds} 秒", "{seconds} s from the chat server's"),
    "clock.alone": Words(
        "看来正常（没有聊天服务器可以核对）", "plausible (no chat server to compare it with)"
    ),
    "clock.off": Words(
        "与聊天服务器相差 {seconds} 秒：请打开时间同步（timedatectl set-ntp true）",
        "{seconds} s from the chat server's: turn time synchronisation on "
        "(timedatectl set-ntp true)",
    ),
    "clock.drifts": Words(
        "与聊天服务器相差 {seconds} 秒，还能用：请看时间同步是否开着（timedatectl）",
        "{seconds} s from the chat server's, which does no harm yet: look whether time "
        "synchronisation is on (timedatectl)",
    ),
    "clock.wrong": Words(
        "时间是 {now}，不可能：请设好时间并打开时间同步（timedatectl set-ntp true）",
        "it says {now}, which cannot be: set it, and turn time synchronisation on "
        "(timedatectl set-ntp true)",
    ),
    "http.free": Words("端口空闲", "free"),
    "http.ours": Words("本程序正在运行，一切就绪", "our own instance runs there and is ready"),
    "http.ill": Words(
        "本程序正在运行，但没有就绪（{checks}）：请看它的日志",
        "our own instance runs there and is not ready ({checks}): look into its log",
    ),
    "http.taken": Words(
        "{address} 被别的程序占用：请停掉那个程序，或改 LOUDHAILER_HTTP_PORT",
        "{address} is taken by another program: stop that one, or change LOUDHAILER_HTTP_PORT",
    ),
    "http.unusable": Words("不能使用：{reason}", "cannot be used: {reason}"),
    "tls.fine": Words("有效到 {until}", "valid until {until}"),
    "tls.soon": Words(
        "{until} 到期，只剩 {days} 天：请换新证书（LOUDHAILER_TLS_CERT），然后重启",
        "it ends on {until}, in {days} days: renew it (LOUDHAILER_TLS_CERT), and restart",
    ),
    "tls.over": Words(
        "已过期或还没生效（{reason}）：请换新证书（LOUDHAILER_TLS_CERT），然后重启",
        "it has ended or not begun ({reason}): renew it (LOUDHAILER_TLS_CERT), and restart",
    ),
    "tls.unusable": Words(
        "不能使用（{reason}）：请检查 LOUDHAILER_TLS_CERT 和 LOUDHAILER_TLS_KEY",
        "cannot be used ({reason}): check LOUDHAILER_TLS_CERT and LOUDHAILER_TLS_KEY",
    ),
    "public.fine": Words("从本机能打开", "leads to this program"),
    "public.later": Words("程序运行时再测", "tried while the program runs"),
    "public.away": Words(
        "打不开（{reason}）：请检查 LOUDHAILER_PUBLIC_URL、域名、反向代理；"
        "图片链接和登录链接都用它",
        "does not lead here ({reason}): check LOUDHAILER_PUBLIC_URL, its name and the proxy in "
        "front; links to pictures and to the console use it",
    ),
    "deliveries.fine": Words(
        "没有积压，最近一天没有放弃的", "nothing waits for long, nothing was given up today"
    ),
    "deliveries.fault": Words(
        "一天内放弃 {dead} 条、不确定 {uncertain} 条，另有 {waiting} 条等了 5 分钟以上："
        "请用 {program} deliveries list 看原因，修好后 {program} deliveries retry",
        "{dead} given up and {uncertain} uncertain within a day, {waiting} waiting for over 5 "
        "minutes: see why with {program} deliveries list, repair it, then {program} deliveries "
        "retry",
    ),
    "canary.fine": Words(
        "{count} 个群都已送达，{seconds} 秒（静默测试）",
        "delivered to all chats ({count}) in {seconds} s, silently",
    ),
    "canary.fault": Words(
        "没有全部送到（{reason}）：真的告警也到不了那里。请按聊天群和第二通道那几行修好，再运行一次",
        "did not get everywhere ({reason}): real alarms would not either. Repair what the lines of "
        "chats and alerts say, and run this again",
    ),
    "canary.console": Words(
        "管理群在内置控制台：程序运行时才能测",
        "the admins' chat is the console: tried while it runs",
    ),
    "chat.unknown": Words(
        "有人在群“{title}”里找过机器人，但站点文件里没有它：请在 [[chats]] 写 channel = "
        '"{channel}"、id = {id}，或把机器人移出该群',
        "somebody spoke to the bot in “{title}”, which the site file does not name: add a "
        '[[chats]] with channel = "{channel}" and id = {id}, or take the bot out of there',
    ),
    "telegram.webhook_set": Words(
        "有别的程序给它设了 webhook（{reason}），轮询收不到消息：程序启动时会取消它；"
        "若再出现，请停掉设它的程序，或换一个令牌",
        "another program has set a webhook for it ({reason}), so that nothing can be polled: a "
        "start takes it away; should it come back, stop that program, or use a token of its own",
    ),
    "telegram.webhook_other": Words(
        "Telegram 把消息送到别处（{reason}），不是我们的 webhook：请重启本程序，并停掉设它的程序",
        "Telegram posts to {reason} and not to our webhook: restart this program, and stop the one "
        "that has set it",
    ),
    "bot.fine": Words("{name}", "{name}"),
    "bot.fault": Words("{reason}", "{reason}"),
    "chat.fine": Words("机器人在群里，看得到消息", "the bot is there and hears what is said"),
    "chat.console": Words("内置控制台，不需要外部服务", "built in, needs nothing from outside"),
    "chat.direct": Words("可以私聊", "can be written to"),
    "chat.fault": Words("{reason}", "{reason}"),
    "chat.no_token": Words(
        "没有机器人令牌：请把 BotFather 给的令牌写进 LOUDHAILER_TELEGRAM_TOKEN",
        "there is no bot token: put the one from BotFather into LOUDHAILER_TELEGRAM_TOKEN",
    ),
    "chat.hook": Words("收下了签名的测试", "accepted a signed ping"),
    "webhook.refused": Words(
        "没有收下签名的测试（{reason}）：请检查网络、站点文件里它的 url 和 secret，以及接收方",
        "did not accept a signed ping ({reason}): check the network, its url and secret in the "
        "site file, and the receiver",
    ),
    "alert.reached": Words("连得上（没有发送任何消息）", "can be reached (nothing was sent)"),
    "alert.understood": Words(
        "地址正确（没有发送，能不能送到要等真的发一次）",
        "its address is understood (nothing was sent: only a message shows whether it arrives)",
    ),
    "alert.unusable": Words(
        "不能使用（{reason}）：请检查站点文件里它的 kind 和 url",
        "cannot be used ({reason}): check its kind and url in the site file",
    ),
    "alert.away": Words(
        "连不上（{reason}）：请检查网络、站点文件里它的 url 和 LOUDHAILER_PROXY",
        "cannot be reached ({reason}): check the network, its url in the site file and "
        "LOUDHAILER_PROXY",
    ),
    "voice.fine": Words("可以说话", "speaks"),
    "voice.fault": Words(
        "不能说话（{reason}）：请重新安装依赖 pyttsx3 和 espeakng-loader",
        "does not speak ({reason}): install pyttsx3 and espeakng-loader anew",
    ),
    "voice.plain": Words(
        "只有机器音：运行 {program} models pull {name} 可以换成好听的声音",
        "only the robotic one: {program} models pull {name} brings a good one",
    ),
    "voice.prepared": Words(
        "好声音已备好全部 {wanted} 句", "all {wanted} sentences are ready in the good voice"
    ),
    "voice.preparing": Words(
        "好声音已备好 {ready} 句，共 {wanted} 句；其余由运行中的程序陆续制作，之前用机器音",
        "{ready} of {wanted} sentences are ready in the good voice; a running program makes the "
        "rest, and the robotic voice says them until then",
    ),
    "speaker.fine": Words("可用", "can play"),
    "speaker.one_way": Words(
        "能发出去，但广播没有回执：响没响要到现场听（say 试一句）",
        "can be sent to, and a page is never answered: listen on site whether it sounds (try say)",
    ),
    "speaker.page": Words(
        "网页喇叭：在现场的电脑或手机上打开它的页面", "a page: keep it open on a device at the site"
    ),
    "speaker.page_here": Words(
        "网页喇叭：现在只有本机能打开它的页面；要在现场的手机或平板上打开，请设 "
        "LOUDHAILER_HTTP_HOST=0.0.0.0 和 LOUDHAILER_PUBLIC_URL=http://本机的网络地址:端口",
        "a page that only this machine can open: for a tablet at the site set "
        "LOUDHAILER_HTTP_HOST=0.0.0.0 and LOUDHAILER_PUBLIC_URL=http://THIS-MACHINE:PORT",
    ),
    "speaker.fault": Words(
        "不能播放（{reason}）：请检查它的电源、网线和站点文件里的 url（用户名和密码也在里面）",
        "cannot play ({reason}): check its power, its cable and its url in the site file, which "
        "holds user and password, too",
    ),
    "speaker.folder": Words(
        "不能播放（{reason}）：请检查站点文件里它的 url，以及那个文件夹的写权限",
        "cannot play ({reason}): check its url in the site file, and the right to write there",
    ),
    "speaker.card": Words(
        "不能播放（{reason}）：请检查声卡和站点文件里它的 url",
        "cannot play ({reason}): check the sound card, and its url in the site file",
    ),
    "hearing.fine": Words("听得懂语音（{name}）", "understands voice notes ({name})"),
    "hearing.off": Words("没有开（LOUDHAILER_HEARING=off）", "off (LOUDHAILER_HEARING=off)"),
    "hearing.missing": Words(
        "还听不懂语音：请运行 {text}",
        "voice notes are not understood yet: run {text}",
    ),
    "light.on": Words("有回音，现在亮着", "answers, and is on now"),
    "light.off": Words("有回音，现在关着", "answers, and is off now"),
    "light.there": Words(
        "在，但没有办法知道亮没亮：能写 state 就写上", "is there; nothing tells whether it is on"
    ),
    "light.fault": Words(
        "开不了（{reason}）：请检查它的电源、网线和站点文件里的 url",
        "cannot be switched ({reason}): check its power, its cable and its url in the site file",
    ),
    "model.fine": Words("已就位，校验一致", "here and verified"),
    "model.own": Words("已就位", "here"),
    "model.missing": Words(
        "还没有下载：请运行 {program} models pull {name}（run 启动时也会自己下载）",
        "not here yet: run {program} models pull {name} (run fetches it by itself, too)",
    ),
    "model.unknown": Words(
        "没有这个模型：请在站点文件里改名，或用 {program} models add {name} 文件 加进来",
        "there is no such model: change the name in the site file, or add it with "
        "{program} models add {name} FILE",
    ),
    "model.damaged": Words(
        "文件损坏：请删掉 {path}，再运行 {program} models pull {name}",
        "its file is damaged: remove {path} and run {program} models pull {name}",
    ),
    "camera.fine": Words("有画面，{width} × {height}", "gives pictures, {width} x {height}"),
    "camera.push": Words("等外部推送画面", "takes pictures that are pushed to it"),
    "camera.fault": Words(
        "没有画面（{reason}）：请检查站点文件里它的 source、线路和账号",
        "gives no picture ({reason}): check its source in the site file, the line and the account",
    ),
    "looks.fine": Words(
        "{count} 路画面里同时有人时，每路每秒约看 {rate} 次",
        "with people in all {count} pictures at once, each gets about {rate} looks a second",
    ),
    "looks.few": Words(
        "{cores} 个核心看 {count} 路画面，同时有人时每路每秒只有 {rate} 次，少于 2 次会漏判跌倒："
        "请减少摄像头，或换更快的机器",
        "{cores} cores for {count} cameras: with people in all pictures at once each gets only "
        "{rate} looks a second, under 2 a fall may be missed: take fewer cameras or a faster "
        "machine",
    ),
    "looks.unknown": Words("模型可用后再测", "not measured until the models are here"),
    "late": Words(
        "{seconds} 秒内没有结果：请检查网络和设备，再试一次",
        "no result within {seconds} s: check the network and the device, and try again",
    ),
    "telegram.invite": Words(
        "{name} 不在群 {chat} 里：请邀请它进群，并检查群号",
        "chat {chat}: {name} is not in it: invite it, and check the id",
    ),
    "telegram.mute": Words(
        "{name} 在群 {chat} 里不能发言：请给它发言的权限",
        "chat {chat}: {name} may not write there: give it the right to",
    ),
    "telegram.privacy": Words(
        "{name} 在群 {chat} 里只看得到命令、@ 和对它的回复：请在 @BotFather 用 /setprivacy 关掉"
        "隐私模式后重新邀请它，或设它为管理员",
        "chat {chat}: {name} sees only commands, mentions and replies to it: turn its privacy mode "
        "off (@BotFather, /setprivacy) and invite it again, or make it an administrator",
    ),
    "telegram.moved": Words(
        "群 {chat} 的群号已变成 {new_chat}：请把新群号写进站点文件",
        "chat {chat} is now {new_chat}: write the new id into the site file",
    ),
    "telegram.start": Words(
        "对方还没有和 {name} 私聊过：请他打开 {name} 并按“开始”",
        "chat {chat}: the person must open {name} and press Start",
    ),
    "telegram.token": Words(
        "Telegram 不认识这个令牌：请检查 LOUDHAILER_TELEGRAM_TOKEN",
        "Telegram does not know the bot token: check LOUDHAILER_TELEGRAM_TOKEN",
    ),
    "telegram.hook": Words(
        "Telegram 送不到 webhook（{reason}）：请检查 LOUDHAILER_TELEGRAM_WEBHOOK_URL、"
        "反向代理和证书",
        "Telegram cannot post to the webhook ({reason}): check LOUDHAILER_TELEGRAM_WEBHOOK_URL, "
        "the proxy in front of it and its certificate",
    ),
    "telegram.away": Words(
        "连不上聊天服务器（{reason}）：请检查网络、LOUDHAILER_TELEGRAM_API 和 LOUDHAILER_PROXY",
        "the chat server cannot be reached ({reason}): check the network, LOUDHAILER_TELEGRAM_API "
        "and LOUDHAILER_PROXY",
    ),
}


def said(key: str, language: str, /, **params: object) -> str:
    """A sentence of `DOCTOR` in zh or en."""
    given = {"program": program(), **params}
    if "reason" in given:
        given["reason"] = reason_in(given["reason"], language)
    return DOCTOR[key].in_language(language).format(**given)
