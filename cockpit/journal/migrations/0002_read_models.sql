-- Read models: written in the transaction of the events they come from, and remade by `cockpit rebuild`.
-- Times are UTC milliseconds, money is micro-units of the run's quote currency, prices are quote per base
-- unit, quantities are lots of the instrument. Ids count within a run.

CREATE TABLE competition_runs (
    run_id             TEXT    PRIMARY KEY,
    seq                INTEGER NOT NULL,
    bot                TEXT    NOT NULL,
    settings_digest    TEXT    NOT NULL,
    seed               INTEGER NOT NULL,
    market             TEXT    NOT NULL,
    venue              TEXT    NOT NULL,
    mode               TEXT    NOT NULL,
    quote              TEXT    NOT NULL,
    market_interval_ms INTEGER NOT NULL,
    round_interval_ms  INTEGER NOT NULL,
    start_ms           INTEGER NOT NULL,
    capital_in_micros  INTEGER NOT NULL,
    rounds_limit       INTEGER,
    end_ms             INTEGER,
    rounds_closed      INTEGER NOT NULL DEFAULT 0,
    finished_ms        INTEGER,
    finish_reason      TEXT
) STRICT;
CREATE INDEX competition_runs_by_seq ON competition_runs (seq);

CREATE TABLE instruments (
    run_id              TEXT    NOT NULL,
    symbol              TEXT    NOT NULL,
    base                TEXT    NOT NULL,
    quote               TEXT    NOT NULL,
    tick_size           REAL    NOT NULL,
    lot_size            REAL    NOT NULL,
    min_notional_micros INTEGER NOT NULL,
    maker_fee_rate      REAL    NOT NULL,
    taker_fee_rate      REAL    NOT NULL,
    max_leverage        REAL    NOT NULL,
    funding_interval_ms INTEGER,
    PRIMARY KEY (run_id, symbol)
) STRICT, WITHOUT ROWID;

CREATE TABLE contestants (
    run_id  TEXT    NOT NULL,
    agent   TEXT    NOT NULL,
    place   INTEGER NOT NULL,  -- on the start list, from 0
    kind    TEXT    NOT NULL,
    summary TEXT    NOT NULL,
    PRIMARY KEY (run_id, agent)
) STRICT, WITHOUT ROWID;

CREATE TABLE competition_rounds (
    run_id    TEXT    NOT NULL,
    round     INTEGER NOT NULL,
    opened_ms INTEGER NOT NULL,
    view_hash TEXT    NOT NULL,
    PRIMARY KEY (run_id, round)
) STRICT, WITHOUT ROWID;

CREATE TABLE competition_scores (
    run_id        TEXT    NOT NULL,
    round         INTEGER NOT NULL,
    agent         TEXT    NOT NULL,
    ts_ms         INTEGER NOT NULL,
    equity_micros INTEGER NOT NULL,
    PRIMARY KEY (run_id, round, agent)
) STRICT, WITHOUT ROWID;

CREATE TABLE balances (
    run_id          TEXT    NOT NULL,
    agent           TEXT    NOT NULL,
    cash_micros     INTEGER NOT NULL DEFAULT 0,  -- capital + realized - fees - funding
    capital_micros  INTEGER NOT NULL DEFAULT 0,
    realized_micros INTEGER NOT NULL DEFAULT 0,
    fees_micros     INTEGER NOT NULL DEFAULT 0,
    funding_micros  INTEGER NOT NULL DEFAULT 0,  -- > 0 paid
    updated_ms      INTEGER NOT NULL,
    PRIMARY KEY (run_id, agent)
) STRICT, WITHOUT ROWID;

CREATE TABLE positions (
    run_id      TEXT    NOT NULL,
    agent       TEXT    NOT NULL,
    symbol      TEXT    NOT NULL,
    signed_lots INTEGER NOT NULL,  -- never 0: a closed position has no row
    cost_micros INTEGER NOT NULL,  -- entry notional, signed like the lots
    opened_ms   INTEGER NOT NULL,
    decision_id INTEGER,           -- the decision that opened it
    updated_ms  INTEGER NOT NULL,
    PRIMARY KEY (run_id, agent, symbol)
) STRICT, WITHOUT ROWID;

