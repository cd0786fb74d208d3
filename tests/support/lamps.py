"""Lamps that are not ours: what they are told, they do, or do not, as a test likes.

Each kind is a server of its own: an aiohttp application that speaks like a relay board, a device on
a real MQTT broker, an ONVIF camera with a clock of its own.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
import shutil
import tempfile
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import encode_basic_auth, web

from bot.channels.actuators import open_actuator
from bot.domain.actuator import Actuator, Order, Proof
from bot.domain.secret import Secret
from bot.ports import Actuator as Port
from tests.support.patience import PATIENCE_S
from tests.support.ports import free_port

USER, PASSWORD = "admin", "lamp-pass:1/2"
QUOTED = "lamp-pass%3A1%2F2"


@dataclass
class Lamp:
    """`lit` is the truth.  `stuck`: it takes orders and does not move; `away`: it takes none."""

    lit: bool = False
    stuck: bool = False
    away: bool = False
    silent: bool = False
    orders: list[str] = field(default_factory=list[str])

    def order(self, on: bool) -> None:
        self.orders.append("on" if on else "off")
        if not self.stuck:
            self.lit = on


@dataclass
class Rig:
    """A lamp, and how the program reaches it; `strangers` has a wrong password, `blind` no proof,
    `nobody` and `mute` lead to no one, and to somebody who never says a word."""

    lamp: Lamp
    port: Port
    stranger: Port
    blind: Port
    nobody: Port
    mute: Port


def configured(url: str, **more: object) -> Actuator:
    return Actuator("lamp", "yard-7", "lamp", Secret(url), **more)  # type: ignore[arg-type]


@asynccontextmanager
async def mute_server() -> AsyncGenerator[int]:
    """Takes connections and says nothing, as what is half dead does."""
    writers: list[asyncio.StreamWriter] = []

    async def hold(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        await asyncio.Event().wait()

    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()


@asynccontextmanager
async def serve(app: web.Application) -> AsyncGenerator[int]:
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


# --- HTTP -----------------------------------------------------------------------------------------


class Board:
    """A relay board: `auth` is "", basic or digest; a body is taken as it came."""

    def __init__(self, lamp: Lamp, auth: str = "") -> None:
        self.lamp, self.auth = lamp, auth
        self.bodies: list[str] = []
        self.headers: list[str] = []
        self.app = web.Application()
        self.app.router.add_route("*", "/{tail:.*}", self._answer)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.text()
        if self.lamp.silent:
            await asyncio.sleep(3600)
        if (refused := self._refused(request)) is not None:
            return refused
        self.headers.append(request.headers.get("Authorization", ""))
        if request.path == "/relay":
            self.bodies.append(body)
            self.lamp.order("on" in (request.query.get("turn"), body.strip('{}"')))
        elif request.path == "/moved":
            raise web.HTTPFound("/relay?turn=on")
        elif request.path not in ("/", "/state"):
            raise web.HTTPNotFound
        return web.json_response({"name": "MONITOR", "POWER": "ON" if self.lamp.lit else "OFF"})

    def _refused(self, request: web.Request) -> web.Response | None:
        given = request.headers.get("Authorization", "")
        if not self.auth:
            return None
        if self.auth == "basic":
            sound = given == encode_basic_auth(USER, PASSWORD)
            challenge = 'Basic realm="board"'
        else:
            sound = _digest_is_sound(given, request.method)
            challenge = 'Digest realm="board", nonce="b7", qop="auth", algorithm=SHA-256'
        return None if sound else web.Response(status=401, headers={"WWW-Authenticate": challenge})


def _digest_is_sound(given: str, method: str) -> bool:
    told = dict(re.findall(r'(\w+)="?([^",]+)"?', given.removeprefix("Digest ")))

    def hashed(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

    try:
        ha1, ha2 = hashed(f"{USER}:board:{PASSWORD}"), hashed(f"{method}:{told['uri']}")
        parts = (ha1, told["nonce"], told["nc"], told["cnonce"], told["qop"], ha2)
        return told["response"] == hashed(":".join(parts))
    except KeyError:
        return False


ON, OFF = Order(path="/relay?turn=on"), Order(path="/relay?turn=off")
STATE = Proof(on='"POWER":"ON"', off='"POWER":"OFF"', path="/state")


@asynccontextmanager
async def http_rig(stack: AsyncExitStack) -> AsyncGenerator[Rig]:
    lamp = Lamp()
    port = await stack.enter_async_context(serve(Board(lamp, "digest").app))
    mute = await stack.enter_async_context(mute_server())
    known = f"http://{USER}:{QUOTED}@127.0.0.1"
    orders = {"on": ON, "off": OFF}
    yield Rig(
        lamp,
        open_actuator(configured(f"{known}:{port}", **orders, state=STATE)),
        open_actuator(configured(f"http://{USER}:wrong-one@127.0.0.1:{port}", **orders)),
        open_actuator(configured(f"{known}:{port}", **orders)),
        open_actuator(configured(f"{known}:{free_port()}", **orders, state=STATE)),
        open_actuator(configured(f"{known}:{mute}", **orders, state=STATE)),
    )


# --- MQTT -----------------------------------------------------------------------------------------

MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/sbin")
COMMAND, STAT = "cmnd/lamp/POWER", "stat/lamp/POWER"
M_ON, M_OFF = Order(topic=COMMAND, payload="ON"), Order(topic=COMMAND, payload="OFF")
M_STATE = Proof(on="ON", off="OFF", topic=STAT, ask=Order(topic=COMMAND, payload=""))


@asynccontextmanager
async def broker() -> AsyncGenerator[int]:
    """Debian's mosquitto with one user, on a port of its own."""
    if MOSQUITTO is None:
        pytest.skip("mosquitto is not here; Debian has it as mosquitto")
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        passwords = Path(folder, "passwords")
        salt = b"lamplamplamp"
        key = hashlib.pbkdf2_hmac("sha512", PASSWORD.encode(), salt, 101, 64)
        told = "$".join(base64.b64encode(part).decode() for part in (salt, key))
        passwords.write_text(f"{USER}:$7$101${told}\n")
        passwords.chmod(0o644)
        Path(folder).chmod(0o755)
        config = Path(folder, "mosquitto.conf")
        config.write_text(
            f"listener {port} 127.0.0.1\nallow_anonymous false\npassword_file {passwords}\n"
        )
        process = await asyncio.create_subprocess_exec(
            MOSQUITTO,
            "-c",
            str(config),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            await _until_open(port)
            yield port
        finally:
            process.terminate()
            await process.wait()


async def _until_open(port: int) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            return


async def tasmota(lamp: Lamp, port: int, *, retain: bool = False) -> AsyncGenerator[None]:
    """A device that does what it is told on its topic, and tells its state on the other."""
    import aiomqtt

    async def live(client: aiomqtt.Client) -> None:
        async for message in client.messages:
            said = bytes(message.payload or b"").decode()  # type: ignore[arg-type]
            if said:
                lamp.order(said == "ON")
            if not lamp.silent:
                told = "ON" if lamp.lit else "OFF"
                await client.publish(STAT, told, qos=1, retain=retain)

    async with aiomqtt.Client("127.0.0.1", port, username=USER, password=PASSWORD) as client:
        await client.subscribe(COMMAND, qos=1)
        task = asyncio.create_task(live(client))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])


