"""The blotter: what a person sees of orders, filters, and opens."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise

import pytest
from textual.geometry import Region
from textual.widget import Widget
from textual.widgets import Input

from cockpit.domain.events import OrderCreated, OrderMoved
from cockpit.domain.market import DAY_MS
from cockpit.domain.orders import Order, OrderStatus
from cockpit.tui import store as store_module
from cockpit.tui.line import Line
from cockpit.tui.order_filter import WORKING, OrderFilter
from cockpit.tui.order_history import OrderEntry
from cockpit.tui.panes import orders as orders_module
from cockpit.tui.panes.painted import PaintedLines
from cockpit.tui.screens.orders import OrdersScreen
from cockpit.tui.screens.trail import ASKED, BESIDE, TrailScreen
from cockpit.tui.store import Connection
from tests.tui.conftest import Stage, staged


async def opened(stage: Stage) -> OrdersScreen:
    await stage.press("b")
    await done(stage, "past")
    assert isinstance(stage.app.screen, OrdersScreen)
    return stage.app.screen


async def test_b_opens_the_blotter_and_closes_it(link):
    async with staged(link, (160, 50)) as stage:
        screen = await opened(stage)
        count = sum(isinstance(each.event, OrderCreated) for each in link.events)
        assert f"{count} orders" in stage.text
        assert len(screen.orders.entries) == count
        await stage.press("b")
        assert stage.app.screen is stage.controls.dashboard
        await stage.press("b", "escape")
        assert stage.app.screen is stage.controls.dashboard
        await stage.press("b", "4")
        assert stage.app.focused is stage.controls.dashboard.positions


async def test_it_reaches_back_beyond_the_latest_events(link, monkeypatch):
    monkeypatch.setattr(store_module, "WINDOW", 100)
    async with staged(link, (160, 50)) as stage:
        screen = await opened(stage)
        assert len(stage.store.orders.entries) < 15
        ended = {number for number, entry in screen.orders.entries.items() if not entry.is_working}
        at_work = {order.order_id for order in working(stage)}
        assert len(ended) + len(at_work) == stage.store.state.next_order_id - 1
        assert link.read.count("/orders") == 1
        old = min(at_work)
        owner = next(agent for agent in stage.store.state.agents.values() if old in agent.working)
        link.happen([cancelled(owner.working[old])])
        await stage.settle()
        await done(stage, "past")
        assert link.read.count("/orders") == 2, "one has ended that only the journal still knows"
        assert screen.orders.entries[old].order.status is OrderStatus.CANCELED


async def test_only_the_row_of_an_order_that_changed_is_made_drawn_and_painted_anew(varied, monkeypatch):
    drawn: list[int] = []
    draw = orders_module._draw_order

    def counted(entry: OrderEntry, *facts: object) -> Line:
        drawn.append(entry.order.order_id)
        return draw(entry, *facts)

    monkeypatch.setattr(orders_module, "_draw_order", counted)
    async with staged(varied, (160, 50)) as stage:
        pane = (await opened(stage)).orders
        assert "market" in stage.text, "all of it is on the screen"
        assert len(drawn) >= 30
        with repainted(pane) as lines:
            drawn.clear()
            pane.paint()
            assert (drawn, lines) == ([], []), "nothing happened"
            before = {row.key: row for row in pane._rows}
            order = next(each for each in working(stage) if each.order_id in list(before)[:30])
            varied.happen([cancelled(order)])
            await stage.settle()
        assert drawn == [order.order_id]
        assert lines == [1 + next(at for at, row in enumerate(pane._rows) if row.key == order.order_id)]
        kept = [row.key for row in pane._rows if row.key is not None and before[row.key] is row]
        assert len(kept) == len([key for key in before if key is not None]) - 1


async def test_rows_grow_older_with_the_market(varied):
    async with staged(varied, (160, 50)) as stage:
        pane = (await opened(stage)).orders
        before = [row.draw(pane.line_width).plain.split()[1] for row in pane._rows if row.key]
        stage.store.state.ts_ms += DAY_MS
        after = [row.draw(pane.line_width).plain.split()[1] for row in pane._rows if row.key]
        assert after == ["1d"] * len(before) != before


async def test_where_the_bot_cannot_be_asked_the_latest_events_have_to_do(link):
    async with staged(link, (160, 50)) as stage:
        link.hang()
        await stage.until(Connection.LOST)  # which takes away whatever was told before
        screen = await opened(stage)
        assert screen.orders.past == {}
        await told(stage, "Only the orders of the latest events are shown")
        assert screen.orders.entries


async def test_an_order_says_all_there_is_to_know_at_every_width(varied):
    facts = ("trailing stop", "limit post only", "limit ioc", "rebalance", "CooldownPeriod locks entries for")
    for size in ((160, 50), (80, 50), (80, 24)):
        async with staged(varied, size) as stage:
            screen = await opened(stage)
            said = "\n".join(row.draw(screen.orders.line_width).plain for row in screen.orders._rows)
            for fact in facts:
                assert fact in said, (size, fact)
            assert re.search(r"trail(ing stop)?.* 600\.00", said), "the distance of a trailing stop"
            assert not re.search(r"\d[.,]?…", said.replace(" …", "")), "no number is cut"
            assert all(len(line) <= size[0] for line in stage.text.split("\n"))


@pytest.mark.parametrize("size", [(160, 50), (200, 60), (80, 50)])
async def test_the_distance_of_a_trailing_stop_is_told_to_the_tick_and_in_full(varied, size):
    async with staged(varied, size) as stage:
        screen = await opened(stage)
        trailing = next(each for each in working(stage) if each.trail_distance is not None)
        btc = next(each for each in stage.store.instruments.values() if each.base == "BTC")
        assert btc.tick_size == 1.0
        for number, distance in enumerate((12_345.678_901, 1_234.4), stage.store.state.next_order_id):
            order = replace(
                trailing,
                symbol=btc.symbol,
                order_id=number,
                parent_id=None,
                status=OrderStatus.CREATED,
                client_order_id=f"cockpit-{number}",
                trail_distance=distance,
            )
            varied.happen([OrderCreated(order=order)])
        await stage.settle()
        said = "\n".join(row.draw(screen.orders.line_width).plain for row in screen.orders._rows)
        assert re.search(r"(trail)? 12,346 ", said)
        assert re.search(r"(trail)? 1,234\.00 ", said)


async def test_shares_and_guards_stand_below_the_order_they_belong_to(varied):
    async with staged(varied, (160, 50)) as stage:
        screen = await opened(stage)
        rows = [row.draw(150).plain for row in screen.orders._rows]
        split = next(at for at, line in enumerate(rows) if " split " in line)
        below = rows[split + 1 : split + 4]
        assert [line.startswith("└") for line in below] == [True, False, True]
        assert below[1].startswith(" └"), "a guard of what that share opened"
        assert "ema_cross" in below[0]
        assert "macd_trend" in below[2]
        assert "stop" in below[1]


async def test_left_right_and_space_filter_and_escape_drops_the_filter_first(varied):
    async with staged(varied, (120, 40)) as stage:
        screen = await opened(stage)
        await stage.press("right", "right", "space")
        assert screen.orders.filters == OrderFilter(status=WORKING)
        assert "status working" in stage.text
        assert "12 of 328 orders · 12 working" in stage.text
        await stage.press("backspace", "left", "space")
        assert screen.orders.filters.symbol == "BNB/USDC:USDC"
        assert {entry.order.symbol for entry in shown(screen)} == {"BNB/USDC:USDC"}
        await stage.press("escape")
        assert screen.orders.filters == OrderFilter()
        await stage.press("escape")
        assert stage.app.screen is stage.controls.dashboard


async def test_slash_looks_for_words_in_everything_an_order_says(varied):
    async with staged(varied, (120, 40)) as stage:
        screen = await opened(stage)
        await stage.press("slash", *"denied locks sol")
        assert isinstance(stage.app.focused, Input)
        found = shown(screen)
        assert found
        assert {entry.order.status for entry in found} == {OrderStatus.DENIED}
        await stage.press("enter")
        assert stage.app.focused is screen.orders
        assert "“denied locks sol”" in stage.text
        await stage.press("escape")
        assert not screen.orders.filters.is_set


async def test_a_click_on_a_filter_steps_it(varied):
    async with staged(varied, (120, 40)) as stage:
        screen = await opened(stage)
        await stage.pilot.click(offset=(stage.text.split("\n")[2].index("purpose"), 2))
        await stage.settle()
        assert screen.orders.filters.purpose == "flatten"


async def test_a_second_click_opens_the_trail(varied):
    async with staged(varied, (120, 40)) as stage:
        await opened(stage)
        await stage.pilot.click(offset=(20, 7), times=2)
        await stage.settle()
        await read(stage)
        assert isinstance(stage.app.screen, TrailScreen)
        assert varied.read[-1] == "/audit/order:327"


async def test_a_filter_nothing_passes_says_so(link):
    async with staged(link) as stage:
        await opened(stage)
        await stage.press("slash", *"no such words")
        assert "No order is like that." in stage.text


async def test_enter_opens_the_trail_that_the_audit_prints(varied):
    async with staged(varied, (120, 40)) as stage:
        await opened(stage)
        for _ in range(3):
            await stage.press("down")
        await stage.press("enter")
        await read(stage)
        assert isinstance(stage.app.screen, TrailScreen)
        assert varied.read[-1] == "/audit/order:320"
        assert "The trail of order 320" in stage.text
        assert "decision" in stage.text
        assert "split into shares" in stage.text
        assert "▶" in stage.text
        await stage.press("escape")
        assert isinstance(stage.app.screen, OrdersScreen)


async def test_enter_opens_the_trail_of_decisions_fills_trades_and_waiting_orders(varied):
    async with staged(varied, (160, 50)) as stage:
        await stage.press("3", "enter")
        await read(stage)
        assert varied.read[-1].startswith("/audit/decision:")
        await stage.press("escape", "6", "slash", *"closed by after", "enter", "home", "enter")
        await read(stage)
        assert varied.read[-1].startswith("/audit/fill:")
        assert "trade closed by" in " ".join(stage.app.screen.pane.told)
        assert "▶" in stage.text, "what was asked for is in sight"
        await stage.press("escape", "escape", "6", "slash", *"filled: ", "enter", "home", "enter")
        await read(stage)
        assert varied.read[-1].startswith("/audit/fill:")
        await stage.press("escape", "escape", "4", "end", "enter")
        await read(stage)
        assert varied.read[-1].startswith("/audit/order:")


async def test_a_trail_that_is_told_before_its_page_has_a_size_shows_what_was_asked_for(link):
    steps = [f"{' ' * BESIDE}step {number}" for number in range(60)]
    async with staged(link, (120, 40)) as stage:
        page = TrailScreen(stage.controls.store, "order:7", "enter")
        page.show(["order:7 of a run", *steps, f"{ASKED:{BESIDE}}the one asked for", *steps])
        stage.app.push_screen(page)
        await stage.settle()
        assert "▶" in stage.text
        await stage.press("home")
        assert "▶" not in stage.text, "it is scrolled to once"


async def test_on_an_agent_s_page_enter_opens_trades_and_decisions(varied):
    async with staged(varied, (160, 50)) as stage:
        await stage.press("1", "end", "enter", "tab", "home", "enter")
        await read(stage)
        assert isinstance(stage.app.screen, TrailScreen)
        assert varied.read[-1].startswith("/audit/fill:"), "trades come first"


async def test_a_trail_fits_eighty_columns_and_says_why_there_is_none(link):
    async with staged(link, (80, 24)) as stage:
        await stage.press("3", "enter")
        await read(stage)
        assert isinstance(stage.app.screen, TrailScreen)
        pane = stage.app.screen.pane
        assert all(len(line) <= 80 for line in stage.text.split("\n"))
        words = " ".join(" ".join(row.draw(pane.line_width).plain for row in pane._rows).split())
        for told in pane.told:
            assert " ".join(told.split()) in words, "nothing is left out"
        await stage.press("escape")
        stage.controls.reading.open_trail("order:99999")
        await read(stage)
        assert "has no order:99999" in " ".join(stage.text.split())


async def test_a_trail_is_wrapped_once_so_that_every_line_but_the_last_of_a_step_is_full(varied):
    async with staged(varied, (80, 24)) as stage:
        await opened(stage)
        await stage.press("down", "down", "down", "enter")
        await read(stage)
        pane = stage.app.screen.pane
        assert all(told[BESIDE] != " " for told in pane.told[1:]), "none goes on with another"
        lines = [row.draw(pane.line_width).plain.rstrip() for row in pane._rows]
        begun = [at for at, line in enumerate(lines) if line[:BESIDE].strip() or line[BESIDE] != " "]
        for at, (line, after) in enumerate(pairwise(lines)):
            if at + 1 in begun or at < begun[1]:
                continue
            word = after.split()[0]
            assert len(line) + 1 + len(word) > pane.line_width - 2, (line, after)


@contextmanager
def repainted(pane: PaintedLines) -> Iterator[list[int]]:
    """The lines of a pane that go to the terminal again meanwhile."""
    lines: list[int] = []
    refresh = pane.refresh

    def counted(*regions: Region, **how: bool) -> Widget:
        lines.extend(region.y for region in regions)
        return refresh(*regions, **how)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pane, "refresh", counted)
        yield lines


def working(stage: Stage) -> list[Order]:
    return [order for agent in stage.store.state.agents.values() for order in agent.working.values()]


def cancelled(order: Order) -> OrderMoved:
    return OrderMoved(
        agent=order.agent, order_id=order.order_id, before=order.status, after=OrderStatus.CANCELED
    )


def shown(screen: OrdersScreen):
    entries = screen.orders.entries
    return [entries[row.key] for row in screen.orders._rows if row.key is not None]


async def read(stage: Stage) -> None:
    """Waits until the trail is read."""
    await done(stage, "trail")


async def told(stage: Stage, words: str) -> None:
    """Waits until a passing word is on the screen, which takes a layout of its own."""
    async with asyncio.timeout(30):
        while words not in " ".join(stage.text.split()):
            await stage.pilot.pause(0.005)


async def done(stage: Stage, group: str) -> None:
    """Waits until what was asked of the bot is answered and on the screen."""
    while any(worker.group == group for worker in stage.app.workers):
        await stage.pilot.pause(0.005)
    await stage.settle()
