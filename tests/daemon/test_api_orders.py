"""Orders over the API: those at work and those that are done, each with the life it had."""

from collections import Counter
from collections.abc import AsyncIterator
from typing import Any, get_args

import pytest
import pytest_asyncio

from cockpit.daemon.api_orders import AMENDMENTS_TOLD, Standing
from cockpit.daemon.bot import Bot
from cockpit.daemon.client import BotClient, BotRefused
from cockpit.daemon.folder import BotFolder
from cockpit.daemon.server import ApiServer
from cockpit.domain.events import OrderAmended, OrderFilled, OrderMoved
from cockpit.domain.orders import OrderStatus
from cockpit.settings.resolve import resolve
from cockpit.trading.lifecycle import TERMINAL

pytestmark = pytest.mark.asyncio(loop_scope="session")

DONE = {status.value for status in TERMINAL}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def blended(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Bot, BotClient]]:
    """A bot that has traded split orders, and trailing stops that followed the price."""
    flags = {
        "market": {"speed": "max", "symbols": ["BTC", "ETH"]},
        "arena": {"rounds": 150},
        "trading": {"orders": {"stop": "trailing_stop"}},
        "agents": [
            {"name": "mix", "kind": "blend", "weights": {"ema_cross": 1, "donchian_breakout": 2}},
            {"name": "ema_cross"},
            {"name": "liquidity_sweep"},
        ],
    }
    folder = BotFolder(tmp_path_factory.mktemp("blended") / "arena")
    settings = resolve(environment={}, flags=flags).settings
    bot = await Bot.open(folder, settings, new=True, run_id="run-1", wall_ms=1_760_000_000_000)
    await bot.run()
    async with ApiServer(bot) as server, BotClient(server.folder.socket) as client:
        yield bot, client
    await bot.close("the tests are over")


async def every(client: BotClient, **wanted: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await client.get("/orders", limit=1000, **wanted)
    return found


@pytest.mark.parametrize(
    "wanted",
    [
        {"status": "filled"},
        {"status": "canceled", "agent": "ema_cross"},
        {"symbol": "ETH/USDC:USDC"},
        {"purpose": "stop"},
        {"kind": "trailing_stop", "status": "working"},
        {"kind": "market", "purpose": "rebalance", "agent": "mix", "status": "done"},
    ],
    ids=str,
)
async def test_filters_leave_what_they_name(blended: tuple[Bot, BotClient], wanted: dict[str, str]) -> None:
    _, client = blended
    standings = {"working": set(OrderStatus) - DONE, "done": DONE}

    def is_wanted(order: dict[str, Any]) -> bool:
        return all(
            order[name] in standings.get(value, {value}) if name == "status" else order[name] == value
            for name, value in wanted.items()
        )

    expected = [order for order in await every(client) if is_wanted(order)]
    assert await every(client, **wanted) == expected
    assert expected or wanted["status"] == "working"


async def test_a_symbol_may_be_its_base_coin(blended: tuple[Bot, BotClient]) -> None:
    _, client = blended
    assert await every(client, symbol="ETH") == await every(client, symbol="ETH/USDC:USDC") != []
    assert await every(client, symbol="ET") == []


async def test_a_path_with_its_query_in_it_is_taken_as_it_is(blended: tuple[Bot, BotClient]) -> None:
    _, client = blended
    assert await client.get("/orders?agent=mix&limit=3") == (await every(client, agent="mix"))[:3]


async def test_working_ones_are_those_of_the_state(blended: tuple[Bot, BotClient]) -> None:
    bot, client = blended
    working = {order_id for agent in bot.state.agents.values() for order_id in agent.working}
    assert {order["order_id"] for order in await every(client, status="working")} == working


async def test_parents_name_their_children_and_children_their_parents(
    blended: tuple[Bot, BotClient],
) -> None:
    _, client = blended
    orders = {order["order_id"]: order for order in await every(client)}
    for order in orders.values():
        assert all(orders[child]["parent_id"] == order["order_id"] for child in order["child_ids"])
        if order["parent_id"] is not None:
            assert order["order_id"] in orders[order["parent_id"]]["child_ids"]
    split = [order for order in orders.values() if order["is_split"]]
    assert any(order["filled_quantity"] for order in split)
    for order in split:
        if order["status"] == "denied":  # the whole was refused: it was never split
            assert order["child_ids"] == []
            continue
        shares = [orders[child] for child in order["child_ids"] if orders[child]["strategy"]]
        assert sum(share["quantity"] for share in shares) == pytest.approx(order["quantity"])
        assert sum(share["filled_quantity"] for share in shares) == pytest.approx(order["filled_quantity"])


async def test_the_average_price_is_that_of_its_fills_and_of_a_split_one_s_shares(
    blended: tuple[Bot, BotClient],
) -> None:
    bot, client = blended
    orders = {order["order_id"]: order for order in await every(client)}
    worth: Counter[int] = Counter()
    lots: Counter[int] = Counter()
    for recorded in bot.journal.events():
        if isinstance(recorded.event, OrderFilled):
            fill = recorded.event.fill
            parent = orders[orders[fill.order_id]["parent_id"] or fill.order_id]
            for order_id in {fill.order_id} | ({parent["order_id"]} if parent["is_split"] else set()):
                worth[order_id] += fill.price * abs(fill.signed_lots)
                lots[order_id] += abs(fill.signed_lots)
    for order_id, order in orders.items():
        if lots[order_id]:
            assert order["average_price"] == pytest.approx(worth[order_id] / lots[order_id])
        else:
            assert order["average_price"] is None


async def test_amendments_are_counted_and_the_latest_told(blended: tuple[Bot, BotClient]) -> None:
    bot, client = blended
    amended: dict[int, list[tuple[int, OrderAmended]]] = {}
    for recorded in bot.journal.events():
        if isinstance(recorded.event, OrderAmended):
            amended.setdefault(recorded.event.order_id, []).append((recorded.seq, recorded.event))
    assert max(map(len, amended.values())) > AMENDMENTS_TOLD
    for order in await every(client):
        expected = amended.get(order["order_id"], [])[::-1]
        assert order["amendment_count"] == len(expected)
        told = [(each["seq"], each["trigger_price"]) for each in order["amendments"]]
        assert told == [(seq, event.trigger_price) for seq, event in expected[:AMENDMENTS_TOLD]]


async def test_why_it_stands_where_it_stands_is_told(blended: tuple[Bot, BotClient]) -> None:
    bot, client = blended
    moves = [each.event for each in bot.journal.events() if isinstance(each.event, OrderMoved)]
    last = {move.order_id: move for move in moves}
    canceled = await every(client, status="canceled")
    assert canceled
    for order in canceled:
        assert (order["rule"], order["reason"]) == (None, last[order["order_id"]].reason)
        assert order["reason"]


async def test_standings_are_the_statuses_there_are() -> None:
    assert get_args(Standing) == ("working", "done", *(status.value for status in OrderStatus))


@pytest.mark.parametrize("wanted", [{"status": "lost"}, {"kind": "iceberg"}, {"purpose": "fun"}], ids=str)
async def test_a_filter_that_is_none_is_refused(
    blended: tuple[Bot, BotClient], wanted: dict[str, str]
) -> None:
    with pytest.raises(BotRefused, match=next(iter(wanted))) as refusal:
        await every(blended[1], **wanted)
    assert refusal.value.status == 422
