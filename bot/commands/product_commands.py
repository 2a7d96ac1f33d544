"""The verbs of `/product`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.commands import parsed as p
from bot.commands.line import Line, nothing
from bot.commands.tokens import Token
from bot.commands.values import is_channel, is_mention, long_text, product_name
from bot.errors import CommandError

_ROLE_WORDS = 6


def _new(line: Line) -> p.NewProduct:
    name, doubt = _new_name(line)
    holders: list[tuple[str, str]] = []
    about, channel, at = "", None, None
    role: str | None = None
    while line.tokens:
        if line.skip("about"):
            about = _about(line)
        elif line.tokens[0].is_word("in") and len(line.tokens) > 1 and is_channel(line.tokens[1].text):
            line.pop()
            channel = line.channel()
        elif line.skip("in"):
            raise CommandError("usage", "After `in` comes a channel, written as #channel.", ("channel",))
        elif line.skip("at"):
            at = line.term(line.vocabulary.stages, "about", "in", "at")
            if at is None:
                raise CommandError("usage", "After `at` comes a stage.", ("at",))
        elif is_mention(line.tokens[0].text) and not line.tokens[0].quoted and role:
            # A second person right after the first has the same role.
            holders.append((role, line.mentioned(line.pop())))
        else:
            role = _role_before_person(line)
            holders.append((role, line.mentioned(line.pop())))
    return p.NewProduct(name, tuple(dict.fromkeys(holders)), about, channel, at, doubt)


def _new_name(line: Line) -> tuple[str | None, str]:
    """The name, and what of it is in doubt."""
    if not line.tokens:
        return None, ""
    if line.tokens[0].quoted:
        return product_name(line.pop().text), ""
    count = _name_length(line)
    if not count and is_mention(line.tokens[0].text):
        return product_name(line.tokens[0].text), ""
    if not count:
        return None, ""
    words, line.tokens = line.tokens[:count], line.tokens[count:]
    return product_name(line.phrase(words).rstrip(" ,;:")), _doubt(line, words)


def _doubt(line: Line, words: Sequence[Token]) -> str:
    """The end of a name that may be meant as a clause: "at" and no stage, or a role and a name without its "@"."""
    for n in range(1, len(words) - 1):
        if words[n].is_word("at") or line.vocabulary.roles.exact(line.phrase(words[n:-1])):
            return line.phrase(words[n:])
    return ""


def _name_length(line: Line) -> int:
    """How many words an unquoted name has: up to the first clause."""
    tokens = line.tokens
    for n, token in enumerate(tokens):
        following = tokens[n + 1] if n + 1 < len(tokens) else None
        if token.is_word("about"):
            return n
        if token.is_word("in") and following and is_channel(following.text):
            return n
        if token.is_word("at") and following and line.vocabulary.stages.candidates(_stage_words(line, n + 1)):
            return n
        if not token.quoted and is_mention(token.text):
            return n - _role_length(line, tokens[:n]) if n else 0
    return len(tokens)


def _stage_words(line: Line, start: int) -> str:
    """The words after `at` up to the next clause."""
    words: list[Token] = []
    for token in line.tokens[start:]:
        if token.is_word("about", "in") or is_mention(token.text):
            break
        words.append(token)
    # A role before a person may stand there, too: the longest beginning that names a stage counts.
    for count in range(len(words), 0, -1):
        if line.vocabulary.stages.exact(line.phrase(words[:count])):
            return line.phrase(words[:count])
    return line.phrase(words)


def _role_length(line: Line, before: Sequence[Token]) -> int:
    """How many of the words before a person name a role: at least one, and one is left for the name."""
    roles = line.vocabulary.roles
    most = min(len(before) - 1, _ROLE_WORDS)
    for match in (roles.exact, roles.candidates):
        for count in range(most, 0, -1):
            if match(_without_colon(line.phrase(before[len(before) - count :]))):
                return count
    return min(1, most)


def _role_before_person(line: Line) -> str:
    n = next((n for n, t in enumerate(line.tokens) if not t.quoted and is_mention(t.text)), None)
    if n is None:
        raise CommandError(
            "usage",
            f"I cannot make out “{line.phrase(line.tokens)[:60]}”: after the name come ROLE @USER, "
            'about "TEXT", in #CHANNEL and at STAGE. A name with such words in it goes in quotes.',
        )
    if n == 0:
        raise CommandError("usage", "Before a person comes the role, such as ROLE @USER.", ("role",))
    words, line.tokens = line.tokens[:n], line.tokens[n:]
    return line.vocabulary.roles.resolve(_without_colon(line.phrase(words)))


def _about(line: Line) -> str:
    if not line.tokens:
        raise CommandError("usage", "After `about` comes what the product is about.", ("about",))
    if line.tokens[0].quoted:
        return long_text(line.pop().text, "description")
    count = 1
    while count < len(line.tokens):
        token = line.tokens[count]
        following = line.tokens[count + 1] if count + 1 < len(line.tokens) else None
        if following and token.is_word("in") and is_channel(following.text):
            break
        if following and token.is_word("at") and line.vocabulary.stages.exact(_stage_words(line, count + 1)):
            break
        if not token.quoted and is_mention(token.text):
            count -= _role_length(line, line.tokens[:count])
            break
        count += 1
    words, line.tokens = line.tokens[:count], line.tokens[count:]
    return long_text(line.phrase(words), "description")


def _without_colon(text: str) -> str:
    return text.rstrip(":,;= ")


def _list(line: Line) -> p.ListProducts:
    words, mine, archived = [], False, False
    for token in line.tokens:
        if token.is_word("mine"):
            mine = True
        elif token.is_word("all"):
            archived = True
        elif not token.is_word("in", "at"):
            words.append(token)
    stage = line.vocabulary.stages.resolve(" ".join(word.text for word in words)) if words else None
    return p.ListProducts(stage, mine, archived)


def _show(line: Line) -> p.ShowProduct:
    return p.ShowProduct(_only_product(line))


def _archive(line: Line) -> p.ArchiveProduct:
    return p.ArchiveProduct(_only_product(line))


def _restore(line: Line) -> p.RestoreProduct:
    return p.RestoreProduct(_only_product(line))


def _only_product(line: Line) -> p.ProductRef | None:
    product = line.product(nothing)
    line.end()
    return product


def _rename(line: Line) -> p.RenameProduct:
    def rest(tokens: Sequence[Token]) -> bool:
        return not tokens or tokens[0].is_word("to")

    product = line.product(rest, "to")
    if not line.skip("to"):
        line.end()
        return p.RenameProduct(product, None)
    if not line.tokens:
        return p.RenameProduct(product, None)
    name = product_name(line.phrase(line.tokens))
    line.tokens.clear()
    return p.RenameProduct(product, name)


def _link(line: Line) -> p.LinkProduct:
    def rest(tokens: Sequence[Token]) -> bool:
        words = [token for token in tokens if not token.is_word("to", "in", "with")]
        return not tokens or (len(words) == 1 and not words[0].quoted and is_channel(words[0].text))

    product = line.product(rest)
    line.skip("to", "in", "with")
    if not line.tokens:
        return p.LinkProduct(product, None)
    channel = line.channel()
    line.end()
    return p.LinkProduct(product, channel)


VERBS: dict[str, Callable[[Line], p.ParsedCommand]] = {
    "new": _new,
    "list": _list,
    "show": _show,
    "rename": _rename,
    "link": _link,
    "archive": _archive,
    "restore": _restore,
}
