"""Why something was not done: state, person and time, and who could do it instead.

`able` are the members who could, `choices` the live cases that may have been meant; both may be
left out.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.texts.hazards import Words

REFUSALS: Mapping[str, Words] = {
    # the case stands otherwise
    "refused.state": Words(
        "{case} 现在{state}：{who} {at} {event}。{advice}",
        "{case} is now {state}: {who} {event} at {at}.{advice}",
    ),
    "advice.closed": Words("要改请发“重开 {n}”。", "To change it, send “reopen {n}”."),
    "advice.rectified": Words(
        "请发“复查 {n} 通过”或“复查 {n} 不通过 理由”。",
        "Send “verify {n} passed” or “verify {n} failed REASON”.",
    ),
    "refused.unknown_digest": Words(
        "这个群里没有汇总 D{digest}。", "There is no digest D{digest} in this chat."
    ),
    "refused.not_general": Words(
        "{case} 已不是一般隐患，请单独处理。",
        "{case} is not general any more; see to it by itself.",
    ),
    "refused.digest_over": Words(
        "D{digest} 里没有可以{verb}的案件了。", "Nothing is left to {verb} in D{digest}."
    ),
    "refused.digest_senior": Words(
        "整批关闭 D{digest} 要监督来做。{able}",
        "Closing all of D{digest} takes a supervisor.{able}",
    ),
    "refused.no_question": Words("没有等您确认的事。", "Nothing is waiting for your word."),
    "refused.not_asked": Words(
        "这是问{who}的，请由本人确认。", "This was asked of {who}, who is to answer."
    ),
    "refused.question_over": Words(
        "过了 60 秒，没有执行。请再说一遍。",
        "60 seconds are over, nothing was done. Please say it again.",
    ),
    "refused.said_before": Words(
        "这句话是在问之前说的，没有执行。请再答一次。",
        "That was said before the question, so nothing was done. Please answer again.",
    ),
    "refused.which_question": Words(
        "有 {count} 件事等您确认，没有执行。请按按钮，或直接回复那一条。",
        "{count} things wait for your word, so nothing was done. Press the button, or reply to "
        "the one that you mean.",
    ),
    "refused.choose": Words(
        "请先选是哪一件，没有执行。", "Please choose one of them first; nothing was done."
    ),
    "refused.none_like_that": Words(
        "没有这样的未处理案件（{text}）。{choices}",
        "There is no such open case ({text}).{choices}",
    ),
    "refused.answered": Words("这件事已经答复过了。", "This has been answered already."),
    "refused.pressed_late": Words(
        "慢了一步：{who} {at} 已{event} {case}，现在{state}。",
        "A moment too late: {who} {event} at {at}, {case} is now {state}.",
    ),
    "refused.stale": Words(
        "这条指令发于 {since}，之后 {case} 已有变化：现在{state}，{who} {at} {event}。"
        "没有执行，需要请再发一次。",
        "That was sent at {since}, and {case} has changed since: now {state}, {who} {event} "
        "at {at}. Nothing was done; send it again if it is still meant.",
    ),
    "refused.already_acknowledged": Words(
        "{who} {at} 已确认 {case}，正在处理。",
        "{who} acknowledged {case} at {at} and is on it.",
    ),
    "refused.already_arrived": Words(
        "{who} {at} 已到场 {case}。",
        "{who} is on the scene of {case} since {at}.",
    ),
    "refused.top_of_chain": Words(
        "{case} 已经升到最高一级（{state}，{who} {at} {event}）。",
        "{case} is at the top of its chain already ({state}, {who} {event} at {at}).",
    ),
    "refused.emergency_arrive_first": Words(
        "{case} 是紧急案件，请先到场：到了按“我已到场”或发“到场 {n}”。结束需要监督确认。",
        "{case} is an emergency: go there first, then press “On scene” or send “arrive {n}”. "
        "A supervisor ends it.",
    ),
    "refused.emergency_reason": Words(
        "结束紧急案件要写明原因：请发“关闭 {n} 原因”。",
        "Ending an emergency needs a reason: send “close {n} REASON”.",
    ),
    "refused.emergency_supervisor": Words(
        "{case} 是紧急案件，{verb}需要监督。请先到场。{able}",
        "{case} is an emergency, only a supervisor may {verb} it. Please go there first.{able}",
    ),
    "refused.emergency_supervisor_end": Words(
        "{case} 是紧急案件，{verb}需要监督。{able}",
        "{case} is an emergency, only a supervisor may {verb} it.{able}",
    ),
    "refused.work_order_supervisor": Words(
        "{case} 已派工单，要监督来关。整改好了请发“整改 {n}”加照片。{able}",
        "{case} is a work order, a supervisor closes it. Once it is put right, send “fixed {n}” "
        "with a photo.{able}",
    ),
    "refused.photo": Words(
        "报整改请带一张整改后的照片：把照片回复到那张卡片上。",
        "To report it as fixed, add a photo of how it is now: send it as a reply to the card.",
    ),
    "refused.second_person": Words(
        "{case} 要由另一个人复查，不能自己查自己。{able}",
        "{case} has to be verified by somebody else than who fixed it.{able}",
    ),
    "refused.own_work": Words(
        "{case} 是您自己报的整改，请别人复查。{able}",
        "You reported {case} as fixed yourself; somebody else verifies it.{able}",
    ),
    "refused.dispute_reason": Words(
        "请写明理由：异议 {n} 理由。",
        "Please say why: dispute {n} REASON.",
    ),
    # taking back
    "refused.nothing_to_undo": Words(
        "没有可以撤销的：只能撤销自己 10 分钟内的最后一步。",
        "Nothing to undo: only your own last step of the last 10 minutes can be undone.",
    ),
    "refused.undo_other": Words(
        "{case} 最后是 {who} {at} {event}的，只能由本人撤销。现在{state}。",
        "The last step on {case} was not yours: {who} {event} at {at}. Only they can undo it. "
        "It is now {state}.",
    ),
    "refused.undo_late": Words(
        "超过 10 分钟不能撤销了：{who} {at} {event} {case}，现在{state}。{advice}",
        "More than 10 minutes have passed: {who} {event} at {at}, {case} is now {state}.{advice}",
    ),
    # the person
    "refused.stranger": Words(
        "还没绑定身份。请向工地管理员要邀请码，再私聊我发 /link 邀请码。",
        "You are not linked yet. Ask the site's admin for an invite code, then send me "
        "/link CODE in a private chat.",
    ),
    "refused.stranger_press": Words(
        "还没绑定身份，请私聊我发 /link 邀请码。",
        "Not linked yet: send me /link CODE in a private chat.",
    ),
    "refused.anonymous": Words(
        "匿名管理员看不出是谁，不能操作。请关闭匿名后再发。",
        "As an anonymous admin nobody can tell who you are. Turn that off and send it again.",
    ),
    "refused.role": Words(
        "您是“{role}”权限，不能{verb}。{able}",
        "Your role is {role}, you may not {verb}.{able}",
    ),
    "refused.other_site": Words(
        "{case} 属于{site}{own}。{able}",
        "{case} belongs to {site}{own}.{able}",
    ),
    "refused.not_here": Words(
        "{case} 不在这个群里。{choices}",
        "{case} is not a case of this chat.{choices}",
    ),
    "refused.forged": Words(
        "这个按钮无效，没有执行。请用最新的卡片。",
        "That button is not valid, nothing was done. Please use the newest card.",
    ),
    "refused.not_yours": Words(
        "这个按钮只有 {who} 能按。",
        "Only {who} can press that.",
    ),
    # which one
    "refused.unknown_case": Words(
        "没有未处理的 {case}。{choices}",
        "There is no open {case} here.{choices}",
    ),
    "refused.ambiguous_number": Words(
        "不止一件以 {text} 结尾，没有执行。{choices}",
        "More than one case ends in {text}, nothing was done.{choices}",
    ),
    "refused.verb_needs_case": Words(
        "要{verb}哪一件？请带上号码，或直接回复那张卡片。{choices}",
        "Which case do you want to {verb}? Add its number, or reply to its card.{choices}",
    ),
    "refused.which_speaker": Words(
        "用哪个喇叭？请发“喊话 喇叭 内容”。有：{names}。",
        "Which speaker? Send “/say SPEAKER TEXT”. There are: {names}.",
    ),
    "refused.say_too_long": Words(
        "太长（{count} 个字），一次最多 {total} 个字，什么都没播。",
        "Too long ({count} characters); {total} at most at once. Nothing was spoken.",
    ),
    "refused.no_speakers": Words("这里没有喇叭。", "There are no speakers here."),
    "refused.no_such_speaker": Words(
        "没有叫“{text}”的喇叭。有：{names}。",
        "There is no speaker “{text}”. There are: {names}.",
    ),
    "refused.many_speakers": Words(
        "叫“{text}”的喇叭不止一个，什么都没播。请用编号：{names}。",
        "More than one speaker is called “{text}”; nothing was spoken. Name it by its id: {names}.",
    ),
    "refused.which_light": Words(
        "开哪个警灯？请发“/警灯 名称”。有：{names}。",
        "Which light? Send “/light NAME”. There are: {names}.",
    ),
    "refused.no_lights": Words("这里没有警灯。", "There are no lights here."),
    "refused.no_such_light": Words(
        "没有叫“{text}”的警灯。有：{names}。", "There is no light “{text}”. There are: {names}."
    ),
    "refused.many_lights": Words(
        "叫“{text}”的警灯不止一个，什么都没开。请用编号：{names}。",
        "More than one light is called “{text}”; none was switched. Name it by its id: {names}.",
    ),
    "refused.which_camera": Words(
        "哪个摄像头？请把名称写在后面。有：{names}。",
        "Which camera? Put its name behind the command. There are: {names}.",
    ),
    "refused.no_cameras": Words("这里没有摄像头。", "There are no cameras here."),
    "refused.no_such_camera": Words(
        "没有叫“{text}”的摄像头。有：{names}。",
        "There is no camera “{text}”. There are: {names}.",
    ),
    "refused.many_cameras": Words(
        "叫“{text}”的摄像头不止一个。请用编号：{names}。",
        "More than one camera is called “{text}”. Name it by its id: {names}.",
    ),
    "refused.no_such_member": Words(
        "没有叫“{text}”的人。有：{names}。",
        "There is nobody called “{text}”. There are: {names}.",
    ),
    "refused.no_such_language": Words(
        "只有中文（zh）和英文（en）。",
        "There are Chinese (zh) and English (en).",
    ),
    "refused.no_site": Words(
        "请在工地的群里发，我才知道是哪个工地。",
        "Please send this in the site's group, so that I know which site is meant.",
    ),
    "refused.not_your_site": Words(
        "这里是{names}的群，您没有那里的权限，不能{verb}{own}。{able}",
        "This chat belongs to {names}, where you have no role and may not {verb}{own}.{able}",
    ),
    "refused.no_role": Words(
        "您还没有任何工地的权限，不能{verb}。请找工地管理员。",
        "You have no role on any site yet and may not {verb}. Please ask the site's admin.",
    ),
    "refused.which_site": Words(
        "这里管几个工地，请写明是哪个：{names}。",
        "This chat has several sites, please name one: {names}.",
    ),
    # what is missing or too much
    "refused.reason": Words(
        "请写明原因：{verb} {n} 原因。",
        "Please say why: {verb} {n} REASON.",
    ),
    "refused.assign_whom": Words(
        "{case} 交给谁？请发“指派 {n} @名字”。",
        "Who shall have {case}? Send “/assign {n} @name”.",
    ),
    "refused.needs_verdict": Words(
        "{case} 查得怎么样？请发“复查 {n} 通过”或“复查 {n} 不通过 理由”。",
        "What did you find on {case}? Send “verify {n} passed” or “verify {n} failed REASON”.",
    ),
    "refused.needs_text": Words(
        "写上要说的话：{text}",
        "Please add what is to be said: {text}",
    ),
    "refused.mute_emergency": Words(
        "火情、摔倒、求救不能静音，其他可以。",
        "Fire, falls and calls for help cannot be muted, everything else can.",
    ),
    "refused.mute_how": Words(
        "{text}要静音多久？请写上时间：“静音 {text} 30分钟”或 /mute {text} 30m。现在没有静音。",
        "For how long shall {text} be muted? Send “mute {text} 30m”. Nothing was muted.",
    ),
    "refused.report_days": Words(
        "“{text}”不是天数。请发 /report、/report 7d 或 /report 30d（1 到 999 天）。",
        "“{text}” is no number of days. Send /report, /report 7d or /report 30d (1 to 999 days).",
    ),
    "refused.mute_too_long": Words(
        "您最多可以静音 {most}。{able}",
        "You may mute for {most} at most.{able}",
    ),
    "refused.message_too_long": Words(
        "这条消息太长，什么都没做。请写短一点再发。",
        "This message is too long; nothing was done. Please send a shorter one.",
    ),
    "refused.one_command": Words(
        "一条消息只能办一种事，这条没有执行。请把不同的指令分开发。",
        "A message can ask for one thing only, so nothing was done. Please send them one by one.",
    ),
    "refused.mute_too_short": Words(
        "静音至少 1 分钟，例如 /mute 大门 30m；要恢复声音请发 /unmute 大门。",
        "A mute lasts a minute at least, as in /mute gate 30m; to end one send /unmute gate.",
    ),
    "refused.not_muted": Words("{speaker}没有静音。", "{speaker} is not muted."),
    "refused.quiet_hours": Words(
        "现在 {text} 静音，只播紧急。确实要播请发“喊话 {speaker} 强制 内容”（记录在案）。",
        "Quiet hours {text}: only emergencies are spoken. If you must, send "
        "“/say {speaker} force TEXT” (it goes on record).",
    ),
    "refused.quiet_hours_senior": Words(
        "现在 {text} 静音，只播紧急。夜里喊话要监督。{able}",
        "Quiet hours {text}: only emergencies are spoken, and what a supervisor says.{able}",
    ),
    "refused.too_old": Words(
        "这条是 {since} 发的，太久了，没有执行。还需要请再发一次。",
        "That was sent at {since}, too long ago, and was not done. Send it again if it is "
        "still meant.",
    ),
    "refused.private_only": Words(
        "请私聊我发 {text}，不要发在群里。",
        "Please send {text} to me in a private chat, not in a group.",
    ),
    "refused.bad_code": Words(
        "邀请码不对、用过了或过期了。请向工地管理员再要一个。",
        "That code is wrong, used or expired. Please ask the site's admin for a new one.",
    ),
    "refused.already_linked": Words(
        "这个账号已经绑定为 {who}。",
        "This account is linked to {who} already.",
    ),
    "refused.unavailable": Words(
        "现在办不了，请过一会儿再发。没有执行。",
        "That cannot be done at the moment, please try again shortly. Nothing was done.",
    ),
    "refused.not_yet": Words(
        "这个功能还没有。",
        "That is not available yet.",
    ),
}