device = asynccontextmanager(tasmota)


@asynccontextmanager
async def mqtt_rig(stack: AsyncExitStack) -> AsyncGenerator[Rig]:
    lamp = Lamp()
    port = await stack.enter_async_context(broker())
    mute = await stack.enter_async_context(mute_server())
    await stack.enter_async_context(device(lamp, port))
    known = f"mqtt://{USER}:{QUOTED}@127.0.0.1"
    orders = {"on": M_ON, "off": M_OFF}
    yield Rig(
        lamp,
        open_actuator(configured(f"{known}:{port}", **orders, state=M_STATE)),
        open_actuator(configured(f"mqtt://{USER}:wrong-one@127.0.0.1:{port}", **orders)),
        open_actuator(configured(f"{known}:{port}", **orders)),
        open_actuator(configured(f"{known}:{free_port()}", **orders, state=M_STATE)),
        open_actuator(configured(f"{known}:{mute}", **orders, state=M_STATE)),
    )


# --- ONVIF ----------------------------------------------------------------------------------------

_SOAP = (
    '<?xml version="1.0"?><env:Envelope xmlns:env="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:tds="http://www.onvif.org/ver10/device/wsdl" '
    'xmlns:tt="http://www.onvif.org/ver10/schema" '
    'xmlns:wsa="http://www.w3.org/2005/08/addressing" '
    'xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2" '
    'xmlns:tev="http://www.onvif.org/ver10/events/wsdl"><env:Body>{}</env:Body></env:Envelope>'
)
_FAULT = (
    "<env:Fault><env:Code><env:Value>env:Sender</env:Value><env:Subcode><env:Value xmlns:ter="
    '"http://www.onvif.org/ver10/error">ter:{}</env:Value></env:Subcode></env:Code>'
    '<env:Reason><env:Text xml:lang="en">{}</env:Text></env:Reason></env:Fault>'
)


