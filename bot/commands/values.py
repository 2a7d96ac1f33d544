"""The values people type: amounts, goals, dates, names, mentions. Each is checked here, once, for every surface."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from bot.errors import CommandError

NAME_LIMIT = 80
TEXT_LIMIT = 2000
_SYMBOLS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY"}
_WORDS = {"euro": "EUR", "euros": "EUR", "dollar": "USD", "dollars": "USD", "pound": "GBP", "pounds": "GBP"}
_AMOUNT = re.compile(
    r"(?P<before>[€$£¥]|[A-Za-z]{3}(?=[\s\d]))?\s*(?P<number>\d[\d., ]*?)\s*(?P<suffix>[kKmM])?"
    r"\s*(?P<after>[€$£¥]|[A-Za-z]{3,7})?"
)
_PERSON = re.compile(r"<@(?P<id>[UW][A-Z0-9]+)(?:\|[^>]*)?>")
_PLAIN_PERSON = re.compile(r"@(?P<id>\w[\w.\-]*)")
_CHANNEL = re.compile(r"<#(?P<id>[CGD][A-Z0-9]+)(?:\|[^>]*)?>|#(?P<name>\w[\w.\-]*)")
_NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d+)?(?=\s*%|[^\w.]|\.?$)")


@dataclass(frozen=True, slots=True)
class Amount:
    """Money: how much, and of what, where it was said."""

    number: float
    currency: str = ""


def amount(text: str) -> Amount:
    """An amount such as "120k EUR", "€1.5m" or "120,000"; anything else is refused."""
    found = _AMOUNT.fullmatch(text.strip())
    if not found:
        raise _bad_amount(text)
    number = _number(found["number"], text, suffixed=bool(found["suffix"]))
    number *= {"k": 1e3, "m": 1e6}.get((found["suffix"] or "").casefold(), 1)
    currencies = [_currency(found[side], text) for side in ("before", "after") if found[side]]
    if len(set(currencies)) > 1:
        raise _bad_amount(text)
    return Amount(round(number, 2), currencies[0] if currencies else "")


def starts_amount(text: str) -> bool:
    """Whether a word can be the first of an amount."""
    return bool(re.match(r"[€$£¥]?\d", text) or text.casefold() in {"eur", "usd", "gbp", "chf", "jpy"})


def target(text: str) -> float | None:
    """The number that a goal names, such as 0.8 in "recall above 0.8": the last one in it."""
    numbers = _NUMBER.findall(text)
    return float(numbers[-1]) if numbers else None


def day(text: str) -> date:
    """A date written as 2026-03-31."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise CommandError("usage", f"“{_short(text)}” is not a date: write it as 2026-03-31.") from None


def clean(text: str, *, lines: bool = False) -> str:
    """The text with invisible marks left out; a control character such as NUL is refused.

    `lines`: its lines stay lines; else it becomes one.
    """
    kept = []
    for character in unicodedata.normalize("NFC", text):
        category = unicodedata.category(character)
        if category in {"Cc", "Cs"} and not character.isspace():
            raise CommandError(
                "usage", "That holds a character that cannot be shown (such as NUL): please type it again without it."
            )
        # The joiner between emoji is kept; marks that turn or hide text are not.
        if category == "Cf" and character != "\u200d":
            continue
        kept.append(" " if character.isspace() and not (lines and character == "\n") else character)
    return "".join(kept).strip()


def product_name(text: str) -> str:
    """A name for a product, checked."""
    name = " ".join(clean(text).split())
    if not name:
        raise CommandError("usage", "A product needs a name.", ("name",))
    if len(name) > NAME_LIMIT:
        raise CommandError("usage", f"That name has {len(name)} characters; {NAME_LIMIT} is the limit.", ("name",))
    if name[0] in "@#" or re.match(r"<[@#!]", name):
        raise CommandError(
            "usage", f"“{_short(name)}” looks like a mention or a channel, not like a name for a product.", ("name",)
        )
    if not slug(name):
        raise CommandError("usage", f"“{_short(name)}” has no letter and no digit: a name needs one.", ("name",))
    return name


def long_text(text: str, what: str) -> str:
    """A description or a reason, checked."""
    text = clean(text, lines=True)
    if len(text) > TEXT_LIMIT:
        raise CommandError("usage", f"That {what} has {len(text)} characters; {TEXT_LIMIT} is the limit.")
    return text


def slug(name: str) -> str:
    """The id that a name makes: lower case, accents dropped, words joined by hyphens; other scripts are kept."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    plain = unicodedata.normalize("NFC", plain)
    return re.sub(r"[\W_]+", "-", plain).strip("-")


def is_mention(text: str) -> bool:
    """Whether this is meant to be a person, well written or not."""
    return text.startswith(("@", "<@"))


def is_channel(text: str) -> bool:
    """Whether this is meant to be a channel, well written or not."""
    return text.startswith(("#", "<#"))


def person(text: str, *, plain: bool = True) -> str:
    """The id of the person mentioned; `plain`: "@ana" is one too (in Slack only what Slack turned into a mention)."""
    text = text.rstrip(",;:")
    found = _PERSON.fullmatch(text)
    if not found and plain:
        found = _PLAIN_PERSON.fullmatch(text.rstrip("."))
    if not found:
        how = "@ and a name, such as @ana" if plain else "@ and choose the person from Slack's list"
        raise CommandError("unknown_person", f"“{_short(text)}” is not a person I can make out: write {how}.")
    return found["id"]


def channel(text: str, *, plain: bool = True) -> str:
    """The channel mentioned: Slack's id, or its name where only that was written."""
    found = _CHANNEL.fullmatch(text.rstrip(",;"))
    if not found or (found["name"] and not plain):
        raise CommandError("usage", f"“{_short(text)}” is not a channel I can make out: write it as #channel.")
    return found["id"] or found["name"]


def _number(text: str, whole: str, *, suffixed: bool) -> float:
    digits = text.strip()
    if re.fullmatch(r"\d{1,3}(?:[, ]\d{3})+(?:\.\d+)?", digits):
        return float(digits.replace(",", "").replace(" ", ""))
    if re.fullmatch(r"\d{1,3}(?:\.\d{3}){2,}", digits):
        return float(digits.replace(".", ""))
    if re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", digits) and not suffixed:
        # Half of the world writes thousands like this, the other half decimals: being wrong by 1,000 is not an option.
        raise CommandError("usage", f"“{_short(whole)}” can be read in two ways: write 120k, 120000 or 120,000.")
    if re.fullmatch(r"\d+(?:[.,]\d+)?", digits):
        return float(digits.replace(",", "."))
    raise _bad_amount(whole)


def _currency(text: str, whole: str) -> str:
    if text in _SYMBOLS:
        return _SYMBOLS[text]
    if text.casefold() in _WORDS:
        return _WORDS[text.casefold()]
    if len(text) == 3:
        return text.upper()
    raise _bad_amount(whole)


def _bad_amount(text: str) -> CommandError:
    return CommandError("usage", f"“{_short(text)}” is not an amount: write it like 120k EUR, 1.5m or €120,000.")


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}…"
