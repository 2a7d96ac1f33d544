"""The form of a question: yes or no, negated, counting, first or last, two questions in one. Rules of English.

What a question is about is learnt from examples (`intents.recognize`); how it wants to be answered is read off
words that do not depend on any framework, so it is written down as rules.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

__all__ = [
    "ORDINAL_WORDS",
    "QuestionForm",
    "adjuncts",
    "as_claim",
    "asks_for_oneself",
    "bare_span",
    "clauses",
    "question_form",
    "says_who_asks",
    "without_fillers",
]

Direction = Literal["first", "last", "next", "previous", "before", "after"]


class _Rule:
    """A pattern that is only searched for where there is one of the words without which it cannot match.

    Most questions have none of them, and looking up a word costs a tenth of searching a text.
    """

    def __init__(self, words: str, pattern: str) -> None:
        self.words = frozenset(words.split())
        self.pattern = re.compile(pattern)

    def search(self, text: str, words: frozenset[str]) -> re.Match[str] | None:
        """The first match in `text`, whose words are `words` (see `_words`)."""
        return None if self.words.isdisjoint(words) else self.pattern.search(text)


_RUN = re.compile(r"\w+")


def _words(text: str) -> frozenset[str]:
    """The words of a text as a pattern's `\\b` bounds them: "isn't" is "isn" and "t"."""
    return frozenset(_RUN.findall(text))


