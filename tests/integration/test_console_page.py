"""The console's page in a real browser: what a supervisor sees, types, presses and hears."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import pytest_asyncio

from bot.domain.case import Outcome, State
from bot.domain.hazard import Severity
from bot.domain.message import Mention
from bot.ports_console import CameraView, HornView
from tests.support.chromium import Browser, Page, chromium
from tests.support.console_house import ConsoleHouse, console_house, hum, now_ms

LIVE = "document.querySelector('#link')?.dataset.state === 'live'"
CARD = "document.querySelector('.card')"
WATCH_ANSWERS = """
window.answers = [];
new MutationObserver(() => {
  const all = [...document.querySelectorAll(".toast")].filter((one) => one.getClientRects().length);
  const log = document.querySelector("#log").getBoundingClientRect();
  const covers = (one) => [...document.querySelectorAll("#log .card")].some((card) => {
    const t = one.getBoundingClientRect(), c = card.getBoundingClientRect();
    const bottom = Math.min(c.bottom, log.bottom);
    return t.left < c.right && c.left < t.right && t.top < bottom && c.top < t.bottom;
  });
  const text = all.map((one) => one.innerText).join("|");
  if (all.length) window.answers.push({ text, shown: all.length, over: all.some(covers) });
}).observe(document.querySelector("#toasts"), { childList: true });
"""
"""Keeps what the answers to presses looked like: they are gone before a busy machine looks."""

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


FAINT = """
(() => {
  const numbers = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = (colour) => colour.slice(0, 3)
    .map((c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, n) => sum + c * [0.2126, 0.7152, 0.0722][n], 0);
  const under = (one) => {
    for (; one; one = one.parentElement) {
      const colour = numbers(getComputedStyle(one).backgroundColor);
      if (colour.length === 3 || colour[3] > 0.9) return colour;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll("body *")]
    .filter((one) => one.getClientRects().length && !one.closest(":disabled"))
    .filter((one) => [...one.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()))
    .map((one) => {
      const [a, b] = [light(numbers(getComputedStyle(one).color)), light(under(one))];
      return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), one];
    })
    .filter(([ratio]) => ratio < 4.5)
    .map(([ratio, one]) => `${ratio.toFixed(2)} ${one.className}: ${one.textContent}`);
})()
"""
"""Words that stand out from what is under them by less than WCAG 2 AA asks of small ones."""


def photo(width: int = 320, height: int = 180) -> bytes:
    """A JPEG that a browser can show."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[:, : width // 2] = (40, 160, 220)
    return cv2.imencode(".jpg", picture)[1].tobytes()


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def house(tmp_path: Path) -> AsyncIterator[ConsoleHouse]:
    """The whole house."""
    async with console_house(tmp_path) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all; every page is a stranger to the others."""
    async with chromium() as made:
        yield made


async def desk(
    browser: Browser, house: ConsoleHouse, member: str = "li", width: int = 1440
) -> Page:
    """A page after following a sign-in link as a person does."""
    page = await browser.open("about:blank", width, 844 if width < 760 else 900)
    await page.go(house.url + await house.login_path(member))
    await page.until(LIVE)
    await page.value(WATCH_ANSWERS)
    return page


async def answered(page: Page, words: str) -> list[dict[str, Any]]:
    """Wait for an answer with these words; every answer so far."""
    return await page.until(
        f"window.answers.some(({{text}}) => text.includes({json.dumps(words)})) && window.answers"
    )


async def eventually(found, within: float = 60.0):
    """Wait until a condition here holds."""
    async with asyncio.timeout(within):
        while not (value := found()):
            await asyncio.sleep(0.02)
    return value


async def test_who_is_not_signed_in_is_told_how(browser: Browser, house: ConsoleHouse) -> None:
    """In both languages, without a single refused script or style."""
    page = await browser.open(house.url, 360, 640)
    assert "登录链接" in await page.until("document.querySelector('h1')?.innerText")
    await page.click("#language")
    await page.until("document.querySelector('h1').innerText.includes('sign-in link')")
    assert await page.value(OVERFLOW) <= 0
    assert [text for text in page.complaints if "401" not in text] == []


async def test_a_card_is_acknowledged_by_its_button(browser: Browser, house: ConsoleHouse) -> None:
    """Card, picture and button; the press is answered, and the card changes for everybody."""
    phone = await desk(browser, house, "li", 390)
    other = await desk(browser, house, "wang")
    await house.yard.open("no_helmet", shot=photo())
    await phone.until("document.querySelector('.card img')?.naturalWidth === 320")
    assert "疑似未戴安全帽 · 大门 #1" in await phone.text(".card h3")
    assert await phone.value("document.querySelector('.card').dataset.severity") == "general"
    await phone.click(".card button", "确认")
    await answered(phone, "李工")
    for page in (phone, other):
        await page.until("document.querySelector('.card').dataset.state === 'acknowledged'")
        assert "李工" in await page.text(".card .stands")
        assert page.complaints == []


async def test_a_case_is_closed_by_typing(browser: Browser, house: ConsoleHouse) -> None:
    """Words with a tick, the answer, and a card that steps back; the list is empty."""
    await house.yard.open("no_helmet", shot=photo())
    page = await desk(browser, house)
    await page.until("document.querySelectorAll('.case').length === 1")
    await page.click("#words")
    await page.type("关闭 1 已整改")
    await page.press("Enter")
    await page.until("document.querySelector('.card').dataset.state === 'closed'")
    await page.until("document.querySelector('.bubble[data-own=yes] .tick[data-taken=yes]')")
    await page.until("document.querySelectorAll('.case').length === 0")
    assert await page.value("document.querySelectorAll('.card .actions').length") == 0
    assert await page.value("document.querySelectorAll('.bubble[data-own=yes]').length") == 1
    assert page.complaints == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_all_words_can_be_read_in_the_sun(
    browser: Browser, house: ConsoleHouse, dark: bool
) -> None:
    """Grades, states and times of day of every kind of card, in the chat and in the list."""
    for hazard, state in (
        ("no_helmet", State.OPEN),
        ("climbing", State.ESCALATED),
        ("fall", State.ESCALATED),
        ("no_vest", State.RECTIFIED),
        ("speeding", State.WORK_ORDER),
        ("absence", State.ACKNOWLEDGED),
        ("other", State.CLOSED),
    ):
        case = await house.yard.open(hazard)
        closed = Outcome.SELF_CLOSED if state is State.CLOSED else None
        await house.yard.show(replace(case, state=state, outcome=closed))
    page = await desk(browser, house)
    await page.dark(dark)
    await page.click("#words")
    await page.type("/status")
    await page.press("Enter")
    await page.until("document.querySelector('.bubble .tick[data-taken=yes]')")
    states = "new Set([...document.querySelectorAll('.card')].map((one) => one.dataset.state)).size"
    await page.until(f"{states} >= 6")
    assert await page.value(FAINT) == []


LONG_LINE = """
document.querySelector(".case-where").textContent =
  "深基坑东侧三号塔吊下材料堆放区 · 观澜大道综合整治工程七号工地 · 王监督 Wolfeschlegelsteinhausen";
