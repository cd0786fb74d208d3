"""The HTTP side of aiogram's bot, with what a safety service needs and the stock one lacks.

No redirects (a call carries the token), time-outs that fit what is sent, connections that stay warm
and notice when they are dead, gateway pages and cut answers told from Telegram's own, and errors
that never show a URL.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import time
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any, cast

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import ClientDecodeError, TelegramAPIError
from aiogram.methods import GetMe, TelegramMethod
from aiogram.methods.base import TelegramType
from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector

from bot.channels.telegram.faults import answer_fault, api_fault, transport_fault
from bot.channels.telegram.options import TelegramOptions
from bot.channels.telegram.sockets import wary_socket
from bot.channels.telegram.upload import Upload
from bot.domain.error import Rejected, RetryLater, TooSlow

_CHUNK = 64 * 1024
_KEEP_S = 75.0
_SEND_PHOTO = "sendPhoto"


class KnockForPictures(GetMe):
    """getMe on a connection that pictures take."""


class Session(AiohttpSession):
    """Raises only `DeliveryError`s."""

    def __init__(self, options: TelegramOptions) -> None:
        proxy = options.proxy.reveal() if options.proxy else None
        api = TelegramAPIServer.from_base(options.api)
        self._http_proxy = proxy if proxy and proxy.startswith("http") else None
        super().__init__(
            proxy=proxy if proxy and not self._http_proxy else None,
            api=api,
            timeout=options.send_timeout,
        )
        self._connect_timeout = options.connect_timeout
        self._compact = options.compact
        self.ahead_ms: int | None = None
        """How far Telegram's clock was ahead of ours in its last answer."""
        self._patience = options.picture_patience
        self._for_pictures: ClientSession | None = None
        self._picture_init: dict[str, Any] = {}
        if self._connector_type is TCPConnector:
            self._connector_init |= {
                "keepalive_timeout": _KEEP_S,
                "socket_factory": partial(wary_socket, words=options.compact, thin=options.compact),
            }
            self._picture_init["socket_factory"] = partial(wary_socket, thin=options.compact)

    async def make_request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        """One call; a result that aiogram's models do not understand comes back as plain JSON."""
        upload = await self._upload(bot, method)
        limit = self.timeout if timeout is None else timeout
        patience = self._patience if method.__api_method__ == _SEND_PHOTO else None
        begun = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(limit) as scope:
                if upload.is_large:
                    _count_what_moves(upload, scope, limit, patience)
                status, body = await self._post(bot, method, upload)
        except (ClientError, TimeoutError, OSError) as error:
            upload.abandon()
            if upload.is_large and upload.sent and not upload.handed_over:
                seconds = asyncio.get_running_loop().time() - begun
                words = f"given up with {upload.sent} of {upload.size} bytes on their way"
                raise TooSlow(words, upload.sent, seconds) from None
            raise transport_fault(error) from None
        except asyncio.CancelledError:
            upload.abandon()
            raise
        return self._result(bot, method, status, body.decode("utf-8", "replace"))

    async def _upload(self, bot: Bot, method: TelegramMethod[Any]) -> Upload:
        """What the call says: a form as aiogram makes it, or JSON where every packet counts."""
        if self._compact:
            files: dict[str, Any] = {}
            fields = {
                name: prepared
                for name, value in method.model_dump(warnings=False).items()
                if (prepared := self.prepare_value(value, bot, files, _dumps_json=False))
                not in (None, "")
            }
            if not files:
                body = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
                return Upload(body.encode(), "application/json")
        form = self.build_form_data(bot=bot, method=method)()
        return Upload(await form.as_bytes(), form.content_type)

    async def _post(
        self, bot: Bot, method: TelegramMethod[Any], upload: Upload
    ) -> tuple[int, bytes]:
        session = await self._session_for(method, upload)
        async with session.post(
            self.api.api_url(token=bot.token, method=method.__api_method__),
            data=upload,
            timeout=ClientTimeout(total=None, sock_connect=self._connect_timeout),
            allow_redirects=False,
            proxy=self._http_proxy,
        ) as response:
            body = await response.read()
            self._notice_time(response.headers.get("Date", ""))
            return response.status, body

    async def _session_for(self, method: TelegramMethod[Any], upload: Upload) -> ClientSession:
        """On a thin line words and pictures have connections of their own."""
        words = await self.create_session()
        if not self._compact or not (upload.is_bulky or isinstance(method, KnockForPictures)):
            return words
        if self._for_pictures is None or self._for_pictures.closed:
            connector = self._connector_type(**self._connector_init | self._picture_init)
            self._for_pictures = ClientSession(connector=connector, headers=words.headers)
        return self._for_pictures

    async def download(self, bot: Bot, path: str, limit: int) -> bytes:
        """A file by the path that getFile gave, refused as soon as it exceeds `limit` bytes."""
        url = self.api.file_url(token=bot.token, path=path)
        found = bytearray()
        try:
            session = await self.create_session()
            async with session.get(
                url,
                timeout=self._limits(self.timeout),
                allow_redirects=False,
                proxy=self._http_proxy,
            ) as response:
                if response.status != 200:
                    raise RetryLater(f"the download answers HTTP {response.status}")
                async for chunk in response.content.iter_chunked(_CHUNK):
                    found += chunk
                    if len(found) > limit:
                        raise Rejected(f"the file has over {limit} bytes")
        except (ClientError, TimeoutError, OSError) as error:
            raise RetryLater(f"the download broke off ({type(error).__name__})") from None
        return bytes(found)

    async def close(self) -> None:
        """Close the connections, which the event loop finishes doing in its next turns."""
        for session in (self._session, self._for_pictures):
            if session is not None and not session.closed:
                await session.close()
                await asyncio.sleep(0)

    def _notice_time(self, date: str) -> None:
        """The header counts whole seconds; what it says was true a moment ago."""
        with contextlib.suppress(ValueError):
            ours = time.time()
            self.ahead_ms = round((parsedate_to_datetime(date).timestamp() + 0.5 - ours) * 1000)

    def _limits(self, total: float) -> ClientTimeout:
        return ClientTimeout(total=total, sock_connect=self._connect_timeout)

    def _result(
        self, bot: Bot, method: TelegramMethod[TelegramType], status: int, content: str
    ) -> TelegramType:
        try:
            answer = self.check_response(bot, method, status, content)
        except ClientDecodeError as error:
            return cast("TelegramType", _plain_result(status, error.data))
        except TelegramAPIError as error:
            raise api_fault(error) from None
        return cast("TelegramType", answer.result)


def _count_what_moves(
    upload: Upload, scope: asyncio.Timeout, limit: float, patience: float | None
) -> None:
    """Give a body `limit` seconds for each piece, and twice that for the answer.

    With `patience` it must all be handed over within so many seconds.
    """
    now = asyncio.get_running_loop().time
    until = now() + (math.inf if patience is None else patience)

    def moved() -> None:
        scope.reschedule(now() + 2 * limit if upload.handed_over else min(now() + limit, until))

    moved()
    upload.on_progress = moved


def _plain_result(status: int, data: Any) -> Any:
    """What a newer Telegram answered, where the call itself succeeded."""
    if isinstance(data, dict) and data.get("ok") is True and "result" in data:
        return data["result"]
    raise answer_fault(status, is_json=isinstance(data, dict)) from None
