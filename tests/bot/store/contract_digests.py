"""What every store must do for digests; part of `StoreContract`."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from bot.store.base import LeaseLost, Store
from tests.bot.store.samples import DAY, NOW, OTHER, TEAM, later, schedule


class DigestContract:
    """Schedules, and the claims by which each digest is posted by one process."""

    def test_digest_schedules(self, store: Store) -> None:
        me = schedule("U1", kind="person", days=(), scope="user:U1", quiet=True)
        off = schedule("C2", enabled=False, failing_since=DAY)
        with store.write() as writer:
            for each in (schedule("C1", time="07:00"), schedule("C1"), off, me):
                writer.save_digest_schedule(each)
        with store.read() as reader:
            assert reader.digest_schedule(TEAM, "C1") == schedule("C1")
            assert reader.digest_schedule(TEAM, "C2") == off
            assert reader.digest_schedule(TEAM, "C3") is None
            assert reader.digest_schedules() == reader.digest_schedules(team=TEAM) == [schedule("C1"), me]
            assert reader.digest_schedules(enabled=False) == [schedule("C1"), off, me]

    def test_digest_is_claimed_once(self, store: Store) -> None:
        def claim(by: str, seconds: float, day: date = DAY) -> Any:
            with store.write() as writer:
                return writer.claim_digest(TEAM, "C1", day, by=by, now=later(seconds=seconds), lease_seconds=60)

        first = claim("a", 0)
        assert (first.state, first.claimed_by, first.lease_until, first.attempts) == (
            "claimed",
            "a",
            later(seconds=60),
            1,
        )
        assert claim("b", 59) is None and claim("a", 59) is None
        second = claim("b", 60)
        assert (second.claimed_by, second.attempts) == ("b", 2)
        posted = replace(second, state="posted", window_start=NOW, window_end=later(hours=1), message="1.5")
        with pytest.raises(LeaseLost), store.write() as writer:
            writer.finish_digest(replace(first, state="posted"))
        with store.write() as writer:
            writer.finish_digest(posted)
        assert claim("c", 9999) is None
        skipped = claim("c", 0, DAY + timedelta(days=1))
        with store.write() as writer:
            writer.finish_digest(replace(skipped, state="skipped"))
            assert writer.digest_run(TEAM, "C1", DAY) == posted
            assert writer.digest_run(TEAM, "C1", DAY + timedelta(days=2)) is None
            assert writer.last_posted(TEAM, "C1") == posted
            assert writer.last_posted(TEAM, "C2") is None

    def test_released_digest_may_be_claimed_at_once(self, store: Store) -> None:
        with store.write() as writer:
            writer.claim_digest(TEAM, "C1", DAY, by="a", now=NOW, lease_seconds=60)
            writer.claim_digest(TEAM, "C2", DAY, by="a", now=NOW, lease_seconds=60)
            done = writer.claim_digest(TEAM, "C3", DAY, by="a", now=NOW, lease_seconds=60)
            assert done is not None
            writer.finish_digest(replace(done, state="posted"))
            writer.release_digest(TEAM, "C1", by="b")
            writer.release_digest(OTHER, "C1", by="a")
            assert writer.claim_digest(TEAM, "C1", DAY, by="b", now=NOW, lease_seconds=60) is None
            writer.release_digest(TEAM, "C1", by="a")
            writer.release_digest(TEAM, "C3", by="a")
            again = writer.claim_digest(TEAM, "C1", DAY, by="b", now=NOW, lease_seconds=60)
            assert again is not None
            assert (again.claimed_by, again.attempts) == ("b", 2)
            for kept in ("C2", "C3"):
                assert writer.claim_digest(TEAM, kept, DAY, by="b", now=NOW, lease_seconds=60) is None
