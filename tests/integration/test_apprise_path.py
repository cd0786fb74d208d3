"""The second path by apprise, through its own plug-in for a server on loopback."""

from __future__ import annotations

import asyncio
import sys
import time

import pytest

from bot.channels.alerts import open_alert
from bot.domain.error import BadInput, DeliveryError
from bot.domain.secret import Secret
from bot.domain.site import Alert
from bot.ports import AlertMessage
from tests.support.receiver import receiver

# its plug-ins are all imported at once, one of them with what Python 3.13 has no more
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

MESSAGE = AlertMessage("case-1-a-1-0", ("+861",), "紧急 #1", "紧急 #1\n七号工地", 1, "emergency", 1)


def alert(url: str) -> Alert:
    return Alert("a", "apprise", "push", Secret(url, listed=False))


async def test_it_hands_the_words_to_the_service() -> None:
    """Title and text, as they are."""
    async with receiver() as there:
        path = await open_alert(alert(f"json://127.0.0.1:{there.port}/in"), None)
        await path.send(MESSAGE)
        await path.close()
    (got,) = there.taken
    assert (got.json["title"], got.json["message"]) == (MESSAGE.title, MESSAGE.text)


async def test_what_it_could_not_hand_over_is_tried_again() -> None:
    """apprise says no more than that."""
    async with receiver(always=500) as there:
        path = await open_alert(alert(f"json://127.0.0.1:{there.port}/in"), None)
        with pytest.raises(DeliveryError):
            await path.send(MESSAGE)
        await path.close()
    assert there.taken == []


async def test_no_redirect_is_followed() -> None:
    """Its address is a secret, as any other."""
    async with receiver() as elsewhere:
        async with receiver(always=(307, {"Location": elsewhere.url})) as there:
            path = await open_alert(alert(f"json://127.0.0.1:{there.port}/in"), None)
            with pytest.raises(DeliveryError):
                await path.send(MESSAGE)
            await path.close()
        assert elsewhere.tries == []


async def test_a_service_that_hangs_does_not_stop_the_loop() -> None:
    """It calls in a thread of its own."""
    async with receiver(always="hang") as there:
        path = await open_alert(alert(f"json://127.0.0.1:{there.port}/in?rto=1&cto=1"), None)
        sending = asyncio.ensure_future(path.send(MESSAGE))
        longest, last = 0.0, time.monotonic()
        while not sending.done():
            await asyncio.sleep(0.01)
            longest, last = max(longest, time.monotonic() - last), time.monotonic()
        assert isinstance(sending.exception(), DeliveryError)
        assert longest < 0.7
        await path.close()


async def test_an_address_that_it_does_not_understand_is_told_at_the_start() -> None:
    """Not with the first emergency; and without the address."""
    with pytest.raises(BadInput) as caught:
        await open_alert(alert("carrierpigeon://s3cret-loft"), None)
    assert "s3cret" not in str(caught.value)
    assert caught.value.faults[0].where == "alerts.a.url"


async def test_without_the_package_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is an extra."""
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(BadInput, match="apprise"):
        await open_alert(alert("json://localhost/"), None)
