"""Messages of lines, and session descriptions: what devices send, sloppy or hostile."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.protocols.message import BadMessage, Message, parsed
from voice.protocols.sdp import offer, sections
from voice.protocols.sip import Dialog, host_and_port, transaction

RINGING = (
    b"SIP/2.0 180 Ringing\r\nv: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKx;rport=5060,\r\n"
    b" SIP/2.0/UDP second\r\nf: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nI: 77\r\nCSeq: 4 INVITE\r\n"
    b"l: 3\r\n\r\nabcdef"
)


def test_short_names_folded_lines_and_a_body_of_the_told_length():
    message = parsed(RINGING)
    assert (message.status, message.reason, message.method) == (180, "180 Ringing", "INVITE")
    assert message.get("CALL-ID") == "77"
    assert message.get("from") == "<sip:a@b>;tag=1"
    assert message.body == b"abc"
    assert transaction(message) == ("z9hG4bKx", "INVITE")
    assert message.get("contact") == ""


def test_a_reason_is_a_line():
    """It goes into chats, logs and databases, of which one takes no NUL."""
    said = b"SIP/2.0 486 Busy\0\x1b[2J Here" + b"!" * 60_000 + b"\r\n\r\n"
    reason = parsed(said).reason
    assert reason.startswith("486 Busy[2J Here!!")
    assert len(reason) < 100


def test_what_is_written_is_read_again():
    message = Message(("BYE", "sip:a@b", "SIP/2.0"), [("Call-ID", "1"), ("X", "喊")], b"body")
    again = parsed(message.to_bytes())
    assert (again.start, again.body) == (message.start, message.body)
    assert again.headers[:2] == message.headers
    assert again.status == 0


@pytest.mark.parametrize(
    "data",
    [b"", b"\r\n\r\n", b"nonsense", b"SIP/2.0 xx y\r\n\r\n", b"BYE a SIP/2.0\r\nno colon\r\n\r\n",
     b"BYE a SIP/2.0\r\nl: -1\r\n\r\n", b"\xff\xfe", b"x" * 70000,
     b"RTSP/1.0 200 OK\r\nl: 9900000\r\n\r\n"],
)  # fmt: skip
def test_what_is_no_message_is_said_to_be_none(data: bytes):
    with pytest.raises(BadMessage):
        parsed(data)


@given(st.binary(max_size=300) | st.binary(max_size=100).map(lambda tail: RINGING[:150] + tail))
def test_any_bytes_are_a_message_or_none(data: bytes):
    with contextlib.suppress(BadMessage):
        message = parsed(data)
        assert message.status >= 0
        transaction(message)
        host_and_port(message.get("contact"))


@given(st.text(max_size=200) | st.text(alphabet="mcav=: \nudio0123456789/", max_size=200))
def test_any_description_is_read(text: str):
    for media in sections(text):
        assert 0 <= media.port <= 65535
        media.payload_type("PCMU")


def test_numbers_that_no_device_can_mean_are_passed_over():
    long = "9" * 5000  # more digits than Python reads
    text = f"m=audio {long} RTP/AVP 0\nm=audio 5004 RTP/AVP 0 200 {long}\na=rtpmap:{long} PCMA/8000"
    (media,) = sections(text)
    assert (media.port, media.formats, media.maps) == (5004, [0], {})


def test_what_a_camera_describes():
    """The section that takes sound is the device's `sendonly` one (ONVIF: our direction)."""
    video, audio = sections(
        "v=0\r\nc=IN IP4 0.0.0.0\r\na=recvonly\r\n"
        "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
        "m=audio 0 RTP/AVP 97 8\r\nc=IN IP4 10.0.0.9/127\r\na=rtpmap:97 pcmu/8000/1\r\n"
        "a=sendonly\r\na=control:trackID=5\r\n"
    )
    assert (video.kind, video.direction, video.host) == ("video", "recvonly", "0.0.0.0")
    assert (audio.direction, audio.host, audio.control) == ("sendonly", "10.0.0.9", "trackID=5")
    assert (audio.payload_type("PCMU"), audio.payload_type("PCMA")) == (97, 8)
    assert audio.payload_type("G726") is None


def test_an_offer_can_be_read_by_ourselves():
    (audio,) = sections(offer("fd00::1", 4000, 9, [(0, "PCMU"), (8, "PCMA")]))
    assert (audio.host, audio.port, audio.direction) == ("fd00::1", 4000, "sendrecv")
    assert (audio.payload_type("PCMU"), audio.payload_type("PCMA")) == (0, 8)


def test_requests_within_a_call_go_by_the_way_that_the_answer_names():
    """RFC 3261, 12.1.2: to the contact, through the proxies in turn."""
    dialog = Dialog("sip:100@pbx", "sip:a@pbx", "10.0.0.1", 5070, "id", "tag")
    invite = dialog.invite("1", "v=0\r\n", [])
    dialog.accept(
        parsed(
            b"SIP/2.0 200 OK\r\nTo: <sip:100@pbx>;tag=9\r\n"
            b'Contact: "Horn" <sip:h@10.0.0.9:5080;ob>\r\n'
            b"Record-Route: <sip:p2;lr>, <sip:p1;lr>\r\nCSeq: 1 INVITE\r\n\r\n"
        )
    )
    bye = dialog.bye("2", 2)
    assert bye.start[1] == "sip:h@10.0.0.9:5080;ob"
    assert bye.all("route") == ["<sip:p1;lr>", "<sip:p2;lr>"]
    assert bye.get("to") == "<sip:100@pbx>;tag=9"
    assert transaction(dialog.accepted("3")) != transaction(invite)
    assert dialog.cancel(invite).get("via") == invite.get("via")


@pytest.mark.parametrize(
    ("uri", "place"),
    [
        ("sip:h@10.0.0.9:5080;ob", ("10.0.0.9", 5080)),
        ("sip:10.0.0.9", ("10.0.0.9", 5060)),
        ("sip:h@[fd00::9]:99?x", ("fd00::9", 99)),
        ("sip:h@x:99999", ("x", 5060)),
        (f"sip:h@x:{'9' * 5000}", ("x", 5060)),
        ("", ("", 5060)),
    ],
)
def test_where_a_contact_is(uri: str, place: tuple[str, int]):
    assert host_and_port(uri) == place