CREATE TABLE decisions (
    run_id      TEXT    NOT NULL,
    decision_id INTEGER NOT NULL,
    seq         INTEGER NOT NULL,
    ts_ms       INTEGER NOT NULL,
    agent       TEXT    NOT NULL,
    round       INTEGER NOT NULL,
    confidence  REAL,
    PRIMARY KEY (run_id, decision_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE decision_targets (
    run_id      TEXT    NOT NULL,
    decision_id INTEGER NOT NULL,
    symbol      TEXT    NOT NULL,
    exposure    REAL    NOT NULL,  -- fraction of the symbol's share of equity, -1 ... 1
    stop        REAL,
    take_profit REAL,
    confidence  REAL,
    reason      TEXT    NOT NULL,
    PRIMARY KEY (run_id, decision_id, symbol)
) STRICT, WITHOUT ROWID;

CREATE TABLE decision_failures (
    seq     INTEGER PRIMARY KEY,
    run_id  TEXT    NOT NULL,
    ts_ms   INTEGER NOT NULL,
    agent   TEXT    NOT NULL,
    round   INTEGER NOT NULL,
    failure TEXT    NOT NULL,
    message TEXT    NOT NULL
) STRICT;

CREATE TABLE orders (
    run_id          TEXT    NOT NULL,
    order_id        INTEGER NOT NULL,
    parent_id       INTEGER,
    decision_id     INTEGER,
    agent           TEXT    NOT NULL,
    symbol          TEXT    NOT NULL,
    kind            TEXT    NOT NULL,
    side            TEXT    NOT NULL,
    lots            INTEGER NOT NULL,  -- unsigned: side says which way
    status          TEXT    NOT NULL,
    filled_lots     INTEGER NOT NULL,  -- unsigned
    purpose         TEXT    NOT NULL,
    trigger_price   REAL,
    reduce_only     INTEGER NOT NULL,  -- 0 or 1
    client_order_id TEXT    NOT NULL,
    created_ms      INTEGER NOT NULL,
    updated_ms      INTEGER NOT NULL,
    seq             INTEGER NOT NULL,
    PRIMARY KEY (run_id, order_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX orders_by_decision ON orders (run_id, decision_id) WHERE decision_id IS NOT NULL;
CREATE INDEX orders_by_parent ON orders (run_id, parent_id) WHERE parent_id IS NOT NULL;

CREATE TABLE order_lifecycle_events (
    run_id        TEXT    NOT NULL,
    order_id      INTEGER NOT NULL,
    seq           INTEGER NOT NULL,
    ts_ms         INTEGER NOT NULL,
    status_before TEXT,              -- NULL: created
    status_after  TEXT    NOT NULL,
    rule          TEXT,              -- the risk rule that denied it
    reason        TEXT    NOT NULL,
    PRIMARY KEY (run_id, order_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE fills (
    run_id          TEXT    NOT NULL,
    fill_id         INTEGER NOT NULL,
    order_id        INTEGER NOT NULL,
    agent           TEXT    NOT NULL,
    symbol          TEXT    NOT NULL,
    ts_ms           INTEGER NOT NULL,
    signed_lots     INTEGER NOT NULL,  -- > 0 bought
    price           REAL    NOT NULL,
    fee_micros      INTEGER NOT NULL,  -- > 0 paid
    liquidity       TEXT    NOT NULL,
    notional_micros INTEGER NOT NULL,  -- unsigned
    realized_micros INTEGER NOT NULL,  -- before fees
    seq             INTEGER NOT NULL,
    PRIMARY KEY (run_id, fill_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX fills_by_order ON fills (run_id, order_id);

CREATE TABLE trades (
    seq             INTEGER PRIMARY KEY,
    run_id          TEXT    NOT NULL,
    agent           TEXT    NOT NULL,
    symbol          TEXT    NOT NULL,
    signed_lots     INTEGER NOT NULL,  -- the most it held; > 0 was long
    opened_ms       INTEGER NOT NULL,
    closed_ms       INTEGER NOT NULL,
    entry_price     REAL    NOT NULL,
    exit_price      REAL    NOT NULL,
    realized_micros INTEGER NOT NULL,  -- before fees and funding
    fees_micros     INTEGER NOT NULL,
    funding_micros  INTEGER NOT NULL,  -- > 0 paid
    pnl_micros      INTEGER NOT NULL,  -- fees and funding counted
    decision_id     INTEGER,           -- the decision that opened it
    exit_purpose    TEXT    NOT NULL,
    closing_fill_id INTEGER            -- the fill that closed it
) STRICT;
CREATE INDEX trades_by_decision ON trades (run_id, decision_id) WHERE decision_id IS NOT NULL;
CREATE INDEX trades_by_closing_fill ON trades (run_id, closing_fill_id);

CREATE TABLE funding_payments (
    seq         INTEGER PRIMARY KEY,
    run_id      TEXT    NOT NULL,
    ts_ms       INTEGER NOT NULL,
    agent       TEXT    NOT NULL,
    symbol      TEXT    NOT NULL,
    rate        REAL    NOT NULL,  -- fraction of notional per interval
    paid_micros INTEGER NOT NULL   -- > 0 paid
) STRICT;

-- Denied orders, breakers tripped and reset, the kill switch, and times without a journal.
CREATE TABLE risk_events (
    seq           INTEGER PRIMARY KEY,
    run_id        TEXT    NOT NULL,
    ts_ms         INTEGER NOT NULL,
    kind          TEXT    NOT NULL,  -- order_denied, breaker_tripped, breaker_reset, kill_switch_set, journal_outage
    scope         TEXT    NOT NULL,  -- an agent, or 'arena'
    rule          TEXT,              -- the risk rule or breaker
    order_id      INTEGER,
    value         REAL,              -- what was measured
    limit_value   REAL,              -- what it must not reach
    reason        TEXT    NOT NULL,
    stopped       TEXT,
    until_ms      INTEGER,           -- when it re-arms by itself
    by_whom       TEXT,
    is_on         INTEGER            -- the kill switch: 0 or 1
) STRICT;