_OPENERS = (
    r"(?:so|and|but|ok|okay|well|hi|hey|hello|please|pls|then|also|or|hmm|um|btw|wait|actually|yes|no|again)[, ]+"
)
_AUXILIARY = (
    r"(?:is|are|am|was|were|do|does|did|can|could|may|might|must|should|shall|will|would|has|have|had|isn't|aren't"
    r"|don't|doesn't|can't|couldn't|shouldn't|won't|wouldn't|isnt|arent|dont|doesnt|cant|shouldnt|wont)"
)
_YES_NO = re.compile(rf"^(?:{_OPENERS})*{_AUXILIARY}\b(?! (?:me|us)\b)")
_TAG = _Rule(
    "right correct true yes no not agree agreed it they so false innit",
    r"(?:[,.;:\-]|\b) ?(?:right|correct|true|yes|no|or not|or no|yes or no|agreed?|isn't it|aren't they|don't they"
    r"|doesn't it"
    r"|is that (?:right|correct|so|true)|am i right|true or false|innit)\W*$",
)
_TELL = _Rule(
    "you u anyone anybody somebody someone",
    r"\b(?:can|could|would|will|do) (?:you|u|anyone|anybody|somebody|someone)(?: please| pls)? (?:tell|say|explain"
    r"|list|name|remind|show|give|help|describe|know|point|clarify|summari[sz]e)\b",
)
_WH = frozenset({"who", "whom", "whose", "what", "whats", "which", "wich", "when", "where", "why", "how"})
_WHO = frozenset({"who", "whom", "whose", "whos"})
_WHICH_PEOPLE = _Rule("which", r"\bwhich (?:people|role|roles|team|person)\b")
_WH_START = re.compile(
    rf"^(?:{_OPENERS})*(?:who|whom|whose|what|whats|which|wich|when|where|why|how|who's|what's|in which|in what"
    rf"|at which|at what|to whom|by whom|from whom|on which|whos|hows)\b"
)
_ASKING = re.compile(
    r"^(?:please |pls )?(?:tell|list|name|explain|describe|show|give|remind|compare|define|summari[sz]e)\b"
)
_NEGATED = _Rule(
    "not isn aren doesn don isnt arent doesnt dont nobody nothing no never without excluded left stay stays"
    " skip skips skipped absent least",
    r"\b(?:not|isn't|aren't|doesn't|don't|isnt|arent|doesnt|dont|nobody|nothing|no (?:part|role|business|say)|never"
    r"|without|excluded|left out|stays? out|skip(?:s|ped)?|absent|least)\b",
)
_EXPECTS_YES = re.compile(
    rf"^(?:{_OPENERS})*((?:isn't|aren't|wasn't|weren't|don't|doesn't|didn't|can't|cannot|couldn't|shouldn't|won't|wouldn't"
    r"|mustn't|hasn't|haven't|isnt|arent|dont|doesnt|cant|couldnt|shouldnt|wont|wouldnt) )"
)
_COUNT = _Rule(
    "many much number count",
    r"\b(?:how many|number of|count of|how much)\b",
)
_EITHER = frozenset({"or", "versus", "vs"})
_ONLY = _Rule(
    "only just alone solely exclusively nothing themself themselves himself himselves herself herselves"
    " itself itselves own single singlehanded singlehandedly",
    r"\b(?:only|just|alone|solely|exclusively|nothing but|(?:all )?by (?:them|him|her|it)sel(?:f|ves)"
    r"|on (?:their|its|his|her) own|single-?handed(?:ly)?)\b",
)
ORDINAL_WORDS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_DIGIT = re.compile(r"\d")
_ORDINAL = re.compile(
    rf"\b(?:({'|'.join(ORDINAL_WORDS)})|(\d+)(?:st|nd|rd|th)"
    r"|(?:number|no\.?|nr\.?|stage|phase|step) (?:no\.? |nr\.? |number )?(\d+)(?! of))\b"
)
_WHEN = _Rule(
    "when stage phase step part point moment time",
    r"^when,"
    r"|\b(?:when(?=\W*$| (?:is|are|was|were|do|does|did|can|could|should|will|would|must|may|has|have|exactly|in)\b)"
    r"|(?:tell|know|say|wonder|wondering|ask|asks|clear|sure|remember)(?: me| us)? when"
    r"|(?:which|what) (?:stage|phase|step|part of the (?:life ?cycle|process))"
    r"|(?:which|what) (?:point|moment|time))\b",
)
_LEADS = _Rule(
    "run runs running lead leads leading led drive drives driving driven own owns owned owner owning head"
    " heads heading charge shots responsible steer steers belong belongs",
    r"\b(?:runs?|running|leads?|leading|led|drives?|driving|driven|owns?|owned|owner|owning|heads?|heading|in charge"
    r"|calls? the shots|responsible|steers?|belongs?)\b",
)
_PRONOUN = _Rule(
    "he she him her they them it its this that these those there one such i my me mine",
    r"\b(?:he|she|him|her|they|them|it|its|this|that|these|those|(?<!are )(?<!is )there(?! (?:is|are)\b)|one"
    r"|such a person|i|my|me|mine)\b",
)
_PLACE = _Rule(
    "stage phase step",
    rf"(?<!from )(?<!from the )(?<!to )(?<!to the )\b(?:{'|'.join(ORDINAL_WORDS)}|last|final|initial"
    r"|\d+(?:st|nd|rd|th)) (?:\w+ )?(?:stage|phase|step)\b"
    r"|\b(?:stage|phase|step) (?:no\.? |nr\.? |number )?\d+(?! of)\b",
)
_START = _Rule(
    "start beginning outset",
    r"\b(?:at|from|in) (?:the )?(?:very )?(?:start|beginning|outset)\b",
)
_INITIAL = _Rule(
    "initial",
    r"\binitial (?:stage|phase|step)\b",
)
_FINISH = _Rule(
    "one last final end",
    r"\b(?:only )?one (?:stage|phase|step)(?: is)? (?:left|remains|missing|remaining)\b|\b(?:last|final)(?: (?:stage"
    r"|phase|step|one|part|bit))?\b|\bat the (?:very )?end\b",
)
_CONFIRM = re.compile(
    r"^(?:(?:is|was|isn't) (?:it|that|this)(?: really| actually)? (?:so|right|true|correct|the case|wrong)"
    r"|can (?:you|u|anyone|someone) confirm|am i (?:right|wrong)|do (?:you|u) agree|or (?:not|am i)|how (?:true"
    r"|right) is that"
    r"|does (?:it|that) (?:hold|make sense)|is (?:he|she|it) right|are they right)\b"
)
_ELSE = _Rule(
    "else other others besides beside apart aside except addition also help helps support supports supporting but",
    r"\b(?:else|other|others|besides|beside|apart from|aside from|except|other than|in addition|also|helps?"
    r"|support(?:s|ing)?"
    r"|anyone but|anybody but|nobody but)\b",
)
_WHY = _Rule(
    "why come reason",
    r"\b(?:why|how come|reason)\b",
)
_DIRECTIONS: tuple[tuple[Direction, _Rule], ...] = (
    (
        "last",
        _Rule(
            "last final end ends finish finishes finally ultimate",
            r"\b(?:last|final|end of the (?:life ?cycle|line|road|process)|ends? with|finish(?:es)? with|finally"
            r"|ultimate)\b",
        ),
    ),
    (
        "first",
        _Rule("first initial earliest opening outset", r"\b(?:first|initial|earliest|opening|at the outset)\b"),
    ),
    (
        "before",
        _Rule(
            "before precede precedes preceded preceding prior previous earlier ahead from up upstream behind far"
            " already",
            r"\b(?:before|precede[sd]?|preceding|prior to|previous|earlier than|ahead of|comes? from|lead(?:s"
            r"|ing)? up to|upstream|behind"
            r"|so far|already (?:done|finished|passed|through))\b",
        ),
    ),
    (
        "after",
        _Rule(
            "after follow follows followed following next subsequent later once succeed succeeds then downstream where"
            " come remain remains remaining left now ahead",
            r"\b(?:after|follow(?:s|ed|ing)?|next|subsequent|later than|once|succeeds?|then what|downstream"
            r"|where (?:do|does|to)\b.*\b(?:go|from)|(?:still |yet )to come|remain(?:s|ing)?"
            r"|what(?:'s| is)? (?:left|now)|ahead of us|now what)\b",
        ),
    ),
    (
        "first",
        _Rule(
            "start starts starting begin begins beginning kick kicks kicked",
            r"\b(?:start(?:s|ing)?(?: point| with| off)?|begin(?:s|ning)?|kick(?:s|ed)? off)\b",
        ),
    ),
)
_SENTENCE = re.compile(
    r" (?:(?<=[?!;] )|(?<=\. )(?=\D)"
    r"|(?<=: )(?=(?:in |at |to |by |from )?(?:who|whom|whose|what|which|when|where|why|how|is|are|do|does|can"
    r"|should)\b))"
)
_SECOND_QUESTION = re.compile(
    r",?\s+(?:and|plus|also|&)\s+(?=(?:also |then )?(?:who|whom|whose|what|which|when|where|how|is|are|do|does|can"
    r"|should)\b)"
)


