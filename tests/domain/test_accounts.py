"""What a trade and an account say of themselves."""

import pytest

from cockpit.domain.accounts import Account, Trade
from tests.trading.arena_facts import BTC


def trade(realized, fees, funding):
    return Trade(
        agent="ann",
        symbol=BTC.symbol,
        signed_lots=1,
        opened_ms=0,
        closed_ms=1,
        entry_price=1.0,
        exit_price=1.0,
        realized=realized,
        fees=fees,
        funding=funding,
        decision_id=None,
        exit_purpose="stop",
    )


@pytest.mark.parametrize(
    ("realized", "fees", "funding", "pnl"), [(100, 10, 5, 85), (-100, 10, -5, -105), (10, 10, 0, 0)]
)
def test_the_profit_of_a_trade_counts_fees_and_funding(realized, fees, funding, pnl):
    assert trade(realized, fees, funding).pnl == pnl


def test_two_accounts_share_no_positions():
    assert Account(agent="ann").positions is not Account(agent="bob").positions
