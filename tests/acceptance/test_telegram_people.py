"""Who may do what in the chats of a running program, and how it tells the others so."""

from __future__ import annotations

import pytest

from tests.support.botapi import Message
from tests.support.town import PARTY_CHAT, Card, Town, Yard, is_card, photo

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.slow]


async def refused(yard: Yard, card: Card, who: str, text: str) -> str:
    """What somebody is told who may not; the case stays as it was."""
    before = await yard.town.case(card.number)
    answer = await yard.say(yard.town.users[who], text.format(n=card.number))
    after = await yard.town.case(card.number)
    assert (before["state"], before["history"]) == (after["state"], after["history"])
    return answer.words


# -- strangers and masks


async def test_a_stranger_is_told_once_and_answered_at_every_press(town: Town) -> None:
    """How to be linked, once in ten minutes; presses get a toast; nothing is done."""
    yard = town.yard()
    card = await yard.opens()
    told = await yard.say(town.stranger, f"关闭 {card.number}")
    assert "还没绑定身份。请向工地管理员要邀请码" in told.words
    again = await town.stranger.says(yard.group, f"关闭 {card.number}")
    reply = await town.stranger.says(yard.group, "收到", reply_to=card.message)
    talk = await town.stranger.says(yard.group, "你好")
    await yard.silence(again, reply, talk)
    for label in ("确认", "误报"):
        press = await yard.press(town.stranger, card, label)
        assert "还没绑定身份" in (press.text or "")
        assert press.alert
    assert [entry["event"] for entry in (await town.case(card.number))["history"]] == ["opened"]
    assert "状态：待处理" in card.message.words


async def test_a_stranger_in_private(town: Town) -> None:
    """Told once how to be linked, whatever is said; help and whoami answer."""
    stranger = town.server.user(998, "路人")
    private = town.server.private(stranger)
    first = await stranger.says(private, "你好")
    told = await town.message(private, lambda m: m.reply_to is first)
    assert "还没绑定身份" in told.words
    more = [await stranger.says(private, text) for text in ("在吗", "/cases", "关闭 1")]
    asked = await stranger.says(private, "/whoami")
    answer = await town.message(private, lambda m: m.reply_to is asked)
    assert "telegram:998" in answer.words
    assert not [m for m in town.server.messages(private) if m.reply_to in more]


async def test_who_hides_cannot_act(town: Town) -> None:
    """An anonymous admin and a channel's mask are nobody, told so."""
    yard = town.yard()
    card = await yard.opens()
    said = await town.wang.says_anonymously(yard.group, f"关闭 {card.number}")
    assert "匿名管理员看不出是谁" in (await yard.answer(said)).words
    masked = await town.wang.says_as_channel(yard.group, f"误报 {card.number}", -100500)
    assert "匿名" in (await yard.answer(masked)).words
    quiet = await town.wang.says_anonymously(yard.group, "大家好")
    await yard.silence(quiet)
    assert await town.events(card.number) == ["opened system"]


# -- roles


async def test_a_viewer_and_an_auditor_look_and_act_on_nothing(town: Town) -> None:
    """The refusal says what they are, what they may not, and whom to ask."""
    yard = town.yard()
    card = await yard.opens()
    words = await refused(yard, card, "chen", "关闭 {n}")
    assert words == "您是“查看”权限，不能关闭。可以叫 @李工 或 @林工。"
    assert "不能确认" in await refused(yard, card, "sun", "/ack {n}")
    press = await yard.press(town.chen, card, "误报")
    assert "您是“查看”权限" in (press.text or "")
    assert press.alert
    for who in (town.chen, town.sun):
        assert f"#{card.number}" in (await yard.say(who, "/cases")).words
        assert "经过：" in (await yard.say(who, f"查看 {card.number}")).words
    horn = await yard.say(town.chen, "静音 大门 30分钟")
    assert "不能静音" in horn.words
    assert "@李工" in horn.words


async def test_a_member_of_another_site(town: Town) -> None:
    """Told whose case it is and which site is theirs."""
    yard = town.yard()
    card = await yard.opens()
    words = await refused(yard, card, "zhao", "确认 {n}")
    assert f"#{card.number} 属于{yard.plan.name}，您负责远工地" in words
    assert "@张网格" in words
    press = await yard.press(town.zhao, card, "确认")
    assert "您负责远工地" in (press.text or "")


