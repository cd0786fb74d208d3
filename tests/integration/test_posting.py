"""Posting to foreign servers: what counts as accepted, what is tried again, what never leaves."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
import time
from collections.abc import AsyncIterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from bot.channels.posting import Postman
from bot.domain.error import BadInput, CopyGone, DeliveryError, Rejected, RetryLater, Uncertain
from bot.domain.secret import Secret
from tests.support.patience import PATIENCE_S
from tests.support.receiver import Receiver, receiver

BODY, HEADERS = b'{"a": 1}', {"X-Own": "1"}


@pytest.fixture
async def there() -> AsyncIterator[Receiver]:
    """The foreign server."""
    async with receiver() as running:
        yield running


@pytest.fixture
async def postman() -> AsyncIterator[Postman]:
    """Somebody with little patience."""
    made = Postman(within=0.5, connect=0.5)
    yield made
    await made.close()


def url(there: Receiver, rest: str = "") -> Secret:
    return Secret(there.url + rest, listed=False)


async def test_any_2xx_is_accepted(there: Receiver, postman: Postman) -> None:
    """The body and the headers arrive as they were given."""
    there.misbehave(200, 201, 202, 204)
    for _ in range(4):
        await postman.post(url(there), BODY, HEADERS)
    assert [got.status for got in there.taken] == [200, 201, 202, 204]
    assert {got.body for got in there.taken} == {BODY}
    assert there.taken[0].headers["X-Own"] == "1"


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        (400, Rejected),
        (401, Rejected),
        (404, Rejected),
        (422, Rejected),
        (410, CopyGone),
        (408, RetryLater),
        (429, RetryLater),
        ((503, {"Retry-After": "7"}), RetryLater),
        (500, Uncertain),
        (502, Uncertain),
        (503, Uncertain),
        ("reset", Uncertain),
        ("reset after", Uncertain),
        ("hang", Uncertain),
    ],
)
async def test_what_went_wrong_is_told_apart(
    there: Receiver, postman: Postman, plan: Any, expected: type[DeliveryError]
) -> None:
    """Refused for good, not now, or nobody knows: the courier does something else for each."""
    there.misbehave(plan)
    with pytest.raises(DeliveryError) as caught:
        await postman.post(url(there), BODY, HEADERS)
    assert type(caught.value) is expected


async def test_a_server_that_is_not_there_surely_took_nothing(
    there: Receiver, postman: Postman
) -> None:
    """So the next try needs no mark."""
    await there.stop()
    with pytest.raises(RetryLater):
        await postman.post(url(there), BODY, HEADERS)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("999999", 3600.0),
        ("soon", None),
        ("-1", None),
        ("", None),
        (lambda: formatdate(time.time() + 90, usegmt=True), 90.0),
        (lambda: formatdate(time.time() - 90, usegmt=True), 0.0),
    ],
)
async def test_it_comes_again_when_it_is_asked_to(
    there: Receiver, postman: Postman, value: Any, seconds: float | None
) -> None:
    """Seconds or a date, within an hour; what is neither is passed over."""
    there.misbehave((429, {"Retry-After": value() if callable(value) else value}))
    with pytest.raises(RetryLater) as caught:
        await postman.post(url(there), BODY, HEADERS)
    if seconds is None:
        assert caught.value.retry_after is None
    else:
        assert caught.value.retry_after == pytest.approx(seconds, abs=3)


async def test_a_redirect_is_not_followed(there: Receiver, postman: Postman) -> None:
    """What is signed for one goes to no other."""
    async with receiver() as elsewhere:
        there.misbehave((307, {"Location": elsewhere.url}))
        with pytest.raises(Rejected, match="redirect"):
            await postman.post(url(there), BODY, HEADERS)
        assert elsewhere.tries == []


async def test_an_answer_without_end_is_cut(there: Receiver, postman: Postman) -> None:
    """Accepted is accepted; nobody listens to the rest, and the next post goes through."""
    there.misbehave("drip")
    async with asyncio.timeout(PATIENCE_S):
        await postman.post(url(there), BODY, HEADERS)
        await postman.post(url(there), BODY, HEADERS)
    assert len(there.taken) == 2


@pytest.mark.parametrize("plan", [404, "reset", "hang", "down"])
async def test_no_error_tells_the_address(there: Receiver, postman: Postman, plan: Any) -> None:
    """Its path and query are as good as a password."""
    if plan == "down":
        await there.stop()
    there.misbehave(plan)
    with pytest.raises(DeliveryError) as caught:
        await postman.post(url(there, "/sesame?token=s3same-open"), BODY, HEADERS)
    error: BaseException | None = caught.value
    assert "s3same" not in repr(error)
    assert "sesame" not in repr(error)
    assert error is not None
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None


async def test_a_certificate_that_nobody_vouches_for_is_refused(
    postman: Postman, tmp_path: Path
) -> None:
    """TLS is verified: a server that cannot prove who it is gets nothing."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not here to make a certificate")
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    form = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", *names]
    made = [openssl, "req", *form, "-keyout", str(key), "-out", str(certificate)]
    await asyncio.to_thread(subprocess.run, made, check=True, capture_output=True)
    secured = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    secured.load_cert_chain(certificate, key)
    there = Receiver()
    await there.start(secured)
    with pytest.raises(RetryLater, match="Certificate"):
        await postman.post(Secret(there.url.replace("http:", "https:")), BODY, HEADERS)
    await there.stop()
    assert there.tries == []


async def test_the_proxy_is_the_way_out(there: Receiver) -> None:
    """A foreign host is asked for at the proxy; the house's own network is called directly."""
    async with receiver() as proxy:
        address = f"http://127.0.0.1:{proxy.port}"
        postman = Postman(Secret(address, listed=False), within=2)
        await postman.post(Secret("http://sms.example.invalid/x", listed=False), BODY, HEADERS)
        await postman.post(url(there), BODY, HEADERS)
        await postman.close()
    (by_proxy,) = proxy.taken
    assert by_proxy.headers["Host"] == "sms.example.invalid"
    assert len(there.taken) == 1


def test_a_socks_proxy_without_its_package_is_told_at_once() -> None:
    """Not when the first emergency leaves."""
    with pytest.raises(BadInput, match="aiohttp-socks"):
        Postman(Secret("socks5://127.0.0.1:1080", listed=False))
