-- What a leaderboard over a stretch of market time looks up; one entry a closed trade or failed decision.
CREATE INDEX trades_by_close ON trades (run_id, closed_ms);
CREATE INDEX decision_failures_by_time ON decision_failures (run_id, ts_ms);
