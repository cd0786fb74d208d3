"""What the service says by itself: calls to people, and its own state to the admins."""

from __future__ import annotations

from collections.abc import Mapping

from bot.texts.hazards import Words

NOTICES: Mapping[str, Words] = {
    # calling people to a case
    "call.escalated": Words(
        "⬆️ {case} 升级给 {people}{what}：{since} 起没人确认。",
        "⬆️ {case} escalated to {people}{what}: nobody has acknowledged it since {since}.",
    ),
    "call.overdue": Words(
        "⬆️ {case} 升级给 {people}{what}：{due} 前没有整改。",
        "⬆️ {case} escalated to {people}{what}: not fixed by {due}.",
    ),
    "call.by_person": Words(
        "⬆️ {who} 把 {case}{what}升级给 {people}{reason}。",
        "⬆️ {who} escalated {case}{what} to {people}{reason}.",
    ),
    "call.nobody": Words(
        "⬆️ {case}{what}已升级，但这一级没有人。请检查站点文件的人员。",
        "⬆️ {case}{what} was escalated, but nobody holds that role. Check the site file's members.",
    ),
    "call.work_order": Words(
        "📄 {case}{what}已派工单：{people} 请整改，整改后回复照片和“已整改”。",
        "📄 {case}{what} is now a work order: {people}, please put it right, then reply with a "
        "photo and “fixed”.",
    ),
    "call.assigned": Words(
        "👉 {people}：{who} 把 {case}{what}交给您处理。",
        "👉 {people}: {who} gave {case}{what} to you.",
    ),
    "call.unreached": Words(
        "👉 {people}：私聊发不到您那里，{case}{what}请在这里看。",
        "👉 {people}: no private message reaches you; {case}{what} is here.",
    ),
    "call.chase": Words(
        "🔴 {people}：紧急 {case}{what} {since} 起还没人确认，请马上到场！",
        "🔴 {people}: emergency {case}{what} not acknowledged since {since}, please go there "
        "at once!",
    ),
    "call.arrive": Words(
        "🔴 {people}：{case}{what} {who} {at} 已确认，但还没人到场。请马上到场，到了按“我已到场”。",
        "🔴 {people}: {who} acknowledged {case}{what} at {at}, but nobody is there yet. "
        "Please go at once and press “On scene”.",
    ),
    "call.unheard": Words(
        "🔇 {case}{what}没有人听到喊话：{horns}。请直接叫人。",
        "🔇 {case}{what}: nobody was warned aloud: {horns}. Please tell people yourselves.",
    ),
    "ring.again": Words(
        "🔁 {case}{what}又出现了（{at}）。", "🔁 {case}{what} is seen again ({at})."
    ),
    "ring.risen": Words("⚠️ {case}{what}变为{severity}。", "⚠️ {case}{what} is now {severity}."),
    "ring.reopened": Words(
        "🔁 {case}{what} {at} 又出现，已重开。",
        "🔁 {case}{what} came back at {at} and is open again.",
    ),
    "ring.not_fixed": Words(
        "🔁 {case}{what}报过已整改，{at} 又看到了。",
        "🔁 {case}{what} was reported fixed, but it is seen again at {at}.",
    ),
    "told.closed_by_camera": Words(
        "✅ {case}{what} {at} 已看到整改，自动关闭。",
        "✅ {case}{what} seen rectified at {at}, closed by itself.",
    ),
    "told.disputed": Words(
        "💬 {who} 对 {case}{what}有异议{reason}。",
        "💬 {who} disputes {case}{what}{reason}.",
    ),
    # the second path
    "alert.go_now": Words(
        "请马上到场，到了在群里按“我已到场”。",
        "Please go there at once and press “On scene” in the chat.",
    ),
    "alert.again": Words("第 {count} 次通知", "Notice no. {count}"),
    "alert.failing": Words(
        "⚠️ {case}{what}的{path}（{target}）还没送出去，正在重试。请直接打电话叫人。",
        "⚠️ {case}{what}: the {path} ({target}) has not gone out and is being retried. Please "
        "phone people yourselves.",
    ),
    "alert.dead": Words(
        "⚠️ {case}{what}的{path}（{target}）送不出去，已放弃。请直接打电话叫人。",
        "⚠️ {case}{what}: the {path} ({target}) cannot be sent and was given up. Please phone "
        "people yourselves.",
    ),
    # to the admins
    "admin.canary_failed": Words(
        "⚠️ {at} 的送达测试没有全部成功：{text}。真的告警也到不了那里：请运行 doctor，照它说的修。",
        "⚠️ The delivery test of {at} did not get everywhere: {text}. Real alarms would not either; "
        "doctor tells what to repair.",
    ),
    "admin.canary_back": Words(
        "✅ 送达测试又都成功了（{at} 那次，{text} 秒）。",
        "✅ The delivery test gets everywhere again (that of {at}, {text} s).",
    ),
    "admin.stopping": Words("喊话器正在停止。", "Loudhailer is stopping."),
    "admin.dead_letter": Words(
        "⚠️ 送不出去，已放弃：{text} → {target}（{error}）。可用 deliveries retry 重发。",
        "⚠️ Given up on delivering {text} to {target} ({error}). “deliveries retry” sends it again.",
    ),
    "admin.dead_incoming": Words(
        "⚠️ 一条消息试了 {count} 次都处理不了，已放下：{text}（{error}）。",
        "⚠️ A message could not be handled in {count} tries and was put aside: {text} ({error}).",
    ),
    "admin.channel_failing": Words(
        "⚠️ {channel} 从 {since} 起发不出消息（{error}），积压 {count} 条。",
        "⚠️ {channel} has been failing since {since} ({error}), {count} messages wait.",
    ),
    "admin.channel_back": Words(
        "✅ {channel} 恢复了，断了 {minutes}，最多积压 {count} 条，都会补发。",
        "✅ {channel} is back after {minutes}; up to {count} messages waited and are sent now.",
    ),
    "admin.token_refused": Words(
        "⛔ {channel} 从 {since} 起不认我们的令牌（可能已被撤销）：请换上新令牌并重启，积压 "
        "{count} 条（{error}）。",
        "⛔ {channel} has not known our token since {since} (it may have been revoked): put in the "
        "new one and restart; {count} messages wait ({error}).",
    ),
    "admin.clock_forward": Words(
        "🕒 本机时钟从 {since} 一下子快了 {minutes}，现在是 {at}。期限、静音和待发消息已跟着调整。"
        "请确认时间同步已打开（timedatectl set-ntp true）。",
        "🕒 This machine's clock went forward by {minutes}, from {since} to {at}. Deadlines, mutes "
        "and what waits were moved along. Check that time synchronisation is on "
        "(timedatectl set-ntp true).",
    ),
    "admin.clock_back": Words(
        "🕒 本机时钟从 {since} 一下子慢了 {minutes}，现在是 {at}。期限、静音和待发消息已跟着调整。"
        "请确认时间同步已打开（timedatectl set-ntp true）。",
        "🕒 This machine's clock went back by {minutes}, from {since} to {at}. Deadlines, mutes "
        "and what waits were moved along. Check that time synchronisation is on "
        "(timedatectl set-ntp true).",
    ),
    "admin.second_holder": Words(
        "⚠️ 另一个程序在用同一个 {channel} 机器人令牌收消息（{since} 起）：群里的指令可能被它"
        "收走。请停掉那个程序，或换一个令牌。告警照常发送。",
        "⚠️ Another program receives with the same {channel} bot token (since {since}): what people "
        "write may go to it instead. Stop it, or use a token of its own. Alarms are still sent.",
    ),
    "admin.webhook_found": Words(
        "⚠️ 有人给 {channel} 机器人设了 webhook（{since}），收不到群里的指令。本程序正在取消它；"
        "如果再出现，请停掉设它的程序。告警照常发送。",
        "⚠️ Somebody set a webhook for the {channel} bot ({since}), which keeps commands from us. "
        "It is being taken away; should it come back, stop the program that sets it. Alarms are "
        "still sent.",
    ),
    "admin.receiving_failing": Words(
        "⚠️ 从 {since} 起收不到 {channel} 的消息（{error}）：群里的指令暂时没有反应，恢复后会补上。",
        "⚠️ Nothing has been received from {channel} since {since} ({error}): commands are not "
        "heard now, and carried out when it is back.",
    ),
    "admin.receiving_back": Words(
        "✅ 又能收到 {channel} 的消息了，断了 {minutes}。",
        "✅ {channel} is received again after {minutes}.",
    ),
    "admin.chat_moved": Words(
        "群 {target} 换了编号：{text}。请改站点文件。",
        "Chat {target} has a new id: {text}. Please update the site file.",
    ),
    "admin.closed_kicked": Words(
        "⛔ {target} 收不到消息了：机器人不在群里（{error}）。请重新拉它进群，漏掉的会补发。",
        "⛔ Nothing reaches {target}: the bot is not in the group ({error}). Invite it again; what "
        "was missed will follow.",
    ),
    "admin.closed_blocked": Words(
        "⛔ {target} 收不到私聊消息：他停用了机器人（{error}）。请他打开机器人按“开始”。",
        "⛔ No private message reaches {target}, who has stopped the bot ({error}). They must open "
        "it and press Start.",
    ),
    "admin.closed_absent": Words(
        "⛔ {target} 收不到消息：没有这个群，或者它已解散（{error}）。请核对工地文件里的编号。",
        "⛔ Nothing reaches {target}: there is no such chat, or it was deleted ({error}). Check "
        "its id in the site file.",
    ),
    "admin.closed_muted": Words(
        "⛔ {target} 收不到消息：机器人在那里不能发言（{error}）。请给它发言权限。",
        "⛔ Nothing reaches {target}: the bot may not write there ({error}). Give it the right to.",
    ),
    "admin.closed_pictures": Words(
        "⚠️ {target} 显示不了照片（{error}），文字照发。若是权限问题，请允许机器人在那里发图片。",
        "⚠️ A picture cannot be shown in {target} ({error}); its words are. If it is a matter of "
        "rights, allow the bot to send pictures there.",
    ),
    "admin.closed_topic": Words(
        "⚠️ {target} 的话题关闭或删除了（{error}），消息改发到总话题。请打开它，或改工地文件。",
        "⚠️ The topic of {target} is closed or gone ({error}); its messages go to the general "
        "topic. Open it, or change the site file.",
    ),
    "admin.chat_open": Words(
        "✅ {target} 又能收到消息了，补发 {count} 条。",
        "✅ {target} can be reached again; {count} missed messages follow.",
    ),
    "admin.speaker_down": Words(
        "⚠️ {speaker}没有声音：{error}", "⚠️ {speaker} makes no sound: {error}"
    ),
    "admin.speaker_never": Words(
        "⚠️ {speaker}从没连上过：{error}。请核对工地文件里的地址、密码和网线，doctor 会再查一遍。",
        "⚠️ {speaker} has never answered: {error}. Check its address and password in the site file, "
        "and its cable; doctor looks again.",
    ),
    "horn.dead": Words("{speaker}：{error}", "{speaker}: {error}"),
    "horn.never": Words("{speaker}从没连上过：{error}", "{speaker} has never answered: {error}"),
    "admin.speaker_back": Words(
        "✅ {speaker}又响了，哑了 {minutes}。", "✅ {speaker} sounds again after {minutes}."
    ),
    "admin.light_down": Words(
        "⚠️ {light}开不了或没有回音：{error}。请检查电源、网线和工地文件里的地址，"
        "doctor 会再查一遍。",
        "⚠️ {light} does not do what it is told, or does not answer: {error}. Check its power, its "
        "cable and its address in the site file; doctor looks again.",
    ),
    "admin.light_back": Words(
        "✅ {light}又好了，坏了 {minutes}。", "✅ {light} works again after {minutes}."
    ),
    "admin.camera_down": Words(
        "⚠️ {camera}没有画面：{error}",
        "⚠️ {camera} has no picture: {error}",
    ),
    "admin.disk_low": Words(
        "💾 磁盘快满了：剩 {free}（应留 {wanted}），照片占 {pictures}（上限 {quota}）。最旧的已结案"
        "照片会提前删除，未结案的不动。请清理磁盘或换大一点的。",
        "💾 The disk is getting full: {free} free ({wanted} wanted), pictures take {pictures} (of "
        "{quota}). The oldest pictures of closed cases are erased early; live cases keep theirs. "
        "Make room, or take a larger disk.",
    ),
    "admin.disk_stuck": Words(
        "⛔ 磁盘快满了：剩 {free}（应留 {wanted}），照片占 {pictures}（上限 {quota}），已经没有可以"
        "删除的照片。告警照常，但新照片可能存不下。请马上清理磁盘。",
        "⛔ The disk is getting full: {free} free ({wanted} wanted), pictures take {pictures} (of "
        "{quota}), and no picture may be erased. Alarms go on, new pictures may be lost. Make room "
        "on the disk now.",
    ),
    "admin.disk_back": Words(
        "✅ 磁盘又有空间了：剩 {free}，照片占 {pictures}。",
        "✅ The disk has room again: {free} free, pictures take {pictures}.",
    ),
    "admin.audit_broken": Words(
        "⛔ {case} 的存证对不上（第 {entry} 条），请马上查。",
        "⛔ The audit chain of {case} does not match (entry {entry}), please look into it now.",
    ),
    "admin.witness": Words(
        "🔏 {at} 的存证码：{text}（案件到 #{count}）。请留着：以后用 audit verify --witness {text} "
        "可以证明到此为止的记录没有被改过。",
        "🔏 Witness of {at}: {text} (cases up to #{count}). Keep it: audit verify --witness {text} "
        "proves later that nothing recorded until now was changed.",
    ),
    "admin.not_recorded": Words(
        "⛔ 数据库写不进去，紧急消息已直接发出，尚未记录。",
        "⛔ The database cannot be written; an emergency went out directly and is not "
        "recorded yet.",
    ),
    "admin.recorded": Words(
        "✅ 数据库恢复了，直接发出的 {count} 条紧急上报已补入库。",
        "✅ The database can be written again; {count} emergencies that went out directly are "
        "recorded now.",
    ),
    "admin.unrecordable": Words(
        "⛔ 一条紧急上报入不了库，请人工补记：{text}（{error}）。",
        "⛔ An emergency cannot be recorded, please note it by hand: {text} ({error}).",
    ),
    "unrecorded": Words("（尚未入库）", "(not yet recorded)"),
    "unrecorded.later": Words(
        "数据库暂时写不进去，编号和按钮随后补上。请先去现场，并互相转告。",
        "The database cannot be written now; number and buttons will follow. Go there first, and "
        "tell each other.",
    ),
    "repeat": Words("（可能重复）", "(possibly repeated)"),
}
