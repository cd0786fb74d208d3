"""What a chat message asks for, if anything: pure grammar, strict on purpose.

People talk in the same group in which they command.  So a plain form must begin the message, name a
case and then end or give a reason; questions, negations and everything else ask for nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from bot.domain.command import CASE_VERBS, Verb
from handlers.arguments import ARGS, no_args
from handlers.folding import Folded, fold, without_closing
from handlers.freewords import ONLY_ASKS, read_free
from handlers.numbers import read_numbers
from handlers.takenback import takes_back
from handlers.utterance import Utterance as Utterance
from handlers.wordforms import (
    CASE_FORMS,
    FAILED,
    OTHER_SLASHES,
    PASSED,
    PLAIN_LOOKS,
    QUESTION,
    Form,
    Rest,
)

MAX_CHARACTERS = 4096
"""No platform sends longer ones, and a number cut in two would be another case."""

MAX_LINES = 30


def parse(text: str, *, reply: bool = False, bot: str | None = None) -> Utterance | None:
    """What `text` asks for; None: nothing.

    `reply`: it answers a card directly, so a verb needs no number.  `bot` is our own user name on
    the platform: a command for another bot (`/ack@other`) is not for us, and a mention of us before
    a plain form is.
    """
    if len(text) > MAX_CHARACTERS:
        return _refused_whole(text, reply, bot)
    folded = without_mention(fold(text), bot)
    if several := _lines(folded, bot):
        return several.merged
    if folded.text.startswith("/"):
        return _slash(folded, bot)
    return _plain(without_closing(folded), reply)


def _refused_whole(text: str, reply: bool, bot: str | None) -> Utterance | None:
    """What was certainly meant for us gets an answer; cut off, it might ask for something else."""
    said = parse(text[:MAX_CHARACTERS], reply=reply, bot=bot)
    if said is None or not said.slash:
        return None
    return Utterance(said.verb, slash=True, refusal="refused.message_too_long")


# --- several lines --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Several:
    """More than one line of a message is a command; `merged` is None unless they all ask alike."""

    merged: Utterance | None


def _lines(folded: Folded, bot: str | None) -> _Several | None:
    """A message of which a line after the first names cases too: all alike, or they are refused.

    Where a line among them is no command at all nobody knows what is meant, and nothing is.
    """
    lines = [line for line in folded.source.splitlines() if line.strip()]
    if not 2 <= len(lines) <= MAX_LINES:
        return None
    found = [parse(line, bot=bot) for line in lines]
    if not any(said and said.verb in CASE_VERBS and said.numbers for said in found[1:]):
        return None
    asked = [said for said in found if said is not None]
    if len(asked) < len(found):
        return _Several(None)
    first = asked[0]
    numbers = tuple(dict.fromkeys(number for said in asked for number in said.numbers))
    alike = all(replace(said, numbers=()) == replace(first, numbers=()) for said in asked)
    refusal = "" if alike else "refused.one_command"
    return _Several(replace(first, numbers=numbers, refusal=refusal))


# --- slash forms ----------------------------------------------------------------------------------

_SLASH = re.compile(r"/([^\s/@#0-9]+)(?:@(\w+))?\s*", re.UNICODE)
_FORM_OF = {name: form for form in CASE_FORMS for name in form.slash}


def _slash(folded: Folded, bot: str | None) -> Utterance | None:
    match = _SLASH.match(folded.text)
    if match is None or (bot and match[2] and match[2].casefold() != bot.casefold()):
        return None
    name, rest = match[1].casefold(), folded.tail(match.end())
    if form := _FORM_OF.get(name):
        if (digest := _DIGEST.match(rest.text)) and form.verb in TO_DIGESTS:
            words = _unglued(rest.tail(digest.end())).original(0)
            args = {"digest": int(digest[1])}
            return Utterance(form.verb, reason=words, args=args, slash=True)
        return _slash_on_cases(form, rest)
    verb = OTHER_SLASHES.get(name)
    if verb is None:
        return None
    if name == "start" and rest.text:
        verb = Verb.LINK
    return Utterance(verb, args=ARGS.get(verb, no_args)(rest), slash=True)


def _slash_on_cases(form: Form, rest: Folded) -> Utterance:
    """A slash form is meant for us beyond doubt: what follows the numbers is the reason."""
    found = read_numbers(rest.text)
    said = Utterance(form.verb, found.numbers if found else (), slash=True)
    rest = _unglued(rest.tail(found.end) if found else rest)
    if form.rest is Rest.VERDICT:
        return _with_verdict(said, rest) or replace(said, passed=True, reason=rest.original(0))
    if form.rest is Rest.PERSON:
        return _with_person(said, rest, marked=False) or said
    return replace(said, reason=rest.original(0))


# --- plain forms ----------------------------------------------------------------------------------


def _plain(folded: Folded, reply: bool) -> Utterance | None:
    if verb := PLAIN_LOOKS.get(folded.text.casefold()):
        return Utterance(verb)
    if reply and (said := _whole_reply(folded)):
        return said
    for form, start in forms_at(folded.text):
        if said := _on_cases(form, folded, start, reply):
            return said
    return read_free(folded)


_WHOLE = {word: form.verb for form in CASE_FORMS for word in form.whole}


def _whole_reply(folded: Folded) -> Utterance | None:
    verb = _WHOLE.get(" ".join(folded.text.casefold().split()))
    return Utterance(verb) if verb else None


def forms_at(text: str) -> list[tuple[Form, int]]:
    """The forms whose word begins the text, and where the word ends; a longer word goes first."""
    starts = [(form, match.end()) for form, word in _STARTS if (match := word.match(text))]
    return sorted(starts, key=lambda found: -found[1])


def _start(word: str) -> re.Pattern[str]:
    spaced = re.escape(word).replace(r"\ ", r"\s+")
    return re.compile(spaced + (r"(?![a-z])" if word.isascii() else ""), re.IGNORECASE)


_STARTS = [(form, _start(word)) for form in CASE_FORMS for word in form.words]


TO_DIGESTS = frozenset({Verb.ACKNOWLEDGE, Verb.CLOSE})
"""What can be done to all the cases of a digest at once."""

_DIGEST = re.compile(r"\s*#?D\s?([1-9][0-9]{0,8})(?![0-9a-z])", re.IGNORECASE)


def _on_cases(form: Form, folded: Folded, start: int, reply: bool) -> Utterance | None:
    if (digest := _DIGEST.match(folded.text, start)) and form.verb in TO_DIGESTS:
        said = Utterance(form.verb, args={"digest": int(digest[1])})
        return _with_rest(form, said, folded.tail(digest.end()))
    found = read_numbers(_verdict_unglued(form, folded.text), start)
    if found is None:
        return _without_number(form, folded.tail(start), reply)
    return _with_rest(form, Utterance(form.verb, found.numbers), folded.tail(found.end))


def _verdict_unglued(form: Form, text: str) -> str:
    """`复查12通过`: a verdict may follow its number at once.  No character moves."""
    if form.rest is not Rest.VERDICT:
        return text
    glued = re.compile(r"([0-9])[通不未没合]")
    return glued.sub(r"\1 ", text)


def _without_number(form: Form, rest: Folded, reply: bool) -> Utterance | None:
    """A verb alone: in a reply to a card, or one that needs no case."""
    if not reply and not (form.bare and not rest.text):
        return None
    if re.match(r"\s*#?[0-9]", rest.text):
        return None
    return _with_rest(form, Utterance(form.verb), rest)


_GLUE = re.compile(r"[\s,:;、]+")


def _unglued(rest: Folded) -> Folded:
    """Without the space or punctuation that leads over to it."""
    match = _GLUE.match(rest.text)
    return rest.tail(match.end()) if match else rest


def _with_rest(form: Form, said: Utterance, rest: Folded) -> Utterance | None:
    """The utterance with what follows its numbers; None where that cannot follow this verb."""
    if not rest.text.strip():
        return said
    if form.rest is Rest.VERDICT:
        return _judged(said, rest)
    if form.rest is Rest.NONE or not _GLUE.match(rest.text):
        return None
    rest = _unglued(rest)
    if form.rest is Rest.PERSON:
        return _with_person(said, rest, marked=not said.numbers)
    if _stops(form, rest.text):
        return None
    return replace(said, reason=rest.original(0))


_DOOR_NUMBER = re.compile(r"[0-9]+\s*号门(?=$|[吗?])")


def _stops(form: Form, reason: str) -> bool:
    if form.rest is Rest.WORDS:
        return ONLY_ASKS.fullmatch(reason) is not None
    if QUESTION.match(reason) or _DOOR_NUMBER.match(reason):
        return True
    return form.rest is Rest.REASON and takes_back(form.verb, reason)


def _judged(said: Utterance, rest: Folded) -> Utterance | None:
    """Words after a verification must begin with its verdict."""
    judged = _with_verdict(said, rest)
    return None if judged is None or QUESTION.match(judged.reason) else judged


def _with_verdict(said: Utterance, rest: Folded) -> Utterance | None:
    for passed, words in ((False, FAILED), (True, PASSED)):
        if match := words.match(rest.text):
            reason = _unglued(rest.tail(match.end())).original(0)
            return replace(said, passed=passed, reason=reason)
    return None


_PERSON = re.compile(
    r"(?:(?:给|to\b)\s*)?(?:(?P<at>@)(?P<called>[^\s@,:?][^@,:?]{0,63})|(?P<name>[^\s@,:?]{1,64}))$",
    re.IGNORECASE,
)
"""Behind an @ a name may have spaces: `@Li Wei`."""


def _with_person(said: Utterance, rest: Folded, *, marked: bool) -> Utterance | None:
    """Who is to see to it; without a number before it the name wants its @."""
    match = _PERSON.match(rest.text)
    if match is None or (marked and not match["at"]):
        return None
    group = "called" if match["at"] else "name"
    if QUESTION.match(match[group]):
        return None
    name = rest.original(match.start(group), match.end(group))
    return replace(said, args={"person": name})


def without_mention(folded: Folded, bot: str | None) -> Folded:
    """Without our own name in front: in privacy mode a group must call the bot to be heard."""
    if not bot:
        return folded
    match = re.match(rf"@{re.escape(bot)}[\s,:]+", folded.text, re.IGNORECASE)
    return folded.tail(match.end()) if match else folded
