"""A market, an account, and models that speak by a script, for debates to be held on."""

import asyncio
import json
from dataclasses import replace

from cockpit.agents.agent import AccountView, MarketView
from cockpit.agents.debate.debate_agent import DebateAgent
from cockpit.agents.debate.form import DebateForm, RoleModel
from cockpit.agents.models.model_call import CallFailed, CallFault, ModelReply, ToolCall
from cockpit.agents.prompts.figures import MarketForm
from cockpit.agents.prompts.prompt import PromptWriter
from cockpit.agents.prompts.renderer import PromptTemplates
from cockpit.domain.accounts import Account, Position
from cockpit.domain.debates import AnalystRole
from cockpit.domain.decisions import Target, Thesis
from cockpit.domain.market import MINUTE_MS, Bar, Lots, Micros
from cockpit.markets.candles import Candles
from cockpit.markets.market import MarketStep
from tests.agents.arena_rules import rules
from tests.trading.arena_facts import BTC, CAPITAL, ETH, START_MS, usd

NOW_MS = START_MS + 90 * MINUTE_MS
ROLES = tuple(AnalystRole)
TEMPLATES = PromptTemplates()
HANG = CallFault.TIMEOUT
"""In a script: no answer until the deadline."""

BUY = {
    "signal": "buy_to_enter",
    "quantity": 0.15,
    "leverage": 5,
    "profit_target": 55_000,
    "stop_loss": 48_000,
    "confidence": 0.7,
    "justification": "The bull's reasons decided.",
}
VERDICT = json.dumps({"BTC": BUY, "ETH": {"signal": "hold", "confidence": 0.4}})


def statement(btc="long", confidence=0.6, *, eth=None, argument="It rises.", signals=("RSI7 is 31",)):
    """An analyst's answer."""
    stances = {"BTC": {"stance": btc, "confidence": confidence}}
    if eth is not None:
        stances["ETH"] = {"stance": eth, "confidence": confidence}
    return json.dumps({"stances": stances, "signals": signals, "argument": argument})


def wants(*uses, text=""):
    """An answer that asks for tools, each a name and its arguments as text."""
    calls = tuple(
        ToolCall(call_id=f"c{number}", name=name, arguments=arguments)
        for number, (name, arguments) in enumerate(uses)
    )
    return ModelReply(
        text=text, tool_calls=calls, finish_reason="tool_calls", latency_ms=500, cost=Micros(100)
    )


UNANIMOUS = {role: [statement()] for role in ROLES} | {"judge": [VERDICT], "shadow": [VERDICT]}


class ScriptedGateway:
    """Answers each role's calls one after the other by its list; the last answer is given again and again.

    A word is answered after `latency_ms`; a `CallFault` ends the call in that way, a timeout at its deadline.
    Every call lets the others go first, so that calls made at the same time are under way at the same time.
    """

    def __init__(self, script, latency_ms=1_500):
        self.script = {str(role): list(answers) for role, answers in script.items()}
        self.latency_ms = latency_ms
        self.asked = []
        self.at_once = 0
        self.most_at_once = 0

    async def call(self, request, purpose):
        self.asked.append((request, purpose))
        answers = self.script[purpose.role]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        for _ in range(5):
            await asyncio.sleep(0)
        self.at_once -= 1
        if isinstance(answer, CallFault):
            is_late = answer is CallFault.TIMEOUT
            latency_ms = round(purpose.deadline_s * 1_000) if is_late else 300
            raise CallFailed(answer, f"{purpose.role} came to nothing", latency_ms=latency_ms, attempts=1)
        if isinstance(answer, str):
            answer = ModelReply(text=answer, latency_ms=self.latency_ms, cost=Micros(700))
        if purpose.on_words is not None:
            purpose.on_words(answer.text)
        return answer

    async def aclose(self):
        """Nothing is open."""

    def requests(self, role):
        """What a role was asked, oldest first."""
        return [request for request, purpose in self.asked if purpose.role == role]

    def deadlines(self, role):
        """Seconds that a role's calls had, oldest first."""
        return [purpose.deadline_s for _, purpose in self.asked if purpose.role == role]


def words_of(request):
    """All a request shows."""
    return "\n".join(message.content for message in request.messages)


def form(*, roles=ROLES, **changes):
    given = {
        "analysts": {role: RoleModel(model=f"test/{role}", max_tokens=700) for role in roles},
        "judge": RoleModel(model="test/judge", max_tokens=900, temperature=0.3),
        "timeout_s": 100.0,
        "max_leverage": 10.0,
        "tools": None,
    }
    return DebateForm(**(given | changes))


def agent_of(gateway, *, templates=None, on_words=None, on_said=None, **changes):
    templates = templates or TEMPLATES
    return DebateAgent(
        "ann",
        form(**changes),
        gateway,
        templates=templates,
        writer=PromptWriter(templates, MarketForm.of(("1m", "3m"))),
        rules=rules(),
        start_ms=START_MS,
        on_words=on_words,
        on_said=on_said,
    )


def candles_of(minutes=90, later=(), *, has_eth=True):
    """Minute bars up to now, and beyond it where `later` has closes of BTC."""
    candles = Candles([BTC.symbol, ETH.symbol], MINUTE_MS)
    closes = [50_000.0 + 40 * ((number * 7) % 13) for number in range(minutes)] + list(later)
    for number, close in enumerate(closes):
        open_ms = NOW_MS + (number - minutes) * MINUTE_MS
        bars = tuple(
            Bar(open_ms, price, price * 1.001, price * 0.999, price, 5.0 + number % 4)
            for price in (close, close / 25)
        )
        candles.append(MarketStep(ts_ms=open_ms + MINUTE_MS, bars=bars if has_eth else (bars[0], None)))
    return candles


def view_of(candles=None):
    cut = (candles or candles_of()).cut(NOW_MS)
    last = {each.symbol: cut.bars(each.symbol, "1m", limit=1) for each in (BTC, ETH)}
    return MarketView(
        ts_ms=NOW_MS,
        round=30,
        view_hash=f"{len(candles.bars(BTC.symbol, '1m')) if candles else 0:032x}",
        instruments={each.symbol: each for each in (BTC, ETH)},
        marks={symbol: bars[0].close for symbol, bars in last.items() if bars},
        candles=cut,
    )


VIEW = view_of()
OWN = AccountView(account=Account(agent="ann", cash=CAPITAL), equity=CAPITAL, capital=CAPITAL)
HELD = Position(
    symbol=ETH.symbol,
    signed_lots=Lots(-100),
    cost=usd(-2_000),
    opened_ms=START_MS,
    entry_lots=Lots(100),
)
HOLDING = replace(
    OWN,
    account=replace(OWN.account, positions={ETH.symbol: HELD}),
    targets={
        ETH.symbol: Target(
            symbol=ETH.symbol,
            exposure=-1.0,
            stop=2_100.0,
            take_profit=1_800.0,
            confidence=0.6,
            thesis=Thesis(invalidation="3m close > 2090", leverage=4.0, risk=100.0),
        )
    },
)


async def debated(script=None, *, own=OWN, view=VIEW, on_words=None, on_said=None, **changes):
    """The answer to one view, and the gateway that was asked for it."""
    gateway = ScriptedGateway(UNANIMOUS | (script or {}))
    answer = await agent_of(gateway, on_words=on_words, on_said=on_said, **changes).decide(view, own)
    return answer, gateway
