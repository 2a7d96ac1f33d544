"""What every store must do with what Slack delivers; part of `StoreContract`."""

from __future__ import annotations

import pytest

from bot.store.base import LeaseLost, Store
from tests.bot.store.samples import NOW, TEAM, Opener, change, delivery, later, product, question


class InboxContract:
    """Deliveries: accepted once, worked off in order, taken over from whoever died, forgotten."""

    def test_delivery_is_accepted_once(self, store: Store) -> None:
        with store.write() as writer:
            assert writer.accept(delivery("E1", message_key="C1:1.0"))
            assert not writer.accept(delivery("E1"))
            assert not writer.accept(delivery("E2", message_key="C1:1.0"))
            assert writer.accept(delivery("E3"))
            assert writer.accept(delivery("E4"))
            assert writer.pending_deliveries() == 3
            claimed = writer.claim_delivery(by="w", now=NOW, lease_seconds=60)
            assert claimed is not None
            writer.finish_delivery(claimed, at=NOW)
        with store.write() as writer:
            assert not writer.accept(delivery("E1"))
            assert not writer.accept(delivery("E5", message_key="C1:1.0"))
            assert writer.pending_deliveries() == 2

    def test_deliveries_are_worked_off_in_order(self, store: Store) -> None:
        with store.write() as writer:
            for key in ("E2", "E1", "E3"):
                writer.accept(delivery(key))
        done = []
        while True:
            with store.write() as writer:
                claimed = writer.claim_delivery(by="w", now=NOW, lease_seconds=60)
                if claimed is None:
                    break
                done.append(claimed.key)
                assert claimed == delivery(claimed.key, attempts=1)
                if claimed.key != "E1":
                    writer.finish_delivery(claimed, at=NOW, error="gave up")
        assert done == ["E2", "E1", "E3"]
        with store.read() as reader:
            assert reader.pending_deliveries() == 1

    def test_lease_that_ran_out_frees_a_delivery(self, store: Store, opener: Opener) -> None:
        with store.write() as writer:
            writer.accept(delivery("E1"))
        with store.write() as writer:
            first = writer.claim_delivery(by="a", now=NOW, lease_seconds=30)
            assert first is not None and first.attempts == 1
            assert writer.claim_delivery(by="b", now=later(seconds=29), lease_seconds=30) is None
            assert writer.progress(first) == {}
        with store.write() as writer:
            writer.record_progress(first, {"answered": "1.5"})
        store.close()
        again = opener()
        with again.write() as writer:
            second = writer.claim_delivery(by="b", now=later(seconds=30), lease_seconds=30)
            assert second is not None and second.attempts == 2
            assert writer.progress(second) == {"answered": "1.5"}
        with pytest.raises(LeaseLost), again.write() as writer:
            writer.append(change(product()))
            writer.record_progress(first, {})
        with pytest.raises(LeaseLost), again.write() as writer:
            writer.append(change(product()))
            writer.finish_delivery(first, at=NOW)
        with again.write() as writer:
            assert writer.products(TEAM) == []  # the effect of the slow one was undone
            writer.finish_delivery(second, at=NOW)
            assert writer.claim_delivery(by="c", now=later(days=1), lease_seconds=30) is None
        again.close()

    def test_progress_and_effect_are_one(self, store: Store) -> None:
        with store.write() as writer:
            writer.accept(delivery())
            claimed = writer.claim_delivery(by="a", now=NOW, lease_seconds=30)
            assert claimed is not None
        with pytest.raises(KeyError), store.write() as writer:
            writer.append(change(product()))
            writer.record_progress(claimed, {"changed": True})
            raise KeyError
        with store.read() as reader:
            assert reader.products(TEAM) == []
        with store.write() as writer:
            assert writer.progress(claimed) == {}
            writer.append(change(product()))
            writer.record_progress(claimed, {"changed": True})
        with store.write() as writer:
            assert writer.progress(claimed) == {"changed": True}
            assert writer.product(TEAM, "churn-model") is not None

    def test_forget(self, store: Store) -> None:
        with store.write() as writer:
            for key, day in (("old", 0), ("new", 5)):
                writer.log_question(question(key, at=later(days=day)))
                writer.remember(TEAM, key, {}, at=later(days=day))
                writer.accept(delivery(key, received_at=later(days=day)))
                claimed = writer.claim_delivery(by="w", now=NOW, lease_seconds=9)
                assert claimed is not None
                writer.finish_delivery(claimed, at=later(days=day))
            writer.accept(delivery("waiting"))
            writer.append(change(product()))
            writer.forget(questions_before=later(days=4), deliveries_before=later(days=4))
            assert [each.question for each in writer.unanswered(TEAM, since=NOW)] == ["new"]
            assert writer.conversation(TEAM, "old", since=NOW) is None
            assert writer.conversation(TEAM, "new", since=NOW) == {}
            assert not writer.accept(delivery("new"))
            assert writer.accept(delivery("old"))
            assert not writer.accept(delivery("waiting"))
            assert len(writer.events(TEAM)) == 1
