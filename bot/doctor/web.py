"""The program's own face: its certificate, and the address that links are made with."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bot.doctor.finding import Finding, Probe, in_thread
from bot.settings import Settings

SOON_DAYS = 21
_CALL_S = 8.0
_DAY_S = 86_400


def probes(settings: Settings) -> list[Probe]:
    """One for the certificate, one for the public address, where there are such."""
    found: list[Probe] = []
    if settings.tls_cert and settings.tls_key:
        look = partial(certificate, settings.tls_cert, settings.tls_key)
        found.append(Probe("tls", "", partial(in_thread, look)))
    if settings.public_url:
        found.append(Probe("public", "", partial(public_url, settings)))
    return found


def certificate(cert: Path, key: Path) -> Finding:
    """Until when it holds. Blocking for a moment."""
    try:
        ends = _ends(cert, key)
    except ssl.SSLCertVerificationError as error:
        return Finding("tls", "", False, "tls.over", {"reason": error.verify_message})
    except (OSError, ValueError) as error:  # an SSLError is an OSError
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
        return Finding("tls", "", False, "tls.unusable", {"reason": reason})
    left = (ends - datetime.now(UTC)).total_seconds() / _DAY_S
    params = {"until": ends.strftime("%Y-%m-%d"), "days": int(left)}
    if left < SOON_DAYS:
        return Finding("tls", "", False, "tls.soon", params)
    return Finding("tls", "", True, "tls.fine", params)


def _ends(cert: Path, key: Path) -> datetime:
    """By a handshake in memory, in which the certificate vouches for itself."""
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(cert, key)
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    theirs.check_hostname = False
    theirs.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    theirs.load_verify_locations(cert)
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = theirs.wrap_bio(down, up, server_side=False)
    server = ours.wrap_bio(up, down, server_side=True)
    _shake_hands(client, server)
    told = client.getpeercert() or {}
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(told["notAfter"])), UTC)


def _shake_hands(client: ssl.SSLObject, server: ssl.SSLObject) -> None:
    waiting = [client, server, client, server, client, server]
    for one in waiting:
        try:
            one.do_handshake()
        except ssl.SSLWantReadError:
            continue


async def public_url(settings: Settings) -> Finding:
    """Whether it leads to the program, while that runs."""
    from aiohttp import ClientError, ClientSession, ClientTimeout

    from bot.doctor.place import is_running

    if not await is_running(settings):
        return Finding("public", "", True, "public.later", note=True)
    url = f"{settings.public_url.rstrip('/')}/livez"
    try:
        async with (
            ClientSession(timeout=ClientTimeout(total=_CALL_S)) as session,
            session.get(url, allow_redirects=False) as response,
        ):
            if response.status == 200:
                return Finding("public", "", True, "public.fine")
            reason = f"HTTP {response.status}"
    except (ClientError, TimeoutError, OSError) as error:
        reason = str(error) or type(error).__name__
    return Finding("public", "", False, "public.away", {"reason": reason})
