"""POST /api/v1/reports: what is taken, what is refused, and in which words."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import FormData

from bot.domain.error import BadInput, InputFault, NotFound, Unavailable
from bot.domain.report import Because, Phase
from handlers.http.context import Limits
from tests.support.http_house import AT, NOW, House, a_report, faults, problem, running_house
from tests.support.pictures import jpeg

JPEG = jpeg(8, 8)


def form(report: Any = None, /, **parts: bytes) -> FormData:
    data = FormData(default_to_multipart=True)
    if report is not None:
        data.add_field("report", json.dumps(report), content_type="application/json")
    for name, content in parts.items():
        data.add_field(name, content, filename=name, content_type="application/octet-stream")
    return data


async def test_a_new_case_is_answered_201_with_its_number_and_state(house: House):
    response = await house.report()
    assert response.status == 201
    assert await response.json() == {"case": 1, "state": "open", "report": "box3-1"}
    assert response.headers["Location"] == "/api/v1/cases/1"


async def test_everything_a_source_says_reaches_the_core(house: House):
    await house.report(
        zone="pit",
        subject="track-17",
        phase="end",
        because="rectified",
        confidence=1,
        people=3,
        note=" 见图 ",
        location={"lat": 22.7, "lon": 114.0, "accuracy_m": 8},
        device="box-3",
        attributes={"speed": 3.5},
    )
    (report,) = house.intake.reports
    assert (report.id, report.source) == ("box3-1", "source-1.1")
    assert (report.site, report.camera, report.zone) == ("yard-7", "gate", "pit")
    assert (report.phase, report.because) == (Phase.END, Because.RECTIFIED)
    assert (report.at, report.received_at) == (NOW, NOW)
    assert (report.subject, report.confidence, report.people) == ("track-17", 1.0, 3)
    assert report.note == "见图"
    assert report.by is None
    assert not report.trial
    assert report.attributes == {
        "speed": 3.5,
        "device": "box-3",
        "location": {"lat": 22.7, "lon": 114.0, "accuracy_m": 8.0},
    }


async def test_a_repeat_and_an_attached_report_are_answered_200(house: House):
    assert (await house.report()).status == 201
    assert (await house.report()).status == 200
    assert (await house.report(id="box3-2")).status == 200


async def test_the_same_moment_in_another_offset_is_the_same_content(house: House):
    await house.report()
    assert (await house.report(at="2026-11-22T02:00:00.000Z")).status == 200


async def test_the_same_id_with_other_content_is_409(house: House):
    await house.report()
    assert (await faults(await house.report(confidence=0.5), 409)).keys() == {"id"}


async def test_the_same_report_with_another_picture_is_409(house: House):
    await house.post("/api/v1/reports", data=form(a_report(), image=JPEG))
    other = await house.post("/api/v1/reports", data=form(a_report(), image=JPEG + b"\0"))
    await problem(other, 409)


async def test_without_a_picture_the_frame_nearest_its_time_is_taken(house: House):
    await house.report()
    assert house.eyes.asked == [("gate", NOW)]
    shot = house.intake.reports[0].shot
    assert shot is not None
    assert house.pictures.kept[shot.annotated.sha256] == shot.annotated.jpeg


async def test_a_report_without_a_camera_has_no_picture(house: House):
    assert (await house.report(camera=...)).status == 201
    assert house.intake.reports[0].shot is None


async def test_a_picture_in_the_json_is_used_instead_of_a_frame(house: House):
    encoded = base64.encodebytes(JPEG).decode()
    assert (await house.report(image_base64=encoded)).status == 201
    shot = house.intake.reports[0].shot
    assert shot is not None
    assert shot.annotated.jpeg == JPEG
    assert house.eyes.asked == []


async def test_a_picture_as_a_part_is_the_same_report_as_in_the_json(house: House):
    await house.post("/api/v1/reports", data=form(a_report(), image=JPEG))
    encoded = base64.b64encode(JPEG).decode()
    assert (await house.report(image_base64=encoded)).status == 200


async def test_parts_may_come_in_any_order(house: House):
    data = FormData(default_to_multipart=True)
    data.add_field("image", JPEG, filename="a.jpg")
    data.add_field("report", json.dumps(a_report()))
    assert (await house.post("/api/v1/reports", data=data)).status == 201


async def test_a_camera_on_trial_makes_a_trial_report(house: House):
    await house.report(camera="crane")
    assert house.intake.reports[0].trial


async def test_every_field_at_fault_is_named(house: House):
    response = await house.report(
        id="",
        site=7,
        at="2026-11-22 10:00:00",
        confidence=1.5,
        phase="begin",
        people=0,
        colour="red",
        location={"lat": 91, "lon": "114"},
    )
    found = await faults(response, 422)
    expected = {"id", "site", "at", "confidence", "phase", "people", "colour"}
    assert found.keys() == expected | {"location.lat", "location.lon"}
    assert not house.intake.reports


async def test_faults_of_names_and_of_values_are_told_together(house: House):
    found = await faults(await house.report(site="yard-9", confidence=2), 422)
    assert found.keys() == {"site", "confidence"}


@pytest.mark.parametrize("missing", ["id", "hazard", "site", "at"])
async def test_required_fields(house: House, missing: str):
    assert await faults(await house.report(**{missing: ...}), 422) == {missing: "is required"}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"confidence": True}, "confidence"),
        ({"confidence": "0.9"}, "confidence"),
        ({"confidence": -0.01}, "confidence"),
        ({"people": 1.5}, "people"),
        ({"id": "a\u0007b"}, "id"),
        ({"id": " a"}, "id"),
        ({"id": "x" * 129}, "id"),
        ({"id": 12}, "id"),
        ({"note": "x" * 1001}, "note"),
        ({"subject": ""}, "subject"),
        ({"phase": "end"}, "because"),
        ({"because": "left"}, "because"),
        ({"phase": "end", "because": "tired"}, "because"),
        ({"camera": ..., "zone": "pit"}, "zone"),
        ({"at": "2026-11-22T10:00:00"}, "at"),
        ({"at": "yesterday"}, "at"),
        ({"at": 1763800000}, "at"),
        ({"at": "2026-02-30T10:00:00Z"}, "at"),
        ({"location": {"lat": 1}}, "location.lon"),
        ({"location": {"lat": 1, "lon": 2, "alt": 3}}, "location.alt"),
        ({"location": [1, 2]}, "location"),
        ({"attributes": {"clip": 1}}, "attributes"),
        ({"attributes": {"a": {"b": {"c": {"d": {}}}}}}, "attributes"),
        ({"attributes": {str(n): n for n in range(65)}}, "attributes"),
        ({"attributes": {"a": "x" * 9000}}, "attributes"),
        ({"image_base64": "%%%"}, "image_base64"),
        ({"image_base64": 5}, "image_base64"),
    ],
)
async def test_what_will_not_do_is_422_and_names_the_field(
    house: House, wrong: dict[str, Any], field: str
):
    assert (await faults(await house.report(**wrong), 422)).keys() == {field}
    assert not house.intake.reports


@pytest.mark.parametrize(
    "at",
    [
        *("1970-01-01T00:00:00Z", "1904-01-01T00:00:00Z", "2001-01-01T00:00:00Z"),
        *("2026-11-22T11:00:00+08:00", "2026-10-23T01:59:59Z", "9999-12-31T23:59:59-23:59"),
    ],
)
async def test_a_device_whose_clock_is_wrong_loses_no_alarm(house: House, at: str):
    """It is taken as of now, and what its clock said is kept beside it; a repeat is a repeat."""
    assert (await house.report(at=at)).status == 201
    house.now[0] += 1000
    assert (await house.report(at=at)).status == 200
    report = house.intake.reports[0]
    assert report.at == report.received_at == NOW
    assert report.attributes["claimed_at"] == at


@pytest.mark.parametrize("at", ["2026-11-22T10:04:59+08:00", "2026-10-24T02:00:00Z"])
async def test_a_little_ahead_or_weeks_ago_is_believed(house: House, at: str):
    """A spool that was cut off for weeks tells the truth."""
    assert (await house.report(at=at)).status == 201
    (report,) = house.intake.reports
    assert report.at != NOW
    assert "claimed_at" not in report.attributes


@pytest.mark.parametrize(
    ("unknown", "field"),
    [
        ({"site": "yard-9", "camera": ...}, "site"),
        ({"camera": "nowhere"}, "camera"),
        ({"camera": "door"}, "camera"),
        ({"zone": "roof"}, "zone"),
        ({"camera": "crane", "zone": "pit"}, "zone"),
    ],
)
async def test_what_the_site_file_does_not_know_is_404_and_named(
    house: House, unknown: dict[str, Any], field: str
):
    document = await problem(await house.report(**unknown), 404)
    assert [fault["field"] for fault in document["errors"]] == [field]
    assert field in document["detail"]


@pytest.mark.parametrize(
    ("report", "words"),
    [
        ({"camera": "door"}, "yard-7 has no door"),
        ({"camera": "crane", "zone": "pit"}, "crane has no pit"),
        ({"site": "yard-9", "camera": ...}, "the site file knows no yard-9"),
    ],
)
async def test_what_is_elsewhere_is_not_told_to_be_nowhere(
    house: House, report: dict[str, Any], words: str
):
    """Whoever sees the camera in the site file must learn that it is the site that is wrong."""
    english = {"Accept-Language": "en"}
    answer = await house.post("/api/v1/reports", json=a_report(**report), headers=english)
    document = await problem(answer, 404)
    assert [fault["message"] for fault in document["errors"]] == [words]


async def test_an_unknown_hazard_is_a_wrong_value_and_told_with_unknown_places(house: House):
    assert (await faults(await house.report(hazard="no_trousers"), 422)).keys() == {"hazard"}
    found = await faults(await house.report(hazard="no_trousers", site="yard-9"), 422)
    assert {"hazard", "site"} <= found.keys()
    assert not house.intake.reports


async def test_a_site_outside_of_the_keys_scope_is_403(house: House):
    await problem(await house.post("/api/v1/reports", "lh_source8", json=a_report()), 403)
    own = a_report(site="yard-8", camera="door")
    assert (await house.post("/api/v1/reports", "lh_source8", json=own)).status == 201


@pytest.mark.parametrize(("key", "status"), [(None, 401), ("lh_wrong", 401), ("lh_operator", 403)])
async def test_only_keys_of_sources_and_admins_report(house: House, key: str | None, status: int):
    await problem(await house.post("/api/v1/reports", key, json=a_report()), status)
    assert (await house.post("/api/v1/reports", "lh_admin", json=a_report())).status == 201


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "is not valid JSON"),
        (b"{", "is not valid JSON"),
        (b"[]", "must be an object"),
        (b"null", "must be an object"),
        (b'{"id": "a", "id": "b"}', "the key id stands there twice"),
        (b'{"confidence": NaN}', "holds a number that JSON does not allow"),
        (b'{"confidence": -Infinity}', "holds a number that JSON does not allow"),
        (b'{"confidence": 1e999}', "holds a number that JSON does not allow"),
        (b'{"people": ' + b"9" * 5000 + b"}", "holds a number that JSON does not allow"),
        (b'{"note": "\xff"}', "is not valid UTF-8"),
        (b'{"note": "\\ud800"}', "holds characters that are not allowed"),
        (b'{"note": "a\\u0000b"}', "holds characters that are not allowed"),
        (b'{"attributes": ' + b"[" * 20000, "is nested too deep"),
        (b'{"attributes": ' + b'{"a":' * 40 + b"1" + b"}" * 41, "is nested too deep"),
    ],
)
async def test_what_cannot_be_read_is_400(house: House, body: bytes, message: str):
    headers = {"Content-Type": "application/json"}
    response = await house.post("/api/v1/reports", data=body, headers=headers)
    assert list((await faults(response, 400)).values()) == [message]
    assert not house.intake.reports


async def test_other_kinds_of_content_are_415(house: House):
    path = "/api/v1/reports"
    plain = await house.post(path, data=b"{}", headers={"Content-Type": "text/plain"})
    assert (await faults(plain, 415)).keys() == {"Content-Type"}
    zipped = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    await problem(await house.post(path, data=b"{}", headers=zipped), 415)
    as_part = await house.post(path, data=form(a_report(), image=b"GIF89a...."))
    assert (await faults(as_part, 415)).keys() == {"image"}
    gif = base64.b64encode(b"GIF89a").decode()
    await problem(await house.report(image_base64=gif), 415)


async def test_a_picture_that_cannot_be_used_is_422_with_the_reason(house: House):
    house.desk.trouble = BadInput([InputFault("picture", "30000 x 30000 pixels")])
    response = await house.post("/api/v1/reports", data=form(a_report(), image=JPEG))
    assert "30000 x 30000" in (await faults(response, 422))["image"]
    assert not house.intake.reports


async def test_an_alarm_goes_on_without_its_picture_when_nobody_can_look_at_it(house: House):
    house.desk.trouble = Unavailable("the picture worker is gone")
    response = await house.post("/api/v1/reports", data=form(a_report(), image=JPEG))
    assert response.status == 201
    assert house.intake.reports[0].shot is None


async def test_an_alarm_goes_on_when_its_picture_cannot_be_kept(house: House):
    house.pictures.trouble = OSError(28, "No space left on device")
    response = await house.post("/api/v1/reports", data=form(a_report(), image=JPEG))
    assert response.status == 201
    assert house.intake.reports[0].shot is None


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"image": b""}, "image"),
        ({"image": JPEG, "thumbnail": JPEG}, "thumbnail"),
        ({"clip": b"not here"}, "clip"),
    ],
)
async def test_parts_that_will_not_do(house: House, parts: dict[str, bytes], field: str):
    response = await house.post("/api/v1/reports", data=form(a_report(), **parts))
    assert (await faults(response, 422)).keys() == {field}


async def test_the_report_part_is_needed_and_stands_there_once(house: House):
    path = "/api/v1/reports"
    lonely = await house.post(path, data=form(None, image=JPEG))
    assert (await faults(lonely, 422)).keys() == {"report"}
    twice = form(a_report())
    twice.add_field("report", json.dumps(a_report()))
    assert (await faults(await house.post(path, data=twice), 400)).keys() == {"report"}


async def test_a_picture_given_twice_is_refused(house: House):
    report = a_report(image_base64=base64.b64encode(JPEG).decode())
    response = await house.post("/api/v1/reports", data=form(report, image=JPEG))
    assert (await faults(response, 422)).keys() == {"image"}


SMALL = Limits(report=1000, image=2000, clip=500)


@pytest.mark.parametrize(
    ("parts", "field"),
    [({"image": JPEG + b"\0" * 2000}, "image"), ({"report": b" " * 1001}, "report")],
)
async def test_parts_over_their_limit_are_413(parts: dict[str, bytes], field: str):
    async with running_house(limits=SMALL) as house:
        data = form(None if "report" in parts else a_report(), **parts)
        found = await faults(await house.post("/api/v1/reports", data=data), 413)
    assert found.keys() == {field}


async def test_json_over_its_limit_is_413_whether_or_not_it_says_how_long_it_is():
    async def endless():
        for _ in range(100):
            yield b" " * 1000

    async with running_house(limits=SMALL) as house:
        await problem(await house.report(note="x" * 5000), 413)
        padded = a_report(image_base64=base64.b64encode(b"x").decode(), note="x" * 1500)
        await problem(await house.post("/api/v1/reports", json=padded), 413)
        large = base64.b64encode(JPEG + b"\0" * 2000).decode()
        await problem(await house.report(image_base64=large), 413)
        headers = {"Content-Type": "application/json"}
        response = await house.post("/api/v1/reports", data=endless(), headers=headers)
        await problem(response, 413)


async def test_sixty_reports_a_second_of_one_key_and_no_more(house: House):
    for n in range(60):
        assert (await house.report(id=f"r{n}")).status < 300
    refused = await house.report(id="r60")
    await problem(refused, 429)
    assert refused.headers["Retry-After"] == "1"
    admin = await house.post("/api/v1/reports", "lh_admin", json=a_report())
    assert admin.status == 200
    house.now[0] += 1000
    assert (await house.report(id="r60")).status == 200


async def test_when_nothing_can_be_stored_the_source_is_told_when_to_try_again(house: House):
    house.intake.trouble = Unavailable("the database is away", retry_after=7)
    response = await house.report()
    await problem(response, 503)
    assert response.headers["Retry-After"] == "7"


async def test_what_the_core_cannot_find_is_404_in_its_words(house: House):
    house.intake.trouble = NotFound("refused.unknown_case", case=12)
    assert "12" in (await problem(await house.report(), 404))["detail"]


async def test_an_unexpected_error_tells_nothing_of_the_inside(house: House, caplog):
    house.intake.trouble = ZeroDivisionError("the secret inside")
    response = await house.report()
    document = await problem(response, 500)
    assert "inside" not in json.dumps(document)
    assert "the secret inside" in caplog.text
    assert "lh_source" not in caplog.text


async def test_too_many_uploads_at_once_are_told_to_wait():
    async with running_house(limits=replace(SMALL, uploads_in_memory=100)) as house:
        response = await house.report()
        await problem(response, 503)
        assert response.headers["Retry-After"] == "1"


@pytest.mark.parametrize(
    ("header", "title"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "内容有误"),
        ("fr, en;q=0.5, zh;q=0.1", "Invalid content"),
        ("en;q=0, zh", "内容有误"),
        ("tlh", "Invalid content"),
        ("", "Invalid content"),
    ],
)
async def test_problems_speak_the_callers_language(house: House, header: str, title: str):
    headers = {"Accept-Language": header}
    response = await house.post("/api/v1/reports", json=a_report(at=AT[:-6]), headers=headers)
    assert (await problem(response, 422))["title"] == title


async def test_long_and_strange_values_are_not_sent_back_whole(house: House):
    document = await problem(await house.report(id="é" * 5000, people=10**30), 422)
    values = {fault["field"]: fault["value"] for fault in document["errors"]}
    assert len(values["id"]) == 201
    assert values["people"] == "<int>"


@pytest.mark.parametrize("note", ["大门　东侧", "工人👷\u200d♂️没戴帽", "a\u00a0b\u202e\u2028c"])
async def test_no_alarm_is_refused_for_a_space_or_an_emoji_in_its_note(house: House, note: str):
    """Wide spaces and joiners are words; the card itself takes out what turns writing around."""
    response = await house.report(note=note)
    assert response.status == 201, await response.text()
    assert house.intake.reports[-1].note == note
