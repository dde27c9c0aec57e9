"""What tests of routing and skipping share: an account, a market, and models that say what a test wants."""

import json
from dataclasses import replace

from cockpit.agents.agent import AccountView, MarketView
from cockpit.agents.llm_agent import LlmAgent, Mind
from cockpit.agents.models.model_call import CallFailed, ModelReply
from cockpit.agents.prompts.figures import MarketForm
from cockpit.agents.prompts.prompt import PromptWriter
from cockpit.agents.prompts.renderer import PromptTemplates
from cockpit.agents.routing import Route
from cockpit.domain.accounts import Account, Position
from cockpit.domain.market import MINUTE_MS, Bar, Lots, Micros
from cockpit.domain.routing import RoutingMode
from cockpit.markets.candles import Candles
from cockpit.markets.market import MarketStep
from tests.agents.arena_rules import ROUND_MS, rules
from tests.trading.arena_facts import BTC, CAPITAL, ETH, START_MS, usd

BTC_PRICE, ETH_PRICE = 50_000.0, 2_000.0
ROUTE = Route(
    mode=RoutingMode.CHEAP_FIRST,
    cheap=("small/a",),
    powerful="large/z",
    cheap_timeout_s=45.0,
    min_confidence=0.6,
    max_notional=2.0,
    max_drawdown=0.1,
    min_agreement=0.6,
    shows_cheap=False,
)
THREE = replace(ROUTE, cheap=("small/a", "small/b", "small/c"))

OWN = AccountView(
    account=Account(agent="ann", cash=CAPITAL), equity=CAPITAL, capital=CAPITAL, rounds_asked=4, drawdown=0.0
)


def holding(btc_lots: int, own: AccountView = OWN, **given) -> AccountView:
    """The account with so many lots of BTC, 1,000 to the coin."""
    position = Position(
        symbol=BTC.symbol,
        signed_lots=Lots(btc_lots),
        cost=usd(btc_lots * 50.0),
        opened_ms=START_MS,
        entry_lots=Lots(abs(btc_lots)),
    )
    return replace(own, account=replace(own.account, positions={BTC.symbol: position}), **given)


def view_of(btc: float = BTC_PRICE, eth: float = ETH_PRICE, number: int = 5) -> MarketView:
    """The market in a round, at prices that have been there for half an hour."""
    now_ms = START_MS + number * ROUND_MS
    candles = Candles([BTC.symbol, ETH.symbol], MINUTE_MS)
    for minute in range(30, 0, -1):
        open_ms = now_ms - minute * MINUTE_MS
        bars = tuple(Bar(open_ms, price, price, price, price, 5.0) for price in (btc, eth))
        candles.append(MarketStep(ts_ms=open_ms + MINUTE_MS, bars=bars))
    return MarketView(
        ts_ms=now_ms,
        round=number,
        view_hash="a" * 32,
        instruments={each.symbol: each for each in (BTC, ETH)},
        marks={BTC.symbol: btc, ETH.symbol: eth},
        candles=candles.cut(now_ms),
    )


def entry(signal="buy_to_enter", quantity=0.1, confidence=0.8, **given):
    """What a model says to open a position: long, with 10 % to either side."""
    below, above = (45_000, 55_000) if quantity < 1 else (1_800, 2_200)
    is_long = signal == "buy_to_enter"
    said = {
        "signal": signal,
        "quantity": quantity,
        "leverage": 5,
        "stop_loss": below if is_long else above,
        "profit_target": above if is_long else below,
        "confidence": confidence,
        "justification": "It goes on.",
    }
    return said | given


HOLD = {"signal": "hold"}
CLOSE = {"signal": "close", "confidence": 0.9}


def words(**coins) -> str:
    return json.dumps(coins)


class ScriptedModels:
    """Each model answers by its own list: words, a reply or a failure; keeps what it was asked."""

    def __init__(self, **_):
        self.answers = {}
        self.asked = []

    def say(self, model, *answers, latency_ms=1_000, cost=100):
        self.answers.setdefault(model, []).extend(
            ModelReply(text=each, latency_ms=latency_ms, cost=None if cost is None else Micros(cost))
            if isinstance(each, str)
            else each
            for each in answers
        )
        return self

    async def call(self, request, purpose):
        self.asked.append((request, purpose))
        answer = self.answers[request.model].pop(0)
        if purpose.on_words is not None and isinstance(answer, ModelReply):
            purpose.on_words(answer.text)
        if isinstance(answer, CallFailed):
            raise answer
        return answer

    async def aclose(self):
        """Nothing is open."""


def agent_of(
    gateway,
    *,
    route=None,
    skip=None,
    repair=None,
    on_words=None,
    timeout_s=90.0,
    start_ms=START_MS,
    **changes,
):
    mind = Mind(
        model="large/z",
        max_tokens=900,
        timeout_s=timeout_s,
        max_leverage=10.0,
        repair=repair,
        route=route,
        skip=skip,
    )
    writer = PromptWriter(PromptTemplates(), MarketForm.of(("1m", "3m")))
    arena = rules(**changes)
    return LlmAgent("ann", mind, gateway, writer=writer, rules=arena, start_ms=start_ms, on_words=on_words)
