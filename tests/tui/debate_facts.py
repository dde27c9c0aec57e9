"""Debates for screens to show: what roles say, the events that tell of it, and a bot that debates."""

from dataclasses import replace

from cockpit.agents.debate.consensus import agreement_of, consensus_of
from cockpit.domain.debates import JUDGE, SHADOW, AnalystRole, Debate, DebateMessage, Stance, SymbolStance
from cockpit.domain.decisions import ModelCall, Target, Thesis
from cockpit.domain.events import DebateHeld, DecisionMade, ModelCalled, RunStarted
from cockpit.domain.market import DAY_MS, Micros
from cockpit.tui.link import Said, Words
from tests.tui.recorded_arena import FROZEN, thawed
from tests.tui.replay_link import ReplayLink

MINDS = FROZEN.with_name("minds.jsonl.gz")
BTC = "BTC/USDC:USDC"
ETH = "ETH/USDC:USDC"
SOL = "SOL/USDC:USDC"
DEBATER = "robot"

ARGUMENTS = {
    "bull": "BTC has held above its 20-period average through three pullbacks, each bought on more volume"
    " than the last. Funding is flat, so nobody is crowded long, and open interest grows with the price.",
    "bear": "The last four hours made a lower high on falling volume, and RSI diverges from it. A close below"
    " 60,200 would put everybody who bought the range under water.",
    "risk_manager": "Exposure is at 40% of what is allowed and the drawdown is small. A stop 2.5 ATR away"
    " costs 1.1% of equity at the proposed size, which can be borne.",
    "technical": "A bull flag above the VWAP: EMA20 over EMA50, MACD about to cross, support at 60,200,"
    " resistance at 61,900.",
    "fundamental": "Nothing in funding, basis or open interest says more than the price does. I would wait.",
}
SIGNALS = {
    "bull": ("EMA20 above EMA50", "open interest +4% in 24h"),
    "bear": ("RSI14 diverges", "lower high at 61,900"),
    "risk_manager": ("ATR14 is 310", "drawdown 1.2%"),
    "technical": ("bull flag", "MACD histogram turns up"),
    "fundamental": ("funding 0.001%",),
}
SIDES = {
    "bull": ("long", 0.78),
    "bear": ("short", 0.55),
    "risk_manager": ("long", 0.6),
    "technical": ("long", 0.66),
    "fundamental": ("flat", 0.5),
}


def stance(symbol: str, side: str, confidence: float | None = 0.6) -> SymbolStance:
    return SymbolStance(symbol=symbol, stance=Stance(side), confidence=confidence)


def said(role: str, side: str = "", *, turn: int = 1, symbol: str = BTC, **facts: object) -> DebateMessage:
    """What a role says: as in the tables above unless told."""
    told, confidence = SIDES.get(role, ("long", 0.7))
    given = {
        "model": "deepseek/deepseek-v4-flash",
        "stances": (stance(symbol, side or told, confidence),),
        "signals": SIGNALS.get(role, ()),
        "argument": ARGUMENTS.get(role, f"{role} decides."),
    }
    return DebateMessage(turn=turn, role=role, **(given | facts))


def debate(*messages: DebateMessage, symbols=(BTC,), shadow=None, below: float = 0.6) -> Debate:
    """What was said, counted as a bot counts it; each message brought by a call of its own."""
    told = tuple(replace(each, call=number) for number, each in enumerate(messages))
    last = {each.role: each for each in told if not each.failed and each.role != JUDGE}
    consensus = consensus_of(symbols, [each.stances for each in last.values()], {BTC: 60_500.0})
    agreement = agreement_of(consensus)
    return Debate(
        symbols=symbols,
        messages=told,
        consensus=consensus,
        agreement=agreement,
        is_disagreed=agreement is not None and agreement < below,
        shadow=None if shadow is None else replace(shadow, call=len(told)),
        prompt_version="0" * 32,
        horizon_ms=3_600_000,
    )


VERDICT = said(
    JUDGE,
    "long",
    turn=2,
    model="deepseek/deepseek-v4-pro",
    signals=(),
    argument="BTC: Three of five see it rise; the bear's level holds. Small size, stop below 60,200.",
)
ALONE = said(
    SHADOW,
    "flat",
    turn=0,
    model="deepseek/deepseek-v4-pro",
    signals=(),
    argument="BTC: No edge worth a fee.",
)
TARGET = Target(
    symbol=BTC,
    exposure=1.0,
    quantity=0.08,
    stop=60_100.0,
    take_profit=63_000.0,
    confidence=0.7,
    thesis=Thesis(leverage=4.0, risk=120.0),
)


