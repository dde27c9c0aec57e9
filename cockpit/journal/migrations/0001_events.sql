-- The journal itself. Everything else can be made anew from this table.
CREATE TABLE events (
    seq     INTEGER PRIMARY KEY,  -- the only order there is
    ts_ms   INTEGER NOT NULL,     -- market time, UTC milliseconds
    run_id  TEXT    NOT NULL,
    kind    TEXT    NOT NULL,
    payload TEXT    NOT NULL      -- JSON
) STRICT;

-- Finds the newest run without reading the journal.
CREATE INDEX events_run_started ON events (seq) WHERE kind = 'run_started';
