"""The command line as a person meets it: real processes, what they print, and what they leave."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PREFIX = "LOUDHAILER_"


@dataclass(frozen=True)
class Ended:
    """A process that has ended."""

    code: int
    out: str
    err: str

    def told(self, code: int, *words: str) -> None:
        """It ended with this code, and what went wrong is told in words and not by a trace."""
        story = f"exit {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"
        assert self.code == code, story
        assert "Traceback" not in self.err + self.out, story
        for word in words:
            assert word in self.err, f"{word!r} is not told; {story}"

    @property
    def lines(self) -> list[str]:
        """What stands on stderr."""
        return self.err.splitlines()


class Terminal:
    """A folder with a site file, and settings; every command runs in a session of its own."""

    def __init__(self, folder: Path, site: str = "", **settings: str) -> None:
        self.folder = folder
        self.site = folder / "site.toml"
        self.settings = {
            "SITE_FILE": str(self.site),
            "DATA_DIR": str(folder / "data"),
            "HTTP_PORT": "0",
            **settings,
        }
        self.write(site)

    def write(self, site: str) -> None:
        """Write the site file anew."""
        self.site.write_text(site, encoding="utf-8")

    def environment(self, **settings: str) -> dict[str, str]:
        """Of the process: this one's without our settings, and these."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        given = {PREFIX + name: value for name, value in (self.settings | settings).items()}
        return {**kept, **given, "PYTHONUTF8": "1"}

    def start(self, *arguments: str, **settings: str) -> subprocess.Popen[str]:
        """Start a command and do not wait for it."""
        return subprocess.Popen(
            [sys.executable, str(ROOT / "bot.py"), *arguments],
            cwd=self.folder,
            env=self.environment(**settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )

    def __call__(self, *arguments: str, within: float = 60, **settings: str) -> Ended:
        """Run a command to its end; fails the test where it leaves a process behind."""
        process = self.start(*arguments, **settings)
        try:
            out, err = process.communicate(timeout=within)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            raise AssertionError(f"{arguments} did not end:\n{out}\n{err}") from None
        assert not left_of(process.pid), f"{arguments} left processes behind"
        return Ended(process.returncode, out, err)


def left_of(session: int) -> list[int]:
    """The processes of a session that still live (Linux)."""
    found: list[int] = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdecimal():
            continue
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z" and int(fields[3]) == session:
            found.append(int(folder.name))
    return found
