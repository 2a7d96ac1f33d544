"""Real processes that post digests and are killed: none missing, none twice, each with its whole thread."""

from datetime import date
from pathlib import Path

import pytest

from tests.bot.digest_processes import ProcessWeek

KILLS = 40


@pytest.mark.parametrize("begin", [date(2026, 10, 22), date(2027, 3, 25)], ids=["clocks go back", "clocks go forward"])
def test_a_week_of_killed_processes_has_every_digest_once(tmp_path: Path, begin: date) -> None:
    week = ProcessWeek(tmp_path, begin, KILLS)
    week.run()
    assert week.broken() == []
    assert week.counts() == (0, 0)
    assert week.slack.kills == KILLS
    # Slack has the message and the process never heard of it: the moment for which there is the mark.
    assert week.slack.hit["parent", "after"] >= KILLS // 8
    assert week.slack.hit["page", "after"] >= KILLS // 8
    # Some were asked to stop in the middle, too.
    assert week.slack.hit["parent", "asked"] >= KILLS // 20
    week.store.close()
