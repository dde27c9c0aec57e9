"""An account is compared with the sum of its fills: what differs is told with figures."""

import pytest

from cockpit.arena.reconciliation import reconcile
from cockpit.journal.ledger import Ledger
from tests.trading.arena_facts import BTC, CAPITAL, ETH, Past

LISTED = {BTC.symbol: BTC, ETH.symbol: ETH}


@pytest.fixture
def account():
    """10 lots of BTC bought at 50,000, without a fee."""
    return Past.begun().trade("ann", BTC, 10, 50_000.0).state.agents["ann"].account


@pytest.mark.parametrize(
    ("lots", "cash", "told"),
    [
        ({BTC.symbol: 10}, CAPITAL, ()),
        ({BTC.symbol: 12}, CAPITAL, (f"{BTC.symbol}: it holds 0.01, its fills add up to 0.012",)),
        ({}, CAPITAL, (f"{BTC.symbol}: it holds 0.01, its fills add up to 0",)),
        (
            {BTC.symbol: 10, ETH.symbol: -3},
            CAPITAL,
            (f"{ETH.symbol}: it holds 0, its fills add up to -0.03",),
        ),
        (
            {BTC.symbol: 10},
            CAPITAL - 1,
            ("it has $10,000.000000 in cash, its fills, fees and funding leave $9,999.999999",),
        ),
    ],
)
def test_what_differs_is_told(account, lots, cash, told):
    found = reconcile(account, Ledger(lots=lots, cash=cash), LISTED, "a report was refused")
    assert (found.agent, found.differences, found.agrees) == ("ann", told, not told)
    assert found.unsynced == "a report was refused"
