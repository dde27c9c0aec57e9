-- The same facts in plain units: money in units of quote, quantities in base units, times in ISO 8601.

CREATE VIEW events_readable AS
SELECT seq, strftime('%Y-%m-%dT%H:%M:%fZ', ts_ms / 1000.0, 'unixepoch') AS time, ts_ms, run_id, kind, payload
FROM events;

CREATE VIEW competition_runs_readable AS
SELECT
    run_id, seq, bot, settings_digest, seed, market, venue, mode, quote,
    market_interval_ms / 1000.0 AS market_interval_s,
    round_interval_ms / 1000.0 AS round_interval_s,
    strftime('%Y-%m-%dT%H:%M:%fZ', start_ms / 1000.0, 'unixepoch') AS start_time,
    start_ms,
    capital_in_micros / 1000000.0 AS capital_in,
    rounds_limit,
    strftime('%Y-%m-%dT%H:%M:%fZ', end_ms / 1000.0, 'unixepoch') AS end_time,
    rounds_closed,
    strftime('%Y-%m-%dT%H:%M:%fZ', finished_ms / 1000.0, 'unixepoch') AS finished_time,
    finish_reason
FROM competition_runs;

CREATE VIEW competition_scores_readable AS
SELECT
    run_id, round, agent, strftime('%Y-%m-%dT%H:%M:%fZ', ts_ms / 1000.0, 'unixepoch') AS time, ts_ms,
    equity_micros / 1000000.0 AS equity
FROM competition_scores;

CREATE VIEW balances_readable AS
SELECT
    run_id, agent,
    cash_micros / 1000000.0 AS cash,
    capital_micros / 1000000.0 AS capital,
    realized_micros / 1000000.0 AS realized,
    fees_micros / 1000000.0 AS fees,
    funding_micros / 1000000.0 AS funding,
    strftime('%Y-%m-%dT%H:%M:%fZ', updated_ms / 1000.0, 'unixepoch') AS updated_time
FROM balances;

-- A lot size below 1 divides, so that a quantity is the float nearest to its decimal spelling.
CREATE VIEW positions_readable AS
SELECT
    p.run_id, p.agent, p.symbol,
    CASE WHEN i.lot_size < 1 THEN p.signed_lots / round(1 / i.lot_size)
         ELSE p.signed_lots * i.lot_size END AS signed_quantity,
    p.cost_micros / 1000000.0 AS cost,
    p.cost_micros / (p.signed_lots * i.lot_size * 1000000) AS entry_price,
    p.decision_id,
    strftime('%Y-%m-%dT%H:%M:%fZ', p.opened_ms / 1000.0, 'unixepoch') AS opened_time,
    strftime('%Y-%m-%dT%H:%M:%fZ', p.updated_ms / 1000.0, 'unixepoch') AS updated_time
FROM positions AS p
JOIN instruments AS i ON i.run_id = p.run_id AND i.symbol = p.symbol;

CREATE VIEW decisions_readable AS
SELECT
    d.run_id, d.decision_id, d.seq,
    strftime('%Y-%m-%dT%H:%M:%fZ', d.ts_ms / 1000.0, 'unixepoch') AS time, d.ts_ms,
    d.agent, d.round, d.confidence,
    t.symbol, t.exposure, t.stop, t.take_profit, t.confidence AS target_confidence, t.reason
FROM decisions AS d
LEFT JOIN decision_targets AS t ON t.run_id = d.run_id AND t.decision_id = d.decision_id;

