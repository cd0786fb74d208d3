"""Sign-in by link, the cookie, and what pages of other sites cannot do."""

from __future__ import annotations

import pytest
from aiohttp import ClientResponse, web

from handlers.http.server import build, serve
from handlers.http.sessions import own_path, require_session
from tests.support.http_house import CONFIG, House, problem, running_house
from tests.unit.http.test_http_cases import a_case, fill

CASES = "/api/v1/cases"


async def sign_in(house: House, token: str = "good", **form: str) -> ClientResponse:
    """Post the form as a browser does."""
    data, headers = {"token": token, **form}, {"Origin": house.url}
    return await house.post("/login", None, data=data, headers=headers, allow_redirects=False)


async def test_opening_the_link_does_not_use_it_up(house: House):
    for _ in range(2):
        page = await house.get("/login?token=good", None)
        text = await page.text()
        assert page.status == 200
        assert 'value="good"' in text
        assert '<script src="/login.js"' in text
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] == "same-origin"
    assert not house.access.used


async def test_a_link_signs_in_once(house: House):
    first = await sign_in(house)
    assert (first.status, first.headers["Location"]) == (303, "/")
    cookie = first.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    assert (await house.get(CASES, None)).status == 200
    house.web.cookie_jar.clear()
    assert (await sign_in(house)).status == 403
    assert (await house.get(CASES, None)).status == 401


async def test_an_old_link_in_a_signed_in_browser_just_goes_on(house: House):
    await sign_in(house)
    again = await sign_in(house, next="/speaker/gate-horn")
    assert (again.status, again.headers["Location"]) == (303, "/speaker/gate-horn")


async def test_behind_https_the_cookie_is_bound_to_host_and_https():
    async with running_house(public_url="https://horn.example") as house:
        cookie = (await sign_in(house)).headers["Set-Cookie"]
        assert cookie.startswith("__Host-loudhailer_session=")
        assert "Secure" in cookie
        page = await house.get("/login", None)
        assert "max-age" in page.headers["Strict-Transport-Security"]


async def test_a_session_ends_by_signing_out_and_by_time(house: House):
    await sign_in(house)
    headers = {"Origin": house.url}
    out = await house.post("/logout", None, headers=headers, allow_redirects=False)
    assert out.status == 303
    assert (await house.get(CASES, None)).status == 401
    await sign_in(house, "good-2")
    house.now[0] += 3_600_000
    assert (await house.get(CASES, None)).status == 401


async def test_a_deactivated_member_is_out_at_once():
    people = {member.id: member for member in CONFIG.members}
    async with running_house(member=people.get) as house:
        await sign_in(house)
        assert (await house.get(CASES, None)).status == 200
        del people["li"]
        assert (await house.get(CASES, None)).status == 401
        house.web.cookie_jar.clear()
        assert (await sign_in(house, "good-2")).status == 403


async def test_a_signed_in_person_acts_from_our_own_page_only(house: House):
    fill(house, a_case(1))
    await sign_in(house)
    path, body = "/api/v1/cases/1/commands", {"verb": "acknowledge"}
    for origin in (None, "null", "http://evil.example", "http://127.0.0.1:1", "file://"):
        headers = {"Idempotency-Key": "k"} | ({"Origin": origin} if origin else {})
        await problem(await house.post(path, None, json=body, headers=headers), 403)
    assert not house.casework.commands
    headers = {"Idempotency-Key": "k", "Origin": house.url}
    assert (await house.post(path, None, json=body, headers=headers)).status == 200
    assert next(iter(house.casework.commands)) == "http:console.li:k"


async def test_a_foreign_page_cannot_sign_anybody_in(house: House):
    headers = {"Origin": "http://evil.example"}
    refused = await house.post("/login", None, data={"token": "good"}, headers=headers)
    await problem(refused, 403)
    assert not house.access.used


