"""An arena's past to start from; and no deadlines, which a busy machine would miss now and then."""

import pytest
from hypothesis import settings

from tests.trading.arena_facts import Past

settings.register_profile("no_deadline", deadline=None)
settings.load_profile("no_deadline")


@pytest.fixture
def past():
    """A run of ann and bob, each with $10,000, on BTC at 50,000 and ETH at 2,000."""
    return Past.begun()