class Camera:
    """An ONVIF device with one relay, as the specification has it, and a clock a year behind."""

    def __init__(self, lamp: Lamp, *, events: bool = True) -> None:
        self.lamp, self.events = lamp, events
        self.behind = timedelta(days=365)
        self.nonces: set[str] = set()
        self.subscribed = 0
        self.app = web.Application()
        self.app.router.add_post("/{tail:.*}", self._answer)

    async def _answer(self, request: web.Request) -> web.Response:
        text = await request.text()
        if self.lamp.silent:
            await asyncio.sleep(3600)
        said = re.search(r"<(\w+)[^<>]*", text.split("Body>", 1)[1])
        name = said[1] if said else ""
        if name != "GetSystemDateAndTime" and not self._is_known(text):
            fault = _FAULT.format("NotAuthorized", "Sender not Authorized")
            return web.Response(status=400, text=_SOAP.format(fault))
        status, body = self._said(name, text, request)
        return web.Response(
            status=status, text=_SOAP.format(body), content_type="application/soap+xml"
        )

    def _said(self, name: str, text: str, request: web.Request) -> tuple[int, str]:
        match name:
            case "GetSystemDateAndTime":
                now = datetime.now(UTC) - self.behind
                date = f"<tt:Year>{now.year}</tt:Year><tt:Month>{now.month}</tt:Month>"
                time = f"<tt:Hour>{now.hour}</tt:Hour><tt:Minute>{now.minute}</tt:Minute>"
                return 200, (
                    "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:UTCDateTime>"
                    f"<tt:Time>{time}<tt:Second>{now.second}</tt:Second></tt:Time>"
                    f"<tt:Date>{date}<tt:Day>{now.day}</tt:Day></tt:Date></tt:UTCDateTime>"
                    "</tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
                )
            case "GetRelayOutputs":
                return 200, (
                    '<tds:GetRelayOutputsResponse><tds:RelayOutputs token="R&amp;1"><tt:Properties>'
                    "<tt:Mode>Bistable</tt:Mode></tt:Properties></tds:RelayOutputs>"
                    "</tds:GetRelayOutputsResponse>"
                )
            case "SetRelayOutputState":
                if "<RelayOutputToken>R&amp;1</RelayOutputToken>" not in text:
                    return 400, _FAULT.format("InvalidArgVal", "no such relay")
                self.lamp.order("<LogicalState>active</LogicalState>" in text)
                return 200, "<tds:SetRelayOutputStateResponse/>"
            case "GetCapabilities" if self.events:
                # as behind a router: an address of its own that nobody else reaches
                return 200, (
                    "<tds:GetCapabilitiesResponse><tds:Capabilities><tt:Events><tt:XAddr>"
                    "http://192.0.2.1:8000/onvif/events</tt:XAddr></tt:Events></tds:Capabilities>"
                    "</tds:GetCapabilitiesResponse>"
                )
            case "CreatePullPointSubscription" if request.path == "/onvif/events":
                self.subscribed += 1
                return 200, (
                    "<tev:CreatePullPointSubscriptionResponse><tev:SubscriptionReference>"
                    "<wsa:Address>http://192.0.2.1:8000/onvif/pull?id=7</wsa:Address>"
                    "</tev:SubscriptionReference></tev:CreatePullPointSubscriptionResponse>"
                )
            case "PullMessages" if request.query_string == "id=7":
                state = "active" if self.lamp.lit else "inactive"
                return 200, (
                    "<tev:PullMessagesResponse><wsnt:NotificationMessage><wsnt:Message>"
                    '<tt:Message PropertyOperation="Initialized"><tt:Source><tt:SimpleItem '
                    'Name="RelayToken" Value="R&amp;1"/></tt:Source><tt:Data><tt:SimpleItem '
                    f'Name="LogicalState" Value="{state}"/></tt:Data></tt:Message></wsnt:Message>'
                    "</wsnt:NotificationMessage></tev:PullMessagesResponse>"
                )
            case "Unsubscribe":
                self.subscribed -= 1
                return 200, "<wsnt:UnsubscribeResponse/>"
            case _:
                return 400, _FAULT.format("ActionNotSupported", f"no {name} here")

    def _is_known(self, text: str) -> bool:
        """The digest of WS-UsernameToken, a fresh nonce, and a time near this device's own."""

        def one(name: str) -> str:
            found = re.search(rf"<{name}\b[^>]*>([^<]*)<", text)
            return found[1] if found else ""

        nonce, created = one("Nonce"), one("Created")
        if not nonce or nonce in self.nonces or one("Username") != USER:
            return False
        self.nonces.add(nonce)
        digested = base64.b64decode(nonce) + created.encode() + PASSWORD.encode()
        if one("Password") != base64.b64encode(hashlib.sha1(digested).digest()).decode():
            return False
        at = datetime.fromisoformat(created)
        return abs(datetime.now(UTC) - self.behind - at) < timedelta(seconds=30)


@asynccontextmanager
async def onvif_rig(stack: AsyncExitStack) -> AsyncGenerator[Rig]:
    lamp = Lamp()
    port = await stack.enter_async_context(serve(Camera(lamp).app))
    poor = await stack.enter_async_context(serve(Camera(lamp, events=False).app))
    mute = await stack.enter_async_context(mute_server())
    known = f"onvif://{USER}:{QUOTED}@127.0.0.1"
    yield Rig(
        lamp,
        open_actuator(configured(f"{known}:{port}")),
        open_actuator(configured(f"onvif://{USER}:wrong-one@127.0.0.1:{port}")),
        open_actuator(configured(f"{known}:{poor}")),
        open_actuator(configured(f"{known}:{free_port()}")),
        open_actuator(configured(f"{known}:{mute}")),
    )


RIGS = {"http": http_rig, "mqtt": mqtt_rig, "onvif": onvif_rig}