async def test_a_cookie_does_not_report(house: House):
    await sign_in(house)
    headers = {"Origin": house.url}
    await problem(await house.post("/api/v1/reports", None, json={}, headers=headers), 403)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("[::1", 421),
        ("localhost:9", 200),
        ("192.168.1.7:8080", 200),
        ("[::1]:8080", 200),
        ("HORN.example", 200),
        ("yard.lan", 200),
    ],
)
async def test_pages_answer_to_known_hosts_only(host: str, status: int):
    async with running_house(public_url="http://horn.example", hosts=("yard.lan",)) as house:
        response = await house.get("/login", None, headers={"Host": host})
        assert response.status == status
        keyed = await house.get(CASES, headers={"Host": host})
        assert keyed.status == 200
        assert (await house.get("/livez", None, headers={"Host": host})).status == 200


async def test_every_answer_carries_the_headers_that_browsers_need(house: House):
    for path in ("/login", "/livez", "/nowhere", CASES, f"/pictures/{'0' * 64}"):
        headers = (await house.get(path, None)).headers
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Server"] == "loudhailer"


async def test_guessing_tokens_is_slowed_down(house: House):
    for n in range(30):
        assert (await sign_in(house, f"bad{n}")).status == 403
    await problem(await sign_in(house, "bad"), 429)
    house.now[0] += 60_000
    assert (await sign_in(house)).status == 303


async def test_guessing_keys_is_slowed_down_but_good_keys_still_pass(house: House):
    for n in range(30):
        await problem(await house.get(CASES, f"lh_guess{n}"), 401)
    refused = await house.get(CASES, "lh_guess")
    await problem(refused, 429)
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert (await house.get(CASES)).status == 200
    house.now[0] += 60_000
    refused = await house.get(CASES, "lh_guess")
    await problem(refused, 401)
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Basic bGg6eA==", "lh_operator", "Bearer é"]
)
async def test_what_is_no_bearer_token_is_401(house: House, header: str):
    response = await house.get(CASES, None, headers={"Authorization": header})
    await problem(response, 401)


async def test_a_wrong_key_is_not_replaced_by_a_session(house: House):
    await sign_in(house)
    await problem(await house.get(CASES, "lh_wrong"), 401)


async def test_only_a_small_form_signs_in(house: House):
    headers = {"Origin": house.url}
    as_json = await house.post("/login", None, json={"token": "good"}, headers=headers)
    await problem(as_json, 415)
    large = await house.post("/login", None, data={"token": "x" * 5000}, headers=headers)
    await problem(large, 413)
    assert not house.access.used


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/speaker/gate", "/speaker/gate"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/a\\b", "/"),
        ("https://evil.example", "/"),
        ("/a\r\nSet-Cookie: x", "/"),
        ("", "/"),
    ],
)
def test_nobody_is_sent_elsewhere(target: str, path: str):
    assert own_path(target) == path


async def test_pages_that_need_a_person_send_a_visitor_to_sign_in_and_back():
    async def page(request: web.Request) -> web.Response:
        return web.Response(text=require_session(request).member)

    async with running_house() as house:
        app = build(house.context, [lambda app: app.router.add_get("/desk", page) and None])
        async with serve(app, "127.0.0.1", 0) as house.port:
            html = {"Accept": "text/html"}
            sent = await house.get("/desk", None, headers=html, allow_redirects=False)
            assert (sent.status, sent.headers["Location"]) == (303, "/login?next=/desk")
            await problem(await house.get("/desk", None), 401)
            signed = await sign_in(house, next="/desk")
            assert signed.headers["Location"] == "/desk"
            assert await (await house.get("/desk", None)).text() == "li"


async def test_tokens_in_addresses_reach_no_log(house: House, caplog):
    caplog.set_level("DEBUG")
    await house.get("/login?token=good-secret", None)
    await house.get(f"/pictures/{'ab' * 32}?e=1&s=good-secret", None)
    await house.get("/nowhere?token=good-secret", None)
    ours = [line.getMessage() for line in caplog.records if line.name.startswith("handlers")]
    assert len(ours) == 3
    assert "good-secret" not in caplog.text


async def test_pages_are_in_the_readers_language(house: House):
    page = await house.get("/login", None, headers={"Accept-Language": "zh-CN"})
    assert '<html lang="zh">' in await page.text()
    assert "登录链接" in await page.text()