CREATE VIEW orders_readable AS
SELECT
    o.run_id, o.order_id, o.parent_id, o.decision_id, o.agent, o.symbol, o.kind, o.purpose, o.side,
    CASE WHEN i.lot_size < 1 THEN o.lots / round(1 / i.lot_size) ELSE o.lots * i.lot_size END AS quantity,
    CASE WHEN i.lot_size < 1 THEN o.filled_lots / round(1 / i.lot_size)
         ELSE o.filled_lots * i.lot_size END AS filled_quantity,
    o.trigger_price, o.reduce_only, o.status, o.client_order_id,
    strftime('%Y-%m-%dT%H:%M:%fZ', o.created_ms / 1000.0, 'unixepoch') AS created_time,
    strftime('%Y-%m-%dT%H:%M:%fZ', o.updated_ms / 1000.0, 'unixepoch') AS updated_time,
    o.created_ms AS ts_ms, o.seq
FROM orders AS o
JOIN instruments AS i ON i.run_id = o.run_id AND i.symbol = o.symbol;

CREATE VIEW order_lifecycle_events_readable AS
SELECT
    run_id, order_id, seq, strftime('%Y-%m-%dT%H:%M:%fZ', ts_ms / 1000.0, 'unixepoch') AS time, ts_ms,
    status_before, status_after, rule, reason
FROM order_lifecycle_events;

CREATE VIEW fills_readable AS
SELECT
    f.run_id, f.fill_id, f.order_id, f.agent, f.symbol,
    strftime('%Y-%m-%dT%H:%M:%fZ', f.ts_ms / 1000.0, 'unixepoch') AS time, f.ts_ms,
    CASE WHEN i.lot_size < 1 THEN f.signed_lots / round(1 / i.lot_size)
         ELSE f.signed_lots * i.lot_size END AS signed_quantity,
    f.price,
    f.notional_micros / 1000000.0 AS notional,
    f.fee_micros / 1000000.0 AS fee,
    f.realized_micros / 1000000.0 AS realized,
    f.liquidity, f.seq
FROM fills AS f
JOIN instruments AS i ON i.run_id = f.run_id AND i.symbol = f.symbol;

CREATE VIEW trades_readable AS
SELECT
    t.run_id, t.seq, t.agent, t.symbol,
    CASE WHEN i.lot_size < 1 THEN t.signed_lots / round(1 / i.lot_size)
         ELSE t.signed_lots * i.lot_size END AS signed_quantity,
    strftime('%Y-%m-%dT%H:%M:%fZ', t.opened_ms / 1000.0, 'unixepoch') AS opened_time,
    strftime('%Y-%m-%dT%H:%M:%fZ', t.closed_ms / 1000.0, 'unixepoch') AS closed_time,
    t.closed_ms AS ts_ms,
    t.entry_price, t.exit_price,
    t.realized_micros / 1000000.0 AS realized,
    t.fees_micros / 1000000.0 AS fees,
    t.funding_micros / 1000000.0 AS funding,
    t.pnl_micros / 1000000.0 AS pnl,
    t.decision_id, t.exit_purpose, t.closing_fill_id
FROM trades AS t
JOIN instruments AS i ON i.run_id = t.run_id AND i.symbol = t.symbol;

CREATE VIEW funding_payments_readable AS
SELECT
    seq, run_id, strftime('%Y-%m-%dT%H:%M:%fZ', ts_ms / 1000.0, 'unixepoch') AS time, ts_ms,
    agent, symbol, rate, paid_micros / 1000000.0 AS paid
FROM funding_payments;

CREATE VIEW risk_events_readable AS
SELECT
    seq, run_id, strftime('%Y-%m-%dT%H:%M:%fZ', ts_ms / 1000.0, 'unixepoch') AS time, ts_ms,
    kind, scope, rule, order_id, value, limit_value, reason, stopped,
    strftime('%Y-%m-%dT%H:%M:%fZ', until_ms / 1000.0, 'unixepoch') AS until_time,
    by_whom, is_on
FROM risk_events;

CREATE VIEW breaker_events_readable AS
SELECT seq, run_id, time, ts_ms, kind, scope, rule AS breaker, value, limit_value, reason, stopped, until_time, by_whom
FROM risk_events_readable
WHERE kind IN ('breaker_tripped', 'breaker_reset');