async def test_a_community_workers_fix_needs_its_picture(town: Town) -> None:
    """By words it is refused, as a photo it counts; closing is for others."""
    yard = town.yard()
    card = await yard.opens()
    assert "请带一张整改后的照片" in await refused(yard, card, "zhang", "整改 {n}")
    words = await refused(yard, card, "zhang", "关闭 {n}")
    assert "您是“社区网格员”权限，不能关闭。可以叫 @李工" in words
    sent = await town.zhang.photo(yard.group, photo(70, 50), "已整改", reply_to=card.message)
    assert "张网格 报" in (await yard.answer(sent)).words
    await yard.shows(card, "已关闭 · 已整改 · 张网格", "（见后图）")


async def test_a_second_person_verifies(town: Town) -> None:
    """Who reported it fixed does not verify it; the buttons do as well as words."""
    yard = town.yard()
    card = await yard.opens("thrown_object")
    await yard.say(town.li, f"整改 {card.number}")
    shown = await yard.shows(card, "待复查 · 李工", "等王监督复查")
    assert shown.buttons == ["复查通过", "不通过", "误报"]
    words = await refused(yard, card, "li", "复查 {n} 通过")
    assert "是您自己报的整改，请别人复查" in words
    assert "@林工" in words
    press = await yard.press(town.lin, card, "不通过")
    assert "林工 复查" in (press.text or "")
    await yard.shows(card, "状态：待处理")
    await yard.say(town.li, f"整改 {card.number}")
    await yard.shows(card, "待复查")
    await yard.press(town.lin, card, "复查通过")
    await yard.shows(card, "已关闭 · 已整改 · 林工")


# -- emergencies


async def test_an_emergency_calls_everybody_and_ends_only_by_the_book(town: Town) -> None:
    """Loud, the chain mentioned; arrive first, a reason, a supervisor."""
    yard = town.yard()
    card = await yard.opens("fall", subject="track-1")
    n = card.number
    assert card.words.startswith(f"🔴 紧急 疑似人员摔倒 · 大门 #{n}\n")
    assert "观澜大道 88 号" in card.words
    assert "请马上到场。不要搬动伤者，需要时打 120" in card.words
    assert not card.message.silent
    called = {e["user"]["id"] for e in card.message.entities if e["type"] == "text_mention"}
    assert {111, 112} <= called
    assert card.words.count("@李工") == 1
    assert card.message.buttons == ["确认", "我已到场", "升级", "关闭", "喊话", "误报"]
    assert "@王监督" in await refused(yard, card, "li", "关闭 {n} 没事")
    assert "请先到场" in await refused(yard, card, "wang", "关闭 {n} 没事")
    assert "@王监督" in await refused(yard, card, "li", "误报 {n}")
    press = await yard.press(town.li, card, "我已到场")
    assert f"李工 已到场 #{n}" in (press.text or "")
    await yard.shows(card, "已确认", "李工", "已到场")
    assert "要写明原因" in await refused(yard, card, "wang", "关闭 {n}")
    press = await yard.press(town.wang, card, "关闭")
    assert f"关闭 {n} 原因" in (press.text or "")
    await yard.say(town.wang, f"关闭 {n} 人没事，绊了一下")
    await yard.shows(card, "已关闭", "王监督", "人没事，绊了一下")
    assert await town.events(n) == ["opened system", "arrived li", "closed wang"]


async def test_an_emergency_is_never_closed_by_a_camera(town: Town) -> None:
    """Seen gone is no proof that nobody lies there."""
    yard = town.yard()
    card = await yard.opens("fall", subject="t1")
    await yard.report("fall", subject="t1", phase="end", because="rectified")
    assert (await town.case(card.number))["state"] == "open"


async def test_a_supervisors_false_alarm_of_an_emergency(town: Town) -> None:
    """Without an arrival: somebody looked, and there was nothing."""
    yard = town.yard()
    card = await yard.opens("fall")
    await yard.say(town.wang, "误报 是模特", to=card.message)
    await yard.shows(card, "已关闭 · 误报 · 王监督", "是模特")


