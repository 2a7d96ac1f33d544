"""Tests of the store: what is in `contract*.py` holds for every store, the rest for SQLite."""

import pytest

_PARTS = ("contract", "contract_portfolio", "contract_inbox", "contract_digests", "contract_processes")
pytest.register_assert_rewrite(*(f"tests.bot.store.{part}" for part in _PARTS))
