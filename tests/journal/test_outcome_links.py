"""What became of decisions: pending while a position is open, a win or a loss by its whole round trip."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cockpit.domain.events import Event, OrderCreated, OrderFilled, OrderMoved, TradeClosed
from cockpit.domain.orders import Fill, Order, OrderPurpose
from cockpit.journal.journal import Journal
from cockpit.journal.writer import JournalWriter
from cockpit.trading.lifecycle import TERMINAL
from tests.journal import trade_story
from tests.journal.event_stream import EventStream
from tests.journal.trade_story import TradeStory


def links(path: Path, columns: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        query = f"SELECT {columns} FROM ai_outcome_links ORDER BY order_id"
        return connection.execute(query).fetchall()


def told(path: Path, story: TradeStory, batches: int | None = None) -> Path:
    writer = JournalWriter(path)
    for ts_ms, batch in story.batches[:batches]:
        writer.append("run-1", ts_ms, batch)
    writer.close()
    return path


def test_a_bracket_s_decision_is_pending_until_its_target_is_hit_and_then_a_win(path: Path) -> None:
    story = trade_story.bracket()
    closing_batch = next(
        number for number, (_, batch) in enumerate(story.batches) if isinstance(batch[-1], TradeClosed)
    )
    told(path, story, closing_batch)
    assert links(path, "decision_id, order_id, role, fills, signed_lots, trade_seq, pnl_micros, outcome") == [
        (1, 1, "entry", 2, 100, None, None, "pending")
    ]
    writer = JournalWriter(path)
    for ts_ms, batch in story.batches[closing_batch:]:
        writer.append("run-1", ts_ms, batch)
    writer.close()
    trade = story.batches[closing_batch][1][-1].trade
    assert trade.pnl == 193_248_200  # 198.40 realized, 5.1008 fees, 0.051 funding
    ((outcome, pnl, trade_seq),) = links(path, "outcome, pnl_micros, trade_seq")
    assert (outcome, pnl) == ("win", trade.pnl)
    with closing(sqlite3.connect(path)) as connection:
        query = "SELECT kind FROM events WHERE seq = ?"
        assert connection.execute(query, (trade_seq,)).fetchone() == ("trade_closed",)


def test_an_order_that_was_denied_or_held_has_no_outcome_and_says_why(path: Path) -> None:
    told(path, trade_story.denied_and_held())
    assert links(path, "decision_id, fills, outcome, reason") == [
        (1, 0, "none", "denied by max_leverage: leverage 4.5 above 3"),
        (2, 0, "none", "held: the kill switch is on"),
    ]


def test_a_fill_that_comes_after_the_cancel_gives_the_decision_an_outcome_after_all(path: Path) -> None:
    story = trade_story.late_fill()
    late = next(
        number for number, (_, batch) in enumerate(story.batches) if isinstance(batch[0], OrderFilled)
    )
    told(path, story, late)
    assert links(path, "outcome, reason") == [("none", "canceled: superseded by a newer decision")]
    path.unlink()
    told(path, story)
    assert links(path, "decision_id, role, signed_lots, outcome, reason") == [
        (1, "entry", 30, "loss", ""),
        (2, "exit", -30, "none", "it reduced a position and opened none"),
    ]


def test_a_liquidation_is_a_loss_of_the_decision_that_opened(path: Path) -> None:
    told(path, trade_story.liquidation())
    ((outcome, pnl),) = links(path, "outcome, pnl_micros")
    assert outcome == "loss"
    assert pnl < -10_400_000_000


def test_a_split_order_and_its_shares_are_all_linked(path: Path) -> None:
    told(path, trade_story.split())
    assert links(path, "order_id, fills, signed_lots, outcome, reason") == [
        (1, 1, 60, "loss", ""),
        (2, 1, 60, "loss", ""),
        (3, 0, 0, "none", "canceled: superseded by a newer decision"),
    ]


def test_decisions_that_enlarge_share_the_trade_and_those_that_reduce_only_lead_to_it(path: Path) -> None:
    told(path, trade_story.enlarged_and_flipped())
    found = links(path, "decision_id, role, opening_fill_id, trade_seq IS NOT NULL, outcome")
    assert found == [
        (1, "entry", 1, 1, "loss"),
        (2, "entry", 1, 1, "loss"),
        (3, "exit", 1, 1, "none"),
        (4, "entry", 4, 0, "pending"),
        (5, None, None, 0, "pending"),
    ]
    pnls = [pnl for (pnl,) in links(path, "pnl_micros")]
    assert pnls[0] == pnls[1] < 0
    assert pnls[2:] == [None, None, None]


def test_what_a_flip_opens_begins_anew(path: Path) -> None:
    story = trade_story.enlarged_and_flipped()
    told(path, story)
    held = story.state.agents["ann"].account.positions["BTC/USDC:USDC"]
    with closing(sqlite3.connect(path)) as connection:
        query = "SELECT signed_lots, entry_lots, realized_micros, fees_micros, order_id FROM positions"
        assert connection.execute(query).fetchall() == [(-30, 30, 0, held.fees, 4)]


def test_a_trade_that_brings_nothing_is_neither_won_nor_lost(path: Path) -> None:
    story = TradeStory()
    entry = story.send(10, decision_id=story.decide(0.1))
    story.fill(entry, 50_000.0)
    story.fund(-500_000)  # what funding brings is what the fees take
    story.fill(story.send(-10, purpose=OrderPurpose.FLATTEN, reduce_only=True), 50_000.0)
    told(path, story)
    assert links(path, "pnl_micros, outcome, reason") == [(0, "none", "it broke even")]


@pytest.mark.parametrize("story", ["bracket", "late_fill", "liquidation", "split", "enlarged_and_flipped"])
def test_a_story_s_read_models_can_be_made_anew(path: Path, story: str) -> None:
    from tests.journal.test_projection import read_models

    told(path, getattr(trade_story, story)())
    before = read_models(path)
    journal = Journal.open(path)
    journal.rebuild()
    journal.close()
    assert read_models(path) == before


@dataclass
class Link:
    decision: int
    role: str | None = None
    fills: int = 0
    pnl: int = 0
    outcome: str = "pending"


class Oracle:
    """The same in plain Python, position by position."""

    def __init__(self) -> None:
        self.links: dict[int, Link] = {}
        self._orders: dict[int, Order] = {}
        self._held: dict[tuple[str, str], int] = {}
        self._behind: dict[tuple[str, str], list[set[int]]] = {}

    def take(self, event: Event) -> None:
        match event:
            case OrderCreated(order=order):
                self._orders[order.order_id] = order
                if order.decision_id is not None and order.purpose is OrderPurpose.REBALANCE:
                    self.links[order.order_id] = Link(order.decision_id)
            case OrderMoved(order_id=order_id, after=after) if order_id in self.links and after in TERMINAL:
                if self.links[order_id].fills == 0:
                    self.links[order_id].outcome = "none"
            case OrderFilled(fill=fill):
                self._fill(fill)
            case TradeClosed(trade=trade):
                for order_id in self._behind[trade.agent, trade.symbol].pop(0):
                    link = self.links[order_id]
                    link.pnl += trade.pnl
                    link.outcome = "win" if link.pnl > 0 else "loss" if link.pnl < 0 else "none"

    def _fill(self, fill: Fill) -> None:
        where = (fill.agent, fill.symbol)
        before = self._held.get(where, 0)
        self._held[where] = after = before + fill.signed_lots
        if before == 0 or before * after < 0:
            self._behind.setdefault(where, []).append(set())
        order = self._orders[fill.order_id]
        parent = self._orders.get(order.parent_id or 0)
        linked = [order.order_id, *([parent.order_id] if parent and parent.is_split else [])]
        for order_id in filter(self.links.__contains__, linked):
            link = self.links[order_id]
            link.fills += 1
            if after * fill.signed_lots > 0:
                link.role, link.outcome = "entry", "pending"
                for others in self._behind[where]:
                    others.discard(order_id)
                self._behind[where][-1].add(order_id)
            elif link.role is None:
                link.role, link.outcome = "exit", "none"


async def test_every_link_of_a_busy_arena_is_what_its_fills_and_trades_say(
    journal: Journal, path: Path
) -> None:
    stream = EventStream(seed=11, agents=6)
    for ts_ms, batch in stream.batches(200):
        await journal.commit(stream.run_id, ts_ms, batch)
    oracle = Oracle()
    for recorded in journal.events():
        oracle.take(recorded.event)
    columns = "order_id, decision_id, role, fills, coalesce(pnl_micros, 0), outcome"
    found = {order_id: Link(*facts) for order_id, *facts in links(path, columns)}
    assert found == oracle.links
    assert {(link.role, link.outcome) for link in found.values()} >= {
        ("entry", "win"),
        ("entry", "loss"),
        ("entry", "pending"),
        ("exit", "none"),
        (None, "none"),
    }