@dataclass(frozen=True, slots=True)
class QuestionForm:
    """How a question wants to be answered.

    `direction`: which way along an order it looks, if it does. `ordinal`: the place in the order that it names, from
    0; -1 is the last. `place`: that place is of a stage or step. `when`: it asks for a stage or a moment. `leads`: it
    speaks of leading. `pronoun`: the first word in it that stands for something named elsewhere.
    """

    yes_no: bool = False
    negated: bool = False
    count: bool = False
    either: bool = False
    only: bool = False
    others: bool = False
    why: bool = False
    who: bool = False
    direction: Direction | None = None
    ordinal: int | None = None
    place: bool = False
    when: bool = False
    leads: bool = False
    pronoun: str | None = None


@lru_cache(maxsize=1024)
def question_form(text: str) -> QuestionForm:
    """The form of a normalised text. Two texts in one (`clauses`) are looked at one by one."""
    words = _words(text)
    tag = _tag(text)
    polite = _TELL.search(text, words) is not None
    opens_with_wh = _WH_START.match(text) is not None
    yes_no = not polite and (_YES_NO.match(text) is not None or (tag is not None and not opens_with_wh))
    if not yes_no and not opens_with_wh and not polite and _WH.isdisjoint(words):
        # A statement with a question mark: "the designer leads drafting?"
        yes_no = text.endswith("?") and len(text.split()) > 3
    pronoun = _PRONOUN.search(text, words)
    return QuestionForm(
        yes_no=yes_no,
        negated=_is_negated(text, words),
        count=_COUNT.search(text, words) is not None,
        either=not _EITHER.isdisjoint(_words(text[: tag.start()]) if tag else words),
        # "Is it ours too, or theirs alone?" claims the first; what follows "or" is the other possibility.
        only=_ONLY.search(text.partition(" or ")[0], words) is not None,
        others=_ELSE.search(text, words) is not None,
        why=_WHY.search(text, words) is not None,
        who=not _WHO.isdisjoint(words) or _WHICH_PEOPLE.search(text, words) is not None,
        direction=next((name for name, rule in _DIRECTIONS if rule.search(text, words)), None),
        ordinal=_ordinal(text, words),
        place=_PLACE.search(text, words) is not None,
        when=_WHEN.search(text, words) is not None,
        leads=_LEADS.search(text, words) is not None,
        pronoun=pronoun.group() if pronoun else None,
    )


