"""Signing in with a real browser, under the real headers."""

from __future__ import annotations

from aiohttp import web

from handlers.http.server import build, serve
from handlers.http.sessions import require_session
from tests.support.chromium import chromium
from tests.support.http_house import running_house


async def test_opening_the_link_is_enough():
    async def desk(request: web.Request) -> web.Response:
        member = require_session(request).member
        return web.Response(text=f"<p>{member}</p>", content_type="text/html")

    async with running_house() as house:
        app = build(house.context, [lambda app: app.router.add_get("/", desk) and None])
        async with serve(app, "127.0.0.1", 0) as port, chromium() as browser:
            page = await browser.open(f"http://127.0.0.1:{port}/login?token=good")
            await page.until("document.body && document.body.innerText.trim() === 'li'")
            assert await page.value("location.href") == f"http://127.0.0.1:{port}/"
            assert await page.value("document.cookie") == ""
            assert [line for line in page.complaints if "favicon" not in line] == []
            await page.call("Page.navigate", url=f"http://127.0.0.1:{port}/login?token=good")
            await page.until("location.pathname === '/'")
            assert await page.value("document.body.innerText.trim()") == "li"
            stranger = await browser.open(f"http://127.0.0.1:{port}/login?token=good")
            await stranger.until("document.body && document.body.innerText.includes('was used')")
