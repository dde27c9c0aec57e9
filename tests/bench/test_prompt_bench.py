"""How long a round's prompt takes to build, and what it takes when all of the market has to be read anew."""

import asyncio
import gc
import statistics
import time

import pytest

from cockpit.agents.agent import AccountView, MarketView
from cockpit.agents.prompts.account_text import account_figures
from cockpit.agents.prompts.figures import MarketForm
from cockpit.agents.prompts.prompt import PromptContext, PromptWriter
from cockpit.agents.prompts.renderer import PromptTemplates
from cockpit.domain.accounts import Account, Position
from cockpit.domain.market import MINUTE_MS, Lots, Micros
from cockpit.markets.candles import Candles
from cockpit.markets.simulated import DEFAULT_START_MS, SimulatedMarket
from cockpit.trading.margin import MarginMode, MarginTerms

pytestmark = [pytest.mark.bench, pytest.mark.timeout(300)]

PROMPT_LIMIT_MS = 15.0
ROUND_MS = 3 * MINUTE_MS
ROUNDS = 400
FORM = MarketForm(extra=("1m", "15m", "1h"))
TERMS = MarginTerms(mode=MarginMode.CROSS, leverage=10.0)


async def rounds_of(market):
    """The views of a run, round by round."""
    candles = Candles(
        [each.symbol for each in market.instruments],
        MINUTE_MS,
        keep=FORM.history_ms // MINUTE_MS,
        reach_ms=FORM.history_ms,
    )
    instruments = {each.symbol: each for each in market.instruments}
    async for step in market.steps(DEFAULT_START_MS, FORM.history_ms // MINUTE_MS):
        candles.append(step)
        if step.ts_ms >= DEFAULT_START_MS and step.ts_ms % ROUND_MS == 0:
            yield MarketView(
                ts_ms=step.ts_ms,
                round=(step.ts_ms - DEFAULT_START_MS) // ROUND_MS,
                view_hash=f"{step.ts_ms:032x}",
                instruments=instruments,
                marks={symbol: bar.close for symbol, bar in zip(instruments, step.bars, strict=True)},
                candles=candles.cut(),
            )


def prompted(writer, view):
    """One agent's prompt, from its account view to the text."""
    lots = {"BTC/USDC:USDC": 10_000, "DOGE/USDC:USDC": -10_000}
    positions = {
        symbol: Position(
            symbol=symbol,
            signed_lots=Lots(held),
            cost=Micros(held * 100_000),
            opened_ms=0,
            entry_lots=Lots(1),
        )
        for symbol, held in lots.items()
    }
    own = AccountView(
        account=Account(agent="sage", cash=Micros(10**10), positions=positions), equity=10**10, capital=10**10
    )
    figures = account_figures(own, instruments=view.instruments, marks=view.marks, terms=TERMS)
    return writer.user(
        PromptContext(view=view, start_ms=DEFAULT_START_MS, invocations=view.round, account=figures)
    )


def timed(writer, view):
    begun = time.perf_counter()
    text = prompted(writer, view)
    return (time.perf_counter() - begun) * 1_000, text


def test_a_prompt_for_six_coins_and_five_timeframes(capsys):
    async def play():
        writer, templates, lengths, second = PromptWriter(PromptTemplates(), FORM), PromptTemplates(), [], []
        cold = None
        async for view in rounds_of(SimulatedMarket(seed=7)):
            length, text = timed(writer, view)
            second.append(timed(writer, view)[0])
            if cold is None:
                cold = length
                gc.freeze()  # the candles of five weeks are not what is measured
            lengths.append(length)
            if view.round % 100 == 0:
                assert prompted(PromptWriter(templates, FORM), view) == text
            if view.round == ROUNDS:
                return cold, lengths[1:], second[1:], len(text)
        raise AssertionError("the simulated market never ends")

    try:
        cold, lengths, second, size = asyncio.run(play())
    finally:
        gc.unfreeze()
    with capsys.disabled():
        print(
            f"\nprompt of 6 coins × 5 timeframes ({size / 1000:.1f} k characters): median "
            f"{statistics.median(lengths):.1f} ms, 95 % under {statistics.quantiles(lengths, n=20)[-1]:.1f} "
            f"ms, most {max(lengths):.1f} ms of {len(lengths)} rounds; of a view's next agents "
            f"{statistics.median(second):.2f} ms; first of a process {cold:.0f} ms"
        )
    assert statistics.median(lengths) <= PROMPT_LIMIT_MS
