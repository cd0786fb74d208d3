"""The project's pages as tests read them: sections by heading, blocks by language, links."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    page.relative_to(ROOT).as_posix()
    for page in (ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md"))
)

_BLOCK = re.compile(r"^(?P<indent> *)```(?P<language>\w*)\n(?P<body>.*?)^ *```$", re.M | re.S)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: where it stands, in which language, and what it says."""

    page: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def read(page: str) -> str:
    """The page's text; `page` is its path below the repository's root."""
    return (ROOT / page).read_text("utf-8")


def blocks(page: str, language: str | None = None) -> list[Block]:
    """The page's fenced blocks in order, without their indentation."""
    text = read(page)
    found = [
        Block(
            page, text.count("\n", 0, match.start()) + 1, match["language"], dedent(match["body"])
        )
        for match in _BLOCK.finditer(text)
    ]
    return [block for block in found if language in (None, block.language)]


def without_blocks(page: str) -> str:
    """The page's prose."""
    return _BLOCK.sub("", read(page))


def sections(page: str, level: int) -> dict[str, str]:
    """What stands under each heading of a level, up to the next one of that level."""
    _, *parts = re.split(rf"^#{{{level}}} ", read(page), flags=re.MULTILINE)
    return {head: body for head, _, body in (part.partition("\n") for part in parts)}


def links(page: str) -> list[str]:
    """Targets of the page's links, in order."""
    return _LINK.findall(without_blocks(page))


def anchors(page: str) -> set[str]:
    """The fragments under which the page's headings can be linked to."""
    heads = re.findall(r"^#+ (.+)$", without_blocks(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head).strip().lower().replace(" ", "-") for head in heads}
