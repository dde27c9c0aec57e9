"""Risk over the API: limits in plain units, what stands against them, and what stands behind positions."""

from dataclasses import fields

import pytest

from cockpit.daemon.api_positions import positions_answer
from cockpit.daemon.api_risk import risk_answer
from cockpit.daemon.bot import Bot
from cockpit.daemon.client import BotClient
from cockpit.domain.market import MICROS_PER_UNIT
from cockpit.trading.accounting import notional_micros
from cockpit.trading.margin import MarginMode, MarginTerms, maintenance_margin_micros
from cockpit.trading.risk import RiskLimits

pytestmark = pytest.mark.asyncio(loop_scope="session")


class TestLimits:
    async def test_every_limit_is_told_in_plain_units_with_words(self, played: BotClient) -> None:
        told = (await played.get("/risk"))["agents"][0]
        limits = {each["name"]: (each["limit"], each["unit"], each["words"]) for each in told["limits"]}
        assert {*limits, "symbols"} == {each.name for each in fields(RiskLimits)}
        assert limits["max_order_notional"] == (250_000.0, "money", "$250,000.00")
        assert limits["max_price_deviation"] == (10.0, "percent", "10.00%")
        assert limits["max_gross_leverage"] == (3.0, "multiple", "3.00×")
        assert limits["max_open_orders"] == (20.0, "count", "20")
        assert limits["max_mark_age_ms"] == (pytest.approx(10.0), "minutes", "10m")
        assert limits["cooldown_after_loss_ms"] == (None, "minutes", "off")
        assert told["symbols"] is None

    async def test_the_agents_are_those_of_the_state(self, played: BotClient, played_bot: Bot) -> None:
        told = await played.get("/risk")
        assert [each["agent"] for each in told["agents"]] == list(played_bot.state.agents)
        assert (told["seq"], told["quote"]) == (played_bot.state.seq, "USDC")

    async def test_a_symbol_list_is_told(self, played_bot: Bot) -> None:
        limits = dict.fromkeys(played_bot.state.agents, RiskLimits(symbols=("BTC", "ETH")))
        assert risk_answer(played_bot.state, limits).agents[0].symbols == ["BTC", "ETH"]


class TestMeasures:
    async def test_what_is_held_stands_against_what_may_be(self, played: BotClient, played_bot: Bot) -> None:
        measures = (await played.get("/risk"))["measures"]
        held = {position["agent"]: [] for position in await played.get("/positions")}
        for position in await played.get("/positions"):
            held[position["agent"]].append(position["notional"])
        state = played_bot.state
        for agent, notionals in held.items():
            rows = {each["name"]: each for each in measures if each["scope"] == agent}
            equity = state.agents[agent].watch.equity / MICROS_PER_UNIT
            assert rows["max_gross_exposure"]["value"] >= sum(notionals) - 0.001
            leverage = rows["max_gross_exposure"]["value"] / equity
            assert rows["max_gross_leverage"]["value"] == pytest.approx(leverage)
            assert rows["max_concentration"]["value"] >= 100 * max(notionals) / equity - 0.001
            assert rows["max_concentration"]["unit"] == "percent"
        assert held

    async def test_the_arena_s_own_come_last(self, played: BotClient) -> None:
        measures = (await played.get("/risk"))["measures"]
        names = [each["name"] for each in measures[-2:]]
        assert names == ["max_arena_gross_leverage", "max_arena_net_leverage"]
        assert [each["scope"] for each in measures].count("arena") == 2
        assert all(0 <= each["value"] <= each["limit"] for each in measures[-2:])


class TestPositions:
    @pytest.mark.parametrize("mode", list(MarginMode))
    async def test_at_the_liquidation_price_only_the_maintenance_margin_is_left(
        self, played_bot: Bot, mode: MarginMode
    ) -> None:
        state = played_bot.state
        told = positions_answer(state, MarginTerms(mode=mode, leverage=5.0))
        reached = 0
        for line in told:
            if line.liquidation_price is None:
                continue
            reached += 1
            account = state.agents[line.agent].account
            equity, needed = 0, 0
            for position in account.positions.values():
                instrument = state.instrument(position.symbol)
                is_own = position.symbol == line.symbol
                price = line.liquidation_price if is_own else state.marks[position.symbol]
                notional = notional_micros(position.signed_lots, instrument.lot_size, price)
                if is_own or mode is MarginMode.CROSS:
                    equity += notional - position.cost
                    needed += maintenance_margin_micros(notional, instrument.max_leverage)
                if is_own and mode is MarginMode.ISOLATED:
                    equity += abs(position.cost) / 5.0 - position.funding
            equity += account.cash if mode is MarginMode.CROSS else 0
            assert equity == pytest.approx(needed, abs=5)
        assert reached or mode is MarginMode.CROSS

    async def test_margins_are_shares_of_the_notional(self, played: BotClient, played_bot: Bot) -> None:
        for line in await played.get("/positions"):
            instrument = played_bot.state.instrument(line["symbol"])
            leverage = min(played_bot.margin_terms.leverage, instrument.max_leverage)
            assert line["margin"] == pytest.approx(line["notional"] / leverage, abs=1e-5)
            share = line["notional"] / (2 * instrument.max_leverage)
            assert line["maintenance_margin"] == pytest.approx(share, abs=1e-5)

    async def test_excursions_reach_from_the_lowest_to_the_highest_price_seen(
        self, played: BotClient, played_bot: Bot
    ) -> None:
        lines = await played.get("/positions")
        assert lines
        for line in lines:
            seen = played_bot.state.agents[line["agent"]].excursions[line["symbol"]]
            down = max(0.0, 1 - seen.lowest / line["entry_price"]) * 100
            up = max(0.0, seen.highest / line["entry_price"] - 1) * 100
            adverse, favorable = (down, up) if line["side"] == "long" else (up, down)
            assert line["adverse_excursion_percent"] == pytest.approx(adverse)
            assert line["favorable_excursion_percent"] == pytest.approx(favorable)

    async def test_guards_are_the_working_stops_and_targets(self, played: BotClient, played_bot: Bot) -> None:
        lines = await played.get("/positions")
        told = {guard["order_id"] for line in lines for guard in line["guards"]}
        working = {
            order.order_id
            for agent in played_bot.state.agents.values()
            for order in agent.working.values()
            if order.purpose in {"stop", "target"}
        }
        assert told == working != set()
        for line in lines:
            stops = [guard["trigger_price"] for guard in line["guards"] if guard["purpose"] == "stop"]
            assert line["stop"] == (stops[0] if stops else None)
