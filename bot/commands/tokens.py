"""Cuts what a person typed into words, quoted phrases and mentions, with where each of them stands."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.errors import CommandError

OPENING = '"“”„‟«»'
CLOSING = OPENING
_SINGLE = {"'": "'", "‘": "’", "’": "’"}
_MENTION = re.compile(r"<[@#!][^<>]*>")


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a quoted phrase (without its quotes) or a mention; `start` and `end` include the quotes."""

    text: str
    start: int
    end: int
    quoted: bool = False

    def is_word(self, *words: str) -> bool:
        """Whether this is one of these keywords; a quoted one is not."""
        return not self.quoted and self.text.casefold() in words


def tokenize(text: str) -> list[Token]:
    """The tokens of a line. A quote opens only at the start of a word, so that apostrophes stay what they are."""
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        token = _mention(text, at) or _quoted(text, at) or _word(text, at)
        tokens.append(token)
        at = token.end
    return tokens


def unquote(text: str) -> str:
    """The text without a pair of quotes around all of it."""
    text = text.strip()
    for opening, closing in ((OPENING, CLOSING), ("'‘’", "'’")):
        if len(text) >= 2 and text[0] in opening and text[-1] in closing:
            return text[1:-1].strip()
    return text


def _mention(text: str, at: int) -> Token | None:
    found = _MENTION.match(text, at)
    return Token(found.group(), at, found.end()) if found else None


def _quoted(text: str, at: int) -> Token | None:
    mark = text[at]
    if mark in OPENING:
        for end in range(at + 1, len(text)):
            # A closing quote ends its word: one inside a word ('5"x') is part of it.
            if text[end] in CLOSING and (end + 1 == len(text) or text[end + 1].isspace() or text[end + 1] in ",;"):
                return Token(text[at + 1 : end].strip(), at, end + 1, True)
        raise CommandError("usage", f"The quote that begins at {text[at : at + 20]!r} is not closed.")
    if mark in _SINGLE:
        closing = _SINGLE[mark]
        for end in range(at + 1, len(text)):
            if text[end] in {closing, "'"} and (end + 1 == len(text) or text[end + 1].isspace()):
                return Token(text[at + 1 : end].strip(), at, end + 1, True)
    return None


def _word(text: str, at: int) -> Token:
    end = at
    while end < len(text) and not text[end].isspace():
        end += 1
    return Token(text[at:end], at, end)