document.querySelector(".case-what").append(" Unguarded-edge-of-the-excavation-beside-the-road");
"""
RUNS_OUT = """
[...document.querySelectorAll(".case, .case .chip, .case-when")].filter((one) =>
  one.getBoundingClientRect().right >
    document.querySelector("#case-list").getBoundingClientRect().right + 0.5
).length
"""


@pytest.mark.parametrize("width", [1280, 900, 390])
async def test_a_long_line_of_the_case_list_stays_in_its_pane(
    browser: Browser, house: ConsoleHouse, width: int
) -> None:
    """The badge and the time are seen whole; the place gives way."""
    await house.yard.open("no_helmet")
    page = await browser.open("about:blank", width, 860)
    await page.go(house.url + await house.login_path("wang"))
    await page.until(LIVE)
    await page.until("document.querySelectorAll('.case').length === 1")
    if width < 760:
        await page.click("[data-tab=cases]")
    await page.value(LONG_LINE)
    assert await page.value(RUNS_OUT) == 0
    assert await page.value("document.querySelector('.case-when').clientWidth") > 0
    assert await page.value("document.querySelector('.case .chip').clientWidth") > 0


async def test_a_reply_with_a_photo_hangs_on_its_card(
    browser: Browser, house: ConsoleHouse, tmp_path: Path
) -> None:
    """The after-picture: reply, attach, send."""
    await house.yard.open("no_helmet")
    page = await desk(browser, house, "li", 390)
    file = tmp_path / "after.jpg"
    file.write_bytes(photo())
    await page.click(".card .reply")
    await page.choose("#photo", file)
    await page.until("!document.querySelector('#attached').hidden")
    await page.click("#send")
    (incoming,) = await eventually(lambda: list(house.yard.inbox.values()))
    assert (incoming.kind, incoming.reply_to, incoming.reply_to_own) == ("photo", "1", True)
    await page.until("document.querySelector('.bubble[data-own=yes] img')?.naturalWidth === 320")
    await page.until("document.querySelectorAll('.bubble').length === 1")
    await page.click(".bubble .shot")
    await page.until("document.querySelector('#viewer').open")
    await page.press("Escape")
    await page.until("!document.querySelector('#viewer').open")
    assert page.complaints == []


async def test_what_is_typed_without_a_connection_arrives_once(
    browser: Browser, house: ConsoleHouse
) -> None:
    """Kept, also over a reload of the page, sent after the reconnection, in order, never twice."""
    page = await desk(browser, house, "li", 390)
    await house.pull_the_plug()
    await page.until("!document.querySelector('#banner').hidden")
    for text in ("第一句", "第二句"):
        await page.click("#words")
        await page.type(text)
        await page.press("Enter")
    await page.until("document.querySelectorAll('.pending').length === 2")
    await house.plug_in()
    await page.until(LIVE)
    await page.until("document.querySelectorAll('.tick[data-taken=yes]').length === 2")
    assert [incoming.text for incoming in house.yard.inbox.values()] == ["第一句", "第二句"]
    assert await page.value("document.querySelectorAll('.bubble').length") == 2
    assert await page.value("localStorage.getItem('loudhailer.outbox.li')") == "[]"


async def test_a_page_that_was_away_catches_up(browser: Browser, house: ConsoleHouse) -> None:
    """Cards that changed meanwhile tell the truth after the reconnection."""
    case = await house.yard.open("no_helmet")
    page = await desk(browser, house)
    await page.until(CARD)
    await house.pull_the_plug()
    await page.until("!document.querySelector('#banner').hidden")
    await house.yard.show(
        replace(case, state=State.CLOSED, outcome=Outcome.SELF_CLOSED, closed_at=now_ms())
    )
    await house.yard.open("climbing")
    await house.plug_in()
    await page.until("document.querySelectorAll('.card').length === 2")
    await page.until("document.querySelector('#m1').dataset.state === 'closed'")
    await page.until("document.querySelector('#banner').hidden")


async def test_what_people_write_is_never_markup(browser: Browser, house: ConsoleHouse) -> None:
    """Shown letter by letter, in the chat, the list and the quotation of a reply."""
    evil = "<img src=x onerror=\"document.title='owned'\"><script>1</script>&lt;b&gt;"
    page = await desk(browser, house)
    await house.yard.say(evil)
    await page.until("document.querySelector('.bubble .text')")
    assert await page.text(".bubble .text") == evil
    await page.click(".bubble .reply")
    assert evil in await page.text("#replying")
    assert "owned" not in await page.value("document.title")
    assert page.complaints == []


@pytest.mark.parametrize("name", ["Li Wei-Chan (night)", "李工（夜班）", "a+b [c] \\\\d / e|f"])
async def test_whoever_is_called_is_shown_by_name(
    browser: Browser, house: ConsoleHouse, name: str
) -> None:
    """Whatever letters a name has: a pattern that breaks would leave the whole chat empty."""
    page = await desk(browser, house)
    called = (Mention(name, "li"), Mention(name.split()[0][:2], "wang"))
    words = f"🟠 Up it goes · gate #12\nOn duty: @{name}"
    await house.yard.say(words, mentions=called, case=12, severity=Severity.SERIOUS)
    await page.until("document.querySelector('#log mark')")
    assert await page.text("#log mark") == f"@{name}"
    assert page.complaints == []


async def test_an_emergency_cannot_be_overlooked(browser: Browser, house: ConsoleHouse) -> None:
    """A strip over everything that leads to its card, however far up that is."""
    page = await desk(browser, house, "wang", 390)
    fall = await house.yard.open("fall", "pit-east")
    for n in range(70):
        await house.yard.say(f"消息 {n}")
    await page.until("!document.querySelector('#alarm').hidden")
    assert "紧急：疑似人员摔倒 · 基坑东侧 #1" in await page.text("#alarm")
    await page.go(house.url)
    await page.until(LIVE)
    await page.until("!document.querySelector('#alarm').hidden")
    assert await page.value(f"document.querySelector('#m{fall.number}')") is None
    await page.click("#alarm")
    await page.until("document.querySelector('#sheet').open")
    await page.click("#sheet button", "我已到场")
    await page.until("document.querySelector('#sheet .stands').innerText.includes('已到场')")
    assert page.complaints == []


async def test_a_case_that_hangs_in_no_chat_opens_from_the_list(
    browser: Browser, house: ConsoleHouse
) -> None:
    """Picture, words, story and buttons that work; nothing is posted anywhere for looking."""
    await house.yard.open("no_helmet", shot=photo(), posted=False)
    page = await desk(browser, house, "wang")
    await page.click(".case")
    await page.until("document.querySelector('#sheet img')?.naturalWidth === 320")
    assert "疑似未戴安全帽 · 大门 #1" in await page.text("#sheet h3")
    await page.click("#sheet button", "确认")
    await answered(page, "王监督")
    await page.until("document.querySelector('#sheet .card').dataset.state === 'acknowledged'")
    assert await page.value("document.querySelectorAll('.log .card').length") == 0
    (press,) = house.yard.inbox.values()
    assert (press.chat.key, press.chat.private, press.reply_to) == ("console:@wang", True, None)
    assert page.complaints == []


async def test_answers_cover_no_card_and_do_not_pile_up(
    browser: Browser, house: ConsoleHouse
) -> None:
    """At most two, and not over what was just pressed, on a phone as on a desk."""
    for width in (390, 1280):
        await house.yard.open("no_helmet", shot=photo())
        page = await desk(browser, house, "li", width)
        for verb in ("确认", "关闭"):
            await page.click(".card button", verb)
            await answered(page, "acknowledged" if verb == "确认" else "closed")
        for n in range(4):
            await house.channel.answer_press(f"li:{n}", f"回答 {n}")
        answers = await answered(page, "回答 3")
        assert max(one["shown"] for one in answers) <= 2
        assert [one for one in answers if one["over"]] == [], width


@pytest.mark.long
async def test_how_old_a_case_is_goes_on(browser: Browser, house: ConsoleHouse) -> None:
    """Also when nothing else happens, and it becomes overdue by itself."""
    await house.yard.open("no_helmet", posted=False, at=now_ms() - 560_000)
    await house.yard.open("climbing", posted=False)
    page = await desk(browser, house)
    await page.until("document.querySelectorAll('.case-when').length === 2")
    await page.value("window.fetch = () => Promise.reject(new Error('no more lists'))")
    young, old = [f"document.querySelectorAll('.case-when')[{n}].innerText" for n in (0, 1)]
    first = await page.value(young)
    await page.until(f"{young} !== {json.dumps(first)}")
    await page.until(f"{old}.includes('已超时')")


async def test_older_messages_come_when_one_scrolls_up(
    browser: Browser, house: ConsoleHouse
) -> None:
    """Page by page, to the first."""
    for n in range(130):
        await house.yard.say(f"消息 {n}")
    page = await desk(browser, house)
    await page.until("document.querySelectorAll('.bubble').length === 60")
    for count in (120, 130):
        await page.value("document.querySelector('#log').scrollTop = 0")
        await page.until(f"document.querySelectorAll('.bubble').length === {count}")
    assert await page.text(".bubble .text") == "消息 0"
    assert await page.value("document.querySelectorAll('.more').length") == 0


async def test_new_messages_do_not_move_what_one_reads(
    browser: Browser, house: ConsoleHouse
) -> None:
    """A button counts them and leads to them."""
    for n in range(40):
        await house.yard.say(f"消息 {n}")
    page = await desk(browser, house, "li", 390)
    await page.until("document.querySelectorAll('.bubble').length === 40")
    await page.value("document.querySelector('#log').scrollTop = 100")
    await page.until("!document.querySelector('#jump').hidden")
    before = await page.value("document.querySelector('#log').scrollTop")
    await house.yard.say("新的")
    await page.until("document.querySelector('#jump').dataset.unread === 'yes'")
    assert await page.value("document.querySelector('#log').scrollTop") == before
    await page.click("#jump")
    await page.until("document.querySelector('#jump').hidden")


async def test_cameras_show_their_newest_picture_and_state(
    browser: Browser, house: ConsoleHouse
) -> None:
    """Live with its age, failed and too slow in words; hidden tiles fetch nothing."""
    house.wall.states = {
        "gate": CameraView("gate", "live", now_ms()),
        "pit-east": CameraView("pit-east", "slow", now_ms(), looks_per_second=0.84),
        "crane": CameraView("crane", "failed", None, "connection refused"),
    }
    house.wall.pictures = {"gate": (photo(), now_ms())}
    page = await desk(browser, house, "li", 390)
    await page.until("document.querySelectorAll('.camera').length === 3")
    assert house.wall.asked == []
    await page.click("[data-tab=cameras]")
    await page.until("document.querySelector('.camera[data-camera=gate] img').naturalWidth === 320")
    assert "没有画面" in await page.text(".camera[data-camera=crane]")
    assert "看得太少" in await page.text(".camera[data-camera=pit-east]")
    assert "0.8" in await page.value(
        "document.querySelector('.camera[data-camera=pit-east]').title"
    )
    house.wall.pictures["gate"] = (photo(400, 200), now_ms())
    await page.until("document.querySelector('.camera[data-camera=gate] img').naturalWidth === 400")


async def test_the_page_speaks_after_a_tap(browser: Browser, house: ConsoleHouse) -> None:
    """Started, shown, ended, and reported with proof."""
    page = await desk(browser, house)
    assert house.hub.live == []
    await page.click(".speaker .start")
    await page.until("document.querySelector('.speaker[data-state=ready]')")
    playing = asyncio.create_task(house.hub.play(hum(1.2, "请戴好安全帽"), key="k"))
    await page.until("document.querySelector('.speaker[data-state=speaking]')")
    assert "请戴好安全帽" in await page.text(".speaker blockquote")
    report = await playing
    assert (report.outcome, report.detail) == ("spoken", "")
    await page.until("document.querySelector('.speaker[data-state=ready]')")
    await page.click(".speaker button", "停止")
    await eventually(lambda: not house.hub.live)
    assert page.complaints == []


async def test_a_speaker_that_is_dead_says_so_on_its_tile(
    browser: Browser, house: ConsoleHouse
) -> None:
    """Since when, and why."""
    house.horns = {"pit-horn": HornView("pit-horn", ok=False, since=now_ms(), why="no answer")}
    page = await desk(browser, house)
    await page.until("document.querySelector('#speakers .fault')")
    assert "没有声音：no answer" in await page.text("#speakers .fault")
    assert page.complaints == []


async def test_a_speaker_that_answers_again_is_not_called_silent(
    browser: Browser, house: ConsoleHouse
) -> None:
    """Nor is it called well before it has been for a while; in the language that is chosen."""
    since, back = now_ms() - 600_000, now_ms()
    house.horns = {"pit-horn": HornView("pit-horn", False, since, "no answer in time", back)}
    page = await desk(browser, house)
    await page.until("document.querySelector('#speakers').innerText.includes('起又有回音')")
    assert await page.value("document.querySelectorAll('#speakers .fault').length") == 0
    house.horns = {"pit-horn": HornView("pit-horn", False, since, "no answer in time")}
    await page.click("button", "English")
    await page.until(
        "document.querySelector('#speakers .fault')?.innerText.includes('no answer in time')", 5
    )
    assert page.complaints == []


async def test_the_tile_of_a_page_says_whether_another_device_is_that_horn(
    browser: Browser, house: ConsoleHouse
) -> None:
    """Whoever could become the horn sees first whether it is one already, or nobody listens."""
    house.horns = {"gate-horn": HornView("gate-horn", ok=True)}
    page = await desk(browser, house)
    await page.until("document.querySelector('#speakers').innerText.includes('已有设备开着')")
    house.horns = {"gate-horn": HornView("gate-horn", ok=False, since=now_ms(), why="0 open pages")}
    await page.until("document.querySelector('#speakers .fault')")
    assert "没有声音：0 open pages" in await page.text("#speakers .fault")
    assert page.complaints == []


async def test_a_tablet_becomes_the_horn_by_its_own_link(
    browser: Browser, house: ConsoleHouse
) -> None:
    """Without a session; it shows the sentence in big letters, and joins again by itself."""
    page = await browser.open(house.url + house.links.path("gate-horn"), 1024, 768)
    await page.until("document.querySelector('.name').innerText === '大门喇叭'")
    await page.click("#start")
    await page.until("document.body.dataset.state === 'ready'")
    report = await house.hub.play(hum(0.5, "基坑是危险区域"), key="k")
    assert report.outcome == "spoken"
    assert await page.text(".said") == "基坑是危险区域"
    await house.pull_the_plug()
    await page.until("document.body.dataset.state === 'connecting'")
    await house.plug_in()
    await page.until("document.body.dataset.state === 'ready'")
    await eventually(lambda: house.hub.live)


async def test_the_page_falls_silent_when_told(browser: Browser, house: ConsoleHouse) -> None:
    """A sentence that is no longer true is cut off."""
    page = await browser.open(house.url + house.links.path("gate-horn"), 1024, 768)
    await page.until("document.querySelector('.name').innerText === '大门喇叭'")
    await page.click("#start")
    await page.until("document.body.dataset.state === 'ready'")
    playing = asyncio.create_task(house.hub.play(hum(30, "很长的一句"), key="k"))
    await page.until("document.body.dataset.state === 'speaking'")
    playing.cancel()
    await page.until("document.body.dataset.state === 'ready'")


@pytest.mark.parametrize("width", [360, 390, 820, 1440])
async def test_everything_fits_the_screen(
    browser: Browser, house: ConsoleHouse, width: int
) -> None:
    """No sideways scrolling in either language, and targets that a glove can hit."""
    await house.yard.open("fall", "pit-east", shot=photo())
    await house.yard.open("no_helmet", shot=photo())
    page = await desk(browser, house, "wang", width)
    await page.until("document.querySelectorAll('.card').length === 2")
    for next_language in ("en", "zh-CN"):
        assert await page.value(OVERFLOW) <= 0
        small = await page.value(
            "[...document.querySelectorAll('.card button, .tabs button, #send, .case, .start')]"
            ".filter((e) => e.getClientRects().length && !e.matches('.reply'))"
            ".filter((e) => e.getBoundingClientRect().height < 44).map((e) => e.innerText)"
        )
        assert small == []
        await page.click("#language")
        await page.until(f"document.documentElement.lang === '{next_language}'")


async def test_every_control_has_a_name(browser: Browser, house: ConsoleHouse) -> None:
    """For those who hear the page instead of seeing it."""
    await house.yard.open("fall", "pit-east", shot=photo())
    page = await desk(browser, house)
    await page.until(CARD)
    nameless = await page.value(
        "[...document.querySelectorAll('button, input, textarea, summary, a')]"
        ".filter((e) => !(e.textContent.trim() || e.getAttribute('aria-label')))"
        ".map((e) => e.outerHTML)"
    )
    assert nameless == []


async def test_the_language_changes_without_a_reload(browser: Browser, house: ConsoleHouse) -> None:
    """And is remembered."""
    await house.yard.open("fall", "pit-east")
    page = await desk(browser, house)
    await page.until("document.querySelector('.case')")
    await page.click("#language")
    await page.until("document.querySelector('.case').innerText.includes('Suspected: person down')")
    assert await page.value("document.title") == "🔴 Loudhailer · Console"
    await page.go(house.url)
    await page.until("document.querySelector('#cases-title')?.innerText === 'Cases'")


async def test_whoever_is_deactivated_sees_it_at_once(
    browser: Browser, house: ConsoleHouse
) -> None:
    """The open page says so and sends nothing more."""
    page = await desk(browser, house)
    del house.members["li"]
    await page.until("document.querySelector('#banner').innerText.includes('登录已失效')")


HEARD = """
window.heard = [];
const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () {
  window.heard.push(this.src);
  return play.call(this);
};
"""


async def hold(page: Page, selector: str, seconds: float) -> None:
    """Keep the mouse down on it."""
    found = await page.value(
        f"(({{x, y, width, height}}) => [x + width / 2, y + height / 2])"
        f"(document.querySelector({json.dumps(selector)}).getBoundingClientRect())"
    )
    where = {"x": found[0], "y": found[1], "button": "left", "clickCount": 1}
    await page.call("Input.dispatchMouseEvent", type="mousePressed", **where)
    await page.until("document.querySelector('#recording b').textContent.includes(' 1 / 60')")
    await asyncio.sleep(seconds)
    await page.call("Input.dispatchMouseEvent", type="mouseReleased", **where)


async def test_what_is_said_into_the_page_arrives_and_is_read_back(
    browser: Browser, house: ConsoleHouse
) -> None:
    """The button is held; the answer is heard; the recording can be listened to again."""
    page = await desk(browser, house, "li", 390)
    await page.value(HEARD)
    await hold(page, "#talk", 0.5)
    (incoming,) = await eventually(lambda: list(house.yard.inbox.values()))
    assert incoming.kind == "voice"
    assert 0.5 < (incoming.media[0].seconds or 0) < 30
    await page.until("document.querySelector('.bubble[data-own=yes] audio')?.src")
    assert "/speech?language=zh" in await page.until("window.heard[0]")
    assert "秒语音" in await page.until("document.querySelector('.bubble .quoted')?.innerText")
    await page.until("document.querySelector('#recording').hidden")
    assert await page.value(OVERFLOW) <= 0
    assert page.complaints == []


async def test_what_is_said_can_be_taken_back_or_meant_for_a_loudspeaker(
    browser: Browser, house: ConsoleHouse
) -> None:
    """Cancelled: nothing arrives. From the loudspeaker's panel: it names the loudspeaker."""
    page = await desk(browser, house)
    await page.click("#talk")
    await page.until("document.querySelector('#recording b').textContent.includes(' 1 / 60')")
    await page.click("[data-act=drop]")
    await page.until("document.querySelector('#recording').hidden")
    await page.click(".speaker .icon")
    await page.until("document.querySelector('#recording b').textContent.includes('大门')")
    await page.until("document.querySelector('#recording b').textContent.includes(' 1 / 60')")
    await page.click("[data-act=send]")
    (incoming,) = await eventually(lambda: list(house.yard.inbox.values()))
    assert (incoming.kind, incoming.text) == ("voice", "/say gate-horn")
    assert page.complaints == []