def _tag(text: str) -> re.Match[str] | None:
    """What makes a question of a statement at its end: ", right?"."""
    return _TAG.search(text, frozenset(_RUN.findall(text)[-1:]))


def _is_negated(text: str, words: frozenset[str]) -> bool:
    if _NEGATED.words.isdisjoint(words):
        return False
    claim = as_claim(text)
    tag = _tag(claim)
    return _NEGATED.search(claim[: tag.start() if tag else None].replace("if not ", ""), words) is not None


def as_claim(text: str) -> str:
    """A question without the "not" that only expects a yes: "isn't he the cook?" claims that he is."""
    opening = _EXPECTS_YES.match(text)
    return text[: opening.start(1)] + text[opening.end(1) :] if opening else text


def _ordinal(text: str, words: frozenset[str]) -> int | None:
    match = _ORDINAL.search(text) if not words.isdisjoint(ORDINAL_WORDS) or _DIGIT.search(text) else None
    if match:
        word, ordinal, number = match.groups()
        return ORDINAL_WORDS.index(word) if word else int(ordinal or number) - 1
    if _START.search(text, words):
        return 0
    return -1 if _FINISH.search(text, words) else 0 if _INITIAL.search(text, words) else None


def is_question(sentence: str) -> bool:
    """Whether a sentence asks something, as far as its form tells."""
    return bool(
        sentence.rstrip().endswith("?")
        or _WH_START.match(sentence)
        or _YES_NO.match(sentence)
        or _ASKING.match(sentence)
        or _tag(sentence)
    )


def clauses(text: str) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Cut a normalised text into what asks and what only tells: two lists of half-open spans.

    A text with no question in it is one question: people type "builder stages". A question that is joined to
    another one ("who leads it and what comes out") gives two.
    """
    if not _SENTENCE.search(text) and not _SECOND_QUESTION.search(text):
        return [(0, len(text))], []
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _SENTENCE.finditer(text):
        spans.append((start, match.start()))
        start = match.end()
    spans.append((start, len(text)))
    spans = [(a, b) for a, b in spans if text[a:b].strip(" .!?;,")]
    spans = _with_headings(text, spans)
    asking = [span for span in spans if is_question(text[span[0] : span[1]])]
    # "Correct?", "or not?": a tag alone belongs to the sentence before it.
    joined: list[tuple[int, int]] = []
    telling = [span for span in spans if span not in asking]
    for span in asking:
        words = text[span[0] : span[1]].split()
        before = max((s for s in spans if s[1] <= span[0]), default=None, key=lambda s: s[1])
        sentence = text[span[0] : span[1]]
        tag = (len(words) <= 3 and _WH.isdisjoint(_words(sentence))) or _CONFIRM.match(sentence)
        if tag and before is not None:
            joined = [s for s in joined if s != before]
            telling = [s for s in telling if s != before]
            joined.append((before[0], span[1]))
        else:
            joined.append(span)
    if not joined:
        return [(0, len(text))], []
    halves: list[tuple[int, int]] = []
    for first, end in joined:
        begin = first
        while cut := _SECOND_QUESTION.search(text, begin, end):
            halves.append((begin, cut.start()))
            begin = cut.end()
        halves.append((begin, end))
    return halves, telling


_HEADING_WORDS = 3
_SENTENCE_WORDS = re.compile(rf"\b(?:{_AUXILIARY}|i|we|you|he|she|it|they|this|that)\b")


def _with_headings(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans, with a few words that only say what the next one is about made part of it: "invoices: who pays?"."""
    found: list[tuple[int, int]] = []
    for span in spans:
        before = text[found[-1][0] : found[-1][1]] if found else ""
        short = bool(before) and len(before.split()) <= _HEADING_WORDS and not is_filler(before)
        if short and not is_question(before) and not _SENTENCE_WORDS.search(before):
            found[-1] = (found[-1][0], span[1])
        else:
            found.append(span)
    return found


