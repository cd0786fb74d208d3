"""What the HTTP API says of an error: a title and a sentence a problem, a sentence a fault."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.program import program

Words = Mapping[str, str]

TITLES: Mapping[str, Words] = {
    "malformed": {"zh": "请求读不懂", "en": "Malformed request"},
    "invalid": {"zh": "内容有误", "en": "Invalid content"},
    "unknown": {"zh": "找不到所指的对象", "en": "Unknown name"},
    "unknown_case": {"zh": "没有这件案件", "en": "No such case"},
    "no_push": {"zh": "这个摄像头不收图片", "en": "This camera takes no frames"},
    "no_such_address": {"zh": "没有这个地址", "en": "No such address"},
    "picture_erased": {"zh": "照片已按规定删除", "en": "Erased by rule"},
    "method": {"zh": "此地址不支持这种方法", "en": "Method not allowed"},
    "unauthenticated": {"zh": "需要有效的密钥", "en": "A valid key is needed"},
    "too_many_failures": {"zh": "认证失败次数太多", "en": "Too many failed attempts"},
    "role": {"zh": "此密钥无权这样做", "en": "Not allowed for this key"},
    "forbidden": {"zh": "不允许", "en": "Not allowed"},
    "other_site": {"zh": "工地不在权限范围内", "en": "Outside of this key's sites"},
    "no_member": {"zh": "此密钥没有对应的人员", "en": "This key acts for nobody"},
    "foreign_page": {"zh": "请求来自别的网页", "en": "Request from another page"},
    "wrong_host": {"zh": "主机名不对", "en": "Wrong host name"},
    "timeout": {"zh": "上传太慢", "en": "Upload too slow"},
    "conflict": {"zh": "编号已被别的内容使用", "en": "Id already used"},
    "refused": {"zh": "现在不能这样做", "en": "Refused"},
    "too_large": {"zh": "内容太大", "en": "Content too large"},
    "unsupported": {"zh": "不支持的格式", "en": "Unsupported format"},
    "rate": {"zh": "请求太快", "en": "Too many requests"},
    "internal": {"zh": "服务内部出错", "en": "Internal error"},
    "unavailable": {"zh": "暂时无法处理", "en": "Unavailable for the moment"},
    "link": {"zh": "链接无效或已过期", "en": "Link invalid or expired"},
}

DETAILS: Mapping[str, Words] = {
    "malformed": {
        "zh": "请求的格式有错误，没有保存任何内容。",
        "en": "The request cannot be read; nothing was stored.",
    },
    "invalid": {
        "zh": "有 {count} 处不符合要求，没有保存任何内容。",
        "en": "{count} fields are at fault; nothing was stored.",
    },
    "unknown": {
        "zh": "配置里没有，或不在那里：{names}。",
        "en": "Not in the site file, or not there: {names}.",
    },
    "unknown_case": {"zh": "没有编号为 {name} 的案件。", "en": "There is no case {name}."},
    "no_push": {
        "zh": "摄像头“{camera}”的 source 不是 push，不能上传图片。",
        "en": "Camera {camera} has a source of its own; frames are for source = push.",
    },
    "no_such_address": {"zh": "这里什么也没有。", "en": "There is nothing here."},
    "picture_erased": {
        "zh": "保存期已过，{at} 按规定删除，案件经过里有记录。",
        "en": "Its time was over: erased by rule at {at}, as the case's history tells.",
    },
    "method": {"zh": "可用的方法：{allowed}。", "en": "Allowed here: {allowed}."},
    "unauthenticated": {
        "zh": "请在 Authorization 里用 Bearer 方式给出有效的密钥。",
        "en": "Send a valid key as Authorization: Bearer.",
    },
    "too_many_failures": {
        "zh": "这个地址认证失败太多次，请稍后再试。",
        "en": "Too many failed attempts from this address; try again later.",
    },
    "role": {
        "zh": "“{role}”密钥不能做这件事，需要：{needed}。",
        "en": "A key of role {role} may not do this; needed: {needed}.",
    },
    "forbidden": {"zh": "您不能做这件事。", "en": "This is not for you to do."},
    "other_site": {
        "zh": "工地“{site}”不在您的范围内。",
        "en": "Site {site} is outside of your scope.",
    },
    "no_member": {
        "zh": "操作案件必须有具体的人。请用带 --member 的密钥。",
        "en": "Every act has a person's name: use a key created with --member.",
    },
    "foreign_page": {
        "zh": "只接受本服务自己的网页发来的操作。",
        "en": "Acts are taken only from this service's own pages.",
    },
    "wrong_host": {
        "zh": "请用配置的地址打开（设置项 LOUDHAILER_PUBLIC_URL）。",
        "en": "Open it by its configured address (setting LOUDHAILER_PUBLIC_URL).",
    },
    "timeout": {
        "zh": "数据没有在规定时间内到齐，没有保存任何内容。",
        "en": "The data did not arrive in time; nothing was stored.",
    },
    "conflict": {
        "zh": "同一个编号以前用于别的内容，这一次没有保存。",
        "en": "The same id was used before with other content; this one was not stored.",
    },
    "too_large": {
        "zh": "“{field}”最多 {limit} 字节。",
        "en": "At most {limit} bytes for {field}.",
    },
    "unsupported": {
        "zh": "“{field}”只接受：{accepted}。",
        "en": "Accepted for {field}: {accepted}.",
    },
    "rate": {
        "zh": "每个密钥每秒最多 {limit} 份报告。",
        "en": "At most {limit} reports a second for one key.",
    },
    "internal": {
        "zh": "出了意外的错误，已记入日志。",
        "en": "Something unexpected went wrong; it has been logged.",
    },
    "unavailable": {
        "zh": "现在处理不了，请在 {seconds} 秒后重发。",
        "en": "Cannot be done right now; send it again in {seconds} seconds.",
    },
    "link": {
        "zh": "这个链接已用过、已过期或不完整。",
        "en": "This link was used, has expired or is incomplete.",
    },
}

FAULTS: Mapping[str, Words] = {
    "missing": {"zh": "必须填写", "en": "is required"},
    "unknown_field": {"zh": "没有这个字段", "en": "is no known field"},
    "string": {"zh": "要是文字", "en": "must be text"},
    "number": {"zh": "要是数字", "en": "must be a number"},
    "integer": {"zh": "要是整数", "en": "must be a whole number"},
    "boolean": {"zh": "要是 true 或 false", "en": "must be true or false"},
    "object": {"zh": "要是一个对象", "en": "must be an object"},
    "list": {"zh": "要是一个列表", "en": "must be a list"},
    "too_short": {"zh": "至少 {limit} 个字符", "en": "must have at least {limit} characters"},
    "too_long": {"zh": "最多 {limit} 个字符", "en": "must have at most {limit} characters"},
    "at_least": {"zh": "不能小于 {limit}", "en": "must be at least {limit}"},
    "at_most": {"zh": "不能大于 {limit}", "en": "must be at most {limit}"},
    "finite": {"zh": "要是有限的数", "en": "must be a finite number"},
    "choice": {"zh": "只能是：{choices}", "en": "must be one of: {choices}"},
    "characters": {"zh": "含有不允许的字符", "en": "holds characters that are not allowed"},
    "pattern": {"zh": "格式不对", "en": "has the wrong form"},
    "time": {
        "zh": "要是 RFC 3339 时间，例如 2026-11-22T08:00:00+08:00",
        "en": "must be an RFC 3339 time such as 2026-11-22T08:00:00+08:00",
    },
    "time_offset": {
        "zh": "时间缺少时区，例如 +08:00 或 Z",
        "en": "has no offset from UTC, such as +08:00 or Z",
    },
    "because_missing": {
        "zh": "phase 为 end 时必须说明原因：{choices}",
        "en": "an end says because: {choices}",
    },
    "because_forbidden": {
        "zh": "只有 phase 为 end 时才可填写",
        "en": "belongs to phase end only",
    },
    "zone_without_camera": {"zh": "有区域就要有摄像头", "en": "a zone needs its camera"},
    "unknown_case": {"zh": "没有这件案件", "en": "is no case"},
    "unknown_name": {"zh": "配置里没有“{name}”", "en": "the site file knows no {name}"},
    "unknown_there": {"zh": "{owner} 没有“{name}”", "en": "{owner} has no {name}"},
    "too_large": {"zh": "最多 {limit} 字节", "en": "must have at most {limit} bytes"},
    "unsupported": {"zh": "只接受：{accepted}", "en": "must be one of: {accepted}"},
    "used": {"zh": "以前用于别的内容", "en": "was used before with other content"},
    "too_many": {"zh": "最多 {limit} 项", "en": "must have at most {limit} entries"},
    "too_deep": {
        "zh": "嵌套太深，最多 {limit} 层",
        "en": "is nested more than {limit} levels deep",
    },
    "reserved": {"zh": "请用同名的字段", "en": "belongs into the field of that name"},
    "base64": {"zh": "不是正确的 base64", "en": "is not valid base64"},
    "twice": {"zh": "出现了两次", "en": "stands there twice"},
    "picture": {"zh": "这张图片不能用：{reason}", "en": "the picture cannot be used: {reason}"},
    "picture_empty": {"zh": "图片是空的", "en": "the picture is empty"},
    "picture_twice": {
        "zh": "图片只能给一次：image 或 image_base64",
        "en": "give the picture once: image or image_base64",
    },
    "clip_not_kept": {"zh": "这里不保存视频片段", "en": "clips are not kept here"},
    "json": {"zh": "不是正确的 JSON", "en": "is not valid JSON"},
    "json_number": {"zh": "含有不允许的数值", "en": "holds a number that JSON does not allow"},
    "json_key_twice": {"zh": "键“{key}”出现了两次", "en": "the key {key} stands there twice"},
    "json_deep": {"zh": "嵌套太深", "en": "is nested too deep"},
    "utf8": {"zh": "不是正确的 UTF-8", "en": "is not valid UTF-8"},
    "multipart": {"zh": "multipart 不完整或有错误", "en": "is broken or cut multipart"},
    "header": {
        "zh": "缺少此请求头，或长度不在 1 到 {limit} 之间",
        "en": "is a header of 1 to {limit} printable characters",
    },
    "verb_field": {"zh": "不适用于 {verb}", "en": "does not belong to {verb}"},
    "invalid": {"zh": "不正确", "en": "is not valid"},
    "invalid_because": {"zh": "不正确：{reason}", "en": "is not valid: {reason}"},
}

SIGN_IN: Mapping[str, Words] = {
    "title": {"zh": "登录喊话器", "en": "Sign in to Loudhailer"},
    "enter": {"zh": "进入", "en": "Enter"},
    "no_token": {
        "zh": "请打开启动时显示的登录链接，或请管理员新建一个："
        "{program} link create --console --member 编号",
        "en": "Open the link printed at the start, or have one made: "
        "{program} link create --console --member ID",
    },
    "failed": {
        "zh": "链接已用过或已过期。请管理员新建一个：{program} link create --console --member 编号",
        "en": "The link was used or has expired. Have another one made: "
        "{program} link create --console --member ID",
    },
}

LANGUAGES = ("zh", "en")


def title(slug: str, language: str) -> str:
    """The title of a problem."""
    return TITLES[slug][language]


def detail(slug: str, language: str, params: Mapping[str, Any]) -> str:
    """The sentence of a problem."""
    return DETAILS[slug][language].format_map(params)


def fault(key: str, language: str, params: Mapping[str, Any]) -> str:
    """What is wrong with one field."""
    return FAULTS[key][language].format_map(params)


def sign_in(key: str, language: str) -> str:
    """A sentence of the sign-in page."""
    return SIGN_IN[key][language].format(program=program())
