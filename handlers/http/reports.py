"""POST /api/v1/reports: the door for boxes, helmets, sensors and remote vision."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aiohttp import hdrs, web

from bot.domain.error import BadInput, Unavailable
from bot.domain.message import Picture
from bot.domain.report import Report, Shot, is_believed
from bot.domain.site import Mode
from handlers.http.auth import REPORTING, Principal, require
from handlers.http.context import Context, context_of
from handlers.http.limits import SlidingCounter
from handlers.http.problem import Fault, Problem, invalid
from handlers.http.reportform import ReportForm, canonical, read_form
from handlers.http.submission import Submission, received
from handlers.http.times import moment

log = logging.getLogger(__name__)

RATES = web.AppKey("report_rates", SlidingCounter)
_FRAME_WITHIN = 2.0


async def post_report(request: web.Request) -> web.Response:
    """Takes one report; what is answered 2xx is durable."""
    context = context_of(request)
    principal = await require(request, REPORTING)
    _pace(request, principal, context)
    async with received(request, context.limits, context.clips) as submission:
        now = context.clock()
        form = read_form(submission.document, context.config)
        if not principal.may_see(form.site):
            raise Problem(403, "other_site", site=form.site)
        report = await _report(form, submission, principal, context, now)
        answer = await context.intake.report(report)
    body = {"case": answer.case, "state": answer.state, "report": answer.report}
    headers = {hdrs.LOCATION: f"/api/v1/cases/{answer.case}"} if answer.created else None
    return web.json_response(body, status=201 if answer.created else 200, headers=headers)


def _pace(request: web.Request, principal: Principal, context: Context) -> None:
    wait = request.config_dict[RATES].take(principal.id, context.clock())
    if wait:
        limit = context.limits.reports_per_second
        raise Problem(429, "rate", headers={"Retry-After": str(-(-wait // 1000))}, limit=limit)


async def _report(
    form: ReportForm, submission: Submission, principal: Principal, context: Context, now: int
) -> Report:
    camera = context.config.camera(form.camera) if form.camera else None
    claimed = moment(form.at)
    at = claimed if is_believed(claimed, now) else now
    if at != claimed:
        log.info("the clock of %s says %s: its report is taken as of now", principal.id, form.at)
    clip = await submission.clip.keep() if submission.clip else None
    content = await asyncio.to_thread(digest, form, submission.image, clip)
    lost = submission.clip is not None and submission.clip.lost
    ours = {"claimed_at": form.at if at != claimed else None, "clip_lost" if lost else "clip": clip}
    return Report(
        id=form.id,
        source=principal.id,
        hazard=form.hazard,
        site=form.site,
        at=at,
        received_at=now,
        camera=form.camera,
        zone=form.zone,
        subject=form.subject,
        phase=form.phase,
        because=form.because,
        confidence=form.confidence,
        people=form.people,
        note=form.note,
        by=principal.member.id if principal.member else None,
        content=content,
        shot=await _shot(form.camera, at, submission.image, context),
        trial=camera is not None and camera.mode is Mode.TRIAL,
        attributes=_attributes(form, ours),
    )


def digest(form: ReportForm, image: bytes | None, clip: str | None) -> str:
    """By which a repeat of a report is told from another one under the same id."""
    picture = hashlib.sha256(image).hexdigest() if image is not None else "-"
    whole = "\n".join((canonical(form), picture, clip or "-"))
    return hashlib.sha256(whole.encode()).hexdigest()


def _attributes(form: ReportForm, ours: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept beside the report; `claimed_at`: the time that was not believed."""
    location = form.location.model_dump(exclude_none=True) if form.location else None
    extra: dict[str, Any] = {"location": location, "device": form.device, **ours}
    return form.attributes | {name: value for name, value in extra.items() if value is not None}


async def _shot(camera: str | None, at: int, image: bytes | None, context: Context) -> Shot | None:
    """The pictures of the report, already kept; an alarm goes on without those that cannot be."""
    if image is None:
        shot = await _frame(camera, at, context) if camera else None
    else:
        shot = await _clean(image, context)
    if shot is None:
        return None
    try:
        return await _kept(shot, context)
    except (OSError, Unavailable) as error:
        log.error("a picture could not be kept, its report goes on without: %s", error)
        return None


async def _clean(image: bytes, context: Context) -> Shot | None:
    try:
        return Shot(annotated=await context.desk.sanitise(image))
    except BadInput as error:
        faults = [Fault("image", "picture", {"reason": fault.message}) for fault in error.faults]
        raise invalid(faults) from None
    except Unavailable as error:
        log.warning("a picture could not be looked at, its report goes on without: %s", error)
        return None


async def _frame(camera: str, at: int, context: Context) -> Shot | None:
    try:
        async with asyncio.timeout(_FRAME_WITHIN):
            return await context.eyes.frame_near(camera, at)
    except TimeoutError:
        log.warning("no frame of camera %s within %g s", camera, _FRAME_WITHIN)
        return None


async def _kept(shot: Shot, context: Context) -> Shot:
    async def keep(picture: Picture | None) -> Picture | None:
        if picture is None:
            return None
        sha256 = await context.pictures.put(picture.jpeg)
        return replace(picture, sha256=sha256, kept=not context.pictures.holds(sha256))

    annotated = await keep(shot.annotated)
    assert annotated is not None, "what is kept is there"
    return Shot(annotated, await keep(shot.blurred), await keep(shot.clean))
