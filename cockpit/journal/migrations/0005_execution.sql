-- Orders of every kind, what their fills did to positions, what keeps orders from being sent, and what
-- became of decisions.

ALTER TABLE orders ADD COLUMN limit_price REAL;
ALTER TABLE orders ADD COLUMN trail_distance REAL;                       -- quote per base unit
ALTER TABLE orders ADD COLUMN time_in_force TEXT NOT NULL DEFAULT 'gtc';
ALTER TABLE orders ADD COLUMN strategy TEXT;                             -- whose share of its parent it is
ALTER TABLE orders ADD COLUMN is_split INTEGER NOT NULL DEFAULT 0;       -- 1: only the sum of its children
ALTER TABLE orders ADD COLUMN live_ms INTEGER NOT NULL DEFAULT 0;        -- when it reaches the venue

-- What an order asked for from then on: said when it is created and when it is amended, else NULL.
ALTER TABLE order_lifecycle_events ADD COLUMN lots INTEGER;              -- unsigned
ALTER TABLE order_lifecycle_events ADD COLUMN trigger_price REAL;
ALTER TABLE order_lifecycle_events ADD COLUMN limit_price REAL;
-- What the rule that denied it measured, and what it must not pass.
ALTER TABLE order_lifecycle_events ADD COLUMN value REAL;
ALTER TABLE order_lifecycle_events ADD COLUMN limit_value REAL;

-- A position is named by the fill that opened it.
ALTER TABLE fills ADD COLUMN trade_id TEXT NOT NULL DEFAULT '';          -- the venue's
ALTER TABLE fills ADD COLUMN slippage_micros INTEGER NOT NULL DEFAULT 0; -- > 0 lost
ALTER TABLE fills ADD COLUMN position_fill_id INTEGER;                   -- the position it met; itself: met none
CREATE INDEX fills_by_position ON fills (run_id, position_fill_id);

ALTER TABLE positions ADD COLUMN entry_lots INTEGER NOT NULL DEFAULT 0;  -- the most it has held, unsigned
ALTER TABLE positions ADD COLUMN realized_micros INTEGER NOT NULL DEFAULT 0; -- since it was opened, before fees
ALTER TABLE positions ADD COLUMN fees_micros INTEGER NOT NULL DEFAULT 0;
ALTER TABLE positions ADD COLUMN funding_micros INTEGER NOT NULL DEFAULT 0;
ALTER TABLE positions ADD COLUMN order_id INTEGER;                       -- the order that opened it
ALTER TABLE positions ADD COLUMN opening_fill_id INTEGER;

