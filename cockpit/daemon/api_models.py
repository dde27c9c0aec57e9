"""What the control API says, field by field: the contract that OpenAPI shows.

Money is in units of the run's quote currency, what models cost in US dollars whatever that is, quantities in
base units, prices quote per base unit, ``…_percent`` of a hundred, times ISO 8601 in UTC, and in ``ts_ms``
milliseconds. Undefined is null.
"""

from pydantic import BaseModel, ConfigDict

from cockpit.domain.events import EmergencyStage, TradingMode


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


class AccountCheck(Answer):
    """What an account was found to be, compared with the venue's.

    Attributes:
        agrees: Whether there is no difference.
        differences: What is not as it should be, in words with figures.
        unsynced: Why it could not be trusted before; empty where it could.
    """

    agent: str
    agrees: bool
    differences: list[str]
    unsynced: str


class Synced(Done):
    """What a comparison of all accounts with the venue's found."""

    accounts: list[AccountCheck]


class Emergency(Answer):
    """How far an emergency stop has come.

    Attributes:
        stage: Canceling every order, flattening every position, and halted: nothing is sent any more but what
            closes what may be left.
        attempt: How often this stage was tried.
        by: Who asked for it.
        open_positions: How many positions are not closed.
    """

    stage: EmergencyStage
    attempt: int
    by: str
    open_positions: int


class Health(Answer):
    """How the bot is.

    Attributes:
        mode: ``paper``, ``testnet`` or ``mainnet``; null before a run.
        round: The last round opened.
        ts_ms: Market time.
        seq: The last event of the journal.
        halted: Whether one of the arena's own breakers has stopped trading.
        trading_mode: What orders may do now: the strictest of what a person, breakers and an emergency say.
        asked_mode: What a person lets them do.
        emergency: Where an emergency stop stands; null where none was asked for.
        unseen_alerts: How many alerts nobody has acknowledged.
        unsynced: Whose account can't be trusted to be the venue's.
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
    trading_mode: TradingMode
    asked_mode: TradingMode
    emergency: Emergency | None
    unseen_alerts: int
    unsynced: list[str]
    outage: str | None
    finished: str
    started_time: str
    uptime_s: float
    speed: float | None
    socket: str
    address: str | None
    last_step_age_s: float | None


class CalibrationLine(Answer):
    """Round trips of about the same stated confidence, and how many of them won.

    Attributes:
        lower: Edge of the bin, which belongs to it.
        upper: Edge of the bin; of the last one it belongs to it too.
        trades: How many.
        stated_percent: Their mean confidence; null without any.
        won_percent: How many of a hundred won; null without any.
    """

    lower: float
    upper: float
    trades: int
    stated_percent: float | None
    won_percent: float | None


class ModelLine(Answer):
    """What an agent's models did for it over the window, and what that cost, in US dollars.

    Attributes:
        calls: Questions to models, answered or not.
        failed_calls: That brought no answer.
        repairs: That only mended the form of another answer.
        unpriced_calls: Whose cost nobody knows.
        cost_at_least: Of all other calls together; null where no call has a price.
        projected_daily_cost: Mean cost of a round × rounds per day; null where a cost is unknown.
        cost_per_alpha: Dollars spent per dollar of P&L above buy & hold; null where a cost is unknown, the
            quote currency is no dollar, or nothing was earned above it.
        input_tokens: As far as providers said.
        output_tokens: Likewise.
        mean_latency_s: Of a call; null without any.
        refusals: Parts of answers that could not be used.
        failures: Failed decisions by kind, those there are.
        mean_confidence: Over decisions, 0 … 1.
        hit_rate_percent: Of round trips, those with a profit before fees and funding: the price went the way
            the agent had taken.
        brier_score: Mean squared difference of stated confidence and outcome (1 won, 0 not) over round trips:
            0 is perfect, 0.25 is what always saying one half gets.
        calibration: Stated confidence against outcome, bin by bin.
    """

    calls: int
    failed_calls: int
    repairs: int
    unpriced_calls: int
    cost_at_least: float | None
    projected_daily_cost: float | None
    cost_per_alpha: float | None
    input_tokens: int
    output_tokens: int
    mean_latency_s: float | None
    refusals: int
    failures: dict[str, int] | None
    mean_confidence: float | None
    hit_rate_percent: float | None
    brier_score: float | None
    calibration: list[CalibrationLine] | None


class RoutingLine(Answer):
    """What an agent's policy of cheap and powerful models came to over the window; costs are US dollars.

    Attributes:
        rounds_asked: In which a model was asked.
        rounds_skipped: In which none was, since nothing had moved.
        escalations: In which the decision was passed on to the powerful model.
        changed: Of those, in which it decided otherwise than the cheap ones.
        undecided: Of those, in which it gave no decision.
        withheld: In which the cheap models wanted to enter, and were not let.
        triggers: How often each made the decision the powerful model's.
        cheap_cost: Of questions to cheap models, as far as it is known.
        powerful_cost: Of those to the powerful one, likewise.
        other_cost: Of those in other roles, likewise.
        unpriced_calls: Whose cost nobody knows.
        powerful_share_percent: Of the cost; null where nothing was spent, or the cost of a call is unknown.
    """

    rounds_asked: int
    rounds_skipped: int
    escalations: int
    changed: int
    undecided: int
    withheld: int
    triggers: dict[str, int]
    cheap_cost: float
    powerful_cost: float
    other_cost: float
    unpriced_calls: int
    powerful_share_percent: float | None


class LeaderboardLine(Answer):
    """One agent's standing.

    Attributes:
        rank: From 1; equals share one. Null for an agent that can't take part and never decided.
        kind: Of agent.
        pnl: Profit over the window; since the start for ``all``.
        return_percent: The same, of the equity at the beginning of the window.
        trades: Round trips closed in the window.
        errors: Failed decisions in the window.
        cost: Spent on models, US dollars; null for agents that ask none, and where a price is unknown.
        sharpe: Annualised; null over fewer than 20 rounds.
        benched: Whether one of its breakers keeps it from trading.
        grounded: Why it can't take part, and what is to be done about it; empty: it can.
        equities: Its curve, oldest first.
        fees: Paid.
        biggest_win: P&L of the best round trip; null where none won.
        biggest_loss: P&L of the worst round trip; null where none lost.
        alpha: P&L above buy & hold with the same capital; null where that is unknown.
        net_pnl: P&L less the cost of models; null where that is unknown, or the quote currency is no dollar.
        net_rank: By net return; null where net P&L is.
        models: Null for agents that ask none.
        routing: Null for agents that neither ask cheap models first nor skip rounds.
    """

    rank: int | None
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
    grounded: str
    equities: list[float]
    fees: float
    biggest_win: float | None
    biggest_loss: float | None
    alpha: float | None
    net_pnl: float | None
    net_rank: int | None
    models: ModelLine | None
    routing: RoutingLine | None


class Leaderboard(Answer):
    """Who leads, best first."""

    run_id: str
    window: str
    quote: str | None
    ts_ms: int
    time: str
    rows: list[LeaderboardLine]
