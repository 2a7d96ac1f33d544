"""The words of one command after its verb, taken one part after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.commands.parsed import ProductRef
from bot.commands.tokens import Token, unquote
from bot.commands.values import channel, is_channel, is_mention, long_text, person
from bot.commands.vocabulary import ProductFinder, Terms, Vocabulary
from bot.errors import CommandError

# A product's name has at most this many words when it is looked for without quotes.
_MOST_WORDS = 14

Rest = Callable[[Sequence[Token]], bool]


class Line:
    """A cursor over the tokens of a command."""

    def __init__(
        self, text: str, tokens: list[Token], vocabulary: Vocabulary, products: ProductFinder, plain_people: bool
    ) -> None:
        self.text = text
        self.tokens = tokens
        self.vocabulary = vocabulary
        self.products = products
        self._plain = plain_people

    @property
    def next(self) -> Token | None:
        """The next token, if there is one."""
        return self.tokens[0] if self.tokens else None

    def pop(self) -> Token:
        """Take the next token."""
        return self.tokens.pop(0)

    def skip(self, *words: str) -> bool:
        """Take the next token if it is one of these keywords."""
        if self.tokens and self.tokens[0].is_word(*words):
            self.tokens.pop(0)
            return True
        return False

    def end(self) -> None:
        """Nothing may follow."""
        if self.tokens:
            extra = self.phrase(self.tokens)
            raise CommandError("usage", f"I cannot make out “{extra[:60]}” at the end of that.")

    def phrase(self, tokens: Sequence[Token]) -> str:
        """The text of some tokens in a row; without quotes where it is one quoted phrase."""
        if not tokens:
            return ""
        if len(tokens) == 1:
            return tokens[0].text
        return self.text[tokens[0].start : tokens[-1].end]

    def person(self) -> str | None:
        """Take a person; None at the end of the line, or where a keyword stands instead."""
        if not self.tokens or self.tokens[0].is_word("as", "on", "with"):
            return None
        return person(self.pop().text, plain=self._plain)

    def mentioned(self, token: Token) -> str:
        """The person that a token mentions."""
        return person(token.text, plain=self._plain)

    def channel(self) -> str:
        """Take a channel."""
        return channel(self.pop().text, plain=self._plain)

    def reason(self) -> str:
        """Take "because REASON", which goes to the end of the line."""
        if not self.skip("because"):
            return ""
        if not self.tokens:
            return ""
        reason = unquote(self.text[self.tokens[0].start :])
        self.tokens.clear()
        return long_text(reason, "reason")

    def term(self, terms: Terms, *stops: str) -> str | None:
        """Take a stage, role or option: the longest row of words with such a name, up to a keyword."""
        if not self.tokens:
            return None
        if self.tokens[0].quoted:
            return terms.resolve(self.pop().text)
        for count in range(min(len(self.tokens), _MOST_WORDS), 0, -1):
            if len(terms.exact(self.phrase(self.tokens[:count]))) == 1:
                found = terms.exact(self.phrase(self.tokens[:count]))[0]
                del self.tokens[:count]
                return found
        count = self._until(*stops)
        if not count:
            return None
        words, self.tokens = self.tokens[:count], self.tokens[count:]
        return terms.resolve(self.phrase(words))

    def product(self, rest: Rest, *stops: str) -> ProductRef | None:
        """Take a product's name such that what is left can be `rest`; None where none is said.

        Without quotes the longest name wins; names are tried as ids first, which needs no list of all names.
        """
        tokens = self.tokens
        if not tokens:
            return None
        if tokens[0].quoted:
            return self.products.resolve(self.pop().text)
        counts = [n for n in range(min(len(tokens), _MOST_WORDS), 0, -1) if rest(tokens[n:])]
        for find in (self.products.by_slug, self.products.exact):
            for count in counts:
                found = find(self.phrase(tokens[:count]))
                if found:
                    return self._taken(count, found)
        if rest(tokens):
            return None
        for count in counts:
            found = self.products.nearly(self.phrase(tokens[:count]))
            if found:
                return self._taken(count, found)
        # Nothing fits as a whole: the product may be right and what follows wrong, which the caller then says.
        for count in range(min(len(tokens), _MOST_WORDS), 0, -1):
            found = self.products.exact(self.phrase(tokens[:count]))
            if found:
                return self._taken(count, found)
        raise self.products.unknown(self.phrase(tokens[: counts[-1] if counts else self._until(*stops) or 1]))

    def _taken(self, count: int, found: ProductRef) -> ProductRef:
        del self.tokens[:count]
        return found

    def _until(self, *stops: str) -> int:
        for n, token in enumerate(self.tokens):
            if token.is_word(*stops) or (not token.quoted and (is_mention(token.text) or is_channel(token.text))):
                return n
        return len(self.tokens)


def nothing(rest: Sequence[Token]) -> bool:
    """Nothing is left."""
    return not rest