def full(**facts: object) -> Debate:
    """All five, the judge, and the judge alone."""
    return debate(*(said(role) for role in AnalystRole), VERDICT, **({"shadow": ALONE} | facts))


def debating_link() -> ReplayLink:
    """A run of eight rounds in which an agent debates, so far without a debate."""
    events = thawed(MINDS)
    started = events[0].event
    assert isinstance(started, RunStarted)
    contestants = tuple(
        replace(each, kind="debate") if each.name == DEBATER else each for each in started.contestants
    )
    events[0] = events[0]._replace(event=replace(started, contestants=contestants))
    asked = [each.event.call.asked_ms for each in events if isinstance(each.event, ModelCalled)]
    return ReplayLink(events=events, day=asked[-1] // DAY_MS)


def count(link: ReplayLink, kind: type) -> int:
    return sum(isinstance(each.event, kind) for each in link.events)


def round_of(link: ReplayLink) -> int:
    """Each debate of a round is held in the next one."""
    rounds = [each.event for each in link.events if isinstance(each.event, DebateHeld)]
    return 9 + sum(not each.asked for each in rounds)


def calls_of(
    link: ReplayLink, about: Debate, debate_id: int | None = None, **call: object
) -> list[ModelCalled]:
    """The calls that brought a debate, each half a second after the last."""
    first = count(link, ModelCalled) + 1
    shadow = () if about.shadow is None else (about.shadow,)
    asked_ms = link.day * DAY_MS
    return [
        ModelCalled(
            call_id=first + number,
            agent=DEBATER,
            round=round_of(link),
            debate_id=debate_id,
            call=ModelCall(
                **{
                    "role": each.role,
                    "model": each.model,
                    "key": "k",
                    "request": '{"messages": []}',
                    "reply": each.argument,
                    "attempts": 1,
                    "cost": Micros(2_000),
                    "asked_ms": asked_ms + 500 * number,
                    "latency_ms": 900,
                }
                | call
            ),
        )
        for number, each in enumerate((*about.messages, *shadow))
    ]


def held(link: ReplayLink, about: Debate, **call: object) -> DebateHeld:
    """Lets a round's debate, with its calls, happen."""
    calls = calls_of(link, about, **call)
    event = DebateHeld(
        debate_id=link.next_debate_id,
        agent=DEBATER,
        round=round_of(link),
        first_call_id=count(link, ModelCalled) + 1,
        debate=about,
    )
    link.happen([*calls, event])
    return event


def decided(link: ReplayLink, *targets: Target, **facts: object) -> DecisionMade:
    """Lets the agent's decision of the round happen."""
    event = DecisionMade(
        decision_id=count(link, DecisionMade) + 1,
        agent=DEBATER,
        round=round_of(link) - 1,
        confidence=0.7,
        targets=targets,
        **facts,
    )
    link.happen([event])
    return event


def asked_held(link: ReplayLink, debate_id: int, about: Debate, **facts: object) -> DebateHeld:
    """Lets a debate that was asked for come to its end, with its calls."""
    calls = calls_of(link, about, debate_id)
    event = DebateHeld(
        debate_id=debate_id,
        agent=DEBATER,
        round=8,
        first_call_id=count(link, ModelCalled) + 1,
        debate=about,
        asked=True,
        **facts,
    )
    link.happen([*calls, event])
    return event


def speak(link: ReplayLink, text: str, role: str, *, talk: int, agent: str = DEBATER) -> None:
    """Lets a role's words pass by."""
    heard = [each for each in link.words if isinstance(each, Words)]
    start = sum(len(each.text) for each in heard if each.talk == talk)
    link.words.append(Words(agent=agent, role=role, talk=talk, start=start, text=text))
    link._news.set()


def conclude(link: ReplayLink, message: DebateMessage, *, agent: str = DEBATER) -> None:
    """Lets what a role has said pass by."""
    link.words.append(Said(agent=agent, message=message))
    link._news.set()
