"""A million random fills against decimal arithmetic (`pytest -m bench -s` shows the figures)."""

import random
from dataclasses import dataclass
from decimal import Decimal, localcontext
from time import perf_counter

import pytest

from cockpit.domain.accounts import Account
from cockpit.domain.market import LEDGER_BOUND, MICROS_PER_UNIT, Lots, Micros
from cockpit.domain.orders import Fill, Liquidity, OrderIntent, OrderKind, OrderPurpose
from cockpit.trading.accounting import LedgerOverflow, apply_fill, fee_micros, notional_micros
from cockpit.trading.risk import RiskLimits, refusal_of
from tests.trading.arena_facts import BTC, START_MS, Past, instrument

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]

FILLS = 1_000_000
SEED = 20_260_101
CASH = 2**52
LISTED = (
    instrument("BTC", 0.5, 0.001),
    instrument("ETH", 0.01, 0.01),
    instrument("DOGE", 0.00001, 1.0),
    instrument("ODD", 0.0001, 0.1),
)
FIRST_PRICES = (50_000.0, 2_000.0, 0.125, 7.3331)
MOST_LOTS = (400, 2_000, 80_000, 20_000)


@dataclass(slots=True)
class DecimalPosition:
    """Average cost in sixty decimal digits: nothing of it is rounded to micro-units.

    Attributes:
        lots: Held, signed.
        cost: Entry notional, micro-units.
        realized: All it ever realized, micro-units.
        roundings: How often a ledger of whole micro-units had to round on the same way.
    """

    lots: int = 0
    cost: Decimal = Decimal(0)
    realized: Decimal = Decimal(0)
    roundings: int = 0

    def fill(self, lots: int, value_per_lot: Decimal) -> None:
        if self.lots * lots >= 0:
            self.lots, self.cost = self.lots + lots, self.cost + lots * value_per_lot
            self.roundings += 1
            return
        closed = min(abs(lots), abs(self.lots)) * (1 if self.lots > 0 else -1)
        share = self.cost if closed == self.lots else self.cost * closed / self.lots
        opened = lots + closed
        self.roundings += 1 if self.lots + lots == 0 else 2
        self.realized += closed * value_per_lot - share
        self.lots, self.cost = self.lots + lots, self.cost - share + opened * value_per_lot


def random_fills(chance: random.Random):
    """Which instrument, how many lots, at which price: sizes of all scales, prices that wander."""
    prices = list(FIRST_PRICES)
    for number in range(1, FILLS + 1):
        index = chance.randrange(len(LISTED))
        listed = LISTED[index]
        away = prices[index] / FIRST_PRICES[index]
        drift = chance.gauss(0.0, 0.01) - 0.001 * (away - 1.0)
        prices[index] = max(listed.round_price(prices[index] * (1.0 + drift)), 10 * listed.tick_size)
        lots = 1 + int(MOST_LOTS[index] ** chance.random())
        yield number, index, lots if chance.random() < 0.5 else -lots, prices[index]


def test_a_million_fills_conserve_cash_and_agree_with_decimal_arithmetic():
    chance = random.Random(SEED)
    account = Account(agent="ann", cash=Micros(CASH))
    exact = [DecimalPosition() for _ in LISTED]
    realized, fees, held = [0] * len(LISTED), 0, [0] * len(LISTED)
    worst, trades, spent = Decimal(0), 0, 0.0
    with localcontext(prec=60):
        lot_values = [Decimal(repr(each.lot_size)) * MICROS_PER_UNIT for each in LISTED]
        for number, index, drawn_lots, price in random_fills(chance):
            listed = LISTED[index]
            is_closing = held[index] and chance.random() < 0.1
            lots = -held[index] if is_closing else drawn_lots
            fee = fee_micros(notional_micros(lots, listed.lot_size, price), listed.taker_fee_rate)
            fill = Fill(
                fill_id=number,
                order_id=number,
                agent="ann",
                symbol=listed.symbol,
                ts_ms=START_MS + number,
                signed_lots=Lots(lots),
                price=price,
                fee_micros=Micros(fee),
                liquidity=Liquidity.TAKER,
            )
            begun = perf_counter()
            outcome = apply_fill(account, fill, listed, OrderPurpose.REBALANCE)
            spent += perf_counter() - begun
            account = outcome.account
            realized[index] += outcome.realized
            fees += fee
            held[index] += lots
            trades += outcome.trade is not None
            assert account.cash == CASH + sum(realized) - fees, f"cash leaks at fill {number}"
            position = account.positions.get(listed.symbol)
            assert (position.signed_lots if position else 0) == held[index]
            oracle = exact[index]
            oracle.fill(lots, lot_values[index] * Decimal(repr(price)))
            off = abs(realized[index] - oracle.realized) / oracle.roundings
            assert off <= 1, f"fill {number} is off by {off} micro-units per rounding"
            worst = max(worst, abs(realized[index] - oracle.realized))
    total = sum((each.realized for each in exact), Decimal(0))
    print(
        f"\n{FILLS:,} fills, {trades:,} trades, {sum(each.roundings for each in exact):,} roundings: "
        f"realized {sum(realized) / MICROS_PER_UNIT:,.2f}, off by {abs(sum(realized) - total):.1f} "
        f"micro-units at the end, by {worst:.1f} at most in one instrument; "
        f"{spent / FILLS * 1e6:.1f} µs a fill"
    )


def test_amounts_that_could_pass_the_ledger_s_bound_are_refused_where_they_enter():
    chance = random.Random(SEED)
    wide = RiskLimits(max_order_notional=2**62, max_position_notional=2**62, max_price_deviation=1e9)
    past = Past.begun()
    account = past.state.agents["ann"].account
    refused = 0
    for _ in range(20_000):
        lots = int(10 ** chance.uniform(0, 18)) * chance.choice((1, -1))
        price = BTC.round_price(10 ** chance.uniform(0, 14))
        intent = OrderIntent(
            agent="ann", symbol=BTC.symbol, kind=OrderKind.LIMIT, signed_lots=lots, limit_price=price
        )
        fill = Fill(
            fill_id=1,
            order_id=1,
            agent="ann",
            symbol=BTC.symbol,
            ts_ms=START_MS,
            signed_lots=Lots(lots),
            price=price,
            fee_micros=Micros(0),
            liquidity=Liquidity.TAKER,
        )
        is_countable = abs(lots) * 0.001 * max(price, 50_000.0) * MICROS_PER_UNIT < LEDGER_BOUND
        refusal = refusal_of(intent, past.state, wide)
        assert refusal is not None or is_countable
        if abs(lots) * 0.001 * price * MICROS_PER_UNIT >= LEDGER_BOUND:
            with pytest.raises(LedgerOverflow):
                apply_fill(account, fill, BTC, OrderPurpose.REBALANCE)
            refused += 1
    print(f"\n{refused:,} of 20,000 amounts were too large for the ledger, and none of them came in")
