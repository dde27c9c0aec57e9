-- Profiles: how models are used, and who competes next.
-- They belong to no run: the event of a row is told by its place alone.

CREATE TABLE ai_agent_profiles (
    name                    TEXT    PRIMARY KEY,
    provider                TEXT    NOT NULL,
    model                   TEXT    NOT NULL,
    role                    TEXT    NOT NULL,
    tier                    TEXT    NOT NULL,
    mode                    TEXT,              -- NULL: it is always asked
    budget_total_micros     INTEGER,           -- micro-dollars; NULL: no limit
    budget_daily_micros     INTEGER,
    seq                     INTEGER NOT NULL,
    saved_ms                INTEGER NOT NULL,  -- real time, UTC milliseconds
    saved_by                TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE VIEW ai_agent_profiles_readable AS
SELECT
    name, provider, model, role, tier, mode,
    budget_total_micros / 1000000.0 AS budget_total_usd,
    budget_daily_micros / 1000000.0 AS budget_per_day_usd,
    strftime('%Y-%m-%dT%H:%M:%fZ', saved_ms / 1000.0, 'unixepoch') AS saved_time, saved_by, seq
FROM ai_agent_profiles;

CREATE TABLE trader_profiles (
    name                    TEXT    PRIMARY KEY,
    kind                    TEXT    NOT NULL,
    strategy                TEXT,
    timeframe               TEXT,              -- NULL: the market's own
    minds                   TEXT    NOT NULL,  -- JSON: a list of names of AI profiles
    competes                INTEGER NOT NULL,
    note                    TEXT    NOT NULL,
    seq                     INTEGER NOT NULL,
    saved_ms                INTEGER NOT NULL,  -- real time, UTC milliseconds
    saved_by                TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE VIEW trader_profiles_readable AS
SELECT
    name, kind, strategy, timeframe, minds,
    CASE competes WHEN 1 THEN 'competes' ELSE 'rests' END AS next_run, note,
    strftime('%Y-%m-%dT%H:%M:%fZ', saved_ms / 1000.0, 'unixepoch') AS saved_time, saved_by, seq
FROM trader_profiles;

-- Finds what profiles were at any place of the journal without reading the rest of it.
CREATE INDEX events_of_profiles ON events (seq)
WHERE kind IN ('ai_profile_saved', 'ai_profile_removed', 'trader_profile_saved', 'trader_profile_removed');
