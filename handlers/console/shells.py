"""The page's own files, and its HTML shells filled with the few words they need without scripts."""

from __future__ import annotations

import asyncio
import hashlib
import html
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from aiohttp import web

from bot.texts import page

_FOLDER = Path(__file__).parent / "static"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file of the page; `etag` changes with its content."""

    body: bytes
    content_type: str
    etag: str


def read_static() -> Mapping[str, StaticFile]:
    """Every file of the page by name.  Blocking."""
    return {path.name: _static(path) for path in sorted(_FOLDER.iterdir()) if path.is_file()}


def _static(path: Path) -> StaticFile:
    body = path.read_bytes()
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "text/plain"
    return StaticFile(body, kind, hashlib.sha256(body).hexdigest()[:16])


class Shells:
    """Serves what `read_static` finds, read once and not before it is asked for."""

    def __init__(self) -> None:
        self._files: Mapping[str, StaticFile] | None = None
        self._reading = asyncio.Lock()

    async def files(self) -> Mapping[str, StaticFile]:
        """The files by name."""
        async with self._reading:
            if self._files is None:
                self._files = await asyncio.to_thread(read_static)
        return self._files

    async def page(self, name: str, language: str, *, status: int = 200) -> web.Response:
        """An HTML shell with title and no-script words in `language`."""
        shell = Template((await self.files())[name].body.decode())
        words = {key: html.escape(text) for key, text in page.TEXTS[language].items()}
        text = shell.substitute(
            lang="zh-CN" if language == "zh" else "en",
            title=words["title"],
            noscript=words["noscript"],
        )
        headers = {"Cache-Control": "no-store", "Vary": "Cookie, Accept-Language"}
        return web.Response(status=status, text=text, content_type="text/html", headers=headers)

    async def serve(self, request: web.Request) -> web.Response:
        """`GET /console/static/{name}`."""
        found = (await self.files()).get(request.match_info["name"])
        if found is None or found.content_type == "text/html":
            raise web.HTTPNotFound
        headers = {"ETag": f'"{found.etag}"', "Cache-Control": "no-cache"}
        if f'"{found.etag}"' in request.headers.get("If-None-Match", ""):
            return web.Response(status=304, headers=headers)
        charset = "utf-8" if found.content_type.startswith("text/") else None
        return web.Response(
            body=found.body, content_type=found.content_type, charset=charset, headers=headers
        )
