"""An arena's past to start from."""

import pytest

from tests.trading.arena_facts import Past


@pytest.fixture
def past():
    """A run of ann and bob, each with $10,000, on BTC at 50,000 and ETH at 2,000."""
    return Past.begun()
