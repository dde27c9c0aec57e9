-- Debates that people ask for, beside those that agents hold to decide.
-- Read models are made anew from the events after this.
DROP VIEW debate_forecasts;
DROP VIEW debate_outcomes;
DROP VIEW debate_sessions_readable;
DROP TABLE debate_sessions;

CREATE TABLE debate_sessions (
    run_id          TEXT    NOT NULL,
    debate_id       INTEGER NOT NULL,
    seq             INTEGER NOT NULL,            -- of the event that told of it last
    ts_ms           INTEGER NOT NULL,            -- of that event
    agent           TEXT    NOT NULL,
    round           INTEGER NOT NULL,            -- of one that was asked for: the last before it
    symbols         TEXT    NOT NULL,            -- JSON: a list
    asked           INTEGER NOT NULL,            -- 1: somebody asked for it; 0: it was held for a round
    asked_ms        INTEGER,                     -- when; NULL: nobody asked
    "by"            TEXT,                        -- who asked; NULL: nobody did
    execute         INTEGER NOT NULL DEFAULT 0,  -- 1: the verdict is to be acted upon as the agent's decision
    status          TEXT    NOT NULL,            -- under_way, held, failed (no verdict), abandoned (no debate)
    reason          TEXT    NOT NULL DEFAULT '', -- why it failed or was abandoned
    decision_id     INTEGER,                     -- what it led to; NULL: nothing
    agreement       REAL,                        -- 0 … 1; NULL: too few opinions
    is_disagreed    INTEGER NOT NULL DEFAULT 0,  -- 1: below what settings ask for
    prompt_version  TEXT,                        -- NULL: nothing was said, or not yet
    horizon_ms      INTEGER,                     -- after which it shows whether a stance was right; likewise
    proposal        TEXT    NOT NULL DEFAULT '[]', -- JSON: the judge's targets, where somebody asked
    refused         TEXT    NOT NULL DEFAULT '[]', -- JSON: what of its answer could not be used, likewise
    checks          TEXT    NOT NULL DEFAULT '[]', -- JSON: what the risk gate says of its orders, likewise
    PRIMARY KEY (run_id, debate_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX debate_sessions_by_round ON debate_sessions (run_id, agent, round);

ALTER TABLE llm_calls ADD COLUMN debate_id INTEGER;  -- that somebody asked for; NULL: made for a round

CREATE VIEW debate_sessions_readable AS
SELECT
    run_id, debate_id, strftime('%Y-%m-%dT%H:%M:%fZ', ts_ms / 1000.0, 'unixepoch') AS time,
    agent, round, symbols, asked, "by", execute, status, reason, agreement, is_disagreed, prompt_version,
    horizon_ms / 1000.0 AS horizon_s, decision_id, proposal, refused, checks, seq
FROM debate_sessions;

CREATE VIEW debate_outcomes AS
SELECT
    s.run_id, s.debate_id, s.agent, s.round, s.decision_id,
    l.symbol, l.order_id, l.role, l.outcome, l.reason, l.pnl_micros / 1000000.0 AS pnl
FROM debate_sessions AS s
JOIN ai_outcome_links AS l ON l.run_id = s.run_id AND l.decision_id = s.decision_id;

-- A role's last word on an instrument, the price then, and the first price that a debate of the run noted
-- once the horizon had passed; none that is noted more than another horizon later.
CREATE VIEW debate_forecasts AS
SELECT
    s.run_id, s.debate_id, m.number, s.agent, m.role, t.symbol, s.ts_ms, t.stance, t.confidence, c.mark AS mark,
    (SELECT later.mark FROM debate_consensus AS later
     WHERE later.run_id = s.run_id AND later.symbol = t.symbol AND later.mark IS NOT NULL
     AND later.ts_ms >= s.ts_ms + s.horizon_ms AND later.ts_ms <= s.ts_ms + 2 * s.horizon_ms
     ORDER BY later.ts_ms LIMIT 1) AS mark_after,
    i.taker_fee_rate, s.seq
FROM debate_sessions AS s
JOIN debate_messages AS m ON m.run_id = s.run_id AND m.debate_id = s.debate_id
JOIN debate_stances AS t ON t.run_id = m.run_id AND t.debate_id = m.debate_id AND t.number = m.number
JOIN debate_consensus AS c ON c.run_id = s.run_id AND c.debate_id = s.debate_id AND c.symbol = t.symbol
JOIN instruments AS i ON i.run_id = s.run_id AND i.symbol = t.symbol
WHERE NOT EXISTS (
    SELECT 1 FROM debate_messages AS again
    JOIN debate_stances AS anew
    ON anew.run_id = again.run_id AND anew.debate_id = again.debate_id AND anew.number = again.number
    WHERE again.run_id = m.run_id AND again.debate_id = m.debate_id AND again.role = m.role
    AND again.number > m.number AND anew.symbol = t.symbol
);
