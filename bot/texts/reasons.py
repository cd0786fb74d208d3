"""What goes wrong beneath us, for readers of Chinese.

Libraries, the system and our own lower parts tell their reasons in English; whoever reads a Chinese
sentence gets the known ones in Chinese.  One that is not known is better than none.
"""

from __future__ import annotations

import re

from bot.texts.evidence import EVIDENCE, STORES

_CHINESE: dict[str, str] = {
    # what the clock did to a case
    r"overdue": "超时",
    # sources
    r"this kind of source cannot be opened here": "这个版本还不能打开这种来源",
    r"there is no such file or folder": "没有这个文件或文件夹",
    r"the folder holds no picture": "文件夹里没有图片",
    r"holds no picture": "里面没有画面",
    r"has no video in it": "里面没有视频",
    r"is no picture that can be decoded": "不是能解码的图片",
    r"cannot be read: (.*)": "读不了：{0}",
    # lights
    r"nothing tells its state": "没有办法知道它亮没亮",
    r"its state cannot be read": "读不出它亮没亮",
    r"it took the order and stayed as it was": "收下了指令，但没有动",
    r"user or password is wrong(.*)": "用户名或密码不对{0}",
    r"HTTP (\d+): redirects are not followed": "HTTP {0}：不跟随转向",
    r"its certificate is not trusted": "它的证书不可信",
    r"speaks no HTTP that is understood(.*)": "说的不是 HTTP{0}",
    r"it says nothing new; what the broker kept agrees": "设备没有新消息，服务器保留的状态一致",
    r"the broker took it, the device says nothing": "服务器收下了，设备没有回音",
    r"the broker is there, the device says nothing": "服务器在，设备没有回音",
    r"what the broker kept": "服务器保留的状态",
    r"the broker does not know user and password": "服务器不认用户名和密码",
    r"the device has no relay": "设备没有继电器",
    r"the device has no such relay": "设备没有这个继电器",
    r"the device answered something else": "设备答非所问",
    r"it answers, but is no ONVIF device": "有应答，但不是 ONVIF 设备",
    # speakers
    r"speakers of kind (\S+): are not available yet; there are (.*)": (
        "这个版本还没有 {0}: 喇叭，现有 {1}"
    ),
    r"a speaker's url starts with its kind, such as browser: or file:DIR": (
        "喇叭的 url 以种类开头，如 browser: 或 file:文件夹"
    ),
    r"file: wants a folder, such as file:announcements": "file: 后面要写文件夹",
    r"the host or the port in the url is wrong": "url 里的主机或端口不对",
    r"the url names no host": "url 里没有主机名",
    r"the url names no port": "url 里没有端口",
    r"(\S+): takes no user and password": "{0}: 不用写用户名和密码",
    r"(\S+): wants an extension, such as (\S+)": "{0}: 要写分机号，如 {1}",
    r"the url holds characters that no device takes": "url 里有设备不认的字符",
    r"what follows the \? is written name=value&name=value": "? 后面应写成 名称=值&名称=值",
    r"(\S+): has no option of that name; there are: none": "{0}: 没有选项",
    r"(\S+): has no option of that name; there are: (.*)": "{0}: 没有这个选项，现有 {1}",
    r"option (\S+): an IP address of this machine": "选项 {0} 应为本机的一个 IP 地址",
    r"option (\S+): (\d+) to (\d+)": "选项 {0} 应为 {1} 到 {2}",
    r"option (\S+): (\S+) or (\S+)": "选项 {0} 应为 {1} 或 {2}",
    r"option (\S+): (\S+) or (\S+) or (\S+)": "选项 {0} 应为 {1}、{2} 或 {3}",
    r"option (\S+): (.*)": "选项 {0} 应为 {1}",
    r"there is a route; a page is not answered": "有路由；广播没有回执",
    r"no answer in time": "没有及时应答",
    r"the connection is closed": "连接已断开",
    r"the speaker is closed": "喇叭已关闭",
    r"the device answered (.*) before the sound had been sent": "声音还没发完，设备就回了 {0}",
    r"the device answered 401(.*)": "设备回了 401{0}：用户名或密码不对",
    r"the device answered (.*)": "设备回了 {0}",
    r"it rings, but is not answered": "振铃但没有接听",
    r"the device hung up": "设备挂断了",
    r"the device has a backchannel": "设备能接收声音",
    r"the device has no backchannel": "设备没有反向音频",
    r"the device takes no sound that we have": "设备不收我们的声音",
    r"the device sets up no session of this kind": "设备不接受这种连接",
    r"the device answers, but takes no sound that we have": "设备接听了，但不收我们的声音",
    r"the device answers": "设备有应答",
    r"the device did not answer": "设备没有回音",
    r"the device took too long to answer": "设备应答太慢",
    r"the device closed the connection": "设备断开了连接",
    r"the device stopped taking the sound": "设备不再接收声音",
    r"the device speaks no HTTP that is understood": "设备说的不是 HTTP",
    r"clip (\d+) was started": "已叫它播放第 {0} 段录音",
    r"this machine has no sound card, or may not use it": "这台机器没有声卡，或没有权限用它",
    r"there is no sound card of that name; there are: (.*)": "没有叫这个名字的声卡，现有 {0}",
    r"the sound card cannot be opened: (.*)": "声卡打不开：{0}",
    r"the sound card takes no sound": "声卡不再收声音",
    r"it took (\S+) s of sound within (\S+) s": "{0} 秒的声音 {1} 秒就收完了，不可能播出来",
    r"local: may be followed by a part of the sound card's name": "local: 后面是声卡名的一部分",
    r"the worker ended: local: needs a package: (.*)": "local: 还缺一个软件包：{0}",
    r"the speech engine has no voice (.*)": "语音引擎没有 {0} 这个声音",
    r"(\d+) open speaker pages": "{0} 个喇叭网页开着",
    r"no open speaker page": "没有打开的喇叭网页",
    r"no page said that it sounded": "网页没有回报播出来了",
    # the port
    r"LOUDHAILER_HTTP_PORT: port (\d+) of (\S+): (.*)": "LOUDHAILER_HTTP_PORT：{1} 的端口 {0}：{2}",
    r"another program has it: stop that one, or choose another port": (
        "被别的程序占用：请停掉那个程序，或换一个端口"
    ),
    # the system
    r"No such file or directory": "没有这个文件或文件夹",
    r"Permission denied": "没有权限",
    r"No space left on device": "磁盘满了",
    r"Read-only file system": "文件系统只读",
    r"Not a directory": "不是文件夹",
    r"Is a directory": "是文件夹，不是文件",
    r"Invalid data found when processing input": "内容不是音视频",
    r"Connection refused": "对方拒绝连接",
    r"Name or service not known": "找不到这个主机名",
    r"Network is unreachable": "网络不通",
    r"No route to host": "到不了这个地址",
    r"Cannot assign requested address": "本机没有这个网络地址",
    r"Connection reset by peer": "对方断开了连接",
    r"Connection timed out": "没有及时应答",
    r"Temporary failure in name resolution": "域名解析暂时不行",
    r"Connect call failed (.*)": "连不上 {0}",
    r"Multiple exceptions: .*": "连不上",
    r"\[Errno \d+\] ([^:]+): (.*)": "{1}：{0}",
}
_PATTERNS = [
    (re.compile(english, re.DOTALL), chinese)
    for english, chinese in (_CHINESE | dict(EVIDENCE) | dict(STORES)).items()
]


def reason_in(reason: object, language: str) -> str:
    """The reason in the reader's language where it is a known one, else as it is."""
    told = str(reason)
    if language == "en":
        return told
    for pattern, chinese in _PATTERNS:
        if found := pattern.fullmatch(told):
            return chinese.format(*(reason_in(part, language) for part in found.groups()))
    return told
