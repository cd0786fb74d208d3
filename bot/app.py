"""The command line: `python bot.py ...`, also the console script `loudhailer`.

Only what a command needs is imported, when it runs: `--help` answers at once.
"""

from __future__ import annotations

import argparse
import importlib
import io
import logging
import os
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

from bot.program import program

OK, FAILED, BAD_USAGE = 0, 1, 2
INTERRUPTED, TERMINATED = 128 + signal.SIGINT, 128 + signal.SIGTERM

_EPILOG = "Settings are environment variables LOUDHAILER_... or stand in .env; see docs/reference."


class _Parser(argparse.ArgumentParser):
    """Tells what was typed wrongly in the site file's language; its commands' parsers too."""

    def error(self, message: str) -> NoReturn:
        from bot.configuration import terminal_language
        from bot.texts.usage import usage, usage_fault

        language = terminal_language()
        told = usage_fault(self.prog, message, language)
        self.exit(BAD_USAGE, f"{usage(self.format_usage(), language)}{told}\n")


def build_parser() -> argparse.ArgumentParser:
    """Every command and its options."""
    parser = _Parser(
        prog=program(),
        description="Loudhailer 喊话器: hazards go to the group chat and the site speaker, "
        "and every case is seen through to its end.",
        epilog=_EPILOG,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_running(commands)
    _add_installing(commands)
    _add_access(commands)
    _add_looking_back(commands)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; 0 fine, 1 a check failed, 2 bad usage or bad configuration.

    130 and 143 where SIGINT or SIGTERM cut it short, as shells count; `run` ends on both with 0.
    """
    _print_anything()
    args = build_parser().parse_args(argv)
    signal.signal(signal.SIGTERM, _terminated)
    try:
        return importlib.import_module(f"bot.commands.{args.module}").run(args)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read us has gone; the interpreter must not stumble over the same pipe again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:  # noqa: BLE001  boundary: a person at a terminal gets a line, no trace
        return _fault_of_ours(error)


def _print_anything() -> None:
    """Where a terminal's encoding has no Chinese, escapes are printed and nothing breaks.

    A line is written whole, even by `python -u`: a service's log holds both streams, and half an
    address with a warning behind it is none.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace", line_buffering=True, write_through=False)


def _terminated(number: int, frame: object) -> None:
    """An exit, so that what is open is closed: temporary files, processes, the database."""
    raise SystemExit(TERMINATED)


def _fault_of_ours(error: Exception) -> int:
    from bot.redact import redact

    words = redact(f"{type(error).__name__}: {error}".splitlines()[0])
    print(f"internal fault: {words} (LOUDHAILER_LOG_LEVEL=debug shows where)", file=sys.stderr)
    logging.getLogger(__name__).debug("the command broke", exc_info=error)
    return FAILED


def _add_running(commands: argparse._SubParsersAction[_Parser]) -> None:
    run = commands.add_parser("run", help="run the service")
    run.add_argument("--role", choices=("all", "core", "vision"), default="all")
    run.set_defaults(module="run")

    demo = commands.add_parser("demo", help="show the whole path on real pictures, no set-up")
    demo.add_argument("--source", help="a video file, a picture or a folder")
    demo.add_argument("--seconds", type=_positive, help="stop after so many seconds")
    demo.add_argument("--no-browser", action="store_true", help="do not open the page")
    demo.add_argument("--language", choices=("zh", "en"), default="zh")
    demo.set_defaults(module="demo")


def _add_installing(commands: argparse._SubParsersAction[_Parser]) -> None:
    check = commands.add_parser("check", help="validate settings and site file")
    check.set_defaults(module="check")
    doctor = commands.add_parser("doctor", help="probe everything; a repair per fault")
    doctor.add_argument("--no-canary", action="store_true", help="send no test of delivery")
    doctor.set_defaults(module="doctor")
    migrate = commands.add_parser("migrate", help="bring the database up to date")
    migrate.set_defaults(module="migrate")

    models = commands.add_parser("models", help="the model store")
    actions = models.add_subparsers(dest="action", required=True)
    actions.add_parser("list", help="what is here and what could be")
    pull = actions.add_parser("pull", help="fetch and verify a model")
    pull.add_argument("name")
    add = actions.add_parser("add", help="keep a model of your own")
    add.add_argument("name")
    add.add_argument("file")
    models.set_defaults(module="models")

    say = commands.add_parser("say", help="speak on a site speaker")
    say.add_argument("speaker")
    say.add_argument("text", nargs="+")
    say.set_defaults(module="say")

    light = commands.add_parser("light", help="try a strobe, siren or relay")
    light.add_argument("light")
    light.add_argument("to", nargs="?", choices=("on", "off"), help="left out: on for 3 seconds")
    light.set_defaults(module="light")

    vision = commands.add_parser("vision", help="run recorded files through the rules")
    looks = vision.add_subparsers(dest="action", required=True)
    replay = looks.add_parser("replay", help="print what starts and ends in a file")
    replay.add_argument("file")
    replay.add_argument("--site", required=True, help="the site file that has the camera")
    replay.add_argument("--camera", help="its id, where the file has several")
    replay.add_argument("--out", help="write the annotated looks as mp4")
    vision.set_defaults(module="replay")


def _add_access(commands: argparse._SubParsersAction[_Parser]) -> None:
    key = commands.add_parser("key", help="keys of the HTTP API")
    actions = key.add_subparsers(dest="action", required=True)
    create = actions.add_parser("create", help="print a new key, once, as the last word")
    create.add_argument("--name", required=True)
    create.add_argument("--role", required=True, choices=("source", "operator", "admin"))
    create.add_argument("--sites", help="only these sites: a,b")
    create.add_argument("--member", help="the member for whom an operator key acts")
    actions.add_parser("list", help="names, roles, last use")
    revoke = actions.add_parser("revoke", help="end a key")
    named = revoke.add_mutually_exclusive_group(required=True)
    named.add_argument("name", nargs="?", metavar="NAME")
    named.add_argument("--name", dest="option", metavar="NAME", help="the same")
    key.set_defaults(module="keys")

    link = commands.add_parser("link", help="invite codes and console links")
    links = link.add_subparsers(dest="action", required=True)
    invite = links.add_parser("create", help="a code for /link, or a console link")
    invite.add_argument("--member", required=True)
    invite.add_argument("--console", action="store_true", help="a single-use link to the console")
    link.set_defaults(module="links")

    member = commands.add_parser("member", help="people")
    people = member.add_subparsers(dest="action", required=True)
    deactivate = people.add_parser("deactivate", help="end all that a member may do")
    deactivate.add_argument("id")
    member.set_defaults(module="members")


def _add_looking_back(commands: argparse._SubParsersAction[_Parser]) -> None:
    deliveries = commands.add_parser("deliveries", help="what was not delivered")
    actions = deliveries.add_subparsers(dest="action", required=True)
    listing = actions.add_parser("list", help="dead letters, uncertain sends and what waits")
    listing.add_argument("--state", choices=("waiting", "uncertain", "dead"))
    listing.add_argument("--limit", type=_limit, default=100, help="at most so many (100)")
    listing.add_argument("--json", action="store_true", help="for programs")
    retry = actions.add_parser("retry", help="try again what was given up")
    retry.add_argument("id", nargs="*", type=_row, help="their numbers; none: all dead letters")
    retry.add_argument("--state", choices=("uncertain", "dead"), help="without numbers: which")
    for action in (listing, retry):
        action.add_argument("--chat", help="only for that chat, such as telegram:-1001")
        action.add_argument("--case", type=_case, help="only of that case")
    deliveries.set_defaults(module="deliveries")

    audit = commands.add_parser("audit", help="the evidence")
    proofs = audit.add_subparsers(dest="action", required=True)
    verify = proofs.add_parser("verify", help="verify the hash chains")
    verify.add_argument("--case", type=_case)
    verify.add_argument("--witness", help="what the admins were told of a checkpoint")
    verify.add_argument("--checkpoint", action="store_true", help="seal what was verified")
    verify.add_argument("--no-pictures", action="store_true", help="do not read their files")
    export = proofs.add_parser("export", help="a case with all its evidence, as a zip")
    export.add_argument("--case", type=_case, required=True)
    export.add_argument("--out", required=True)
    audit.set_defaults(module="audit")


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"must be over 0, not {text}")
    return value


def _limit(text: str) -> int:
    value = int(text)
    if not 0 < value <= 100_000:
        raise argparse.ArgumentTypeError(f"must be 1 to 100000, not {text}")
    return value


def _row(text: str) -> int:
    value = int(text)
    if not 0 < value < 2**63:
        raise argparse.ArgumentTypeError(f"there is no delivery {text}")
    return value


def _case(text: str) -> int:
    value = int(text)
    if not 0 < value < 2**31:
        raise argparse.ArgumentTypeError(f"there is no case {text}")
    return value
