"""A model that may remember the tested market is called out."""

import pytest

from cockpit.agents.models.lookahead import lookahead_warning
from cockpit.domain.market import DAY_MS

JAN_1_MS = 1_735_689_600_000  # 2025-01-01
JAN_11_MS = JAN_1_MS + 10 * DAY_MS


@pytest.mark.parametrize(
    ("cutoff_ms", "warned"),
    [
        (None, "how far deepseek/chat's knowledge reaches is unknown"),
        (JAN_11_MS, "knows the world until 2025-01-11, and the test ends on 2025-01-11: all of its results"),
        (JAN_11_MS + DAY_MS, "knows the world until 2025-01-12, and the test ends on 2025-01-11"),
        (JAN_1_MS + 4 * DAY_MS, "knows the world until 2025-01-05, which is 40% of the tested period"),
    ],
)
def test_knowledge_of_the_tested_period_is_warned_of(cutoff_ms, warned):
    warning = lookahead_warning("deepseek/chat", cutoff_ms, JAN_1_MS, JAN_11_MS)
    assert warning is not None
    assert warned in warning
    assert "\n" not in warning


@pytest.mark.parametrize("cutoff_ms", [JAN_1_MS, JAN_1_MS - DAY_MS])
def test_a_model_that_knows_nothing_of_the_period_is_not_warned_of(cutoff_ms):
    assert lookahead_warning("deepseek/chat", cutoff_ms, JAN_1_MS, JAN_11_MS) is None


def test_a_period_ends_after_it_begins():
    with pytest.raises(ValueError, match="a period can't go"):
        lookahead_warning("deepseek/chat", None, JAN_11_MS, JAN_1_MS)
