"""The Bot API test server behaves like the real one, and catches clients that misuse it."""

from __future__ import annotations

import asyncio
import io
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession, FormData, web

from bot.channels.telegram.loading import load_aiogram
from tests.support.botapi import BotApiServer, Chat, Message, published_spec
from tests.support.botapi.spec import from_aiogram, from_file
from tests.support.pictures import jpeg, png_claiming

load_aiogram()  # a third of what a plain import takes
from aiogram import Bot  # noqa: E402
from aiogram.client.session.aiohttp import AiohttpSession  # noqa: E402
from aiogram.client.telegram import TelegramAPIServer  # noqa: E402
from aiogram.exceptions import (  # noqa: E402
    ClientDecodeError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.types import (  # noqa: E402
    BotCommand,
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    Update,
)

BUTTONS = [
    [{"text": "确认", "callback_data": "1|ack|12|0"}, {"text": "关闭", "callback_data": "x"}]
]


class Api:
    """Bare HTTP against the server, as any client would speak it."""

    def __init__(self, server: BotApiServer, session: ClientSession) -> None:
        self.server = server
        self.session = session

    async def call(self, method: str, files: dict[str, bytes] | None = None, **params: Any) -> Any:
        """The JSON answer; nested values are sent as JSON text, as forms want it."""
        form = FormData()
        for name, value in params.items():
            form.add_field(name, value if isinstance(value, str) else json.dumps(value))
        for name, data in (files or {}).items():
            form.add_field(
                name, io.BytesIO(data), filename="picture.jpg", content_type="image/jpeg"
            )
        url = f"{self.server.url}/bot{self.server.token}/{method}"
        async with self.session.post(url, data=form) as answer:
            return await answer.json()

    async def ok(self, method: str, files: dict[str, bytes] | None = None, **params: Any) -> Any:
        """The result; fails unless the call succeeded."""
        answer = await self.call(method, files, **params)
        assert answer["ok"], answer
        return answer["result"]

    async def refused(self, method: str, **params: Any) -> str:
        """The description of a refusal that is no fault of the caller."""
        answer = await self.call(method, **params)
        assert not answer["ok"], answer
        return answer["description"]

    async def card(self, chat: Chat, caption: str = "🟡 #12", **params: Any) -> Message:
        """A photo card with buttons."""
        sent = await self.ok(
            "sendPhoto",
            {"photo": jpeg(64, 48)},
            chat_id=chat.id,
            caption=caption,
            reply_markup={"inline_keyboard": BUTTONS},
            **params,
        )
        return chat.messages[sent["message_id"]]


@pytest.fixture
async def server() -> AsyncIterator[BotApiServer]:
    """A server whose faults fail the test."""
    async with BotApiServer() as running:
        yield running


@pytest.fixture
async def api(server: BotApiServer) -> AsyncIterator[Api]:
    """A client without any library's help."""
    async with ClientSession() as session:
        yield Api(server, session)


@pytest.fixture
async def bot(server: BotApiServer) -> AsyncIterator[Bot]:
    """aiogram's bot pointed at the server."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(server.url), timeout=0.3)
    async with Bot(server.token, session=session) as client:
        yield client


# -- the contract


@pytest.mark.parametrize(
    ("method", "params", "fault"),
    [
        ("sendNothing", {}, "there is no method"),
        ("sendMessage", {"chat_id": -1}, "needs text"),
        ("sendMessage", {"chat_id": -1, "text": "a", "colour": "red"}, 'no parameter "colour"'),
        ("sendMessage", {"chat_id": -1, "text": "a", "message_thread_id": "x"}, "no Integer"),
        ("sendMessage", {"chat_id": -1, "text": "a", "disable_notification": "maybe"}, "Boolean"),
        ("sendMessage", {"chat_id": -1, "text": "   "}, "text is empty"),
        ("sendMessage", {"chat_id": -1, "text": "好" * 4097}, "message is too long"),
        ("sendMessage", {"chat_id": -1, "text": "a < b", "parse_mode": "HTML"}, "parse entities"),
        ("sendMessage", {"chat_id": -1, "text": "a & b", "parse_mode": "HTML"}, "parse entities"),
        ("sendMessage", {"chat_id": -1, "text": "<b>a", "parse_mode": "HTML"}, "find end tag"),
        (
            "sendMessage",
            {"chat_id": -1, "text": "<b><i>a</b></i>", "parse_mode": "HTML"},
            "end tag",
        ),
        ("sendMessage", {"chat_id": -1, "text": "<div>a</div>", "parse_mode": "HTML"}, "div"),
        ("sendMessage", {"chat_id": -1, "text": "a", "reply_markup": {"inline": []}}, "none of"),
        ("editMessageText", {"text": "a"}, "identifier is not specified"),
        ("answerCallbackQuery", {"callback_query_id": "1", "text": "x" * 201}, "0-200"),
        ("sendChatAction", {"chat_id": -1, "action": "dancing"}, "wrong parameter action"),
        ("sendPhoto", {"chat_id": -1, "photo": "attach://gone"}, "not uploaded"),
        ("sendMediaGroup", {"chat_id": -1, "media": []}, "2-10"),
    ],
)
async def test_a_call_that_breaks_the_contract_is_refused_and_recorded(
    server: BotApiServer, api: Api, method: str, params: dict[str, Any], fault: str
) -> None:
    """A broken call answers ok=false and leaves a fault, so the test that made it fails."""
    server.group(-1)
    with server.expecting(fault):
        answer = await api.call(method, **params)
        assert answer["ok"] is False


async def test_leaving_with_faults_fails() -> None:
    """A program that misused the API cannot pass."""
    with pytest.raises(AssertionError, match='no parameter "colour"'):
        async with BotApiServer() as server, ClientSession() as session:
            await Api(server, session).call("getMe", colour="red")


@pytest.mark.parametrize(
    ("data", "fits"),
    [("x" * 64, True), ("x" * 65, False), ("确" * 21, True), ("确" * 22, False)],
)
async def test_callback_data_is_measured_in_bytes(
    server: BotApiServer, api: Api, data: str, fits: bool
) -> None:
    """Twenty-two Chinese characters are 66 bytes: too long."""
    server.group(-1)
    markup = {"inline_keyboard": [[{"text": "a", "callback_data": data}]]}
    answer = await api.call("sendMessage", chat_id=-1, text="a", reply_markup=markup)
    assert answer["ok"] is fits
    assert bool(server.faults) is not fits
    server.faults.clear()


async def test_captions_are_measured_after_parsing_in_utf16(server: BotApiServer, api: Api) -> None:
    """Tags and escapes cost nothing, an emoji costs two."""
    group = server.group(-1)
    await api.card(group, "<b>" + "&lt;" * 1024 + "</b>", parse_mode="HTML")
    await api.card(group, "🟡" * 512)
    with server.expecting("caption is too long: 1025 > 1024"):
        await api.call("sendPhoto", {"photo": jpeg(8, 8)}, chat_id=-1, caption="🟡" * 512 + "a")


@pytest.mark.parametrize(
    ("picture", "fault"),
    [
        (b"GIF89a, certainly", "IMAGE_PROCESS_FAILED"),
        (png_claiming(30_000, 30_000), "PHOTO_INVALID_DIMENSIONS"),
        (png_claiming(6_000, 4_001), "PHOTO_INVALID_DIMENSIONS"),
        (png_claiming(2_100, 100), "PHOTO_INVALID_DIMENSIONS"),
        (jpeg(8, 8) + bytes(10 * 1024 * 1024), "too big for a photo"),
    ],
)
async def test_pictures_that_telegram_cannot_show_are_refused(
    server: BotApiServer, api: Api, picture: bytes, fault: str
) -> None:
    """Over 10 MB, over 10,000 pixels in width plus height, over 20:1, or no picture."""
    server.group(-1)
    with server.expecting(fault):
        await api.call("sendPhoto", {"photo": picture}, chat_id=-1)


async def test_a_button_needs_an_action(server: BotApiServer, api: Api) -> None:
    """A label alone is no inline button."""
    server.group(-1)
    with server.expecting("exactly one action"):
        markup = {"inline_keyboard": [[{"text": "a"}]]}
        await api.call("sendMessage", chat_id=-1, text="a", reply_markup=markup)


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("sendphoto", "photo"),
        ("sendmessage", "reply_parameters"),
        ("getupdates", "allowed_updates"),
        ("editmessagecaption", "reply_markup"),
    ],
)
def test_aiogram_models_tell_the_same_as_the_published_spec(method: str, name: str) -> None:
    """Where the published file is absent, the models stand in for it."""
    path = published_spec()
    if path is None:
        pytest.skip("the published Bot API spec is not here")
    published, derived = from_file(path), from_aiogram()
    ours, theirs = published.methods[method].fields[name], derived.methods[method].fields[name]
    assert (set(ours.types), ours.required) == (set(theirs.types), theirs.required)


# -- sending and editing


async def test_a_card_is_kept_as_people_see_it(server: BotApiServer, api: Api) -> None:
    """Caption without tags, the picture's bytes, the buttons, whether it rang."""
    group = server.group(-1)
    card = await api.card(
        group, "<b>🟡</b> a &amp; b", parse_mode="HTML", disable_notification=True
    )
    assert (card.words, card.buttons, card.silent) == ("🟡 a & b", ["确认", "关闭"], True)
    assert card.photo == jpeg(64, 48)
    assert card.media
    assert (card.media.width, card.media.height) == (64, 48)
    assert card.entities == [{"type": "bold", "offset": 0, "length": 2}]


async def test_edits_replace_and_are_remembered(server: BotApiServer, api: Api) -> None:
    """An edit without reply_markup takes the buttons away; the history keeps what was shown."""
    card = await api.card(server.group(-1))
    await api.ok("editMessageCaption", chat_id=-1, message_id=card.id, caption="done")
    assert (card.words, card.buttons, card.edits) == ("done", [], 1)
    assert [version.words for version in card.history] == ["🟡 #12", "done"]


async def test_a_photo_is_replaced_together_with_its_caption(
    server: BotApiServer, api: Api
) -> None:
    """editMessageMedia without caption leaves none."""
    card = await api.card(server.group(-1))
    media = {"type": "photo", "media": "attach://new"}
    await api.ok(
        "editMessageMedia", {"new": jpeg(32, 32)}, chat_id=-1, message_id=card.id, media=media
    )
    assert (card.words, card.photo) == ("", jpeg(32, 32))


async def test_edits_are_refused_as_telegram_refuses_them(server: BotApiServer, api: Api) -> None:
    """Text of a photo, nothing changed, no such message, somebody else's message."""
    group, li = server.group(-1), server.user(111, "李工")
    card = await api.card(group)
    theirs = await li.says(group, "hello")
    same = {"caption": "🟡 #12", "reply_markup": {"inline_keyboard": BUTTONS}}
    edit = {"chat_id": -1, "message_id": card.id}
    assert "there is no text" in await api.refused("editMessageText", **edit, text="a")
    assert "is not modified" in await api.refused("editMessageCaption", **edit, **same)
    missing = await api.refused("editMessageText", chat_id=-1, message_id=999, text="a")
    assert "message to edit not found" in missing
    foreign = await api.refused("editMessageText", chat_id=-1, message_id=theirs.id, text="a")
    assert "can't be edited" in foreign
    await api.ok("deleteMessage", chat_id=-1, message_id=card.id)
    assert "not found" in await api.refused("editMessageCaption", **edit, caption="a")


async def test_albums_are_several_messages_without_buttons(server: BotApiServer, api: Api) -> None:
    """Each picture is a message of its own under one album id."""
    group = server.group(-1)
    media = [{"type": "photo", "media": f"attach://{n}", "caption": n} for n in "ab"]
    await api.ok("sendMediaGroup", {"a": jpeg(8, 8), "b": jpeg(9, 9)}, chat_id=-1, media=media)
    first, second = server.messages(group)
    assert first.album == second.album
    assert (first.words, second.words) == ("a", "b")


async def test_replies_and_topics_must_exist(server: BotApiServer, api: Api) -> None:
    """An unknown thread or an unknown message to reply to is refused."""
    server.group(-1)
    forum = server.group(-2, topics=(7,))
    hello: dict[str, Any] = {"text": "hello"}
    assert "thread not found" in await api.refused(
        "sendMessage", chat_id=-1, message_thread_id=7, **hello
    )
    assert "replied not found" in await api.refused(
        "sendMessage", chat_id=-1, reply_parameters={"message_id": 5}, **hello
    )
    await api.ok("sendMessage", chat_id=-2, message_thread_id=7, **hello)
    assert server.messages(forum)[0].topic == 7


async def test_moved_kicked_and_unknown_chats(server: BotApiServer, api: Api) -> None:
    """400 with the new id, 403, and 400."""
    old, gone, li = server.group(-1, kind="group"), server.group(-2), server.user(111, "李工")
    server.migrate(old, -100200)
    server.kick_bot(gone, li)
    moved = await api.call("sendMessage", chat_id=-1, text="a")
    assert moved["parameters"] == {"migrate_to_chat_id": -100200}
    kicked = await api.call("sendMessage", chat_id=-2, text="a")
    assert (kicked["error_code"], "kicked" in kicked["description"]) == (403, True)
    assert "chat not found" in await api.refused("sendMessage", chat_id=-3, text="a")
    updates = await api.ok("getUpdates")
    kinds = [key for update in updates for key in update if key != "update_id"]
    assert kinds == ["message", "message", "my_chat_member"]


# -- flood limits


async def test_twenty_messages_in_any_sixty_seconds() -> None:
    """The window slides: the 21st message waits until the first is 60 s old."""
    now = 1_000.0
    async with BotApiServer(clock=lambda: now) as server, ClientSession() as session:
        api = Api(server, session)
        server.group(-1)
        server.world.limits.per_group = 20
        await api.ok("sendMessage", chat_id=-1, text="first")
        now += 40
        for _ in range(19):
            await api.ok("sendMessage", chat_id=-1, text="more")
        refused = await api.call("sendMessage", chat_id=-1, text="too many")
        assert (refused["error_code"], refused["parameters"]) == (429, {"retry_after": 20})
        now += 20
        await api.ok("sendMessage", chat_id=-1, text="the 21st")
        assert (await api.call("sendMessage", chat_id=-1, text="22"))["error_code"] == 429


# -- updates


async def test_an_offset_confirms_everything_below_it(server: BotApiServer, api: Api) -> None:
    """Updates come again until a higher offset confirms them."""
    group, li = server.group(-1), server.user(111, "李工")
    for word in ("a", "b", "c"):
        await li.says(group, word)
    first = await api.ok("getUpdates", limit=2)
    assert [update["message"]["text"] for update in first] == ["a", "b"]
    again = await api.ok("getUpdates", offset=first[0]["update_id"])
    assert [update["message"]["text"] for update in again] == ["a", "b", "c"]
    rest = await api.ok("getUpdates", offset=first[1]["update_id"] + 1)
    assert [update["message"]["text"] for update in rest] == ["c"]
    assert await api.ok("getUpdates", offset=-1) == rest
    assert len(server.updates.confirmed) == 2


async def test_a_long_poll_ends_with_the_first_update(server: BotApiServer, api: Api) -> None:
    """It neither waits for its time-out nor comes back empty."""
    group, li = server.group(-1), server.user(111, "李工")
    poll = asyncio.create_task(api.ok("getUpdates", timeout=30))
    await server.wait_until(lambda: server.calls_of("getUpdates"))
    await li.says(group, "hello")
    assert len(await asyncio.wait_for(poll, 2)) == 1


async def test_a_second_poll_ends_the_first_with_409(server: BotApiServer, api: Api) -> None:
    """Two programs with one token disturb one another, and are told."""
    first = asyncio.create_task(api.call("getUpdates", timeout=30))
    await server.wait_until(lambda: server.calls_of("getUpdates"))
    assert await api.ok("getUpdates", timeout=0) == []
    assert (await first)["error_code"] == 409


async def test_a_webhook_gets_updates_with_its_secret_and_again_until_it_takes_them(
    server: BotApiServer, api: Api
) -> None:
    """In order, with the header; getUpdates answers 409 meanwhile."""
    seen: list[tuple[int, str | None]] = []

    async def hook(request: web.Request) -> web.Response:
        body = await request.json()
        secret = request.headers.get("X-Telegram-Bot-Api-Secret-Token")
        seen.append((body["update_id"], secret))
        server.world.changed.fire()
        return web.Response(status=500 if len(seen) == 1 else 200)

    app = web.Application()
    app.router.add_post("/hook", hook)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    await api.ok("setWebhook", url=url, secret_token="s3cret")
    assert (await api.call("getUpdates"))["error_code"] == 409
    await server.user(111, "李工").says(server.group(-1), "hello")
    await server.wait_until(lambda: server.updates.confirmed)
    assert seen == [seen[0], seen[0]]
    assert seen[0][1] == "s3cret"
    await api.ok("deleteWebhook")
    assert await api.ok("getUpdates") == []
    await runner.cleanup()


async def test_privacy_mode_shows_only_what_is_meant_for_the_bot(
    server: BotApiServer, api: Api
) -> None:
    """Plain text and voice notes in a group stay unseen; commands, mentions and replies arrive."""
    group, li = server.group(-1), server.user(111, "李工")
    server.privacy = True
    card = await api.card(group)
    await li.says(group, "关闭 12")
    await li.voice(group, b"OggS")
    await li.says(group, "/close@another_bot 12")
    await li.says(group, "/close 12")
    await li.says(group, "@loudhailer_test_bot 12")
    await li.says(group, "收到", reply_to=card)
    await li.says(server.private(li), "未处理")
    seen = [update["message"]["text"] for update in await api.ok("getUpdates")]
    assert seen == ["/close 12", "@loudhailer_test_bot 12", "收到", "未处理"]
    assert (await api.ok("getMe"))["can_read_all_group_messages"] is False


async def test_everything_that_people_do_reads_as_a_telegram_update(
    server: BotApiServer, api: Api
) -> None:
    """aiogram's models accept every update the server makes up."""
    forum, group = server.group(-2, topics=(7,)), server.group(-1)
    li, wang = server.user(111, "李工", "li"), server.user(222, "王监督")
    card = await api.card(group)
    said = await li.says(group, "/ack@loudhailer_test_bot 12 @li", reply_to=card)
    await li.edits(said, "/close 12")
    await li.says_anonymously(group, "关闭 12")
    await li.says_as_channel(group, "关闭 12", -100999)
    await li.forwards(group, "关闭 12", wang)
    await li.photo(group, jpeg(64, 48), "整改 12", reply_to=card)
    await li.album(group, [jpeg(8, 8), jpeg(8, 8)], "整改 12")
    await li.voice(group, b"OggS")
    await li.document(group, b"%PDF", "plan.pdf", mime="application/pdf")
    await li.says(forum, "hello", topic=7)
    await li.press(card, "确认")
    await li.press(card, inaccessible=True)
    await li.sends_data(None, "forged")
    server.migrate(server.group(-3, kind="group"), -100300)
    server.kick_bot(forum, li)
    updates = [Update.model_validate(raw) for raw in await api.ok("getUpdates")]
    ids = [update.update_id for update in updates]
    assert ids == list(range(ids[0], ids[0] + 17))
    in_topic = next(u.message for u in updates if u.message and u.message.chat.id == -2)
    assert in_topic
    assert (in_topic.is_topic_message, in_topic.message_thread_id) == (True, 7)
    assert in_topic.reply_to_message
    assert in_topic.reply_to_message.forum_topic_created


# -- presses


async def test_a_press_is_answered_once_and_in_time() -> None:
    """The second answer and a late one are refused."""
    now = 1_000.0
    async with BotApiServer(clock=lambda: now) as server, ClientSession() as session:
        api = Api(server, session)
        li, card = server.user(111, "李工"), await api.card(server.group(-1))
        press = await li.press(card, "关闭")
        update = (await api.ok("getUpdates"))[0]["callback_query"]
        assert (update["data"], update["id"]) == ("x", press.id)
        answer: dict[str, Any] = {"callback_query_id": press.id, "text": "李工 已关闭 #12"}
        await api.ok("answerCallbackQuery", **answer)
        assert await press.answer() == "李工 已关闭 #12"
        assert "query is too old" in await api.refused("answerCallbackQuery", **answer)
        late = await li.press(card, 0)
        now += 31
        assert "too old" in await api.refused("answerCallbackQuery", callback_query_id=late.id)
        assert not late.answered


# -- files


async def test_the_last_size_of_a_photo_is_the_picture(server: BotApiServer, api: Api) -> None:
    """Thumbnails come first and hold something else."""
    await server.user(111, "李工").photo(server.group(-1), jpeg(64, 48))
    sizes = (await api.ok("getUpdates"))[0]["message"]["photo"]
    found = []
    for size in sizes:
        path = (await api.ok("getFile", file_id=size["file_id"]))["file_path"]
        url = f"{server.url}/file/bot{server.token}/{path}"
        async with api.session.get(url) as answer:
            found.append(await answer.read())
    assert found[-1] == jpeg(64, 48)
    assert jpeg(64, 48) not in found[:-1]


async def test_files_over_20_mb_cannot_be_fetched(server: BotApiServer, api: Api) -> None:
    """getFile says so before any download."""
    li = server.user(111, "李工")
    await li.document(server.group(-1), bytes(20 * 1024 * 1024 + 1), "big.bin")
    file_id = (await api.ok("getUpdates"))[0]["message"]["document"]["file_id"]
    assert "file is too big" in await api.refused("getFile", file_id=file_id)


# -- aiogram as the client


async def test_aiogram_speaks_to_it_and_understands_its_answers(
    server: BotApiServer, bot: Bot
) -> None:
    """Every method that the product uses, through the library's own serialisation."""
    group, li = server.group(-1, bot_is_admin=True), server.user(111, "李工", "li")
    markup = InlineKeyboardMarkup(
        inline_keyboard=[[InlineKeyboardButton(text="确认", callback_data="1|ack|12|0")]]
    )
    photo = BufferedInputFile(jpeg(64, 48), "a.jpg")
    me = await bot.get_me()
    assert me.username == "loudhailer_test_bot"
    card = await bot.send_photo(
        -1, photo, caption="<b>a</b>", parse_mode="HTML", reply_markup=markup
    )
    await bot.edit_message_caption(chat_id=-1, message_id=card.message_id, caption="b")
    media = InputMediaPhoto(media=BufferedInputFile(jpeg(8, 8), "b.jpg"), caption="c")
    await bot.edit_message_media(media, chat_id=-1, message_id=card.message_id)
    await bot.edit_message_reply_markup(chat_id=-1, message_id=card.message_id, reply_markup=markup)
    text = await bot.send_message(-1, "hello", disable_notification=True)
    await bot.edit_message_text("bye", chat_id=-1, message_id=text.message_id)
    await bot.send_media_group(
        -1,
        [InputMediaPhoto(media=BufferedInputFile(jpeg(8, 8), f"{n}.jpg")) for n in "ab"],
    )
    await bot.send_voice(-1, BufferedInputFile(b"OggS", "a.ogg"), caption="a voice")
    await bot.send_document(-1, BufferedInputFile(b"zip", "a.zip"))
    await bot.send_chat_action(-1, "typing")
    await bot.set_my_commands([BotCommand(command="help", description="help")])
    assert (await bot.get_chat(-1)).title == "group -1"
    assert (await bot.get_chat_member(-1, me.id)).status == "administrator"
    await bot.delete_message(-1, text.message_id)
    await bot.delete_webhook()
    assert (await bot.get_webhook_info()).url == ""
    press = await li.press(server.messages(group)[0], "确认")
    updates = await bot.get_updates()
    assert updates[-1].callback_query
    await updates[-1].callback_query.answer("ok")
    assert await press.answer() == "ok"
    with pytest.raises(TelegramBadRequest, match="message to edit not found"):
        await bot.edit_message_text("bye", chat_id=-1, message_id=text.message_id)
    server.kick_bot(group, li)
    with pytest.raises(TelegramForbiddenError):
        await bot.send_message(-1, "hello")
    basic = server.group(-5, kind="group")
    server.migrate(basic, -100500)
    with pytest.raises(TelegramMigrateToChat):
        await bot.send_message(-5, "hello")


@pytest.mark.parametrize(
    ("kind", "error", "stored"),
    [
        ("500", TelegramServerError, 0),
        ("502", ClientDecodeError, 0),
        ("429", TelegramRetryAfter, 0),
        ("reset_before", TelegramNetworkError, 0),
        ("reset_after", TelegramNetworkError, 1),
        ("timeout_before", TelegramNetworkError, 0),
        ("timeout_after", TelegramNetworkError, 1),
        ("truncated", ClientDecodeError, 1),
    ],
)
async def test_trouble_reaches_the_client_and_stores_or_not(
    server: BotApiServer, bot: Bot, kind: Any, error: type[Exception], stored: int
) -> None:
    """After scripted trouble the next call works; before / after decides what is in the chat."""
    group = server.group(-1)
    server.trouble.fail_next("sendMessage", kind, chat_id=-1, seconds=30)
    with pytest.raises(error):
        await bot.send_message(-1, "hello")
    assert len(server.messages(group)) == stored
    await bot.send_message(-1, "again")
    assert len(server.messages(group)) == stored + 1


async def test_random_trouble_is_repeatable(server: BotApiServer, api: Api) -> None:
    """The same seed hurts the same calls, in about the given share."""
    server.group(-1)
    runs = []
    for _ in range(2):
        server.trouble.fail_randomly(7, {"500": 0.2, "429": 0.1})
        answers = [await api.call("sendMessage", chat_id=-1, text="a") for _ in range(100)]
        runs.append([answer.get("error_code") for answer in answers])
    assert runs[0] == runs[1]
    assert 10 < runs[0].count(500) < 32
    assert 2 < runs[0].count(429) < 20


async def test_slow_answers_and_a_base_latency(server: BotApiServer, api: Api) -> None:
    """The accept and answer times tell how long the server itself took."""
    group = server.group(-1)
    server.latency_s = 0.05
    server.trouble.fail_next("sendMessage", "slow", seconds=0.1)
    began = time.time()
    await api.ok("sendMessage", chat_id=-1, text="a")
    (message,) = server.messages(group)
    assert message.accepted_at - began >= 0.15
    assert message.answered_at
    assert message.answered_at >= message.accepted_at


async def test_the_server_can_go_down_and_come_back(server: BotApiServer, bot: Bot) -> None:
    """On the same port, with nothing forgotten."""
    group = server.group(-1)
    await bot.send_message(-1, "before")
    await server.stop()
    with pytest.raises(TelegramNetworkError):
        await bot.send_message(-1, "lost", request_timeout=1)
    await server.start()
    await bot.send_message(-1, "after")
    assert [message.words for message in server.messages(group)] == ["before", "after"]


async def test_waiting_in_vain_tells_what_was_said(server: BotApiServer) -> None:
    """The failure shows the chats, so that nobody has to guess."""
    await server.user(111, "李工").says(server.group(-1), "hello")
    with pytest.raises(AssertionError, match="李工: hello"):
        await server.wait_message(server.world.chats[-1], timeout=0.01)
