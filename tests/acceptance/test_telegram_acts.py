"""Looking, speaking, muting and reporting by hand in a running program."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest

from tests.support.town import Town, is_card, photo

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.slow]


# -- looking


async def test_open_cases_at_a_glance(town: Town) -> None:
    """/cases and 未处理 list this chat's live ones, gravest first; one with its history."""
    yard, other = town.yard(), town.yard()
    assert "没有未处理的案件" in (await yard.say(town.li, "/cases")).words
    general, foreign = await yard.opens(), await other.opens()
    grave = await yard.opens("climbing")
    for wording in ("/cases", "未处理", "/未处理", "open cases"):
        head, *lines = (await yard.say(town.li, wording)).words.splitlines()
        assert head == "未处理 2 件（严重 1 · 一般 1）"
        assert [
            f"#{case.number}" in line for case, line in zip((grave, general), lines, strict=True)
        ]
        assert f"#{foreign.number}" not in "".join(lines)
    await yard.say(town.li, f"确认 {general.number}")
    for wording in (f"/case {general.number}", f"查看 {general.number}", f"/查看 {general.number}"):
        shown = await yard.say(town.chen, wording)
        assert shown.photo
        assert "状态：已确认 · 李工" in shown.words
        assert "李工确认" in shown.words.partition("经过：")[2]
    assert "没有未处理的 #999999" in (await yard.say(town.li, "/case 999999")).words


async def test_status_cameras_duty_handover_and_report(town: Town) -> None:
    """What the site looks like now, in words."""
    yard = town.yard("yard-7")
    card = await yard.opens("no_vest")
    status = (await yard.say(town.li, "/status")).words
    assert status.startswith("七号工地 · ")
    assert "摄像头 1/1 在线" in status
    assert "值班：@李工" in status
    assert "未处理 " in status
    assert (await yard.say(town.li, "/cameras")).words == "🟢 大门"
    assert (await yard.say(town.li, "/duty")).words == "七号工地今天值班：@李工"
    handover = (await yard.say(town.li, "/handover")).words
    assert handover.startswith("🤝 七号工地交接班 ")
    assert "紧急 " in handover
    await yard.say(town.li, f"误报 {card.number}")
    for wording, days in (("/report", 7), ("/report 7d", 7), ("/report 30d", 30)):
        report = (await yard.say(town.li, wording)).words
        assert report.startswith(f"最近 {days} 天\n")
        assert "\n每天 " + "▁" * (days - 1) + "█\n" in report
        assert "未穿反光衣：1 件 █" in report
        assert "误报 1 件" in report
    assert "每天" not in (await yard.say(town.li, "/report 365d")).words
    plain = town.yard()
    assert (await plain.say(town.li, "/report")).words == "最近 7 天没有案件。"
    assert (await plain.say(town.li, "/duty")).words.endswith("现在没有排班。")
    assert (await plain.say(town.li, "/cameras")).words == "⚪ 大门：还没有画面"


async def test_a_snapshot_of_a_camera(town: Town) -> None:
    """By id, name or alias; without a picture in words; an unknown one is told all there are."""
    yard = town.yard("yard-7")
    for name in ("gate", "大门", "门口"):
        shown = await yard.say(town.chen, f"/snapshot {name}")
        assert shown.photo
        assert shown.words.startswith("大门 · ")
    unknown = await yard.say(town.chen, "/snapshot 塔吊")
    assert unknown.words == "没有叫“塔吊”的摄像头。有：大门。"
    plain = town.yard()
    assert (await plain.say(town.chen, "/snapshot 大门")).words == "大门现在没有画面。"


# -- speaking


async def test_staff_speak_on_the_horn(town: Town) -> None:
    """By id, by name, by place; told when it sounded, which is proved by the sound itself."""
    yard = town.yard("yard-7")
    for wording in ("/say gate-horn 请注意落物", "喊话 大门 请让一让", "喊话 大门喇叭 开饭了"):
        text = wording.split()[-1]
        said = await town.zhang.says(yard.group, wording)
        assert (await yard.answer(said)).words == f"已交给大门喇叭：{text}"
        await town.message(
            yard.group,
            lambda m, text=text: m.words == f"📢 大门喇叭已播：{text}",
        )
    sounds = sorted(Path(town.program.folder, "sounds").glob("*.wav"))
    assert len(sounds) >= 3
    with wave.open(str(sounds[-1])) as sound:
        assert sound.getnframes() / sound.getframerate() > 0.5


async def test_the_speak_button_says_how(town: Town) -> None:
    """Which horn it will be, and what to type; where there is none that is said."""
    yard = town.yard("yard-7")
    card = await yard.opens()
    press = await yard.press(town.li, card, "喊话")
    assert press.text == "对大门喇叭说什么？请发“喊话 大门喇叭 内容”，或在两分钟内发一条语音。"
    told = await town.message(yard.group, lambda m: m.reply_to is card.message)
    assert told.words == press.text
    plain = town.yard()
    card = await plain.opens()
    press = await plain.press(town.li, card, "喊话")
    assert press.text == "这里没有喇叭。"
    assert press.alert
    press = await plain.press(town.chen, card, "喊话")
    assert press.alert


