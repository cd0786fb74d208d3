"""What a device sends without end holds up nobody else."""

from __future__ import annotations

import asyncio

from voice.speakers.address import address_of
from voice.speakers.rtspclient import RtspClient

PACKETS = 2_000


async def test_a_flood_of_packets_leaves_the_others_their_turns() -> None:
    """All of it is at hand at once, and reading it waits for nothing."""
    reader, turns = asyncio.StreamReader(), 0
    reader.feed_data(b"$\x01\x00\x00" * PACKETS)
    reader.feed_eof()
    client = RtspClient(address_of("onvif://127.0.0.1/live"))
    listening = asyncio.create_task(client._listen(reader))
    while not listening.done():
        turns += 1
        await asyncio.sleep(0)
    assert turns >= PACKETS
    assert client.fault == "the device closed the connection"
