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
    "not_yet.zone": Words(
        "摄像头自己看不出 {kind}，这个区域只收 AI 盒子等上报的。自己能看出的：zone_intrusion、"
        "roof_intrusion、fall",
        "the camera's picture is not searched for {kind}; this zone is for what is reported to it. "
        "What is seen: zone_intrusion, roof_intrusion, fall",
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
    "nobody_called": Words(
        "警告：sites.{site}：没有人是 {roles}，案件升级到这一级时谁也不会被叫到（members 的 role）",
        "warning: sites.{site}: nobody is {roles}, so nobody is called when a case is escalated to "
        "them (members, role)",
    ),
    "check.deaf": Words(
        "提示：还听不懂语音留言：请运行 {text}",
        "note: voice notes are not understood yet: run {text}",
    ),
    # run
    "run.console": Words(
        "值班台（{name}，只能用一次）：{link}", "Console for {name} (once): {link}"
    ),
    "run.speaker": Words("喇叭 {speaker}：{link}", "Speaker {speaker}: {link}"),
    "run.no_vision": Words(
        "--role vision：这个版本还没有；--role all 会看摄像头",
        "--role vision: not available yet; --role all watches the cameras",
    ),
    "run.needs_postgres": Words(
        "--role {role}：多进程要用 PostgreSQL：请设 {setting}=postgres://...，或用 --role all",
        "--role {role}: several processes need PostgreSQL: set {setting}=postgres://..., or use "
        "--role all",
    ),
    # vision replay
    "replay.no_file": Words("{what}：没有 {path}", "{what}: there is no {path}"),
    "replay.which": Words("--camera：请写明是哪一路：{known}", "--camera: name one of: {known}"),
    "replay.no_camera": Words(
        "--camera：站点文件里没有 {camera}；现有：{known}",
        "--camera: there is no {camera}; there are: {known}",
    ),
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
    # light
    "light.no_light": Words(
        "没有警灯 {light}；现有：{known}", "there is no light {light}; there are: {known}"
    ),
    "light.none": Words("（无）", "none"),
    "light.on": Words("{light} 开：{switched} {detail}", "{light} on: {switched} {detail}"),
    "light.off": Words("{light} 关：{switched} {detail}", "{light} off: {switched} {detail}"),
    # migrate
    "migrate.done": Words("数据库已是最新。", "The database is up to date."),
    # key, link, member
    "option.site": Words("--sites：站点文件里没有 {what}", "--sites: the site file has no {what}"),
    "option.member": Words(
        "--member：站点文件里没有 {what}", "--member: the site file has no {what}"
    ),
    "key.looks_only": Words(
        "没写 --member：密钥 {name} 只能查看，不能处理案件，也不能代人说话",
        "no --member: key {name} looks, but can neither act on cases nor speak for anybody",
    ),
    # the space before it makes the key the last word
    "key.created": Words(
        "密钥 {name}（{role}），只显示这一次： {key}", "key {name} ({role}), shown only now: {key}"
    ),
    "key.revoked": Words("已停用 {name}", "revoked {name}"),
    "key.unknown": Words("没有名为 {name} 的有效密钥", "there is no living key {name}"),
    "key.head": Words(
        "名称|角色|工地|人员|状态|最近使用", "NAME|ROLE|SITES|MEMBER|STATE|LAST USED"
    ),
    "key.all_sites": Words("所有工地", "all sites"),
    "key.dead": Words("已停用", "revoked"),
    "key.living": Words("有效", "living"),
    "key.never": Words("从未", "never"),
    "member.unknown": Words("站点文件里没有人员 {name}", "the site file has no member {name}"),
    "member.out": Words("{name} 从现在起什么都不能做了", "{name} may do nothing any more"),
    # models
    "models.head": Words("名称|文件|许可证|说明", "NAME|FILE|LICENCE|WHAT IT IS"),
    # audit
    "audit.no_case": Words("没有案件 {case}", "there is no case {case}"),
    "audit.fault": Words("案件 {case} 第 {n} 条：{fault}", "case {case}, entry {n}: {fault}"),
    "audit.verified": Words(
        "已核验 {chains} 条链，{faults} 处不对{erased}",
        "{chains} chains verified, {faults} faults{erased}",
    ),
    "audit.erased": Words("，{count} 张照片按规定已删除", ", {count} pictures erased by rule"),
    "audit.checkpoint": Words("封存点： {witness}", "checkpoint: {witness}"),
    "audit.nothing": Words("没有可封存的", "there is nothing to seal"),
    # what stands in the way
    "obstacle.migrate": Words(
        "{setting}：数据库要先升级（{fault}），请运行：{program} migrate",
        "{setting}: {fault}; run: {program} migrate",
    ),
    "obstacle.room": Words(
        "{setting}：{fault}；请腾出空间再启动",
        "{setting}: {fault}; make room there and start again",
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
