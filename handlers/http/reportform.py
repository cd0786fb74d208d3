"""The form of a report: which fields there are, and what may stand in them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any
from unicodedata import category

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from bot.domain.report import Because, Phase
from bot.domain.site import SiteConfig
from handlers.http.forms import fault, faults_of
from handlers.http.problem import Fault, Problem, invalid
from handlers.http.times import BadTime, moment

_DEEPEST_ATTRIBUTE = 4
_LONGEST_ATTRIBUTES = 8 * 1024
_MOST_ATTRIBUTES = 64
RESERVED_ATTRIBUTES = ("location", "device", "clip", "clip_lost", "claimed_at")


def _printable(text: str) -> str:
    if not text.isprintable() or text != text.strip():
        raise fault("characters")
    return text


def _note(text: str) -> str:
    """Full-width spaces and joined emoji are words, too: no alarm is refused for them."""
    if any(category(letter) == "Cc" and letter not in "\n\t\r" for letter in text):
        raise fault("characters")
    return text.strip()


def _attributes(given: dict[str, Any]) -> dict[str, Any]:
    if len(given) > _MOST_ATTRIBUTES:
        raise fault("too_many", limit=_MOST_ATTRIBUTES)
    if any(name in given for name in RESERVED_ATTRIBUTES):
        raise fault("reserved")
    if _depth(given) > _DEEPEST_ATTRIBUTE:
        raise fault("too_deep", limit=_DEEPEST_ATTRIBUTE)
    if len(json.dumps(given, ensure_ascii=False)) > _LONGEST_ATTRIBUTES:
        raise fault("too_long", limit=_LONGEST_ATTRIBUTES)
    return given


def _depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    return 0


_Name = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_printable)]
_Id = Annotated[str, Field(min_length=1, max_length=128), AfterValidator(_printable)]
_FORM = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


class Location(BaseModel):
    """Where a device was, by WGS 84."""

    model_config = _FORM
    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)
    accuracy_m: float | None = Field(None, ge=0, le=1_000_000)


class ReportForm(BaseModel):
    """The body of POST /api/v1/reports."""

    model_config = _FORM
    id: _Id
    hazard: _Name
    site: _Name
    at: str = Field(max_length=64, json_schema_extra={"format": "date-time"})
    camera: _Name | None = None
    zone: _Name | None = None
    subject: _Id | None = None
    phase: Annotated[Phase, Field(strict=False)] = Phase.EVENT
    because: Annotated[Because, Field(strict=False)] | None = None
    confidence: float | None = Field(None, ge=0, le=1)
    people: int = Field(1, ge=1, le=1000)
    note: Annotated[str, Field(max_length=1000), AfterValidator(_note)] = ""
    location: Location | None = None
    device: _Id | None = None
    attributes: Annotated[dict[str, Any], AfterValidator(_attributes)] = {}
    image_base64: str | None = None


def read_form(document: Mapping[str, Any], config: SiteConfig) -> ReportForm:
    """The form in a JSON object; raises a 422 or 404 that names every field at fault.

    404 is for what is a place: site, camera and zone.  A hazard is a word of the language spoken
    here, so an unknown one is a wrong value.
    """
    form, faults = _read_fields(document)
    faults = _one_each([*faults, *_faults_between(document), *_unknown_hazard(document, config)])
    unknown = list(_unknown_names(document, config))
    if form is None or faults:
        raise invalid(_one_each([*faults, *unknown]))
    if unknown:
        names = ", ".join(f"{fault.where} {fault.params['name']}" for fault in unknown)
        raise Problem(404, "unknown", faults=unknown, names=names)
    return form


def _one_each(faults: Iterable[Fault]) -> list[Fault]:
    """The first fault of each field."""
    first: dict[str, Fault] = {}
    for found in faults:
        first.setdefault(found.where, found)
    return list(first.values())


def _read_fields(document: Mapping[str, Any]) -> tuple[ReportForm | None, list[Fault]]:
    try:
        return ReportForm.model_validate(document), []
    except ValidationError as error:
        return None, faults_of(error)


def _faults_between(document: Mapping[str, Any]) -> Iterator[Fault]:
    """What no field can know alone; fields of a wrong type are named elsewhere."""
    ends, because = document.get("phase") == Phase.END, document.get("because")
    if ends and because is None:
        yield Fault("because", "because_missing", {"choices": ", ".join(Because)})
    if because is not None and not ends:
        yield Fault("because", "because_forbidden", value=because)
    if document.get("zone") is not None and document.get("camera") is None:
        yield Fault("zone", "zone_without_camera", value=document["zone"])
    at = document.get("at")
    if isinstance(at, str):
        yield from _faults_of_time(at)


def _faults_of_time(text: str) -> Iterator[Fault]:
    try:
        moment(text)
    except BadTime as error:
        yield Fault("at", error.key, value=text)


def _unknown_hazard(document: Mapping[str, Any], config: SiteConfig) -> Iterator[Fault]:
    hazard = _name(document, "hazard")
    if hazard and hazard not in config.hazards:
        yield _unknown("hazard", hazard)


def _unknown_names(document: Mapping[str, Any], config: SiteConfig) -> Iterator[Fault]:
    site, camera, zone = (_name(document, field) for field in ("site", "camera", "zone"))
    known = config.site(site) if site else None
    if site and known is None:
        yield _unknown("site", site)
    found = config.camera(camera) if camera else None
    if camera and (found is None or (known is not None and found.site != known.id)):
        yield _unknown("camera", camera, known.id if known else "")
    elif camera and zone and config.zone(camera, zone) is None:
        yield _unknown("zone", zone, camera)


def _name(document: Mapping[str, Any], field: str) -> str | None:
    value = document.get(field)
    return value if isinstance(value, str) else None


def _unknown(field: str, name: str, owner: str = "") -> Fault:
    """`owner` is the site or camera to which it should belong: others may have one of that name."""
    if not owner:
        return Fault(field, "unknown_name", {"name": name[:64]}, name)
    return Fault(field, "unknown_there", {"name": name[:64], "owner": owner}, name)


def canonical(form: ReportForm) -> str:
    """The content of a report as one text, the same for the same meaning."""
    content = form.model_dump(mode="json", exclude={"image_base64", "at"})
    content["at"] = moment(form.at)
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
