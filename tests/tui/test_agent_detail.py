import re

from cockpit.domain.accounts import Trade
from cockpit.domain.market import Lots, Micros
from tests.tui.conftest import staged

CUT_NUMBER = re.compile(r"\d[.,]?…")


def average_trade(agent: str) -> Trade:
    """A round trip that was opened and closed by several fills."""
    return Trade(
        agent=agent,
        symbol="DOGE/USDC:USDC",
        signed_lots=Lots(60_000),
        opened_ms=0,
        closed_ms=5_400_000,
        entry_price=0.33123456,
        exit_price=0.34,
        realized=Micros(0),
        fees=Micros(1_500_000),
        funding=Micros(0),
        decision_id=1,
        exit_purpose="target",
    )


async def test_average_prices_are_given_to_the_tick_and_no_number_is_cut(link):
    async with staged(link, (160, 50)) as stage:
        agent = stage.controls.dashboard.selected_agent
        stage.store.trades.append((stage.store.state.seq, average_trade(agent)))
        await stage.press("enter")
        row = next(line for line in stage.text.split("\n") if "DOGE" in line and "1h 30m" in line)
        assert re.search(r" 0\.33123 +0\.34 ", row)
        assert "0.331234" not in stage.text
        for size in ((120, 40), (80, 24)):
            await stage.resize(*size)
            assert not CUT_NUMBER.search(stage.text)
        await stage.press("escape")
        for pane in "1234567":
            await stage.press(pane)
            assert not CUT_NUMBER.search(stage.text), pane
        await stage.resize(100, 30)
        assert not CUT_NUMBER.search(stage.text)
