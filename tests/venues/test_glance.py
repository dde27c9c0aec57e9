"""What a glance says is safe, no price of the bars can liquidate."""

from hypothesis import given
from hypothesis import strategies as st

from cockpit.domain.accounts import Account, Position
from cockpit.domain.market import Bar
from cockpit.trading.agent_state import AgentState
from cockpit.trading.margin import MarginMode, MarginTerms
from cockpit.venues.glance import Glance
from cockpit.venues.liquidation import MarginWatch
from tests.venues.paper_desk import START_MS, instrument

LISTED = {symbol: instrument(symbol) for symbol in ("X", "Y")}
CROSS = MarginTerms(mode=MarginMode.CROSS, leverage=10.0)
MARKS = {"X": 100.0, "Y": 50.0}


def holding(cash, **lots):
    positions = {
        symbol: Position(
            symbol=symbol,
            signed_lots=held,
            cost=round(held * MARKS[symbol] * 1_000_000),
            opened_ms=START_MS,
            entry_lots=abs(held),
        )
        for symbol, held in lots.items()
        if held
    }
    account = Account(agent="ann", cash=cash, positions=positions)
    return AgentState(account=account)


def bar(mark, low, high, close):
    return Bar(START_MS, mark, mark * high, mark * low, mark * (low + (high - low) * close), 1_000.0)


BARS = st.builds(
    lambda low, high, close: (low, high, close),
    st.floats(0.5, 1.0),
    st.floats(1.0, 2.0),
    st.floats(0.0, 1.0),
)
SIZES = st.integers(-60, 60)


def calls(agent, bars):
    """The symbols whose margin is used up somewhere within their own bar, the other one at its mark."""
    called = []
    for symbol, shown in bars.items():
        watch = MarginWatch(
            agent=agent, name="ann", instrument=LISTED[symbol], instruments=LISTED, marks=MARKS, terms=CROSS
        )
        path = (shown.open, shown.low, shown.high, shown.close)
        if watch.next_call(path, 0.0, shown.open)[0] != float("inf"):
            called.append(symbol)
    return called


@given(st.integers(0, 2_000), SIZES, SIZES, BARS, BARS)
def test_what_is_safe_at_a_glance_is_never_called(cash, x, y, x_bar, y_bar):
    agent = holding(cash * 1_000_000, X=x, Y=y)
    bars = {"X": bar(100.0, *x_bar), "Y": bar(50.0, *y_bar)}
    if Glance.at(agent, LISTED, bars, MARKS, CROSS).is_safe:
        assert calls(agent, bars) == []


def test_an_account_that_could_be_called_is_looked_at_closely():
    agent = holding(600_000_000, X=50)
    bars = {"X": bar(100.0, 0.93, 1.0, 1.0)}
    assert not Glance.at(agent, LISTED, bars, MARKS, CROSS).is_safe
    assert calls(agent, bars) == []
    deeper = {"X": bar(100.0, 0.5, 1.0, 1.0)}
    assert calls(agent, deeper) == ["X"]


def test_isolated_positions_are_each_looked_at_by_themselves():
    agent = holding(10**12, X=1)
    isolated = MarginTerms(mode=MarginMode.ISOLATED, leverage=10.0)
    assert not Glance.at(agent, LISTED, {"X": bar(100.0, 1.0, 1.0, 0.0)}, MARKS, isolated).is_safe
    assert Glance.at(agent, LISTED, {"X": bar(100.0, 1.0, 1.0, 0.0)}, MARKS, CROSS).is_safe


def test_who_holds_nothing_is_safe_and_its_orders_are_told_by_symbol():
    agent = holding(0)
    glance = Glance.at(agent, LISTED, {}, MARKS, CROSS)
    assert (glance.is_safe, glance.orders) == (True, {})
