"""What a person is told whose voice note does nothing, and why."""

from __future__ import annotations

from collections.abc import Mapping

from bot.texts.hazards import Words

HEARING: Mapping[str, Words] = {
    "hearing.missing": Words(
        "还听不懂语音，什么都没做：没有语音识别模型，请管理员运行 {text}。"
        "现在请打字，或回复卡片“收到”。",
        "I cannot understand voice notes yet, nothing was done: the speech model is not here. "
        "An administrator can fetch it with: {text}. Please type, or reply “ok” to a card.",
    ),
    "hearing.off": Words(
        "这里没有开语音识别，什么都没做。请打字，或回复卡片“收到”。",
        "Voice notes are not listened to here, nothing was done. Please type, or reply “ok” to a "
        "card.",
    ),
    "hearing.silence": Words(
        "语音里没有听到人说话，什么都没做。请靠近手机再说一遍，或打字。",
        "I heard nobody speak in that recording, nothing was done. Please say it again close to "
        "the phone, or type.",
    ),
    "hearing.unclear": Words(
        "没听清，什么都没做。请在安静一点的地方再说一遍，或打字。",
        "I could not make that out, nothing was done. Please say it again where it is quieter, or "
        "type.",
    ),
    "hearing.language": Words(
        "抱歉，语音只听得懂普通话和英语，什么都没做。请用普通话再说一遍，或打字。",
        "Sorry, I understand spoken Mandarin and English only, nothing was done. Please say it "
        "again in one of them, or type.",
    ),
    "hearing.cantonese": Words(
        "不好意思，暂时听不懂粤语，什么都没做。请用普通话再说一遍，或打字。",
        "Sorry, I do not understand spoken Cantonese yet, nothing was done. Please say it again "
        "in Mandarin or English, or type.",
    ),
    "hearing.slow": Words(
        "这条语音处理超时，什么都没做。请说短一点再发一次，或打字。",
        "That recording took too long to understand, nothing was done. Please send a shorter one, "
        "or type.",
    ),
    "hearing.failed": Words(
        "语音识别出了故障，什么都没做。请再发一次，或打字。",
        "Understanding that recording failed, nothing was done. Please send it again, or type.",
    ),
    "hearing.busy": Words(
        "前面排队的语音太多，这条没有处理，什么都没做。请稍后再发，或打字。",
        "Too many voice notes are waiting, this one was not listened to and nothing was done. "
        "Please send it again later, or type.",
    ),
    "hearing.unknown": Words(
        "听到“{text}”，没听懂要做什么，什么都没做。发 /help 看看怎么说。",
        "I heard “{text}” and do not know what to do with it, nothing was done. Send /help to see "
        "what you can say.",
    ),
}
"""Key -> sentence; `text` is what was heard, of `hearing.missing` the command to type."""
