"""The tables of what goes on with the horns, and of what they say by the clock."""

from __future__ import annotations

from bot.sitefile import address
from bot.sitefile.keys import ID, NAME, SITE
from bot.sitefile.read import Key, Table
from bot.sitefile.values import (
    days,
    duration_within,
    filled,
    flag,
    identifier,
    line_of,
    many,
    one_or_many,
    path,
    severity,
    some,
    table,
    text,
    time_of_day,
    topic,
    window,
    words,
)

LONGEST_BODY = 1000

MESSAGE = (
    Key("topic", topic, "mqtt: where it is published."),
    Key("payload", line_of(LONGEST_BODY), "mqtt: what is published there."),
)
ORDER = Table(
    "order",
    (
        Key("path", path, "http: what follows the url, such as /relay/0?turn=on."),
        Key("method", words("GET", "POST", "PUT"), "http: by default GET, with a body POST."),
        Key("body", line_of(LONGEST_BODY), "http: what is sent; JSON where it begins with {."),
        *MESSAGE,
    ),
)
PROOF = Table(
    "state",
    (
        Key("on", line_of(60, empty=False), "What the device says when it is on.", required=True),
        Key("off", line_of(60, empty=False), "What it says when it is off.", required=True),
        Key("path", path, "http: where it is asked; left out, the answer to the order is read."),
        Key("topic", topic, "mqtt: where the device tells it."),
        Key("ask", table(Table("ask", MESSAGE)), "mqtt: the message that makes it tell."),
    ),
)
ACTUATORS = Table(
    "actuators",
    (
        ID,
        SITE,
        NAME,
        Key("cameras", many(identifier), "Whose warnings it goes on with; empty: the whole site."),
        Key(
            "url",
            address.actuator,
            "What it is and where: http(s)://, mqtt(s)://, onvif://.",
            required=True,
        ),
        Key("token", address.secret, "http: sent as a Bearer token."),
        Key("on", table(ORDER), "How it is switched on."),
        Key("off", table(ORDER), "How it is switched off."),
        Key("state", table(PROOF), "How it tells whether it is on; without, nothing is proved."),
        Key("hazards", many(identifier), "Only for these; by default all that are spoken."),
        Key("minimum_severity", severity, "Not for anything less grave."),
        Key("on_for", duration_within("1s", "10m"), "How long it stays on after a warning."),
        Key("quiet_hours", one_or_many(window), "When it goes on for emergencies only."),
    ),
)
ANNOUNCED = Table(
    "text",
    (
        Key("zh", text, "What Chinese speakers say."),
        Key("en", text, "What English ones say."),
    ),
)
ANNOUNCEMENTS = Table(
    "announcements",
    (
        ID,
        Key("at", some(time_of_day), "Times of day, local to each speaker's site.", required=True),
        Key("days", days, "mon-fri or sat,sun; by default every day."),
        Key("speakers", some(identifier), "Who says it.", required=True),
        Key("text", filled(ANNOUNCED), "What is said, by language.", required=True),
        Key("in_quiet_hours", flag, "It is said in the quiet hours of a speaker, too."),
    ),
)
