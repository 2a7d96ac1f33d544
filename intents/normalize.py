"""Bring a question into the one form that every matcher reads.

Slack markup, emoji, accents, typographic quotes and shouting say nothing about what a person wants to
know, so they go. Every character that is left remembers where it stood, because what is found in the
normalised text is reported at its place in the question as it was asked.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Normalized", "normalize", "normalize_with_offsets"]


@dataclass(frozen=True, slots=True)
class Normalized:
    """A normalised text and where each of its characters stood in the original.

    `starts[i]` and `ends[i]` enclose, in the original, what became character `i` of `text`.
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """The half-open span in the original of the half-open span `start`, `end` of `text`.

        Raises `IndexError` where the span is empty or reaches outside the text.
        """
        if not 0 <= start < end <= len(self.text):
            raise IndexError(f"no span {start}:{end} in a text of {len(self.text)} characters")
        return self.starts[start], self.ends[end - 1]


# What Slack writes between angle brackets, its three escapes, emoji names, bare links; arrows.
# The repeats are bounded, so that a message made of opening brackets costs no more than any other.
_MARKUP = re.compile(
    r"<@(?P<user>[A-Za-z0-9]{1,40})(?:\|[^<>\n]{0,200})?>"
    r"|<(?P<kind>[#!]?)(?P<target>[^<>|\s]{1,2000})(?:\|(?P<label>[^<>\n]{0,500}))?>"
    r"|&(?P<escape>amp|lt|gt);"
    r"|(?P<emoji>(?<![\w:]):(?:[A-Za-z][\w+\-']{0,60}|[+\-]1):(?::skin-tone-\d:)?(?!\w))"
    r"|(?P<link>\bhttps?://[^\s<>|]{1,2000})"
    r"|(?P<arrow>[-=]{1,3}(?:>|&gt;)|[→➔➜⇒])"
)
_ESCAPES = {"amp": "&", "lt": "<", "gt": ">"}

# A text that is like this in lower case needs no other change: the common case, tried first. A colon inside a word may
# be of an emoji or a link.
_PLAIN = re.compile(r"""(?:[a-z0-9?!.,;'"@#/()%+=\-]++:?+ )*+[a-z0-9?!.,;'"@#/()%+=\-]++:?+""")
_REPEATED = re.compile(r"([^\W\d_])\1\1|([^\w ])\2")

_TYPOGRAPHIC = {
    **dict.fromkeys("‘’‚‛′´ʼ＇", "'"),
    **dict.fromkeys("“”„‟″«»＂", '"'),
    **dict.fromkeys("‐‑‒–—―−﹣－", "-"),
}
_AS_TYPED = str.maketrans(_TYPOGRAPHIC)
_SPECIAL = {
    **_TYPOGRAPHIC,
    **dict.fromkeys("*~", " "),
    "`": " ",
    "…": " ",
    "ß": "ss",
    "æ": "ae",
    "œ": "oe",
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "ı": "i",
}
_FOLDED: dict[str, str] = {}
_FOLDED_LIMIT = 8192


def _fold(character: str) -> str:
    """What one original character becomes: nothing, a space, or one or more plain characters."""
    folded = _FOLDED.get(character)
    if folded is None:
        folded = _fold_anew(character)
        if len(_FOLDED) < _FOLDED_LIMIT:
            _FOLDED[character] = folded
    return folded


def _fold_anew(character: str) -> str:
    if character in _SPECIAL:
        return _SPECIAL[character]
    if character.isspace():
        return " "
    category = unicodedata.category(character)
    if category in {"Cf", "Cs", "Co", "Cn"}:  # direction marks, joiners, lone surrogates
        return ""
    if category == "Cc":
        return " "
    if category == "So" and ord(character) > 0x2000:  # pictures
        return " "
    parts = []
    for part in unicodedata.normalize("NFKD", character.lower()).lower():
        if part in _SPECIAL:
            parts.append(_SPECIAL[part])
        elif not unicodedata.combining(part):
            parts.append(" " if part.isspace() else part)
    # Decomposed scripts such as Korean come together again.
    return unicodedata.normalize("NFC", "".join(parts))


