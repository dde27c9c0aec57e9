"""The control that holds."""

import pytest

from cockpit.strategies.buy_and_hold import BuyAndHold


@pytest.mark.parametrize("exposure", [1.0, -0.5])
def test_it_asks_for_the_same_exposure_on_every_bar_without_a_stop(desk, table, exposure):
    answers = desk(BuyAndHold, exposure=exposure).watch(table([100, 1, 1000]))
    assert [answer.exposure for answer in answers] == [exposure] * 3
    assert all(answer.stop != answer.stop for answer in answers)
