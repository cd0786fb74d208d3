"""What a person is told after asking for something."""

from __future__ import annotations

from collections.abc import Mapping

from bot.texts.hazards import Words

DONE: Mapping[str, Words] = {
    "done.digest": Words(
        "{who} 对 D{digest} 里的 {count} 件执行了{verb}：{cases}。{undo}",
        "{who} carried out “{verb}” on {count} of D{digest}: {cases}.{undo}",
    ),
    "done.digest_not": Words("没有执行：{cases}。", "Not done: {cases}."),
    "ask.digest": Words(
        "{verb} D{digest} 里这 {count} 件一般隐患？{cases}{reason}\n60 秒内按“确认执行”或回“执行”，"
        "不回就不执行。此后新增的、严重的、紧急的不会被关。",
        "{verb} these {count} general cases of D{digest}? {cases}{reason}\nPress Confirm or answer "
        "“confirm” within 60 s, else nothing is done. What came later, or is serious or an "
        "emergency, stays.",
    ),
    "cancel.done": Words("好的，没有执行。", "All right, nothing was done."),
    "card.here": Words("{case} 的卡片在这里。", "Here is the card of {case}."),
    "card.follows": Words("{case} 的卡片这就发来。", "The card of {case} follows."),
    "done.acknowledge": Words(
        "{who} 已确认 {case}{what}，处理中。{undo}",
        "{who} acknowledged {case}{what} and takes care of it.{undo}",
    ),
    "done.arrive": Words(
        "{who} 已到场 {case}{what}。{undo}", "{who} is on the scene of {case}{what}.{undo}"
    ),
    "done.rectified": Words(
        "{who} 报 {case}{what}已整改{reason}。{undo}",
        "{who} reported {case}{what} as fixed{reason}.{undo}",
    ),
    "done.rectified_to_verify": Words(
        "{who} 报 {case}{what}已整改{reason}，等复查。{undo}",
        "{who} reported {case}{what} as fixed{reason}; it waits to be verified.{undo}",
    ),
    "done.verify": Words(
        "{who} 复查通过，{case}{what}已关闭{reason}。{undo}",
        "{who} verified {case}{what}, it is closed{reason}.{undo}",
    ),
    "done.verify_failed": Words(
        "{who} 复查 {case}{what}不通过{reason}，继续整改。{undo}",
        "{who} found {case}{what} not fixed{reason}; it goes on.{undo}",
    ),
    "done.close": Words(
        "{who} 已关闭 {case}{what}{reason}。{undo}",
        "{who} closed {case}{what}{reason}.{undo}",
    ),
    "done.escalate": Words(
        "{who} 已升级 {case}{what}{reason}。{undo}",
        "{who} escalated {case}{what}{reason}.{undo}",
    ),
    "done.work_order": Words(
        "{who} 已把 {case}{what}转为工单{reason}。{undo}",
        "{who} turned {case}{what} into a work order{reason}.{undo}",
    ),
    "done.false_alarm": Words(
        "{who} 判 {case}{what}为误报，已关闭{reason}。{undo}",
        "{who} marked {case}{what} as a false alarm, it is closed{reason}.{undo}",
    ),
    "done.reopen": Words(
        "{who} 已重开 {case}{what}{reason}。{undo}",
        "{who} reopened {case}{what}{reason}.{undo}",
    ),
    "done.undo": Words(
        "{who} 撤销了上一步，{case}{what}现在{state}。",
        "{who} took the last step back, {case}{what} is now {state}.",
    ),
    "done.assign": Words(
        "{who} 已把 {case}{what}指派给 @{member}。{undo}",
        "{who} assigned {case}{what} to @{member}.{undo}",
    ),
    "done.dispute": Words(
        "已记下 {who} 对 {case}{what}的异议{reason}。",
        "The objection of {who} to {case}{what} is on record{reason}.",
    ),
    "done.evidence": Words("{case} 已补图。", "The picture was added to {case}."),
    "done.already": Words(
        "这条已经办过了：{text}",
        "That was done already: {text}",
    ),
    "done.nothing": Words("没有执行。", "Nothing was done."),
    "done.matched": Words("（{text} = {case}）", "({text} = {case})"),
}
"""After an act on a case: `undo` adds how to take it back, a whole `case` adds what it is."""