def _pieces(text: str) -> list[tuple[str, int, int, bool]]:
    """Cut `text` at its markup into `(piece, start, end, verbatim)`.

    A verbatim piece stands in the original from `start` on; any other replaces all of `start:end`.
    """
    pieces = []
    done = 0
    for match in _MARKUP.finditer(text):
        start, end = match.span()
        if start > done:
            pieces.append((text[done:start], done, start, True))
        done = end
        if user := match["user"]:
            pieces.append((f"@{user}", start, end, False))
        elif match["target"] is not None:
            pieces.extend(_bracketed(match))
        elif escape := match["escape"]:
            pieces.append((_ESCAPES[escape], start, end, False))
        elif match["arrow"]:
            pieces.append((" to ", start, end, False))
        else:
            pieces.append((" ", start, end, False))
    if done < len(text):
        pieces.append((text[done:], done, len(text), True))
    return pieces


def _bracketed(match: re.Match[str]) -> list[tuple[str, int, int, bool]]:
    """The pieces of one `<target|label>`: the label where there is one."""
    start, end = match.span()
    kind, label = match["kind"], match["label"]
    if label:
        sign = "#" if kind == "#" else ""
        at, to = match.span("label")
        shown: list[tuple[str, int, int, bool]] = [(sign, start, at, False)] if sign else []
        return [*shown, (label, at, to, True)]
    if kind == "#":
        return [("#" + match["target"], start, end, False)]
    if kind == "!" or "://" in match["target"] or match["target"].startswith("mailto:"):
        return [(" ", start, end, False)]
    # No markup after all: a person who wrote <this>.
    at, to = match.span("target")
    return [(" ", start, at, False), (match["target"], at, to, True), (" ", to, end, False)]


def _is_edge(character: str) -> bool:
    return not character.isalnum()


def normalize_with_offsets(text: str) -> Normalized:
    """Normalise `text` and keep, for each character, its place in the original. Never raises.

    Mentions become `@id`, channels `#name`, links their label; emoji, control characters, direction
    marks, code ticks and emphasis go; the rest is NFKC, lower case, without accents, with plain quotes and
    single spaces, at most two equal letters and one equal punctuation mark in a row.
    """
    plain = (text if text.isascii() else text.translate(_AS_TYPED)).lower()
    if _PLAIN.fullmatch(plain) and not _REPEATED.search(plain):
        return Normalized(plain, range(len(text)), range(1, len(text) + 1))
    characters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for piece, start, end, verbatim in _pieces(text):
        for index, character in enumerate(piece):
            at, to = (start + index, start + index + 1) if verbatim else (start, end)
            folded = _fold(character)
            if not folded and ends and characters[-1] != " " and unicodedata.combining(character):
                ends[-1] = to  # a separate accent belongs to its letter
            for part in folded:
                if _is_superfluous(part, characters):
                    continue
                characters.append(part)
                starts.append(at)
                ends.append(to)
    _drop_emphasis(characters, starts, ends)
    while characters and characters[-1] == " ":
        characters.pop()
        starts.pop()
        ends.pop()
    return Normalized("".join(characters), starts, ends)


def _is_superfluous(character: str, before: list[str]) -> bool:
    """Whether `character` adds nothing after `before`: a second space, a third equal letter."""
    if character == " ":
        return not before or before[-1] == " "
    if not before or before[-1] != character or character.isdigit():
        return False
    if character.isalpha():
        return len(before) > 1 and before[-2] == character
    return True


def _drop_emphasis(characters: list[str], starts: list[int], ends: list[int]) -> None:
    """Take out, in place, the underscores around words (emphasis); those inside words are names."""
    if "_" not in characters:
        return
    kept = [
        index
        for index, character in enumerate(characters)
        if character != "_"
        or (
            0 < index < len(characters) - 1
            and not _is_edge(characters[index - 1])
            and not _is_edge(characters[index + 1])
        )
    ]
    _keep(kept, characters, starts, ends)
    # Taking out a lone underscore can bring two spaces together.
    kept = [
        index
        for index, character in enumerate(characters)
        if character != " " or (index > 0 and characters[index - 1] != " ")
    ]
    _keep(kept, characters, starts, ends)


def _keep(kept: list[int], characters: list[str], starts: list[int], ends: list[int]) -> None:
    """Leave, in place, only what stands at the indices `kept`."""
    characters[:] = [characters[index] for index in kept]
    starts[:] = [starts[index] for index in kept]
    ends[:] = [ends[index] for index in kept]


def normalize(text: str) -> str:
    """`text` in the form that every matcher reads; see `normalize_with_offsets`. Never raises."""
    return normalize_with_offsets(text).text
