"""Looking at cases, work orders and figures; acting on a case."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.case import Case, Outcome, State
from bot.domain.command import CASE_VERBS, Verb
from bot.domain.error import Unavailable
from bot.domain.hazard import Severity
from bot.ports import AuditRow, Entry, OutboxRow, Snapshot
from handlers.http.context import Tally
from tests.support.http_house import NOW, CommandReply, House, faults, problem


def a_case(number: int, site: str = "yard-7", **changes: Any) -> Case:
    at = NOW + number
    case = Case(number, site, "no_helmet", Severity.GENERAL, "place", at, at, at, camera="gate")
    return replace(case, **changes)


def fill(house: House, *cases: Case) -> None:
    house.store.cases = {case.number: case for case in cases}


async def numbers(house: House, path: str, key: str = "lh_operator") -> list[int]:
    response = await house.get(path, key)
    assert response.status == 200, await response.text()
    return [case["case"] for case in (await response.json())["cases"]]


async def test_cases_come_newest_first_and_only_from_ones_own_sites(house: House):
    fill(house, a_case(1), a_case(2, "yard-8"), a_case(3))
    assert await numbers(house, "/api/v1/cases") == [3, 1]
    assert await numbers(house, "/api/v1/cases", "lh_operator8") == [2]
    assert await numbers(house, "/api/v1/cases", "lh_wang7") == [3, 1]
    assert await numbers(house, "/api/v1/cases", "lh_admin") == [3, 2, 1]


async def test_an_admin_also_sees_cases_of_a_site_that_left_the_site_file(house: House):
    fill(house, a_case(1, "yard-6"))
    assert await numbers(house, "/api/v1/cases", "lh_admin") == [1]
    assert await numbers(house, "/api/v1/cases", "lh_operator") == []


async def test_a_partys_own_people_see_the_partys_sites_only(house: House):
    """They have neither sites nor area of their own: that must not mean all sites."""
    fill(house, a_case(1), a_case(2, "yard-8"), a_case(3, "yard-6"))
    assert await numbers(house, "/api/v1/cases", "lh_party") == [1]
    await problem(await house.get("/api/v1/cases/2", "lh_party"), 404)
    await problem(await house.get("/api/v1/cases?site=yard-8", "lh_party"), 403)


async def test_cases_are_filtered(house: House):
    fill(house, a_case(1, state=State.CLOSED), a_case(2, hazard="fall"), a_case(3))
    assert await numbers(house, "/api/v1/cases?state=closed") == [1]
    assert await numbers(house, "/api/v1/cases?state=open,%20closed&hazard=no_helmet") == [3, 1]
    assert await numbers(house, "/api/v1/cases?site=yard-7&hazard=fall") == [2]


async def test_pages_follow_each_other_without_gap_or_repeat(house: House):
    fill(house, *(a_case(n) for n in range(1, 8)))
    seen, path = [], "/api/v1/cases?limit=3"
    while path:
        page = await (await house.get(path)).json()
        seen.append([case["case"] for case in page["cases"]])
        path = f"/api/v1/cases?limit=3&cursor={page['next']}" if page["next"] else ""
    assert seen == [[7, 6, 5], [4, 3, 2], [1]]


async def test_a_full_last_page_has_no_next(house: House):
    fill(house, a_case(1), a_case(2))
    assert (await (await house.get("/api/v1/cases?limit=2")).json())["next"] is None


async def test_wrong_questions_are_answered_with_what_is_wrong(house: House):
    path = "/api/v1/cases?limit=0&cursor=x&state=asleep&colour=red"
    found = await faults(await house.get(path), 422)
    assert found.keys() == {"limit", "cursor", "state", "colour"}
    assert (await faults(await house.get("/api/v1/cases?limit=201"), 422)).keys() == {"limit"}
    twice = await house.get("/api/v1/cases?state=open&state=closed")
    assert (await faults(twice, 422)).keys() == {"state"}
    await problem(await house.get("/api/v1/cases?site=yard-9"), 404)
    bored = await house.get("/api/v1/cases?hazard=boredom")
    assert (await faults(bored, 422)).keys() == {"hazard"}
    await problem(await house.get("/api/v1/cases?site=yard-8"), 403)


async def test_a_filter_left_empty_asks_for_nothing(house: House):
    """So a form sends what nobody filled in."""
    fill(house, a_case(1), a_case(2, hazard="fall"))
    every = "site=&state=&hazard=&limit=&cursor="
    assert await numbers(house, f"/api/v1/cases?{every}") == [2, 1]
    assert await numbers(house, "/api/v1/cases?site=&hazard=fall&limit=") == [2]
    assert (await house.get(f"/api/v1/workorders?{every}")).status == 200
    assert (await house.get("/api/v1/stats?site=&since=")).status == 200


async def test_what_can_be_looked_at_can_be_asked_after(house: House):
    """HEAD is GET without the body, as every general HTTP client may expect."""
    fill(house, a_case(1))
    for path in ("/cases", "/cases/1", "/workorders", "/stats", "/openapi.json"):
        url, key = f"{house.url}/api/v1{path}", {"Authorization": "Bearer lh_operator"}
        async with house.web.head(url, headers=key) as response:
            assert response.status == 200, path
            assert await response.read() == b""


async def test_sources_do_not_look(house: House):
    for path in ("/api/v1/cases", "/api/v1/cases/1", "/api/v1/workorders", "/api/v1/stats"):
        await problem(await house.get(path, "lh_source"), 403)
        await problem(await house.get(path, None), 401)


async def test_an_operator_key_without_a_member_only_looks(house: House):
    fill(house, a_case(1))
    assert (await house.get("/api/v1/cases/1", "lh_looks")).status == 200
    refused = await problem(await house.command({"verb": "close"}, key="lh_looks"), 403)
    assert "--member" in refused["detail"]
    assert not house.casework.commands


async def test_a_key_whose_member_may_no_longer_act_is_no_key(house: House):
    await problem(await house.get("/api/v1/cases", "lh_gone"), 401)


async def test_a_case_tells_its_story(house: House):
    fill(house, a_case(12, state=State.CLOSED, outcome=Outcome.OTHER, closed_at=NOW + 5))
    opened = Entry(NOW, "opened", "system")
    closed = Entry(NOW + 5, "closed", "li", private={"reason": "已整改"})
    sent = Entry(NOW + 1, "delivered", "system", {"target": "telegram:-1"})
    house.store.entries = [
        AuditRow(12, n, entry, "h") for n, entry in enumerate((opened, sent, closed), 1)
    ]
    house.store.rows = [
        OutboxRow(1, "card", "telegram:-1", {}, "general", 12, None, "done", None, 1, NOW)
    ]
    house.store.shots = [Snapshot(12, "annotated", "ab" * 32, NOW)]
    story = await (await house.get("/api/v1/cases/12")).json()
    assert (story["state"], story["outcome"]) == ("closed", "other")
    assert story["closed_at"] == "2026-11-22T02:00:00.005Z"
    assert [entry["event"] for entry in story["history"]] == ["opened", "closed"]
    assert story["history"][1]["actor"] == "li"
    assert story["history"][1]["reason"] == "已整改"
    assert story["deliveries"][0]["state"] == "done"
    picture = await house.get(story["snapshots"][0]["url"], None)
    assert picture.status == 200
    assert picture.content_type == "image/jpeg"


@pytest.mark.parametrize("number", ["9", "0", "-1", "1.0", "x", "１", "9" * 30])
async def test_no_such_case(house: House, number: str):
    fill(house, a_case(1))
    await problem(await house.get(f"/api/v1/cases/{number}"), 404)


async def test_another_sites_case_looks_like_none(house: House):
    fill(house, a_case(1, "yard-8"))
    hidden = await problem(await house.get("/api/v1/cases/1"), 404)
    missing = await problem(await house.get("/api/v1/cases/2"), 404)
    assert hidden["detail"].replace("1", "2") == missing["detail"]


async def test_work_orders_are_the_cases_that_became_one_also_when_closed(house: House):
    fill(
        house,
        a_case(1, work_order="WO-yard-7-1", state=State.CLOSED, rectify_due=NOW),
        a_case(2),
        a_case(3, work_order="WO-yard-7-2", state=State.WORK_ORDER),
    )
    page = await (await house.get("/api/v1/workorders")).json()
    assert [order["work_order"] for order in page["work_orders"]] == ["WO-yard-7-2", "WO-yard-7-1"]
    assert page["work_orders"][1]["due"] == "2026-11-22T02:00:00.000Z"
    assert {order["party"] for order in page["work_orders"]} == {"acme"}
    first = await (await house.get("/api/v1/workorders?limit=1")).json()
    second = await house.get(f"/api/v1/workorders?limit=1&cursor={first['next']}")
    assert (await second.json())["work_orders"][0]["work_order"] == "WO-yard-7-1"


async def test_work_orders_far_back_are_found_over_several_pages(house: House):
    fill(house, a_case(1, work_order="WO-1"), *(a_case(n) for n in range(2, 2300)))
    first = await (await house.get("/api/v1/workorders")).json()
    assert first["work_orders"] == []
    second = await (await house.get(f"/api/v1/workorders?cursor={first['next']}")).json()
    assert [order["case"] for order in second["work_orders"]] == [1]
    assert second["next"] is None


async def test_figures_add_up(house: House):
    house.figures.tallies = [
        Tally("no_helmet", "closed", "self_closed", 5),
        Tally("no_helmet", "closed", "left", 2),
        Tally("fall", "open", None, 1),
    ]
    response = await house.get("/api/v1/stats?since=2026-11-22T00:00:00Z")
    assert await response.json() == {
        "since": "2026-11-22T00:00:00.000Z",
        "cases": 8,
        "by_state": {"closed": 7, "open": 1},
        "by_outcome": {"left": 2, "self_closed": 5},
        "by_hazard": {"fall": 1, "no_helmet": 7},
    }
    assert house.figures.asked == (("yard-7",), NOW - 7_200_000)
    assert (await faults(await house.get("/api/v1/stats?since=now"), 422)).keys() == {"since"}


# --- commands -----------------------------------------------------------------------------------


async def test_the_keys_member_acts(house: House):
    fill(house, a_case(1))
    response = await house.command({"verb": "close", "reason": " 已整改 "})
    assert response.status == 200
    assert await response.json() == {"case": 1, "state": "closed"}
    (command,) = house.casework.commands.values()
    assert (command.actor.member, command.actor.name) == ("li", "李工")
    assert (command.verb, command.cases, command.reason) == (Verb.CLOSE, (1,), "已整改")
    assert command.sent_at == NOW


async def test_the_same_idempotency_key_of_the_same_key_is_one_command(house: House):
    fill(house, a_case(1))
    for _ in range(3):
        assert (await house.command({"verb": "close"})).status == 200
    assert len(house.casework.commands) == 1
    await house.command({"verb": "close"}, id="two")
    await house.command({"verb": "close"}, key="lh_wang7")
    assert len(house.casework.commands) == 3


async def test_a_command_id_that_was_used_for_another_case_is_409(house: House):
    fill(house, a_case(1), a_case(2))
    await house.command({"verb": "close"})
    headers = {"Idempotency-Key": "one"}
    path = "/api/v1/cases/2/commands"
    other = await house.post(path, "lh_operator", json={"verb": "close"}, headers=headers)
    assert (await faults(other, 409)).keys() == {"Idempotency-Key"}


@pytest.mark.parametrize(
    "other",
    [{"verb": "acknowledge"}, {"verb": "close", "reason": "x"}, {"verb": "close", "seq": 2}],
)
async def test_a_command_id_that_was_used_for_another_command_is_409(
    house: House, other: dict[str, Any]
):
    """Else whoever counts its keys badly believes that it closed what it only acknowledged."""
    fill(house, a_case(1))
    await house.command({"verb": "close"})
    await problem(await house.command(other), 409)
    assert len(house.casework.commands) == 1


@pytest.mark.parametrize("id", ["", "x" * 256, "a\tb"])
async def test_the_idempotency_key_is_needed(house: House, id: str):
    fill(house, a_case(1))
    found = await faults(await house.command({"verb": "close"}, id=id), 422)
    assert found.keys() == {"Idempotency-Key"}


@pytest.mark.parametrize("verb", ["acknowledge", "arrive", "rectified", "verify", "close"])
async def test_every_verb_reaches_the_core(house: House, verb: str):
    fill(house, a_case(1))
    assert (await house.command({"verb": verb})).status == 200
    assert next(iter(house.casework.commands.values())).verb == verb


async def test_verdict_and_person_reach_the_core(house: House):
    fill(house, a_case(1))
    await house.command({"verb": "verify", "passed": False, "reason": "没戴"}, id="a")
    await house.command({"verb": "assign", "member": "li"}, id="b")
    verify, assign = house.casework.commands.values()
    assert not verify.passed
    assert assign.args == {"member": "li"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "verb"),
        ({"verb": "destroy"}, "verb"),
        ({"verb": "say"}, "verb"),
        ({"verb": "close", "reason": 1}, "reason"),
        ({"verb": "close", "reason": "x" * 501}, "reason"),
        ({"verb": "close", "why": "x"}, "why"),
        ({"verb": "close", "passed": True}, "passed"),
        ({"verb": "close", "member": "li"}, "member"),
        ({"verb": "assign"}, "member"),
    ],
)
async def test_commands_that_will_not_do(house: House, body: dict[str, Any], field: str):
    fill(house, a_case(1))
    assert (await faults(await house.command(body), 422)).keys() == {field}
    assert not house.casework.commands


@pytest.mark.parametrize("verb", ["destroy", "say", "whoami"])
async def test_a_wrong_verb_is_told_which_verbs_there_are(house: House, verb: str):
    """Those of a case, and none that only a chat knows."""
    fill(house, a_case(1))
    found = await faults(await house.command({"verb": verb}), 422)
    offered = found["verb"].partition(": ")[2].split(", ")
    assert sorted(offered) == sorted(CASE_VERBS)


async def test_the_description_offers_the_verbs_that_are_taken(house: House):
    document = await (await house.get("/api/v1/openapi.json", None)).json()
    verb = document["components"]["schemas"]["Command"]["properties"]["verb"]
    assert sorted(verb["enum"]) == sorted(CASE_VERBS)


@pytest.mark.parametrize(
    ("key", "params", "status"),
    [
        ("refused.role", {"role": "viewer", "verb": Verb.CLOSE, "case": 1}, 403),
        ("refused.other_site", {"case": 1, "site": "yard-7"}, 403),
        ("refused.emergency_supervisor", {"case": 1, "verb": Verb.CLOSE}, 403),
        ("refused.unknown_case", {"case": 1}, 404),
        ("refused.second_person", {"case": 1}, 409),
    ],
)
async def test_refusals_are_told_in_words(
    house: House, key: str, params: dict[str, Any], status: int
):
    fill(house, a_case(1))
    house.casework.reply = CommandReply(False, key, params, (), None)
    document = await problem(await house.command({"verb": "close"}), status)
    assert document["detail"]
    assert key not in document["detail"]


async def test_a_key_for_nobody_does_not_act(house: House):
    fill(house, a_case(1))
    await problem(await house.command({"verb": "close"}, key="lh_admin"), 403)
    await problem(await house.command({"verb": "close"}, key="lh_source"), 403)
    assert not house.casework.commands


async def test_a_key_acts_within_its_sites_only_and_a_person_is_judged_by_the_core(house: House):
    fill(house, a_case(1, "yard-8"))
    await problem(await house.command({"verb": "close"}, key="lh_wang7"), 403)
    assert not house.casework.commands
    await house.command({"verb": "close"}, key="lh_operator")
    assert len(house.casework.commands) == 1


async def test_a_command_is_json(house: House):
    fill(house, a_case(1))
    path, headers = "/api/v1/cases/1/commands", {"Idempotency-Key": "a"}
    form = await house.post(path, "lh_operator", data={"verb": "close"}, headers=headers)
    await problem(form, 415)
    large = {"verb": "close", "reason": "x" * 20_000}
    await problem(await house.command(large), 413)
    broken = headers | {"Content-Type": "application/json"}
    await problem(await house.post(path, "lh_operator", data=b"{", headers=broken), 400)


async def test_no_command_on_no_case(house: House):
    await problem(await house.command({"verb": "close"}), 404)


async def test_without_a_database_nobody_is_told_that_the_key_is_wrong(house: House):
    house.access.trouble = Unavailable("away")
    await problem(await house.get("/api/v1/cases"), 503)