async def test_sos_and_urgent_words_open_an_emergency_at_once(town: Town) -> None:
    """Slash and plain, with and without words; one's second call is the same case."""
    yard = town.yard()
    answer = await yard.say(town.zhang, "/sos")
    number = number_in(answer)
    assert "🔴 张网格 报紧急" in answer.words
    card = await yard.card(number, yard.group)
    assert card.words.startswith(f"🔴 紧急 求救 · {yard.plan.name} #{number}")
    assert not card.message.silent
    again = await yard.say(town.zhang, "紧急 3号楼有人被压")
    assert number_in(again) == number
    other = await yard.say(town.li, "紧急 基坑塌了")
    assert number_in(other) != number
    await town.message(yard.group, lambda m: "基坑塌了" in m.words and m.media is None)
    assert "不能报紧急" in (await yard.say(town.chen, "/sos")).words


async def test_an_emergency_from_a_private_chat_asks_no_questions(town: Town) -> None:
    """Somebody of many sites is not asked which: the one that is named, or where duty is."""
    yard = town.yard()
    private = town.server.private(town.wang)
    asked = await town.wang.says(private, f"紧急 {yard.plan.name} 起火")
    answer = await town.message(private, lambda m: m.reply_to is asked)
    await yard.card(number_in(answer))
    asked = await town.li.says(town.server.private(town.li), "/sos")
    answer = await town.message(town.server.private(town.li), lambda m: m.reply_to is asked)
    assert (await town.case(number_in(answer)))["site"] == "yard-7"


def number_in(message: Message) -> int:
    """The first case that a message names."""
    digits = message.words.partition("#")[2]
    return int("".join(char for char in digits[:7] if char.isdigit()))


# -- the chain, work orders, the party


async def test_escalating_to_the_end_is_a_work_order(town: Town) -> None:
    """Site lead, supervisor, then the responsible party, in its own chat too."""
    yard = town.yard("order")
    card = await yard.opens()
    n = card.number
    await yard.say(town.zhang, f"升级 {n} 没人管")
    await yard.shows(card, "已升级 · 李工、林工")
    call = await town.message(yard.group, lambda m: "升级给 @李工" in m.words)
    assert "张网格 把" in call.words
    assert call.reply_to is card.message
    assert {e["user"]["id"] for e in call.entities if e["type"] == "text_mention"} == {111, 116}
    assert call.words.count("@李工") == 1
    await yard.say(town.li, f"升级 {n}")
    await yard.shows(card, "已升级 · 王监督")
    answer = await yard.say(town.wang, f"升级 {n}")
    assert "转为工单" in answer.words
    await yard.shows(card, "已派工单 · WO-order-1")
    order = await yard.card(n, town.server.world.chats[PARTY_CHAT])
    assert "WO-order-1" in order.words
    assert order.message.photo
    assert "@龚师傅" in await _work_order_call(town, n)
    assert "王监督 要监督" not in await refused(yard, card, "li", "关闭 {n}")
    assert "已派工单，要监督来关" in await refused(yard, card, "li", "关闭 {n}")
    party = order.message.chat
    said = await town.gong.says(party, f"关闭 {n}")
    assert "不能关闭" in (await yard.answer(said)).words
    await yard.answer(await town.gong.says(party, "收到", reply_to=order.message))
    await yard.shows(order, "龚师傅")
    sent = await town.gong.photo(party, photo(71, 50), "已整改", reply_to=order.message)
    assert "龚师傅 报" in (await yard.answer(sent)).words
    await yard.shows(order, "已关闭 · 已整改 · 龚师傅")
    await yard.shows(card, "已关闭 · 已整改 · 龚师傅")
    assert await town.events(n) == [
        "opened system",
        "escalated zhang",
        "escalated li",
        "work_order wang",
        "acknowledged gong",
        "rectified gong",
    ]


async def _work_order_call(town: Town, number: int) -> str:
    found = await town.message(
        town.server.world.chats[PARTY_CHAT],
        lambda m: "已派工单" in m.words and m.media is None and f"#{number}" in m.words,
    )
    return found.words


