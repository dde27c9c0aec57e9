-- Which of an agent's models decided: what was passed on to a powerful one, withheld from a cheap one, or
-- not asked at all. What each of them cost is in llm_calls, by role.

CREATE TABLE escalations (
    run_id                  TEXT    NOT NULL,
    seq                     INTEGER NOT NULL,
    ts_ms                   INTEGER NOT NULL,
    agent                   TEXT    NOT NULL,
    round                   INTEGER NOT NULL,
    triggers                TEXT    NOT NULL,  -- JSON: a list
    reason                  TEXT    NOT NULL,
    cheap                   TEXT    NOT NULL,  -- JSON: a list of models
    powerful                TEXT    NOT NULL,
    changed                 INTEGER,           -- 1: it decided otherwise; NULL: it gave no decision
    cheap_cost_micros       INTEGER,           -- micro-dollars; NULL: nobody knows
    powerful_cost_micros    INTEGER,
    PRIMARY KEY (run_id, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX escalations_by_round ON escalations (run_id, agent, round);

CREATE VIEW escalations_readable AS
SELECT
    run_id, strftime('%Y-%m-%dT%H:%M:%fZ', ts_ms / 1000.0, 'unixepoch') AS time, agent, round, triggers, reason,
    cheap, powerful, changed,
    cheap_cost_micros / 1000000.0 AS cheap_cost_usd,
    powerful_cost_micros / 1000000.0 AS powerful_cost_usd,
    seq
FROM escalations;

CREATE TABLE withheld_entries (
    run_id          TEXT    NOT NULL,
    seq             INTEGER NOT NULL,
    ts_ms           INTEGER NOT NULL,
    agent           TEXT    NOT NULL,
    round           INTEGER NOT NULL,
    symbol          TEXT    NOT NULL,
    PRIMARY KEY (run_id, seq, symbol)
) STRICT, WITHOUT ROWID;

CREATE TABLE skipped_rounds (
    run_id          TEXT    NOT NULL,
    seq             INTEGER NOT NULL,
    ts_ms           INTEGER NOT NULL,
    agent           TEXT    NOT NULL,
    round           INTEGER NOT NULL,
    reason          TEXT    NOT NULL,
    PRIMARY KEY (run_id, seq)
) STRICT, WITHOUT ROWID;