-- Each position as a fill left it.
CREATE TABLE position_snapshots (
    run_id          TEXT    NOT NULL,
    fill_id         INTEGER NOT NULL,
    seq             INTEGER NOT NULL,
    ts_ms           INTEGER NOT NULL,
    agent           TEXT    NOT NULL,
    symbol          TEXT    NOT NULL,
    signed_lots     INTEGER NOT NULL,  -- 0: closed
    cost_micros     INTEGER NOT NULL,
    entry_lots      INTEGER NOT NULL,
    realized_micros INTEGER NOT NULL,
    fees_micros     INTEGER NOT NULL,
    funding_micros  INTEGER NOT NULL,
    decision_id     INTEGER,
    order_id        INTEGER,
    opening_fill_id INTEGER NOT NULL,
    PRIMARY KEY (run_id, fill_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX position_snapshots_by_symbol ON position_snapshots (run_id, agent, symbol, seq);

ALTER TABLE trades ADD COLUMN lowest_price REAL;                         -- seen while it was held
ALTER TABLE trades ADD COLUMN highest_price REAL;
ALTER TABLE trades ADD COLUMN opening_fill_id INTEGER;                   -- the fill that opened it
CREATE INDEX trades_by_opening_fill ON trades (run_id, opening_fill_id);

ALTER TABLE balances ADD COLUMN covered_micros INTEGER NOT NULL DEFAULT 0;  -- losses the venue bore
ALTER TABLE balances ADD COLUMN slippage_micros INTEGER NOT NULL DEFAULT 0; -- > 0 lost; in the prices paid

-- More kinds: margin_exhausted (value: equity, limit_value: maintenance, both in quote), shortfall_covered
-- (value: the amount, in quote), report_refused, account_synced, entries_locked (rule: the protection),
-- trading_mode_set, emergency_advanced (value: the attempt) and alert_acknowledged.
ALTER TABLE risk_events ADD COLUMN symbol TEXT;
ALTER TABLE risk_events ADD COLUMN price REAL;                           -- the liquidation price
ALTER TABLE risk_events ADD COLUMN state TEXT;                           -- trading mode or emergency stage
ALTER TABLE risk_events ADD COLUMN alert_seq INTEGER;                    -- the event that raised the alert
CREATE INDEX risk_events_by_run ON risk_events (run_id, seq);
CREATE INDEX funding_payments_by_symbol ON funding_payments (run_id, agent, symbol, seq);
CREATE INDEX orders_by_symbol ON orders (run_id, agent, symbol, seq);

-- What became of a decision: a row for each order it asked for.
CREATE TABLE ai_outcome_links (
    run_id          TEXT    NOT NULL,
    order_id        INTEGER NOT NULL,
    decision_id     INTEGER NOT NULL,
    agent           TEXT    NOT NULL,
    symbol          TEXT    NOT NULL,
    role            TEXT,              -- entry: opened or enlarged a position; exit: reduced one; NULL: unfilled
    fills           INTEGER NOT NULL DEFAULT 0,
    signed_lots     INTEGER NOT NULL DEFAULT 0,  -- filled
    opening_fill_id INTEGER,           -- the position it was part of
    trade_seq       INTEGER,           -- the round trip that position became, once closed
    pnl_micros      INTEGER,           -- of the whole round trip, fees and funding counted; NULL for an exit
    outcome         TEXT    NOT NULL,  -- pending, win, loss or none
    reason          TEXT    NOT NULL,  -- why there is none
    updated_ms      INTEGER NOT NULL,
    PRIMARY KEY (run_id, order_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX ai_outcome_links_by_decision ON ai_outcome_links (run_id, decision_id);
CREATE INDEX ai_outcome_links_by_position ON ai_outcome_links (run_id, opening_fill_id);

DROP VIEW balances_readable;
CREATE VIEW balances_readable AS
SELECT
    run_id, agent,
    cash_micros / 1000000.0 AS cash,
    capital_micros / 1000000.0 AS capital,
    realized_micros / 1000000.0 AS realized,
    fees_micros / 1000000.0 AS fees,
    funding_micros / 1000000.0 AS funding,
    slippage_micros / 1000000.0 AS slippage,
    covered_micros / 1000000.0 AS covered,
    strftime('%Y-%m-%dT%H:%M:%fZ', updated_ms / 1000.0, 'unixepoch') AS updated_time
FROM balances;

DROP VIEW positions_readable;
CREATE VIEW positions_readable AS
SELECT
    p.run_id, p.agent, p.symbol,
    CASE WHEN i.lot_size < 1 THEN p.signed_lots / round(1 / i.lot_size)
         ELSE p.signed_lots * i.lot_size END AS signed_quantity,
    p.cost_micros / 1000000.0 AS cost,
    p.cost_micros / (p.signed_lots * i.lot_size * 1000000) AS entry_price,
    p.realized_micros / 1000000.0 AS realized,
    p.fees_micros / 1000000.0 AS fees,
    p.funding_micros / 1000000.0 AS funding,
    p.decision_id, p.order_id, p.opening_fill_id,
    strftime('%Y-%m-%dT%H:%M:%fZ', p.opened_ms / 1000.0, 'unixepoch') AS opened_time,
    strftime('%Y-%m-%dT%H:%M:%fZ', p.updated_ms / 1000.0, 'unixepoch') AS updated_time
FROM positions AS p
JOIN instruments AS i ON i.run_id = p.run_id AND i.symbol = p.symbol;

CREATE VIEW position_snapshots_readable AS
SELECT
    p.run_id, p.fill_id, p.seq, strftime('%Y-%m-%dT%H:%M:%fZ', p.ts_ms / 1000.0, 'unixepoch') AS time, p.ts_ms,
    p.agent, p.symbol,
    CASE WHEN i.lot_size < 1 THEN p.signed_lots / round(1 / i.lot_size)
         ELSE p.signed_lots * i.lot_size END AS signed_quantity,
    CASE WHEN p.signed_lots = 0 THEN NULL
         ELSE p.cost_micros / (p.signed_lots * i.lot_size * 1000000) END AS entry_price,
    p.realized_micros / 1000000.0 AS realized,
    p.fees_micros / 1000000.0 AS fees,
    p.funding_micros / 1000000.0 AS funding,
    p.decision_id, p.order_id, p.opening_fill_id
FROM position_snapshots AS p
JOIN instruments AS i ON i.run_id = p.run_id AND i.symbol = p.symbol;

DROP VIEW orders_readable;
CREATE VIEW orders_readable AS
SELECT
    o.run_id, o.order_id, o.parent_id, o.decision_id, o.agent, o.symbol, o.kind, o.purpose, o.side,
    CASE WHEN i.lot_size < 1 THEN o.lots / round(1 / i.lot_size) ELSE o.lots * i.lot_size END AS quantity,
    CASE WHEN i.lot_size < 1 THEN o.filled_lots / round(1 / i.lot_size)
         ELSE o.filled_lots * i.lot_size END AS filled_quantity,
    o.limit_price, o.trigger_price, o.trail_distance, o.time_in_force, o.strategy, o.is_split,
    o.reduce_only, o.status, o.client_order_id,
    strftime('%Y-%m-%dT%H:%M:%fZ', o.created_ms / 1000.0, 'unixepoch') AS created_time,
    strftime('%Y-%m-%dT%H:%M:%fZ', o.live_ms / 1000.0, 'unixepoch') AS live_time,
    strftime('%Y-%m-%dT%H:%M:%fZ', o.updated_ms / 1000.0, 'unixepoch') AS updated_time,
    o.created_ms AS ts_ms, o.seq
FROM orders AS o
JOIN instruments AS i ON i.run_id = o.run_id AND i.symbol = o.symbol;

DROP VIEW order_lifecycle_events_readable;
CREATE VIEW order_lifecycle_events_readable AS
SELECT
    e.run_id, e.order_id, e.seq, strftime('%Y-%m-%dT%H:%M:%fZ', e.ts_ms / 1000.0, 'unixepoch') AS time, e.ts_ms,
    e.status_before, e.status_after, e.rule, e.value, e.limit_value, e.reason,
    CASE WHEN i.lot_size < 1 THEN e.lots / round(1 / i.lot_size) ELSE e.lots * i.lot_size END AS quantity,
    e.trigger_price, e.limit_price
FROM order_lifecycle_events AS e
JOIN orders AS o ON o.run_id = e.run_id AND o.order_id = e.order_id
JOIN instruments AS i ON i.run_id = o.run_id AND i.symbol = o.symbol;

DROP VIEW fills_readable;
CREATE VIEW fills_readable AS
SELECT
    f.run_id, f.fill_id, f.order_id, f.agent, f.symbol,
    strftime('%Y-%m-%dT%H:%M:%fZ', f.ts_ms / 1000.0, 'unixepoch') AS time, f.ts_ms,
    CASE WHEN i.lot_size < 1 THEN f.signed_lots / round(1 / i.lot_size)
         ELSE f.signed_lots * i.lot_size END AS signed_quantity,
    f.price,
    f.notional_micros / 1000000.0 AS notional,
    f.fee_micros / 1000000.0 AS fee,
    f.slippage_micros / 1000000.0 AS slippage,
    f.realized_micros / 1000000.0 AS realized,
    f.liquidity, f.trade_id, f.position_fill_id, f.seq
FROM fills AS f
JOIN instruments AS i ON i.run_id = f.run_id AND i.symbol = f.symbol;

-- Excursions are fractions of the entry price: the furthest against the trade, and the furthest its way.
DROP VIEW trades_readable;
CREATE VIEW trades_readable AS
SELECT
    t.run_id, t.seq, t.agent, t.symbol,
    CASE WHEN i.lot_size < 1 THEN t.signed_lots / round(1 / i.lot_size)
         ELSE t.signed_lots * i.lot_size END AS signed_quantity,
    strftime('%Y-%m-%dT%H:%M:%fZ', t.opened_ms / 1000.0, 'unixepoch') AS opened_time,
    strftime('%Y-%m-%dT%H:%M:%fZ', t.closed_ms / 1000.0, 'unixepoch') AS closed_time,
    t.closed_ms AS ts_ms, t.closed_ms - t.opened_ms AS held_ms,
    t.entry_price, t.exit_price, t.lowest_price, t.highest_price,
    CASE WHEN t.signed_lots > 0 THEN max(0.0, (t.entry_price - t.lowest_price) / t.entry_price)
         ELSE max(0.0, (t.highest_price - t.entry_price) / t.entry_price) END AS adverse_excursion,
    CASE WHEN t.signed_lots > 0 THEN max(0.0, (t.highest_price - t.entry_price) / t.entry_price)
         ELSE max(0.0, (t.entry_price - t.lowest_price) / t.entry_price) END AS favorable_excursion,
    t.realized_micros / 1000000.0 AS realized,
    t.fees_micros / 1000000.0 AS fees,
    t.funding_micros / 1000000.0 AS funding,
    t.pnl_micros / 1000000.0 AS pnl,
    t.decision_id, t.exit_purpose, t.opening_fill_id, t.closing_fill_id
FROM trades AS t
JOIN instruments AS i ON i.run_id = t.run_id AND i.symbol = t.symbol;

CREATE VIEW ai_outcome_links_readable AS
SELECT
    l.run_id, l.decision_id, l.order_id, l.agent, l.symbol, l.role, l.fills,
    CASE WHEN i.lot_size < 1 THEN l.signed_lots / round(1 / i.lot_size)
         ELSE l.signed_lots * i.lot_size END AS signed_quantity,
    l.opening_fill_id, l.trade_seq,
    l.pnl_micros / 1000000.0 AS pnl,
    l.outcome, l.reason,
    strftime('%Y-%m-%dT%H:%M:%fZ', l.updated_ms / 1000.0, 'unixepoch') AS updated_time
FROM ai_outcome_links AS l
JOIN instruments AS i ON i.run_id = l.run_id AND i.symbol = l.symbol;

DROP VIEW breaker_events_readable;
DROP VIEW risk_events_readable;
CREATE VIEW risk_events_readable AS
SELECT
    seq, run_id, strftime('%Y-%m-%dT%H:%M:%fZ', ts_ms / 1000.0, 'unixepoch') AS time, ts_ms,
    kind, scope, symbol, rule, order_id, value, limit_value, price, state, reason, stopped,
    strftime('%Y-%m-%dT%H:%M:%fZ', until_ms / 1000.0, 'unixepoch') AS until_time,
    by_whom, is_on, alert_seq
FROM risk_events;

CREATE VIEW breaker_events_readable AS
SELECT seq, run_id, time, ts_ms, kind, scope, rule AS breaker, value, limit_value, reason, stopped, until_time, by_whom
FROM risk_events_readable
WHERE kind IN ('breaker_tripped', 'breaker_reset');
