"""The HTTP side: reads calls, checks them against the spec, carries them out, makes trouble."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from aiohttp import BodyPartReader, ClientError, ClientSession, web

from . import asking, editing, sending
from .errors import Refused, Violation
from .limits import too_many
from .model import Call, Json, Message
from .sending import Files, Upload
from .spec import Spec, load_spec
from .trouble import AFTER, BEFORE, Trouble, TroubleMaker
from .updates import UpdateQueue
from .wire import message_json, user_json
from .world import World

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
REQUEST_BYTES = 50 * 1024 * 1024
_HANG_STEP_S = 0.02
_GATEWAY_PAGE = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"

Method = Callable[[World, Json, Files], Message | list[Message] | Json | bool]

METHODS: dict[str, Method] = {
    "sendMessage": sending.send_message,
    "sendPhoto": sending.send_photo,
    "sendMediaGroup": sending.send_media_group,
    "sendVoice": sending.send_voice,
    "sendAudio": sending.send_audio,
    "sendDocument": sending.send_document,
    "editMessageText": editing.edit_message_text,
    "editMessageCaption": editing.edit_message_caption,
    "editMessageMedia": editing.edit_message_media,
    "editMessageReplyMarkup": editing.edit_message_reply_markup,
    "deleteMessage": editing.delete_message,
    "answerCallbackQuery": asking.answer_callback_query,
    "getFile": asking.get_file,
    "getChat": asking.get_chat,
    "getChatMember": asking.get_chat_member,
    "sendChatAction": asking.send_chat_action,
    "setMyCommands": asking.set_my_commands,
}
_OWN = ("getMe", "getUpdates", "setWebhook", "deleteWebhook", "getWebhookInfo")

_specs: dict[Path | None, Spec] = {}


class Front:
    """Serves `/bot<token>/<method>` and `/file/bot<token>/<path>` over one world."""

    def __init__(self, token: str, world: World, spec_path: Path | None) -> None:
        self.token = token
        self.world = world
        self.updates = UpdateQueue(world.changed)
        self.trouble = TroubleMaker()
        self.faults: list[str] = []
        self.calls: list[Call] = []
        self.privacy = False
        self.latency_s = 0.0
        self.closing = False
        self._spec_path = spec_path

    def application(self) -> web.Application:
        """A fresh aiohttp application over the same memory."""
        app = web.Application(client_max_size=REQUEST_BYTES)
        app.router.add_route("*", "/bot{token}/{method}", self._answer)
        app.router.add_get("/file/bot{token}/{path:.+}", self._download)
        return app

    async def post(self, update: Json) -> int:
        """One update to the webhook; its status, 0 where nothing answers."""
        secret = self.updates.webhook.get("secret_token")
        headers = {SECRET_HEADER: secret} if secret else {}
        try:
            async with (
                ClientSession() as session,
                session.post(self.updates.webhook["url"], json=update, headers=headers) as answer,
            ):
                return answer.status
        except ClientError:
            return 0

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != self.token:
            return _refusal(Refused(401, "Unauthorized"))
        method = request.match_info["method"]
        given, files = await _read(request)
        port = request.transport.get_extra_info("peername")[1] if request.transport else 0
        call = Call(method, _chat_id(given), given, self.world.clock(), port)
        self.calls.append(call)
        self.world.changed.fire()
        trouble = self.trouble.next(method, call.chat_id)
        if method != "getUpdates":
            await asyncio.sleep(self.latency_s)
        if trouble and trouble.kind in BEFORE:
            return await self._fail(request, call, trouble)
        if trouble and trouble.kind == "slow":
            await asyncio.sleep(trouble.seconds)
        response = await self._run(request, call, files)
        if trouble and trouble.kind in AFTER:
            return await self._fail(request, call, trouble, response)
        return response

    async def _run(self, request: web.Request, call: Call, files: Files) -> web.Response:
        try:
            call.params = self._spec_for(call.method).read(call.method, call.params, set(files))
            result = await self._dispatch(request, call, files)
        except Refused as refusal:
            if isinstance(refusal, Violation):
                self.faults.append(f"{call.method}: {refusal.description}")
            response = _refusal(refusal)
            call.description = refusal.description
        else:
            response = web.json_response({"ok": True, "result": self._encode(result)})
        call.status, call.answered_at = response.status, self.world.clock()
        return response

    async def _dispatch(self, request: web.Request, call: Call, files: Files) -> Any:
        match call.method:
            case "getMe":
                return self._me()
            case "getUpdates":
                return await self.updates.poll(call.params, lambda: self.closing or _gone(request))
            case "setWebhook":
                return self._set_webhook(call.params)
            case "deleteWebhook":
                return self._set_webhook(call.params | {"url": ""})
            case "getWebhookInfo":
                return self._webhook_info()
            case _:
                return METHODS[call.method](self.world, call.params, files)

    def spec(self) -> Spec:
        """The Bot API as data; the first time it takes seconds where aiogram has to tell it."""
        if self._spec_path not in _specs:
            _specs[self._spec_path] = load_spec(self._spec_path)
        return _specs[self._spec_path]

    def _spec_for(self, method: str) -> Spec:
        spec = self.spec()
        if method.lower() not in spec.methods:
            raise Violation(f"there is no method {method}")
        if method not in METHODS and method not in _OWN:
            raise Violation(f"this server does not play {method}")
        return spec

    def _encode(self, result: Any) -> Any:
        if isinstance(result, Message):
            result.answered_at = self.world.clock()
            return message_json(result)
        if isinstance(result, list):
            return [self._encode(item) for item in cast("list[Any]", result)]
        return result

    def _me(self) -> Json:
        return user_json(self.world.bot) | {
            "can_join_groups": True,
            "can_read_all_group_messages": not self.privacy,
            "supports_inline_queries": False,
        }

    def _set_webhook(self, params: Json) -> bool:
        if params.get("drop_pending_updates"):
            self.updates.confirm_below(self.updates.next_id)
        self.updates.webhook = params if params["url"] else {}
        self.world.changed.fire()
        return True

    def _webhook_info(self) -> Json:
        info = {
            "url": self.updates.webhook.get("url", ""),
            "has_custom_certificate": False,
            "pending_update_count": len(self.updates.pending),
        }
        if self.updates.last_error:
            info["last_error_date"] = int(self.world.clock())
            info["last_error_message"] = self.updates.last_error
        return info

    async def _download(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != self.token:
            return _refusal(Refused(401, "Unauthorized"))
        call = Call("download", None, dict(request.match_info), self.world.clock())
        self.calls.append(call)
        trouble = self.trouble.next("download", None)
        if trouble and trouble.kind == "slow":
            await asyncio.sleep(trouble.seconds)
        elif trouble:
            return await self._fail(request, call, trouble)
        path = request.match_info["path"]
        found = [file for file in self.world.files.values() if file.path == path]
        return web.Response(body=found[0].data) if found else _refusal(Refused(404, "Not Found"))

    async def _fail(
        self,
        request: web.Request,
        call: Call,
        trouble: Trouble,
        response: web.Response | None = None,
    ) -> web.StreamResponse:
        call.description = trouble.kind
        match trouble.kind:
            case "500":
                return _refusal(Refused(500, "Internal Server Error"))
            case "502":
                return web.Response(status=502, text=_GATEWAY_PAGE, content_type="text/html")
            case "429":
                return _refusal(too_many(int(trouble.seconds)))
            case "truncated":
                body = response.body if response else None
                cut = body[: len(body) // 2] if isinstance(body, bytes) else b'{"ok":tr'
                return web.Response(body=cut, content_type="application/json")
            case "timeout_before" | "timeout_after":
                await self._hang(request, trouble.seconds)
            case _:
                pass
        _reset(request)
        return web.Response()

    async def _hang(self, request: web.Request, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end and not (self.closing or _gone(request)):
            await asyncio.sleep(_HANG_STEP_S)


def _refusal(refused: Refused) -> web.Response:
    body: Json = {
        "ok": False,
        "error_code": refused.status,
        "description": refused.description,
    }
    if refused.parameters:
        body["parameters"] = refused.parameters
    return web.json_response(body, status=refused.status)


async def _read(request: web.Request) -> tuple[Json, Files]:
    """Parameters from query, form or JSON body, and uploaded files."""
    given: Json = dict(request.query)
    files: Files = {}
    if request.content_type == "application/json":
        given |= await request.json()
    elif request.content_type == "multipart/form-data":
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                continue
            data = bytes(await part.read())
            if part.filename is None:
                given[str(part.name)] = data.decode()
            else:
                mime = part.headers.get("Content-Type", "")
                files[str(part.name)] = Upload(part.filename, mime, data)
    else:
        given |= dict(await request.post())
    return given, files


def _chat_id(given: Json) -> int | str | None:
    value = given.get("chat_id")
    text = str(value)
    return int(text) if text.lstrip("-").isdigit() else value


def _gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


def _reset(request: web.Request) -> None:
    """Tear the connection down with a TCP reset."""
    transport = request.transport
    if transport is None:
        return
    sock = transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
