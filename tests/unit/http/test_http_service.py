"""Pictures, health, figures, the description of the API, and addresses that are not there."""

from __future__ import annotations

from string import Formatter
from typing import Any

import jsonschema
import pytest
from prometheus_client import CollectorRegistry

from bot.domain.case import State
from bot.ports import AuditRow, Entry, OutboxRow, Snapshot
from bot.texts import problems
from handlers.http.api import PREFIX, ROUTES
from handlers.http.context import Check
from handlers.http.openapi import OPERATIONS, document
from handlers.http.pictures import PictureLinks
from tests.support.http_house import NOW, House, a_report, problem, running_house
from tests.unit.http.test_http_cases import a_case, fill

SHA = "ab" * 32
LINKS = PictureLinks(b"k" * 32, "https://horn.example/")


async def test_a_signed_link_shows_its_picture_and_lets_it_be_kept(house: House):
    response = await house.get(LINKS.path(SHA, NOW), None)
    assert (response.status, response.content_type) == (200, "image/jpeg")
    assert (await response.read()).startswith(b"\xff\xd8")
    assert response.headers["Cache-Control"].startswith("private, immutable, max-age=")
    headers = {"If-None-Match": response.headers["ETag"]}
    assert (await house.get(LINKS.path(SHA, NOW), None, headers=headers)).status == 304


async def test_a_link_expires(house: House):
    link = LINKS.path(SHA, NOW)
    house.now[0] += 3_600_000 - 1
    assert (await house.get(link, None)).status == 200
    house.now[0] += 3_600_001
    await problem(await house.get(link, None), 403)


async def test_forged_links_show_nothing(house: House):
    link = LINKS.path(SHA, NOW)
    later = link.replace("?e=1", "?e=2")
    assert later != link
    other = link.replace("abab", "cdcd", 1)
    foreign = PictureLinks(b"x" * 32).path(SHA, NOW)
    unsigned = f"/pictures/{SHA}"
    for forged in (later, other, foreign, unsigned, link + "é", "/pictures/..%2F..%2Fetc?e=9&s="):
        await problem(await house.get(forged, None), 403)


async def test_a_picture_that_is_gone_is_404(house: House):
    await problem(await house.get(LINKS.path("cd" * 32, NOW), None), 404)


@pytest.mark.parametrize("kind", ["pictures", "clips"])
async def test_a_picture_that_was_erased_by_rule_is_410(house: House, kind: str):
    house.store.erased["cd" * 32] = NOW
    answered = await house.get(LINKS.path("cd" * 32, NOW, kind=kind), None)
    await problem(answered, 410)
    assert "erased by rule" in (await answered.json())["detail"]


def test_a_link_for_messages_has_the_public_address_and_lives_for_days():
    assert LINKS.url(SHA, NOW).startswith(f"https://horn.example/pictures/{SHA}?e=")


def test_the_same_picture_keeps_its_address_for_a_while():
    begin = NOW - NOW % 3_600_000
    assert LINKS.path(SHA, begin) == LINKS.path(SHA, begin + 3_599_999)
    assert LINKS.path(SHA, begin) != LINKS.path(SHA, begin + 3_600_000)


def test_a_short_key_is_refused():
    with pytest.raises(ValueError):
        PictureLinks(b"short")


async def test_it_lives(house: House):
    assert (await house.get("/livez", None)).status == 200


async def test_ready_only_when_every_check_passes_and_details_are_for_operators():
    checks = [Check("database", True), Check("telegram", False, "no answer; token=lh_planted")]

    async def ready():
        return tuple(checks)

    async with running_house(ready=ready) as house:
        stranger = await house.get("/readyz", None)
        assert stranger.status == 503
        told = {"name": "telegram", "ok": False}
        assert (await stranger.json())["checks"] == [{"name": "database", "ok": True}, told]
        operator = await (await house.get("/readyz")).text()
        assert "no answer" in operator
        assert "planted" not in operator
        checks[1] = Check("telegram", True)
        assert (await house.get("/readyz", None)).status == 503
        house.now[0] += 1000
        assert (await house.get("/readyz", None)).status == 200


