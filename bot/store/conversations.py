"""What was said, in SQLite: what conversations are about, questions for the maintainers, people."""

from __future__ import annotations

from datetime import datetime

from bot.store.records import Json, LoggedQuestion, Person
from bot.store.rows import Statements, dumped, loaded, milliseconds, moment, text


class ConversationReading(Statements):
    """Looking at conversations and people."""

    def conversation(self, team: str, key: str, *, since: datetime) -> Json | None:
        """What was remembered of a conversation, unless it is older than `since`."""
        row = self.first(
            "SELECT context FROM conversations WHERE team = ? AND key = ? AND at >= ?", (team, key, milliseconds(since))
        )
        return None if row is None else loaded(row[0])

    def person(self, team: str, user: str) -> Person | None:
        """What is known of a person."""
        row = self.first("SELECT name, zone, seen_at FROM people WHERE team = ? AND user = ?", (team, user))
        return None if row is None else Person(team, user, text(row[0]), text(row[1]), moment(row[2]))

    def people(self, team: str) -> list[Person]:
        """Everybody of whom something is known, by user."""
        rows = self.run("SELECT user, name, zone, seen_at FROM people WHERE team = ? ORDER BY user", (team,))
        return [Person(team, text(user), text(name), text(zone), moment(seen)) for user, name, zone, seen in rows]

    def unanswered(self, team: str, *, since: datetime, limit: int = 50) -> list[LoggedQuestion]:
        """Questions that got no answer, newest first."""
        rows = self.run(
            "SELECT at, user, channel, question, intent, confidence FROM questions"
            " WHERE team = ? AND answered = 0 AND at >= ? ORDER BY at DESC, number DESC LIMIT ?",
            (team, milliseconds(since), limit),
        )
        return [
            LoggedQuestion(
                team=team,
                at=moment(at),
                user=text(user),
                channel=text(channel),
                question=text(question),
                answered=False,
                intent=text(intent),
                confidence=confidence,
            )
            for at, user, channel, question, intent, confidence in rows
        ]


class ConversationWriting(ConversationReading):
    """Keeping what was said, and forgetting it."""

    def remember(self, team: str, key: str, context: Json, *, at: datetime) -> None:
        """Keep what a conversation is about, over restarts."""
        self.run(
            "INSERT OR REPLACE INTO conversations (team, key, at, context) VALUES (?, ?, ?, ?)",
            (team, key, milliseconds(at), dumped(context)),
        )

    def log_question(self, question: LoggedQuestion) -> None:
        """Keep a question for the maintainers."""
        self.run(
            "INSERT INTO questions (team, at, user, channel, question, answered, intent, confidence)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                question.team,
                milliseconds(question.at),
                question.user,
                question.channel,
                question.question,
                question.answered,
                question.intent,
                question.confidence,
            ),
        )

    def save_person(self, person: Person) -> None:
        """Keep a person's name and zone."""
        self.run(
            "INSERT OR REPLACE INTO people (team, user, name, zone, seen_at) VALUES (?, ?, ?, ?, ?)",
            (person.team, person.user, person.name, person.zone, milliseconds(person.seen_at)),
        )

    def forget(self, *, questions_before: datetime, deliveries_before: datetime) -> None:
        """Delete what is older: questions by the first, finished deliveries and conversations by the second."""
        self.run("DELETE FROM questions WHERE at < ?", (milliseconds(questions_before),))
        self.run("DELETE FROM inbox WHERE finished_at < ?", (milliseconds(deliveries_before),))
        self.run("DELETE FROM conversations WHERE at < ?", (milliseconds(deliveries_before),))
