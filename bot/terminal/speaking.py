"""Talking in the terminal: who says what in a line, and the reply to it as text or JSON."""

from __future__ import annotations

import json
import logging
import re
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bot.assistant import Assistant
from bot.results import Speaker
from bot.terminal.render import answer_text

__all__ = ["Talk"]

log = logging.getLogger(__name__)

_SAID_BY = re.compile(r"@([\w.\-]{1,80}):\s*(.*)", re.DOTALL)


class Talk:
    """A conversation in the terminal. `clock` gives the moment at which a line is said."""

    def __init__(
        self, assistant: Assistant, speaker: Speaker, clock: Callable[[], datetime], *, as_json: bool = False
    ) -> None:
        self._assistant = assistant
        self._speaker = speaker
        self._clock = clock
        self._as_json = as_json

    def reply(self, line: str) -> str:
        """What is said to one line: `/…` is a command, anything else a question; `@ana: …` is said by ana.

        Never raises: what nobody foresaw is an error with an id that the log has too.
        """
        speaker, said = self._speaker, line.strip()
        if match := _SAID_BY.fullmatch(said):
            speaker, said = replace(speaker, user=match.group(1), conversation=""), match.group(2)
        try:
            return self._command(said, speaker) if said.startswith("/") else self._question(said, speaker)
        except Exception:
            mark = secrets.token_hex(4)
            log.exception("Error %s", mark)
            text = f"Something went wrong here; it is written down as error {mark}."
            return json.dumps({"error": text, "text": text}) if self._as_json else text

    def _question(self, said: str, speaker: Speaker) -> str:
        answer = self._assistant.ask(said, speaker, self._clock())
        return json.dumps(answer.as_json(), ensure_ascii=False) if self._as_json else answer_text(answer)

    def _command(self, said: str, speaker: Speaker) -> str:
        name, _, text = said[1:].partition(" ")
        reply = self._assistant.command(name.strip(), text.strip(), speaker, self._clock())
        if self._as_json:
            return json.dumps(reply.as_json(), ensure_ascii=False)
        return answer_text(reply.answer) if reply.answer else reply.text
