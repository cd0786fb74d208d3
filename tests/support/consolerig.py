"""The built-in console with its real database; the person acts as the page would for them."""

from __future__ import annotations

import asyncio
import itertools
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from bot.channels.console import ConsoleChannel
from bot.channels.uploads import Uploads
from bot.domain.message import ChatRef
from bot.ports_console import ConsoleMessage, Pressed, Toast, Typed
from bot.speaking import SafeRecordingDesk
from storage.console import SqlConsoleLog
from storage.database import open_database
from storage.pictures import RecordingFolder
from tests.support.console_house import Shelf, now_ms
from tests.support.databases import new_sqlite
from tests.support.rig import Shown
from voice.recordings import RecordingDesk


class ConsoleRig:
    """See `tests.support.rig.Rig`."""

    def __init__(
        self, channel: ConsoleChannel, log: SqlConsoleLog, shelf: Shelf, uploads: Uploads
    ) -> None:
        self.channel = channel
        self.log = log
        self.shelf = shelf
        self.uploads = uploads
        self.chat = ChatRef("console", "main")
        self.person_id = "li"
        self.person_name = "李工"
        self._ids = (f"act-{n:08}" for n in itertools.count())

    async def shown(self, message_id: str) -> Shown | None:
        """What the page is told, mentions beside the text as the page puts them."""
        found = await self.log.get("main", int(message_id))
        if found is None:
            return None
        named = [f"@{mention.name}" for mention in found.post.mentions]
        labels = tuple(button.label for row in found.post.buttons for button in row)
        picture = await self.shelf.get(found.picture.sha256) if found.picture else None
        reply_to = None if found.reply_to is None else str(found.reply_to)
        return Shown("\n".join([found.post.text, *named]), labels, picture, reply_to)

    async def count(self) -> int:
        """The program's messages."""
        messages: list[ConsoleMessage] = await self.log.latest("main", 1000)
        return sum(message.kind == "post" for message in messages)

    async def says(self, text: str, *, reply_to: str | None = None) -> None:
        """Typed into the box; where it is not taken the page waits, and so does the person not."""
        await self._typed(
            Typed(next(self._ids), "main", "li", "李工", text, reply_to=_id(reply_to))
        )

    async def sends_picture(
        self, jpeg: bytes, caption: str = "", *, reply_to: str | None = None
    ) -> None:
        """Uploaded."""
        kept = await self.channel.keep_photo(jpeg)
        await self._typed(
            Typed(next(self._ids), "main", "li", "李工", caption, kept, reply_to=_id(reply_to))
        )

    async def presses(self, message_id: str, label: str) -> Callable[[], str | None]:
        """Pressed on a card."""
        message = await self.log.get("main", int(message_id))
        assert message is not None
        buttons = [button for row in message.post.buttons for button in row]
        data = next(button.data for button in buttons if button.label == label)
        answers: list[Toast] = []

        async def sink(toast: Toast) -> None:
            answers.append(toast)

        self.channel.listen("li", sink)
        await self.channel.pressed(Pressed(next(self._ids), "main", "li", "李工", message.id, data))
        return lambda: answers[0].text if answers else None

    async def _typed(self, what: Typed) -> None:
        """In the words of the page: an act that is not taken stays in its outbox."""
        await asyncio.sleep(0)  # lets `receive` begin
        with suppress(OSError):
            await self.channel.typed(what)


def _id(message_id: str | None) -> int | None:
    return None if message_id is None else int(message_id)


@asynccontextmanager
async def console_rig() -> AsyncIterator[ConsoleRig]:
    """A rig on a fresh database."""
    with tempfile.TemporaryDirectory() as folder:
        async with open_database(new_sqlite(Path(folder) / "console.db")) as database:
            log, shelf, sounds = SqlConsoleLog(database), Shelf(), RecordingDesk()
            recordings = RecordingFolder(Path(folder) / "recordings")
            uploads = Uploads(shelf, shelf, recordings, SafeRecordingDesk(sounds))
            channel = ConsoleChannel(log, uploads, now_ms, hand_over_every=0.02)
            yield ConsoleRig(channel, log, shelf, uploads)
            await channel.close()
            await sounds.close()
