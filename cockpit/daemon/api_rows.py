"""What the control API tells out of the journal, row by row, in the units of `api_models`."""

from typing import Any

from cockpit.daemon.api_models import Answer


class TargetLine(Answer):
    """What a decision wants to hold of one instrument.

    Attributes:
        exposure: A fraction of its share, −1 … 1; where a quantity is named, only its sign says anything.
        quantity: Base units; null where none is named.
    """

    symbol: str
    exposure: float
    quantity: float | None
    stop: float | None
    take_profit: float | None
    confidence: float | None
    reason: str


class DecisionLine(Answer):
    """A decision, or a failure to decide: that one has no `decision_id`, but `failure` and `message`."""

    decision_id: int | None
    seq: int
    ts_ms: int
    agent: str
    round: int
    confidence: float | None = None
    failure: str | None = None
    message: str | None = None
    targets: list[TargetLine]


class RunLine(Answer):
    """A run, as the journal has it.

    Attributes:
        start_time: Market time, as all times but `began_time`.
        began_time: Real time at which a bot first took it up; null where the journal does not say.
        lasted_s: Market seconds up to its end, or to the close of its last round.
        finish_reason: Why it is over; null: it isn't, or was left for another.
        leader: Who had most at the close of its last round; null before one.
        control: The control that others are measured by: buy & hold where it competes, else the best.
        decisions: Made by all agents.
        failures: Failed decisions.
        calls: Questions to models, answered or not.
        unpriced_calls: Whose cost nobody knows.
        cost_at_least: Of all other calls together, US dollars; null where no call has a price.
    """

    run_id: str
    seq: int
    bot: str
    settings_digest: str
    seed: int
    market: str
    venue: str
    mode: str
    quote: str
    market_interval_s: float
    round_interval_s: float
    start_time: str
    start_ms: int
    capital_in: float
    rounds_limit: int | None
    end_time: str | None
    rounds_closed: int
    finished_time: str | None
    finish_reason: str | None
    began_time: str | None
    lasted_s: float
    agents: int
    leader: str | None
    leader_return_percent: float | None
    control: str | None
    control_return_percent: float | None
    decisions: int
    failures: int
    calls: int
    unpriced_calls: int
    cost_at_least: float | None


class ReliabilityLine(Answer):
    """How often an agent decided, and what it was refused.

    Attributes:
        is_control: Whether it only shows what luck, the market or doing nothing would have earned.
        decisions: Made.
        failures: Failed decisions by kind, those there are: ``timeout``, ``unanswered``, ``crash``,
            ``invalid``.
        skipped: Rounds in which no model was asked, since nothing had moved.
        refusals: Parts of answers that could not be used.
        orders: Created.
        denials: Orders the risk gate denied, by its rule.
    """

    agent: str
    is_control: bool
    decisions: int
    failures: dict[str, int]
    skipped: int
    refusals: int
    orders: int
    denials: dict[str, int]


class Reliability(Answer):
    """How often agents decided and failed to, over a stretch of market time, in start-list order.

    Attributes:
        run_id: Of which run; null before the first.
    """

    run_id: str | None
    window: str
    agents: list[ReliabilityLine]


class LastWord(Answer):
    """What an agent wanted to hold of one instrument when it last wanted anything.

    Attributes:
        exposure: −1 … 1; where it named a quantity, only its sign says anything.
        quantity: Base units; null where it named an exposure.
    """

    symbol: str
    exposure: float
    quantity: float | None
    confidence: float | None
    reason: str


class ContestantLine(ReliabilityLine):
    """An agent of a run: who it is, where it stood at the close of the last round, and what it did.

    Attributes:
        kind: Of agent.
        summary: One line on what it does.
        rank: From 1; equals share one; null before the first round was closed, and for one that
            can't take part and never decided.
        trades: Round trips closed.
        wins: Of those, with a profit.
        calls: Questions to models, answered or not.
        failed_calls: That brought no answer.
        unpriced_calls: Whose cost nobody knows.
        cost_at_least: Of all other calls together, US dollars; null where no call has a price.
        escalations: Decisions passed on to a more powerful model.
        changed: Of those, which that model made otherwise.
        debates: Held before deciding.
        tools: How often each tool was used.
        last_word_ms: Market time of its last decision that wanted anything; null without one.
        last_words: What that wanted, of eight instruments at most.
    """

    kind: str
    summary: str
    rank: int | None
    equity: float | None
    pnl: float | None
    return_percent: float | None
    trades: int
    wins: int
    calls: int
    failed_calls: int
    unpriced_calls: int
    cost_at_least: float | None
    escalations: int
    changed: int
    debates: int
    tools: dict[str, int]
    last_word_ms: int | None
    last_words: list[LastWord]


class InstrumentLine(Answer):
    """What a run trades."""

    symbol: str
    base: str
    quote: str
    tick_size: float
    lot_size: float


class RunDetail(RunLine):
    """A run with who competed on what, in start-list order."""

    contestants: list[ContestantLine]
    instruments: list[InstrumentLine]


class TrailLine(Answer):
    """One thing that happened on the way.

    Attributes:
        asked: Whether it is what the trail was asked for.
        facts: Depend on `what` it was.
    """

    seq: int
    ts_ms: int
    what: str
    asked: bool
    facts: dict[str, Any]


class AuditTrail(Answer):
    """The whole trail of a decision, order or fill.

    Attributes:
        ident: What was found, such as ``order:12``; empty if the number given could mean several.
        candidates: What it could mean, if several.
        steps: What happened, in the journal's order.
        open_positions: What of it is still held.
        outcomes: What became of each order that a decision asked for: pending, win, loss or none.
    """

    run_id: str
    ident: str
    candidates: list[str]
    steps: list[TrailLine]
    open_positions: list[dict[str, Any]]
    outcomes: list[dict[str, Any]]
