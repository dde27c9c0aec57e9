"""What the control API tells out of the journal, row by row, in the units of `api_models`."""

from typing import Any

from cockpit.daemon.api_models import Answer


class TargetLine(Answer):
    """What a decision wants to hold of one instrument; exposure is a fraction of its share, −1 … 1."""

    symbol: str
    exposure: float
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
    """A run, as the journal has it."""

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


class ContestantLine(Answer):
    """An agent on a run's start list."""

    agent: str
    kind: str
    summary: str


class InstrumentLine(Answer):
    """What a run trades."""

    symbol: str
    base: str
    quote: str
    tick_size: float
    lot_size: float


class RunDetail(RunLine):
    """A run with who competed on what."""

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
