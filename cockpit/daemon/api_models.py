"""What the control API says, field by field: the contract that OpenAPI shows.

Money is in units of the run's quote currency, quantities in base units, prices quote per base unit,
``…_percent`` of a hundred, times ISO 8601 in UTC, and in ``ts_ms`` milliseconds. Undefined is null.
"""

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    """Something the bot says."""

    model_config = ConfigDict(frozen=True)


class Problem(Answer):
    """Why something was not done, in one line for people."""

    error: str


class Done(Answer):
    """What became of a request.

    Attributes:
        done: False: taken, and carried out as soon as the bot can.
        message: One line for people.
        seq: The last event of the journal.
    """

    done: bool
    message: str
    seq: int


class Health(Answer):
    """How the bot is.

    Attributes:
        round: The last round opened.
        ts_ms: Market time.
        seq: The last event of the journal.
        halted: Whether one of the arena's own breakers has stopped trading.
        outage: Why the journal can't be written; null while it can.
        finished: Why the run is over; empty while it isn't.
        speed: Market seconds per second; null: as fast as it can.
        socket: Where the API answers.
        address: Where it also answers over TCP, such as ``http://127.0.0.1:8080``; null: nowhere.
        last_step_age_s: Real time since the market last advanced; null before it has in this process.
    """

    pid: int
    bot: str
    version: str
    run_id: str
    market: str | None
    venue: str | None
    mode: str | None
    quote: str | None
    agents: int
    round: int
    rounds_closed: int
    rounds_limit: int | None
    market_interval_ms: int | None
    ts_ms: int
    time: str
    seq: int
    equity: float
    paused: bool
    killed: bool
    halted: bool
    outage: str | None
    finished: str
    started_time: str
    uptime_s: float
    speed: float | None
    socket: str
    address: str | None
    last_step_age_s: float | None


class LeaderboardLine(Answer):
    """One agent's standing.

    Attributes:
        rank: From 1; equals share one.
        kind: Of agent.
        pnl: Profit over the window; since the start for ``all``.
        return_percent: The same, of the equity at the beginning of the window.
        trades: Round trips closed in the window.
        errors: Failed decisions in the window.
        cost: Spent on models; null for agents that ask none.
        sharpe: Annualised; null over fewer than 20 rounds.
        benched: Whether one of its breakers keeps it from trading.
        equities: Its curve, oldest first.
    """

    rank: int
    agent: str
    kind: str
    return_percent: float | None
    equity: float
    pnl: float
    trades: int
    win_rate_percent: float | None
    errors: int
    cost: float | None
    max_drawdown_percent: float
    sharpe: float | None
    benched: bool
    equities: list[float]


class Leaderboard(Answer):
    """Who leads, best first."""

    run_id: str
    window: str
    quote: str | None
    ts_ms: int
    time: str
    rows: list[LeaderboardLine]


class PositionLine(Answer):
    """An open position.

    Attributes:
        quantity: Unsigned; `side` says which way.
        stop: Where a protective order would end it at a loss.
        take_profit: Where one would end it at a profit.
    """

    agent: str
    symbol: str
    side: str
    quantity: float
    entry_price: float
    mark_price: float | None
    notional: float | None
    unrealized_pnl: float | None
    stop: float | None
    take_profit: float | None
    opened_time: str
    decision_id: int | None


class BreakerLine(Answer):
    """A circuit breaker.

    Attributes:
        scope: An agent's name, or ``arena``.
        status: Armed, tripped (until somebody resets it) or cooling (until `until_time`).
        value: What it measures now; null where there is nothing to measure yet.
        limit: What the value must not reach; null: off.
        unit: Of both: ``percent``, ``minutes`` or ``count``.
    """

    scope: str
    breaker: str
    status: str
    value: float | None
    limit: float | None
    unit: str
    reason: str
    stopped: str
    tripped_time: str | None
    until_time: str | None
    trips: int


class Breakers(Answer):
    """All breakers, and the kill switch, which holds every order back."""

    killed: bool
    killed_by: str
    breakers: list[BreakerLine]
