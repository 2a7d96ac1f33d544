"""What is old is forgotten; what is new, or not finished, stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.slack.tidying import Tidying
from bot.store.records import Delivery, LoggedQuestion
from bot.store.sqlite import SqliteStore

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def test_old_questions_go_and_unfinished_deliveries_stay(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "rolecall.db")
    with store.write() as writer:
        for days in (1, 100):
            at = NOW - timedelta(days=days)
            writer.log_question(LoggedQuestion("T1", at, "U1", None, f"{days} days ago", False, None, 0.1))
            writer.accept(Delivery("T1", f"Ev{days}", "event:app_mention", {}, at))
    Tidying(store, lambda: NOW, question_days=90).tidy()
    with store.read() as reader:
        left = [one.question for one in reader.unanswered("T1", since=NOW - timedelta(days=365))]
        assert left == ["1 days ago"]
        assert reader.pending_deliveries() == 2
