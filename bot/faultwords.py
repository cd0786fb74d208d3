"""What is said about a fault of the configuration, in zh and en."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, Mapping[str, str]] = {
    # The file as a whole
    "unreadable": {"zh": "文件读不了：{reason}", "en": "cannot be read: {reason}"},
    "no_file": {
        "zh": "没有这个文件（由 LOUDHAILER_SITE_FILE 指定），写法见 docs/first_site.md",
        "en": "there is no such file (LOUDHAILER_SITE_FILE names it); see docs/first_site.md",
    },
    "wide": {
        "zh": "文件是 UTF-16 编码，请另存为 UTF-8",
        "en": "the file is UTF-16; save it as UTF-8",
    },
    "not_utf8": {
        "zh": "这一行不是 UTF-8（可能按 GBK/ANSI 保存了），请另存为 UTF-8",
        "en": "this line is not UTF-8 (saved as GBK or ANSI?); save the file as UTF-8",
    },
    "no_text_file": {"zh": "不是普通文件", "en": "is no regular file"},
    "too_large": {
        "zh": "文件太大，最多 {most} 字节",
        "en": "is too large: {most} bytes at most",
    },
    "nested": {
        "zh": "括号嵌套得太深，读不了",
        "en": "cannot be read: its brackets are nested too deeply",
    },
    "syntax": {"zh": "TOML 语法不对：{reason}", "en": "is not TOML: {reason}"},
    "env_line": {
        "zh": "应写成 名称=值，引号要成对",
        "en": "must be NAME=value, with quotes closed",
    },
    # Keys
    "unknown_key": {"zh": "没有这个键{near}", "en": "there is no such key{near}"},
    "unknown_setting": {"zh": "没有这个设置{near}", "en": "there is no such setting{near}"},
    "did_you_mean": {"zh": "，是不是 {near}？", "en": ", did you mean {near}?"},
    "missing": {"zh": "必须填写", "en": "must be given"},
    "env_missing": {
        "zh": "环境变量 {name} 没有设置",
        "en": "the environment variable {name} is not set",
    },
    "env_name": {
        "zh": "env: 后面要写环境变量名",
        "en": "env: must be followed by the name of an environment variable",
    },
    # Types
    "not_text": {"zh": "应为文字（带引号）", "en": "must be text (in quotes)"},
    "not_integer": {"zh": "应为整数", "en": "must be a whole number"},
    "not_flag": {"zh": "应为 true 或 false", "en": "must be true or false"},
    "not_list": {"zh": "应为列表 [...]", "en": "must be a list [...]"},
    "not_table": {"zh": "应为表 {{...}}", "en": "must be a table {{...}}"},
    "not_tables": {
        "zh": "应为表的列表，写成 [[{name}]]",
        "en": "must be a list of tables, written [[{name}]]",
    },
    # Values
    "empty": {"zh": "不能为空", "en": "must not be empty"},
    "too_long": {"zh": "不能超过 {most} 个字", "en": "must not be longer than {most} characters"},
    "control": {"zh": "含有控制字符或换行", "en": "holds control characters or line breaks"},
    "choice": {"zh": "应为 {choices} 之一{near}", "en": "must be one of {choices}{near}"},
    "bad_id": {
        "zh": "编号只能用小写字母、数字、_ 和 -，以字母或数字开头，最多 32 个字符",
        "en": "an id is made of a-z, 0-9, _ and -, begins with a letter or digit and has at most "
        "32 characters",
    },
    "reserved_id": {
        "zh": "这个编号由程序自己使用，请换一个",
        "en": "is the program's own; take another",
    },
    "duplicate": {
        "zh": "重复了，第 {line} 行已经有了",
        "en": "stands twice, first in line {line}",
    },
    "unknown_ref": {"zh": "没有定义这个{kind}{near}", "en": "no such {kind} is defined{near}"},
    "area": {"zh": "区域", "en": "area"},
    "site": {"zh": "工地", "en": "site"},
    "party": {"zh": "责任单位", "en": "party"},
    "camera": {"zh": "摄像头", "en": "camera"},
    "member": {"zh": "人员", "en": "member"},
    "hazard": {"zh": "隐患", "en": "hazard"},
    "speaker": {"zh": "喇叭", "en": "speaker"},
    "at_least": {"zh": "不能小于 {least}", "en": "must not be less than {least}"},
    "at_most": {"zh": "不能大于 {most}", "en": "must not be more than {most}"},
    "duration": {
        "zh": "时长应写成 整数加 ms、s、m、h 或 d，如 30s",
        "en": "a duration is a whole number and ms, s, m, h or d, such as 30s",
    },
    "amount": {
        "zh": "应写成 整数加 MB、GB、TB 或 %（不超过 100%），如 20GB、5%",
        "en": "must be a whole number and MB, GB, TB or % (100 at most), such as 20GB or 5%",
    },
    "window": {
        "zh": "时段应写成 18:30-03:00，起止不能相同",
        "en": "a time of day is written 18:30-03:00; start and end must differ",
    },
    "time_of_day": {
        "zh": "时刻应写成 20:00",
        "en": "a time of day is written 20:00",
    },
    "days": {
        "zh": "星期应写成 mon-fri 或 sat,sun",
        "en": "days are written mon-fri or sat,sun",
    },
    "timezone": {"zh": "没有这个时区{near}", "en": "there is no such time zone{near}"},
    "placeholder": {
        "zh": "句子里的花括号只能写 {{place}}",
        "en": "braces in a sentence can only hold {{place}}",
    },
    # Polygons
    "point": {"zh": "每个点应为 [x, y] 两个数", "en": "every point is two numbers [x, y]"},
    "polygon_few": {"zh": "至少要 3 个不同的点", "en": "needs at least 3 different points"},
    "polygon_many": {"zh": "最多 100 个点", "en": "may have at most 100 points"},
    "polygon_outside": {
        "zh": "坐标应在 0 到 1 之间（占画面的比例）",
        "en": "coordinates lie between 0 and 1 (fractions of the picture)",
    },
    "polygon_repeated": {"zh": "有重复的点", "en": "a point stands twice"},
    "polygon_crossing": {"zh": "边线互相交叉", "en": "its edges cross each other"},
    "polygon_flat": {"zh": "围不成面积", "en": "encloses no area"},
    # Addresses
    "scheme": {
        "zh": "地址应以 {choices} 开头",
        "en": "an address here begins with {choices}",
    },
    "no_file_named": {
        "zh": "sqlite:// 后面要写文件名",
        "en": "sqlite:// must be followed by a file",
    },
    "host": {"zh": "地址里没有主机名", "en": "the address names no host"},
    "port": {"zh": "端口不对，或没有写端口", "en": "the port is missing or wrong"},
    "speaker_url": {"zh": "这个喇叭地址不对：{reason}", "en": "is no speaker: {reason}"},
    "actuator_query": {
        "zh": "? 后面只有 onvif 可以写 relay=继电器；请求写在 on 和 off 里",
        "en": "only onvif takes something after the ?, relay=TOKEN; requests stand in on and off",
    },
    "path": {
        "zh": "应以 / 开头，空格和汉字写成 %20 这样的形式",
        "en": "must begin with /, spaces and other letters written like %20",
    },
    "mqtt_topic": {
        "zh": "应为一个 MQTT 主题，不含 + 和 #，最多 200 个字符",
        "en": "must be one MQTT topic, without + and #, of at most 200 characters",
    },
    "same_order": {
        "zh": "和 {key} 一样，分不出开和关",
        "en": "is the same as {key}: on and off could not be told apart",
    },
    "no_source": {"zh": "找不到这个文件或文件夹", "en": "there is no such file or folder"},
    "unreadable_source": {"zh": "没有权限读取", "en": "may not be read (permission denied)"},
    "needs_folder": {"zh": "file: 后面要写文件夹", "en": "file: must be followed by a folder"},
    "needs": {"zh": "{what} 需要写 {key}", "en": "{what} needs {key}"},
    "useless": {"zh": "{what} 用不上这个键", "en": "has no meaning for {what}"},
    "chat_id": {
        "zh": "应为整数的群编号（群里发 /chatid 可查），不能是 0，最多 15 位",
        "en": "must be the whole number of the chat (send /chatid there), not 0, at most 15 digits",
    },
    "person_id": {
        "zh": "应为正整数（私聊发 /whoami 可查），最多 15 位",
        "en": "must be a positive whole number (send /whoami in private), at most 15 digits",
    },
    # What belongs together
    "other_site": {
        "zh": "属于另一个工地 {site}",
        "en": "belongs to another site, {site}",
    },
    "no_text_for": {
        "zh": "它说 {language}，但 text 里没有这种语言",
        "en": "it speaks {language}, and text has nothing in that language",
    },
    "shipped_hazard": {
        "zh": "这是自带的隐患，要改它请写 [responses.{id}]",
        "en": "is a shipped hazard; to change it write [responses.{id}]",
    },
    "emergency_self_close": {
        "zh": "紧急隐患不能自动关闭",
        "en": "an emergency never closes itself",
    },
    "together": {"zh": "要和 {key} 一起设置", "en": "must be set together with {key}"},
    "token": {
        "zh": "应为 BotFather 给的 数字:字符 形式（字符只有字母、数字、_ 和 -）",
        "en": "must be the token of BotFather: digits, a colon, characters (a-z, A-Z, 0-9, _, -)",
    },
    "public_credentials": {
        "zh": "这个地址人人看得到，不能写用户名和密码",
        "en": "everybody is shown this address; it must not hold a user name or password",
    },
    "phone": {
        "zh": "电话应为数字，可用 + 开头",
        "en": "a phone number is digits, with a + in front if need be",
    },
}