def is_filler(text: str) -> bool:
    """Whether a text is nothing but a greeting, a please or a thank-you."""
    return not _FILLER_AFTER.sub("", _FILLER_BEFORE.sub("", text)).strip(" .,!?")


_ADJUNCT = re.compile(
    r"\b(?:before|after|once|when|while|until|till|during|since|as soon as|whenever)\b(?! (?:is|are|do|does|did|can"
    r"|should|will)\b)"
    r"[^,.;:?!]*"
)


_FILLER_BEFORE = re.compile(
    r"^(?:(?:hi|hey|hello|hiya|yo|gm|good (?:morning|afternoon|evening)|morning|ok|okay|so|well|and|but|um+|hmm+|btw"
    r"|sorry|excuse me|please|pls|plz|quick (?:one|q|question)|(?:a |one )?(?:simple |silly |dumb |stupid )?question"
    r"|just wondering|honest question|asking for a friend|fyi|thanks|thank you)"
    r"(?: (?:there|all|team|folks|everyone|everybody|guys|bot|again))?\b[\s,.!:;\-]*)+"
)
_FILLER_AFTER = re.compile(
    r"(?:[\s,.!:;\-]*\b(?:please|pls|plz|thanks(?: a lot| in advance| so much)?|thank you(?: very much| so much)?"
    r"|thx|cheers|lol"
    r"|lmao|haha|y/n|yes/no|yes or no|asap|asking for a friend|any(?:one|body) know(?:s)?|guys|folks|mate|bro"
    r"|kind regards))+"
    r"[\s.!?)]*$"
)


# What such an ending ends with: most questions have none, and looking for one takes longer than all the rest.
_FILLER_ENDS = (
    *("please", "pls", "plz", "thanks", "lot", "advance", "much", "you", "thx", "cheers", "lol", "lmao", "haha", "/n"),
    *("no", "asap", "friend", "know", "knows", "guys", "folks", "mate", "bro", "regards"),
)


_SELF = re.compile(r"\b(?:i am|i'm|im|as|i work as|my (?:title|job|role) is) (?:an?|the|your|our) ([^,.;:?!]+)")
_OWN = re.compile(r"\b(?:i|my|mine)\b")


def asks_for_oneself(text: str) -> bool:
    """Whether a question is about who asks: "what do I do?", but not "who do I ask?"."""
    return _OWN.search(text) is not None and re.search(r"\b(?:who|whom|whose)\b", text) is None


def says_who_asks(text: str) -> tuple[int, int] | None:
    """The half-open span in which a normalised text says what the person who asks is: "I'm a baker"."""
    found = _SELF.search(text)
    return found.span(1) if found else None


@lru_cache(maxsize=1024)
def bare_span(text: str) -> tuple[int, int]:
    """The half-open span of a normalised text without the greeting, the please and the thanks around what it says.

    They stand around questions of every sort, so nothing about a question is to be learnt from them. The whole text
    where there would be nothing left.
    """
    before = _FILLER_BEFORE.match(text)
    start = before.end() if before else 0
    after = _FILLER_AFTER.search(text, start) if text.rstrip(" .!?)").endswith(_FILLER_ENDS) else None
    end = after.start() if after else len(text)
    return (start, end) if text[start:end].strip(" .,!?") else (0, len(text))


def without_fillers(text: str) -> str:
    """A normalised text without what is around `bare_span`; a question mark at its end stays."""
    start, end = bare_span(text)
    return text[start:end] + ("?" if end < len(text) and "?" in text[end:] else "")


@lru_cache(maxsize=1024)
def adjuncts(text: str) -> tuple[tuple[int, int], ...]:
    """The half-open spans of a normalised text that only say when: from "before", "once" and such to the next comma."""
    return tuple(match.span() for match in _ADJUNCT.finditer(text) if match.start() > 0)
