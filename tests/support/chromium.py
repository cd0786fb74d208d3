"""A real headless Chromium, driven over its own debugging protocol: clicks, keys, pictures.

async with chromium() as browser:
    page = await browser.open("http://127.0.0.1:8080/", width=390, height=844)
    await page.click("#send")
    await page.until("document.querySelector('.card')")
    assert page.complaints == []
"""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import re
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

from tests.support.patience import PATIENCE_S

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--mute-audio",
    "--no-first-run",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
    "--use-fake-ui-for-media-stream",  # a microphone that beeps, and nobody to ask for it
    "--use-fake-device-for-media-stream",
)


def found() -> str:
    """The browser's path; skips the test where there is none."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip("no Chromium here (Debian: apt-get install chromium)")
    return path


class Page:
    """One tab.  `complaints` are the errors it wrote to its console, uncaught ones included."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser = browser
        self.session = session
        self.complaints: list[str] = []

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        """A command of the protocol to this tab."""
        return await self._browser.call(method, params, self.session)

    async def value(self, script: str) -> Any:
        """What an expression (or a promise) comes to, as JSON."""
        answer = await self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in answer:
            raise AssertionError(f"{script}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    async def until(self, script: str, within: float = 60.0) -> Any:
        """Wait (s) until an expression is true, and give it; machines may be busy."""
        try:
            async with asyncio.timeout(within):
                wanted = f"((found) => found instanceof Node || found)({script})"
                while not (value := await self.value(wanted)):
                    await asyncio.sleep(0.03)
        except TimeoutError:
            text = await self.value("document.body.innerText")
            raise AssertionError(f"not within {within} s: {script}\n{text}") from None
        return value

    async def text(self, selector: str) -> str:
        """The visible text of an element."""
        return await self.value(f"document.querySelector({json.dumps(selector)}).innerText")

    async def go(self, url: str) -> None:
        """Load an address and wait until its scripts are done."""
        await self.call("Page.navigate", url=url)
        await self.until("document.readyState === 'complete'")

    async def click(self, selector: str, containing: str = "") -> None:
        """Click like a finger does: a real press in the middle of the visible element."""
        where = await self.until(
            f"(() => {{ const all = [...document.querySelectorAll({json.dumps(selector)})];"
            f" const one = all.find((e) => e.innerText.includes({json.dumps(containing)})"
            " && e.getClientRects().length && !e.disabled);"
            " if (!one) return null; one.scrollIntoView({block: 'center', behavior: 'instant'});"
            " const r = one.getBoundingClientRect();"
            " return {x: r.x + r.width / 2, y: r.y + r.height / 2}; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            await self.call(
                "Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **where
            )

    async def type(self, text: str) -> None:
        """Type into what has the focus."""
        await self.call("Input.insertText", text=text)

    async def press(self, key: str) -> None:
        """Press a key such as Enter or Escape."""
        code = {"Enter": 13, "Escape": 27, "Tab": 9}[key]
        given = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        text = {"text": "\r"} if key == "Enter" else {}
        await self.call("Input.dispatchKeyEvent", type="keyDown", **given, **text)
        await self.call("Input.dispatchKeyEvent", type="keyUp", **given)

    async def choose(self, selector: str, path: Path) -> None:
        """Give a file to a file input."""
        document = await self.call("DOM.getDocument")
        node = await self.call(
            "DOM.querySelector", nodeId=document["root"]["nodeId"], selector=selector
        )
        await self.call("DOM.setFileInputFiles", files=[str(path)], nodeId=node["nodeId"])

    async def size(self, width: int, height: int, *, mobile: bool = False, scale: int = 1) -> None:
        """Be a screen of that size; `mobile` has fingers."""
        await self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=mobile,
        )
        await self.call("Emulation.setTouchEmulationEnabled", enabled=mobile)

    async def dark(self, dark: bool = True) -> None:
        """Prefer dark or light."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.call("Emulation.setEmulatedMedia", features=[scheme])

    async def shot(self, path: Path) -> Path:
        """A picture of what is seen."""
        answer = await self.call("Page.captureScreenshot", format="png")
        await asyncio.to_thread(path.write_bytes, base64.b64decode(answer["data"]))
        return path

    def heard(self, method: str, params: dict[str, Any]) -> None:
        """Remember what the tab complains about."""
        if method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.complaints.append(str(details.get("exception", details)))
        elif method == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.complaints.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")
        elif method == "Runtime.consoleAPICalled" and params["type"] == "error":
            self.complaints.append(str(params["args"]))


class Browser:
    """A running Chromium."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self._socket = socket
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._pages: dict[str, Page] = {}

    async def open(self, url: str = "about:blank", width: int = 1440, height: int = 900) -> Page:
        """A new tab in a profile of its own (cookies apart from the others')."""
        context = await self.call("Target.createBrowserContext")
        target = await self.call(
            "Target.createTarget",
            {"url": "about:blank", "browserContextId": context["browserContextId"]},
        )
        attached = await self.call(
            "Target.attachToTarget", {"targetId": target["targetId"], "flatten": True}
        )
        page = Page(self, attached["sessionId"])
        self._pages[page.session] = page
        for domain in ("Page", "Runtime", "Log", "DOM", "Network"):
            await page.call(f"{domain}.enable")
        await page.size(width, height, mobile=width < 760)
        await page.go(url)
        return page

    async def call(
        self, method: str, params: dict[str, Any] | None = None, session: str | None = None
    ) -> dict[str, Any]:
        """A command and its answer."""
        id = next(self._ids)
        answer = self._waiting[id] = asyncio.get_running_loop().create_future()
        frame: dict[str, Any] = {"id": id, "method": method, "params": params or {}}
        await self._socket.send_json(frame | ({"sessionId": session} if session else {}))
        async with asyncio.timeout(PATIENCE_S):
            return await answer

    async def listen(self) -> None:
        """Hand answers to those who wait for them."""
        async for frame in self._socket:
            if frame.type is not WSMsgType.TEXT:
                break
            message = json.loads(frame.data)
            if "id" in message:
                self._answered(message)
            elif page := self._pages.get(message.get("sessionId", "")):
                page.heard(message["method"], message["params"])

    def _answered(self, message: dict[str, Any]) -> None:
        waiting = self._waiting.pop(message["id"], None)
        if waiting is None or waiting.done():
            return
        if "error" in message:
            waiting.set_exception(AssertionError(str(message["error"])))
        else:
            waiting.set_result(message["result"])


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser that knows nobody and forgets everything."""
    path = found()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            path,
            *FLAGS,
            f"--user-data-dir={profile}",
            "about:blank",
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        drain = None
        try:
            assert process.stderr is not None
            async with asyncio.timeout(PATIENCE_S):
                address = await _address(process.stderr)
            drain = asyncio.create_task(_discard(process.stderr))
            async with (
                ClientSession() as client,
                client.ws_connect(address, max_msg_size=0) as socket,
            ):
                browser = Browser(socket)
                listening = asyncio.create_task(browser.listen())
                yield browser
                await browser.call("Browser.close")
                listening.cancel()
        finally:
            if process.returncode is None:
                try:
                    async with asyncio.timeout(PATIENCE_S):
                        await process.wait()
                except TimeoutError:
                    process.kill()
                    await process.wait()
            if drain is not None:
                await drain


async def _address(stderr: asyncio.StreamReader) -> str:
    said = ""
    while line := (await stderr.readline()).decode(errors="replace"):
        said += line
        if listening := re.search(r"DevTools listening on (ws://\S+)", line):
            return listening[1]
    raise AssertionError(f"Chromium did not start:\n{said}")


async def _discard(stderr: asyncio.StreamReader) -> None:
    while await stderr.read(65536):
        pass
