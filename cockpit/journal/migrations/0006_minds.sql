-- What models were asked and what they said, what it cost, and what agents expect of their positions.

CREATE TABLE llm_calls (
    run_id          TEXT    NOT NULL,
    call_id         INTEGER NOT NULL,
    seq             INTEGER NOT NULL,
    ts_ms           INTEGER NOT NULL,  -- market time of its round
    agent           TEXT    NOT NULL,
    round           INTEGER NOT NULL,
    role            TEXT    NOT NULL,  -- decide, repair, judge, bull, …
    model           TEXT    NOT NULL,
    key             TEXT    NOT NULL,  -- equal for equal requests
    request         TEXT    NOT NULL,  -- JSON: messages, parameters, tools, schema
    reply           TEXT    NOT NULL,  -- the model's words, untrusted
    raw             TEXT    NOT NULL,  -- the provider's answer, JSON, untrusted
    finish_reason   TEXT    NOT NULL,
    fault           TEXT    NOT NULL,  -- empty where there is an answer
    error           TEXT    NOT NULL,
    input_tokens    INTEGER,           -- NULL: the provider did not say
    output_tokens   INTEGER,
    cost_micros     INTEGER,           -- micro-dollars; NULL: nobody knows
    latency_ms      INTEGER NOT NULL,
    attempts        INTEGER NOT NULL,
    asked_ms        INTEGER NOT NULL,  -- real time
    PRIMARY KEY (run_id, call_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX llm_calls_by_round ON llm_calls (run_id, agent, round);
CREATE INDEX llm_calls_by_asking ON llm_calls (asked_ms);
-- What figures are made of, so that no prompt is read for them.
CREATE INDEX llm_calls_figures ON llm_calls (
    run_id, call_id, agent, ts_ms, role, fault, input_tokens, output_tokens, cost_micros, latency_ms
);

CREATE VIEW llm_calls_readable AS
SELECT
    run_id, call_id, strftime('%Y-%m-%dT%H:%M:%fZ', ts_ms / 1000.0, 'unixepoch') AS time, agent, round, role,
    model, reply, finish_reason, fault, error, input_tokens, output_tokens,
    cost_micros / 1000000.0 AS cost_usd,
    latency_ms / 1000.0 AS latency_s,
    attempts,
    strftime('%Y-%m-%dT%H:%M:%fZ', asked_ms / 1000.0, 'unixepoch') AS asked_time
FROM llm_calls;

ALTER TABLE decision_targets ADD COLUMN quantity REAL;         -- base units, unsigned; NULL: by exposure
ALTER TABLE decision_targets ADD COLUMN leverage REAL;
ALTER TABLE decision_targets ADD COLUMN risk REAL;             -- quote the agent is ready to lose
ALTER TABLE decision_targets ADD COLUMN invalidation TEXT;     -- NULL: no thesis

-- What of an answer could not be used, in the order it was said.
CREATE TABLE decision_refusals (
    run_id          TEXT    NOT NULL,
    decision_id     INTEGER NOT NULL,
    number          INTEGER NOT NULL,
    reason          TEXT    NOT NULL,
    PRIMARY KEY (run_id, decision_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE broken_theses (
    run_id          TEXT    NOT NULL,
    seq             INTEGER NOT NULL,
    ts_ms           INTEGER NOT NULL,
    agent           TEXT    NOT NULL,
    symbol          TEXT    NOT NULL,
    condition       TEXT    NOT NULL,
    closes          INTEGER NOT NULL,  -- 1: the position is closed for it
    PRIMARY KEY (run_id, seq)
) STRICT, WITHOUT ROWID;
