"""The control that does nothing."""

from cockpit.strategies.cash import Cash


def test_it_never_holds_anything(desk, table):
    assert {answer.exposure for answer in desk(Cash).watch(table([100, 1, 1000]))} == {0.0}