async def test_while_it_stops_it_takes_nothing_in_and_closes_connections(house: House):
    assert (await house.report()).headers.get("Connection") != "close"
    house.context.gate.close()
    refused = await house.report(id="another")
    await problem(refused, 503)
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.headers["Connection"] == "close"
    await problem(await house.command({"verb": "close"}), 503)
    assert len(house.intake.reports) == 1
    assert not house.casework.commands
    ready = await house.get("/readyz", None)
    assert (ready.status, (await ready.json())["checks"][0]["name"]) == (503, "stopping")
    assert (await house.get("/livez", None)).status == 200
    assert (await house.get("/api/v1/cases")).status == 200


async def test_metrics_are_for_this_machine_and_for_operators():
    async with running_house(registry=CollectorRegistry()) as house:
        await house.report()
        await house.get("/made/up", None)
        local = await house.get("/metrics", None)
        text = await local.text()
        assert 'method="POST",route="/api/v1/reports",status="201"' in text
        assert 'route="none",status="404"' in text
        assert "made" not in text
        forwarded = {"X-Forwarded-For": "203.0.113.9"}
        await problem(await house.get("/metrics", None, headers=forwarded), 401)
        await problem(await house.get("/metrics", "lh_source", headers=forwarded), 403)
        assert (await house.get("/metrics", headers=forwarded)).status == 200


async def test_unknown_addresses_and_methods_are_problems(house: House):
    await problem(await house.get("/api/v1/nothing"), 404)
    await problem(await house.get("/api/v2/cases"), 404)
    wrong = await house.web.delete(house.url + "/api/v1/cases")
    await problem(wrong, 405)
    assert "GET" in wrong.headers["Allow"]


# --- openapi ------------------------------------------------------------------------------------


def test_the_description_names_exactly_the_routes_that_are_there():
    described = {(operation.method.upper(), operation.path) for operation in OPERATIONS}
    assert described == {(method, path) for method, path, _ in ROUTES}


async def test_the_description_is_served_to_everybody(house: House):
    response = await house.get(f"{PREFIX}/openapi.json", None)
    assert (await response.json())["openapi"] == "3.1.0"


def test_every_reference_of_the_description_leads_somewhere():
    described = document()
    for reference in _references(described):
        found: Any = described
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]


def test_every_schema_is_a_schema():
    for schema in document()["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [found for item in value.values() for found in _references(item)]
    if isinstance(value, list):
        return [found for item in value for found in _references(item)]
    return []


def check(name: str, answer: Any) -> None:
    """Hold an answer against its schema."""
    described = document()
    schema = {"$ref": f"#/components/schemas/{name}", "components": described["components"]}
    jsonschema.Draft202012Validator(schema).validate(answer)


async def test_answers_are_as_described(house: House):
    fill(house, a_case(1, work_order="WO-1", state=State.WORK_ORDER))
    house.store.entries = [AuditRow(1, 1, Entry(NOW, "opened", "system"), "h")]
    done = OutboxRow(1, "card", "t", {}, "general", 1, None, "done", None, 1, NOW, outcome={"a": 1})
    house.store.rows = [done]
    house.store.shots = [Snapshot(1, "annotated", SHA, NOW)]
    check("Case", (await (await house.get("/api/v1/cases")).json())["cases"][0])
    check("CasePage", await (await house.get("/api/v1/cases")).json())
    check("CaseStory", await (await house.get("/api/v1/cases/1")).json())
    check("WorkOrderPage", await (await house.get("/api/v1/workorders")).json())
    check("Stats", await (await house.get("/api/v1/stats")).json())
    check("ReportAnswer", await (await house.report()).json())
    check("CommandAnswer", await (await house.command({"verb": "close"})).json())
    check("Problem", await (await house.report(id=...)).json())
    check("Report", a_report(phase="end", because="left", location={"lat": 1, "lon": 2}))
    check("Command", {"verb": "close", "reason": "x"})


def test_what_the_description_forbids_is_what_the_server_refuses():
    for wrong in ({"site": 7}, {"colour": "red"}, {"phase": "begin"}, {"id": ...}):
        with pytest.raises(jsonschema.ValidationError):
            check("Report", a_report(**wrong))


# --- words --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "table", [problems.TITLES, problems.DETAILS, problems.FAULTS, problems.SIGN_IN]
)
def test_every_sentence_is_there_in_every_language_with_the_same_gaps(table: Any):
    for key, words in table.items():
        assert tuple(words) == problems.LANGUAGES, key
        gaps = [{gap[1] for gap in Formatter().parse(text)} - {None} for text in words.values()]
        assert gaps[0] == gaps[1], key


def test_every_title_has_its_sentence():
    assert problems.TITLES.keys() - problems.DETAILS.keys() == {"refused"}