ANSWERS: Mapping[str, Words] = {
    # speaking and silence
    "say.sent": Words("已交给{speaker}：{text}", "Handed to {speaker}: {text}"),
    "say.spoken": Words("📢 {speaker}已播：{text}", "📢 {speaker} said: {text}"),
    "say.paged": Words(
        "📢 {speaker}已广播（没有回执）：{text}",
        "📢 {speaker} was sent, with nothing to confirm it: {text}",
    ),
    "say.failed": Words(
        "📢 {speaker}没有播出（{horn}）：{text}", "📢 {speaker} did not say ({horn}): {text}"
    ),
    "light.handed_on": Words(
        "正在开{light}，{seconds} 秒后自动关。", "Switching {light} on, for {seconds} s."
    ),
    "light.handed_off": Words("正在关{light}。", "Switching {light} off."),
    "light.on_confirmed": Words("💡 {light}已亮", "💡 {light} is on"),
    "light.on_sent": Words(
        "💡 {light}已发出开的指令，没有回执", "💡 {light} was told to go on, nothing confirms it"
    ),
    "light.on_failed": Words("💡 {light}没有亮（{switched}）", "💡 {light} is not on ({switched})"),
    "light.off_confirmed": Words("💡 {light}已关", "💡 {light} is off"),
    "light.off_sent": Words(
        "💡 {light}已发出关的指令，没有回执", "💡 {light} was told to go off, nothing confirms it"
    ),
    "light.off_failed": Words(
        "💡 {light}没有关掉（{switched}）", "💡 {light} is not off ({switched})"
    ),
    "announcements.line": Words(
        "🕒 {at} {speaker}：{text}（{name}）", "🕒 {at} {speaker}: {text} ({name})"
    ),
    "announcements.last": Words("，上次 {at} {horn}", "; last {at}: {horn}"),
    "announcements.none": Words("没有定时广播。", "There are no scheduled announcements."),
    "say.ask": Words(
        "对{speaker}说什么？请发“喊话 {text} 内容”，或在两分钟内发一条语音。",
        "What shall {speaker} say? Send “/say {text} TEXT”, or a voice note within two minutes.",
    ),
    "say.recording": Words("{seconds} 秒语音", "a recording of {seconds} s"),
    "say.read_back": Words(
        "{speaker}将播一次：{text}。要播吗？", "{speaker} will play once: {text}. Shall it?"
    ),
    "recording.too_long": Words(
        "语音太长，最多 60 秒，什么都没做。", "A recording has 60 s at most; nothing was done."
    ),
    "recording.too_short": Words(
        "语音太短，什么都没做。", "That recording is too short; nothing was done."
    ),
    "recording.too_large": Words(
        "语音文件太大，最多 20 MB，什么都没做。",
        "A recording has 20 MB at most; nothing was done.",
    ),
    "recording.empty": Words(
        "语音里没有声音，什么都没做。", "There is no sound in that recording; nothing was done."
    ),
    "recording.unreadable": Words(
        "语音文件读不出来，什么都没做。请重新录一条。",
        "That recording cannot be read; nothing was done. Please record it again.",
    ),
    "recording.slow": Words(
        "语音处理超时，什么都没做。请再发一次。",
        "That recording took too long to read; nothing was done. Please send it again.",
    ),
    "recording.unfetched": Words(
        "语音没有取到，什么都没做。请再发一次。",
        "The recording could not be had; nothing was done. Please send it again.",
    ),
    "mute.done": Words(
        "{who} 已把{speaker}静音 {minutes}，到 {until} 自动恢复。火情、摔倒、求救照常播。",
        "{who} muted {speaker} for {minutes}, until {until}. Fire, falls and calls for help "
        "still sound.",
    ),
    "mute.over": Words("{speaker}静音结束。", "{speaker} is no longer muted."),
    "unmute.done": Words("{who} 已解除{speaker}静音。", "{who} unmuted {speaker}."),
    # people
    "link.done": Words(
        "绑定成功：您是 {who}（{role}）。发 /help 看看能做什么。",
        "Linked: you are {who} ({role}). Send /help to see what you can do.",
    ),
    "whoami": Words(
        "您是 {who}，{role}，工地：{names}。您的编号 {text}。",
        "You are {who}, {role}, sites: {names}. Your id is {text}.",
    ),
    "whoami.stranger": Words(
        "还没绑定身份。您的编号 {text}。请向工地管理员要邀请码，再私聊我发 /link 邀请码。",
        "You are not linked yet. Your id is {text}. Ask the site's admin for an invite code, then "
        "send me /link CODE in a private chat.",
    ),
    "chatid": Words("本群编号：{text}", "This chat's id: {text}"),
    "chatid.unconfigured": Words(
        "本群编号：{text}。还没有写进站点文件的 [[chats]]。",
        "This chat's id: {text}. It is not in the site file's [[chats]] yet.",
    ),
    "language.done": Words("以后用中文回复您。", "I will answer you in English from now on."),
    # by hand
    "hazard.done": Words(
        "已记录 {case}{what}，谢谢 {who}。", "Recorded as {case}{what}, thank you {who}."
    ),
    "sos.done": Words(
        "🔴 {who} 报紧急 {case}{what}。已通知全体，请马上到场。",
        "🔴 {who} raised an emergency: {case}{what}. Everybody is being told, please go "
        "there at once.",
    ),
    "sos.attached": Words(
        "🔴 {case} 已在处理，您的话已加上。",
        "🔴 {case} is under way, your words were added.",
    ),
    # looking
    "cases.none": Words("✅ 没有未处理的案件。", "✅ No open cases."),
    "cases.today": Words("今天 {count} 件{text}", "Today: {count}{text}"),
    "cases.none_today": Words("✅ 今天没有案件{text}。", "✅ No cases today{text}."),
    "cases.none_there": Words("✅ {place}没有未处理的案件。", "✅ No open cases at {place}."),
    "cases.at": Words("（{place}）", " ({place})"),
    "cases.head": Words("未处理 {count} 件{text}", "{count} open{text}"),
    "cases.more": Words(
        "……还有 {count} 件，发“查看 号码”看单件。",
        "… and {count} more; send “/case NUMBER” for one.",
    ),
    "cases.line": Words("{text} · {state} · {at}", "{text} · {state} · {at}"),
    "cases.by_severity": Words("（{text}）", " ({text})"),
    "cases.severity": Words("{severity} {count}", "{count} {severity}"),
    "case.history": Words("经过：", "History:"),
    "case.entry": Words("{at} {who}{event}{reason}", "{at} {who} {event}{reason}"),
    "case.erased": Words(
        "{at} 按规定删除 {count} 张照片（{text}）", "{at} {count} pictures erased by rule ({text})"
    ),
    "case.light_on": Words("{at} 💡 {light}开：{switched}", "{at} 💡 {light} on: {switched}"),
    "case.light_off": Words("{at} 💡 {light}关：{switched}", "{at} 💡 {light} off: {switched}"),
    "case.horn": Words(
        "{at} 📢 {speaker}（{ended}）：{text}", "{at} 📢 {speaker} ({ended}): {text}"
    ),
    "case.horn_ended": Words("{horn}", "{horn}"),
    "case.horn_seconds": Words("，{text} 秒", ", {text} s"),
    "case.earlier": Words("……前面还有 {count} 条", "… {count} earlier entries"),
    "status.head": Words("{site} · {at}", "{site} · {at}"),
    "status.cases": Words("未处理 {count} 件{text}", "{count} open{text}"),
    "status.cameras": Words("摄像头 {count}/{total} 在线", "cameras {count}/{total} online"),
    "status.speakers": Words("喇叭 {count}/{total} 可用", "speakers {count}/{total} ready"),
    "status.speakers_down": Words(
        "喇叭 {count}/{total} 可用，不响的：{text}",
        "speakers {count}/{total} ready, silent: {text}",
    ),
    "status.lights": Words("警灯 {count}/{total} 正常", "lights {count}/{total} ready"),
    "status.lights_down": Words(
        "警灯 {count}/{total} 正常，不听指挥的：{text}",
        "lights {count}/{total} ready, not doing as they are told: {text}",
    ),
    "status.disk": Words(
        "💾 磁盘剩 {free}，照片占 {pictures}", "💾 disk: {free} free, pictures take {pictures}"
    ),
    "status.disk_short": Words(
        "⚠️ 磁盘快满了：剩 {free}（应留 {wanted}），照片占 {pictures}（上限 {quota}）",
        "⚠️ the disk is getting full: {free} free ({wanted} wanted), pictures take {pictures} (of "
        "{quota})",
    ),
    "status.muted": Words("静音中：{speaker}，到 {until}", "muted: {speaker}, until {until}"),
    "status.duty": Words("值班：{people}", "on duty: {people}"),
    "status.nobody": Words("⚠️ 现在没人值班", "⚠️ nobody on duty"),
    "status.waiting": Words(
        "⚠️ {count} 条还没送出去（{since} 起），会继续重试",
        "⚠️ {count} not delivered yet (since {since}), being retried",
    ),
    "status.lost": Words(
        "⚠️ 一天内 {count} 条送不出去，已放弃", "⚠️ {count} given up as undeliverable within a day"
    ),
    "status.canary": Words("送达测试 {at} 正常，{text} 秒", "delivery test {at} fine, {text} s"),
    "status.canary_failed": Words(
        "⚠️ 送达测试 {at} 没到：{text}", "⚠️ delivery test {at} did not reach {text}"
    ),
    "report.head": Words("最近 {count} 天", "The last {count} days"),
    "report.days": Words("每天 {text}", "by day {text}"),
    "report.line": Words("{hazard}：{count} 件 {text}", "{hazard}: {count} {text}"),
    "report.outcome": Words("{outcome} {count} 件", "{outcome}: {count}"),
    "report.none": Words("最近 {count} 天没有案件。", "No cases in the last {count} days."),
    "cameras.none": Words("没有摄像头。", "There are no cameras."),
    "camera.live": Words("🟢 {camera}", "🟢 {camera}"),
    "camera.slow": Words(
        "🟡 {camera}：画面里有人，每秒只看 {text} 次，可能漏判跌倒",
        "🟡 {camera}: people in view and only {text} looks a second, a fall may be missed",
    ),
    "camera.failed": Words(
        "🔴 {camera}：{since} 起没有画面", "🔴 {camera}: no picture since {since}"
    ),
    "camera.dark": Words("🔴 {camera}：一直没有画面", "🔴 {camera}: no picture so far"),
    "camera.waiting": Words("⚪ {camera}：还没有画面", "⚪ {camera}: no picture yet"),
    "camera.ended": Words("⚪ {camera}：已播放完", "⚪ {camera}: the recording has ended"),
    "camera.off": Words("⚪ {camera}：未启用", "⚪ {camera}: off"),
    "camera.trial": Words("🧪 {camera}：试运行", "🧪 {camera}: on trial"),
    "snapshot.done": Words("{camera} · {at}", "{camera} · {at}"),
    "snapshot.old": Words("{camera} · {at} 起没有新画面", "{camera} · no fresh picture since {at}"),
    "snapshot.none": Words("{camera}现在没有画面。", "{camera} has no picture at the moment."),
    "duty.now": Words("{site}今天值班：{people}", "On duty at {site}: {people}"),
    "duty.nobody": Words("{site}现在没有排班。", "Nobody is on duty at {site} now."),
    "handover": Words(
        "🤝 {site}交接班 {at}：紧急 {emergencies} · 待处理 {count} · 已升级 {escalated} · "
        "工单 {orders}",
        "🤝 Handover at {site}, {at}: emergencies {emergencies} · open {count} · escalated "
        "{escalated} · work orders {orders}",
    ),
    # talking
    "not_understood": Words(
        "没看懂，什么都没做。发 /help 看看怎么说。",
        "I did not understand that, nothing was done. Send /help to see what you can say.",
    ),
    "slash.unknown": Words(
        "没有这个命令：{text}。发 /help 看看有哪些。", "There is no command {text}. See /help."
    ),
    "photo.not_reply": Words(
        "图收到了，但不知道是哪一件。请把图回复到那张卡片上，或配文“上报”加一句话。",
        "I have the picture but not its case. Send it as a reply to the card, or with the words "
        "“/hazard” and what it shows.",
    ),
    "photo.lost": Words(
        "图没有收到，请再发一次（回复到那张卡片上）。",
        "Your picture did not arrive, please send it again (as a reply to the card).",
    ),
    "confirm.ask": Words(
        "{verb} {case}{what}？60 秒内不回就不执行。",
        "{verb} {case}{what}? Not done unless confirmed within 60 s.",
    ),
    "confirm.late": Words("过了 60 秒，没有执行。", "60 seconds have passed, nothing was done."),
    "confirm.cancelled": Words("已取消，没有执行。", "Cancelled, nothing was done."),
    "undo.hint": Words("按错了：10 分钟内发“撤销”。", "Wrong? Send “undo” within 10 min."),
    "console.no_such_message": Words("找不到这条消息。", "There is no such message."),
    "press.done": Words("好的", "Done"),
    "press.wait": Words("收到，马上办", "Got it, on it"),
}
