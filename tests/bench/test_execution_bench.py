"""What it costs to match working orders against a bar (`pytest -m bench -s` shows the figures)."""

import gc
import time
from collections.abc import Iterator
from statistics import median

import pytest

from cockpit.domain.market import MINUTE_MS, Bar
from cockpit.domain.orders import OrderKind, OrderPurpose
from cockpit.domain.reports import Executed, Report
from cockpit.trading.fill_model import REALISTIC
from tests.venues.paper_desk import PaperDesk, instrument

pytestmark = [pytest.mark.bench, pytest.mark.timeout(300)]

ORDERS = 10_000
MATCHING_LIMIT_MS = 20.0
BARS = 30

LISTED = instrument(max_leverage=20.0, tick_size=0.01)
BAR = (100.0, 100.6, 99.3, 100.2, 1e7)
FARTHEST = 20.0
KINDS = (OrderKind.LIMIT, OrderKind.STOP_MARKET, OrderKind.TAKE_PROFIT, OrderKind.STOP_LIMIT)


def working(agents: int) -> PaperDesk:
    """10,000 limit, stop, target and stop-limit orders on both sides, few of them near the price."""
    names = tuple(f"agent_{number}" for number in range(agents))
    desk = PaperDesk(REALISTIC, LISTED, cash=1e9, agents=names)
    for number in range(ORDERS):
        side = 1 if number % 2 else -1
        away = 1.0 + FARTHEST * (number % 997) / 997
        kind = KINDS[number // 2 % len(KINDS)]
        waits_above = (side > 0) is (kind in {OrderKind.STOP_MARKET, OrderKind.STOP_LIMIT})
        level = round(100.0 + (away if waits_above else -away), 2)
        desk.place(
            kind,
            side,
            agent=names[number % agents],
            limit_price=level if kind in {OrderKind.LIMIT, OrderKind.STOP_LIMIT} else None,
            trigger_price=None if kind is OrderKind.LIMIT else level,
            purpose=OrderPurpose.REBALANCE,
        )
    return desk


def venue_time_ms(reports: Iterator[Report], desk: PaperDesk) -> tuple[float, list[Report]]:
    """What the venue alone takes, without what the desk does about its reports."""
    spent, said = 0.0, []
    while True:
        begun = time.perf_counter()
        report = next(reports, None)
        spent += time.perf_counter() - begun
        if report is None:
            return spent * 1_000, said
        said.append(report)
        desk.act(report)


@pytest.mark.parametrize("agents", [1, 50])
@pytest.mark.parametrize("reached", [0, 20])
def test_ten_thousand_working_orders_against_a_bar(agents, reached, capsys):
    desk = working(agents)
    desk.play(BAR)
    assert desk.fills == []
    names = list(desk.state.agents)
    lengths, filled = [], []
    for _ in range(BARS):
        for number in range(reached):
            desk.place(OrderKind.LIMIT, 1, agent=names[number % agents], limit_price=99.5)
        reports = desk.venue.reports(
            desk.state, {"X": Bar(desk.state.ts_ms, *BAR)}, desk.state.ts_ms + MINUTE_MS
        )
        gc.collect()
        length_ms, said = venue_time_ms(reports, desk)
        lengths.append(length_ms)
        filled.append(sum(isinstance(report, Executed) for report in said))
        desk.state.ts_ms += MINUTE_MS
        desk.state.fresh_ms["X"] = desk.state.ts_ms
    with capsys.disabled():
        print(
            f"\n{ORDERS:,} working orders of {agents} agents, {reached} of them reached: median "
            f"{median(lengths):.1f} ms a bar, slowest {max(lengths):.1f} ms"
        )
    assert filled == [reached] * BARS
    assert median(lengths) <= MATCHING_LIMIT_MS
