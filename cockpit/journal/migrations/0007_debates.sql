-- Debates: who said what before an agent decided, what it came to, and how right it was.

CREATE TABLE debate_sessions (
    run_id          TEXT    NOT NULL,
    debate_id       INTEGER NOT NULL,
    seq             INTEGER NOT NULL,
    ts_ms           INTEGER NOT NULL,
    agent           TEXT    NOT NULL,
    round           INTEGER NOT NULL,
    symbols         TEXT    NOT NULL,  -- JSON: a list
    agreement       REAL,              -- 0 … 1; NULL: too few opinions
    is_disagreed    INTEGER NOT NULL,  -- 1: below what settings ask for
    prompt_version  TEXT    NOT NULL,
    horizon_ms      INTEGER NOT NULL,  -- after which it shows whether a stance was right
    PRIMARY KEY (run_id, debate_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX debate_sessions_by_round ON debate_sessions (run_id, agent, round);
CREATE INDEX decisions_by_round ON decisions (run_id, agent, round);

CREATE TABLE debate_messages (
    run_id          TEXT    NOT NULL,
    debate_id       INTEGER NOT NULL,
    number          INTEGER NOT NULL,  -- in the order they are told
    turn            INTEGER NOT NULL,  -- 1: nobody has heard the others
    role            TEXT    NOT NULL,  -- bull, bear, …, judge; shadow: the judge without the debate
    model           TEXT    NOT NULL,
    argument        TEXT    NOT NULL,  -- the model's words, bounded, untrusted
    signals         TEXT    NOT NULL,  -- JSON: a list of the model's words
    tools           TEXT    NOT NULL,  -- JSON: a list of names
    failed          TEXT    NOT NULL,  -- empty where it said something
    call_id         INTEGER,           -- of llm_calls; NULL: none was made
    PRIMARY KEY (run_id, debate_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE debate_stances (
    run_id          TEXT    NOT NULL,
    debate_id       INTEGER NOT NULL,
    number          INTEGER NOT NULL,  -- of the message
    symbol          TEXT    NOT NULL,
    stance          TEXT    NOT NULL,  -- long, short, flat
    confidence      REAL,              -- 0 … 1
    PRIMARY KEY (run_id, debate_id, number, symbol)
) STRICT, WITHOUT ROWID;

-- Of the analysts alone: neither the judge nor its shadow has a part in it.
CREATE TABLE debate_consensus (
    run_id          TEXT    NOT NULL,
    debate_id       INTEGER NOT NULL,
    symbol          TEXT    NOT NULL,
    ts_ms           INTEGER NOT NULL,
    stance          TEXT,              -- NULL: nobody took any
    confidence      REAL,
    agreement       REAL,
    opinions        INTEGER NOT NULL,
    mark            REAL,              -- quote per base unit
    PRIMARY KEY (run_id, debate_id, symbol)
) STRICT, WITHOUT ROWID;
CREATE INDEX debate_consensus_by_time ON debate_consensus (run_id, symbol, ts_ms) WHERE mark IS NOT NULL;

-- decision_id is NULL where the agent failed to decide; what became of it is in ai_outcome_links.
CREATE VIEW debate_sessions_readable AS
SELECT
    s.run_id, s.debate_id, strftime('%Y-%m-%dT%H:%M:%fZ', s.ts_ms / 1000.0, 'unixepoch') AS time,
    s.agent, s.round, s.symbols, s.agreement, s.is_disagreed, s.prompt_version,
    s.horizon_ms / 1000.0 AS horizon_s,
    (SELECT min(d.decision_id) FROM decisions AS d
     WHERE d.run_id = s.run_id AND d.agent = s.agent AND d.round = s.round AND d.seq > s.seq) AS decision_id,
    s.seq
FROM debate_sessions AS s;

CREATE VIEW debate_outcomes AS
SELECT
    s.run_id, s.debate_id, s.agent, s.round, s.decision_id,
    l.symbol, l.order_id, l.role, l.outcome, l.reason, l.pnl_micros / 1000000.0 AS pnl
FROM debate_sessions_readable AS s
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
    i.taker_fee_rate
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