async def test_horns_that_are_not_there(town: Town) -> None:
    """An unknown one is told those there are; none named, the same."""
    yard = town.yard("yard-7")
    assert "没有叫“塔吊”的喇叭。有：大门喇叭。" in (await yard.say(town.li, "喊话 塔吊 停")).words
    assert "用哪个喇叭？" in (await yard.say(town.li, "/say")).words
    assert "对大门喇叭说什么" in (await yard.say(town.li, "/say gate-horn")).words
    assert "不能喊话" in (await yard.say(town.chen, "/say gate-horn 你好")).words


async def test_a_horn_by_night(town: Town) -> None:
    """Only a supervisor, and only who insists; a warning keeps quiet, and the card says so."""
    yard = town.yard("night")
    refused = (await yard.say(town.li, "喊话 大门 请让一让")).words
    assert "夜里喊话要监督。可以叫 @王监督。" in refused
    assert "夜里喊话要监督" in (await yard.say(town.li, "喊话 大门 强制 请让一让")).words
    refused = (await yard.say(town.wang, "喊话 大门 请让一让")).words
    assert "只播紧急" in refused
    assert "喊话 大门喇叭 强制 内容" in refused
    answer = (await yard.say(town.wang, "喊话 大门 强制 请让一让")).words
    assert answer == "已交给大门喇叭：请让一让"
    await town.message(yard.group, lambda m: "已播：请让一让" in m.words)
    card = await yard.opens()
    await yard.shows(card, "📢 大门喇叭：静音时段，没有播")
    grave = await yard.opens("fall")
    await yard.shows(grave, "📢 大门喇叭已提醒 1 次")


async def test_muting_always_ends_and_emergencies_pass(town: Town) -> None:
    """By a site lead up to two hours, by a supervisor a day; the card and /status say so."""
    yard = town.yard("yard-7")
    answer = (await yard.say(town.li, "/mute gate 30m")).words
    assert answer.startswith("李工 已把大门静音 30 分钟")
    assert "静音中：大门" in (await yard.say(town.li, "/status")).words
    grave = await yard.opens("fall", subject="muted")
    await yard.shows(grave, "📢 大门喇叭已提醒 1 次")
    await yard.say(town.wang, f"误报 {grave.number}")
    assert (await yard.say(town.li, "/unmute gate")).words == "李工 已解除大门静音。"
    assert "没有静音" in (await yard.say(town.li, "解除静音 大门")).words
    assert "最多可以静音 2 小时" in (await yard.say(town.li, "静音 大门 3小时")).words
    assert "静音 3 小时" in (await yard.say(town.wang, "静音 大门 3小时")).words
    await yard.say(town.wang, "取消静音 大门")
    await yard.silence(await town.li.says(yard.group, "静音 大门"))


# -- reporting by hand


async def test_reports_by_hand(town: Town) -> None:
    """Words alone, words with a photo, words with an album; a person's report is not 疑似."""
    yard = town.yard()
    answer = await yard.say(town.zhang, "上报 3栋临边没有护栏")
    number = int(answer.words.partition("#")[2].partition("（")[0])
    assert answer.words.endswith("谢谢 张网格。")
    card = await town.message(yard.group, lambda m: is_card(m, number))
    assert card.words.startswith(f"🟡 其他隐患 · {yard.plan.name} #{number}")
    assert "📝 张网格 上报：3栋临边没有护栏" in card.words
    sent = await town.zhang.photo(yard.group, photo(100, 60), "上报 电箱没锁")
    number = int((await yard.answer(sent)).words.partition("#")[2].partition("（")[0])
    assert (await yard.card(number)).message.photo
    album = await town.zhang.album(yard.group, [photo(101, 60), photo(102, 60)], "/hazard 积水")
    number = int((await yard.answer(album[0])).words.partition("#")[2].partition("（")[0])
    await yard.silence(album[1])
    kinds = [one["kind"] for one in (await town.case(number))["snapshots"]]
    assert kinds == ["annotated", "evidence"]
    assert "写上要说的话" in (await yard.say(town.zhang, "/hazard")).words
    assert "不能上报" in (await yard.say(town.chen, "上报 没人管")).words


async def test_words_of_any_kind_and_length(town: Town) -> None:
    """Markup is text, and a note of thousands of characters leaves the card its first lines."""
    yard = town.yard()
    answer = await yard.say(town.zhang, "上报 <b>3栋</b> & 没有护栏 </a> &lt; 🚧" + "很长" * 1500)
    number = int(answer.words.partition("#")[2].partition("（")[0])
    card = await town.message(yard.group, lambda m: is_card(m, number))
    assert card.words.startswith(f"🟡 其他隐患 · {yard.plan.name} #{number}\n")
    assert "<b>3栋</b> & 没有护栏 </a> &lt; 🚧很长" in card.words
    answer = await yard.say(town.li, f"关闭 {number} 已整改 <i> & " + "够长" * 1500)
    assert f"李工 已关闭 #{number}" in answer.words
    await yard.shows(card, "已关闭 · 已整改 · 李工", "<i> & 够长")
    assert "经过：" in (await yard.say(town.li, f"查看 {number}")).words


async def test_a_report_from_a_private_chat_names_its_site(town: Town) -> None:
    """Where somebody has many sites the words must say which."""
    yard = town.yard()
    private = town.server.private(town.zhang)
    asked = await town.zhang.says(private, "上报 有积水")
    assert "请写明是哪个" in (await yard.answer(asked)).words
    asked = await town.zhang.says(private, f"上报 {yard.plan.name} 有积水")
    answer = await yard.answer(asked)
    number = int(answer.words.partition("#")[2].partition("（")[0])
    await town.message(yard.group, lambda m: is_card(m, number))