async def test_the_party_has_no_hand_in_other_cases(town: Town) -> None:
    """Its people act on work orders of its own, and on nothing else."""
    yard = town.yard("order")
    card = await yard.opens()
    assert "您是“查看”权限，不能确认" in await refused(yard, card, "gong", "确认 {n}")
    party = town.server.world.chats[PARTY_CHAT]
    asked = await town.gong.says(party, f"整改 {card.number}")
    assert f"#{card.number} 不在这个群里" in (await yard.answer(asked)).words
    assert (await town.case(card.number))["state"] == "open"
    assert not [m for m in town.server.messages(party) if is_card(m, card.number)]
    listed = await yard.answer(await town.gong.says(party, "/cases"))
    assert f"#{card.number}" not in listed.words
    plain = town.yard()
    foreign = await plain.opens()
    words = await refused(plain, foreign, "gong", "确认 {n}")
    assert f"#{foreign.number} 属于{plain.plan.name}，您负责派单工地" in words
    assert "您负责派单工地" in await refused(plain, foreign, "gong", "查看 {n}")


async def test_the_top_of_a_chain_without_a_party(town: Town) -> None:
    """There is nobody further up, and that is said."""
    yard = town.yard()
    card = await yard.opens()
    for _ in range(2):
        await yard.say(town.li, f"升级 {card.number}")
    assert "已经升到最高一级" in await refused(yard, card, "li", "升级 {n}")


async def test_nobody_acknowledges_in_time(town: Town) -> None:
    """The clock moves it on: the next ones are called, with a link."""
    yard = town.yard("hurry")
    card = await yard.opens()
    await yard.shows(card, "已升级 · 李工、林工")
    call = await town.message(yard.group, lambda m: "升级给 @李工" in m.words)
    assert "没人确认" in call.words
    assert call.reply_to is card.message
    await yard.say(town.li, "收到", to=card.message)
    await yard.shows(card, "已升级", "李工", "处理中")
    assert await town.events(card.number) == [
        "opened system",
        "escalated system",
        "acknowledged li",
    ]


# -- undo


async def test_undo_is_for_ones_own_last_act(town: Town) -> None:
    """Somebody else's is refused with the name; the button is for its own act only."""
    yard = town.yard()
    card = await yard.opens()
    first = await yard.say(town.li, f"确认 {card.number}")
    assert first.buttons == ["撤销"]
    assert "只能由本人撤销" in await refused(yard, card, "lin", "撤销 {n}")
    press = await yard.press(town.lin, first, "撤销")
    assert "只能由本人撤销" in (press.text or "")
    second = await yard.say(town.li, f"关闭 {card.number} 已整改")
    press = await yard.press(town.li, first, "撤销")
    assert (await town.case(card.number))["state"] == "closed"
    assert press.alert
    press = await yard.press(town.li, second, "撤销")
    assert f"李工 撤销了上一步，#{card.number}" in (press.text or "")
    await yard.shows(card, "状态：已确认 · 李工")
    assert "没有可以撤销的" in (await yard.say(town.li, "撤销")).words


async def test_undo_does_not_reach_past_what_others_did(town: Town) -> None:
    """One's last act was changed by another since: it is not the act before it that goes."""
    yard = town.yard()
    earlier, card = await yard.opens(), await yard.opens()
    await yard.say(town.li, f"确认 {earlier.number}")
    await yard.say(town.li, f"关闭 {card.number}")
    await yard.say(town.wang, f"重开 {card.number}")
    words = (await yard.say(town.li, "撤销")).words
    assert f"#{card.number} 最后是 王监督" in words
    assert (await town.case(earlier.number))["state"] == "acknowledged"


async def test_every_act_is_answered_with_its_undo(town: Town) -> None:
    """Also assigning and reopening."""
    yard = town.yard()
    card = await yard.opens()
    answer = await yard.say(town.li, f"指派 {card.number} @张网格")
    assert answer.buttons == ["撤销"]
    call = await town.message(yard.group, lambda m: m.words.startswith("👉 @张网格"))
    assert call.words.count("@张网格") == 1
    await yard.shows(card, "交给张网格")
    await yard.press(town.li, answer, "撤销")
    await yard.say(town.li, f"关闭 {card.number}")
    answer = await yard.say(town.wang, f"重开 {card.number}")
    await yard.press(town.wang, answer, "撤销")
    await yard.shows(card, "已关闭")


