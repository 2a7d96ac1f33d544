"""Tests of the store: `contract.py` holds for every store, the rest for SQLite."""

import pytest

pytest.register_assert_rewrite("tests.bot.store.contract", "tests.bot.store.contract_processes")