async def test_assigning_by_what_the_platform_calls_people(town: Town) -> None:
    """People choose from the list that appears when they type @."""
    yard = town.yard()
    card = await yard.opens()
    lin = town.server.user(116, "林工", "Lin_Gong")
    await lin.says(yard.group, "早")
    await yard.say(town.li, f"指派 {card.number} @lin_gong")
    await yard.shows(card, "交给林工")
    words = await refused(yard, card, "li", "指派 {n} @赵工")
    assert "没有叫“赵工”的人" in words


# -- private chats, linking, languages


async def test_who_wants_it_gets_cards_in_private_and_acts_there(town: Town) -> None:
    """`notify = "direct"`: card with buttons, edited like the others, words and presses work."""
    yard = town.yard("direct")
    private = town.server.private(town.qian)
    card = await yard.opens()
    own = await yard.card(card.number, private)
    assert own.message.photo
    assert own.message.buttons == card.message.buttons
    press = await yard.press(town.qian, own, "确认")
    assert "钱工 已确认" in (press.text or "")
    await yard.shows(card, "已确认 · 钱工")
    await yard.shows(own, "已确认 · 钱工")
    said = await town.qian.says(private, "关闭 已整改", reply_to=own.message)
    await yard.answer(said)
    await yard.shows(card, "已关闭 · 已整改 · 钱工")
    listed = await town.qian.says(private, "未处理")
    assert "没有未处理的案件" in (await yard.answer(listed)).words
    second = await yard.opens()
    await yard.say(town.zhang, f"升级 {second.number}")
    call = await town.message(private, lambda m: m.words.startswith("⬆️"))
    assert call.reply_to is not None
    assert is_card(call.reply_to, second.number)


async def test_linking_by_an_invite_code(town: Town) -> None:
    """In private only, once; from then on the account is the member."""
    yard = town.yard("direct")
    card = await yard.opens()
    code = await town.program.command("link", "create", "--member", "xin")
    account = town.users["xin"]
    in_group = await yard.say(account, f"/link {code}")
    assert "请私聊我发 /link" in in_group.words
    private = town.server.private(account)
    wrong = await account.says(private, "/link AAAA-BBBB")
    assert "邀请码不对" in (await yard.answer(wrong)).words
    right = await account.says(private, f"/link {code}")
    assert "绑定成功：您是 辛工（社区网格员）" in (await yard.answer(right)).words
    other = town.server.user(997, "别人")
    used = await other.says(town.server.private(other), f"/link {code}")
    assert "邀请码不对" in (await yard.answer(used)).words
    await yard.say(account, "收到", to=card.message)
    await yard.shows(card, "已确认 · 辛工")
    asked = await account.says(private, "/start")
    assert "回复卡片就行" in (await yard.answer(asked)).words


async def test_the_language_one_asks_for(town: Town) -> None:
    """Answers to that person change, the group's cards do not."""
    yard = town.yard()
    card = await yard.opens()
    answer = await yard.say(town.lin, "/language en")
    assert answer.words == "I will answer you in English from now on."
    answer = await yard.say(town.lin, f"ack {card.number}")
    assert answer.words.startswith(f"林工 acknowledged #{card.number}")
    await yard.shows(card, "已确认 · 林工")
    answer = await yard.say(town.lin, "/language zh")
    assert answer.words == "以后用中文回复您。"
    answer = await yard.say(town.lin, "/language fr")
    assert "只有中文" in answer.words


async def test_help_says_what_the_role_may_do(town: Town) -> None:
    """A viewer is not told how to close."""
    yard = town.yard()
    assert "关闭 12 已整改" in (await yard.say(town.li, "/help")).words
    assert "重开 12" in (await yard.say(town.wang, "帮助")).words
    community = (await yard.say(town.zhang, "/help")).words
    assert "收到 = 我来处理" in community
    assert "关闭 12" not in community
    viewer = (await yard.say(town.chen, "/help")).words
    assert "未处理" in viewer
    assert "收到" not in viewer
    assert "/link 邀请码" in (await yard.say(town.stranger, "/help")).words
    who = (await yard.say(town.wang, "/whoami")).words
    assert who.startswith("您是 王监督，监督，工地：")
