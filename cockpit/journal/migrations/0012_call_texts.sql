-- What was asked and what came back raw are most of a journal's size, and stand in the event already: they are read
-- from there.
DROP VIEW llm_calls_readable;
ALTER TABLE llm_calls DROP COLUMN request;
ALTER TABLE llm_calls DROP COLUMN raw;

CREATE VIEW llm_calls_readable AS
SELECT
    calls.run_id, call_id, strftime('%Y-%m-%dT%H:%M:%fZ', calls.ts_ms / 1000.0, 'unixepoch') AS time, agent, round,
    role, model, json_extract(payload, '$.call.request') AS request, reply,
    json_extract(payload, '$.call.raw') AS raw, finish_reason, fault, error, input_tokens, output_tokens,
    cost_micros / 1000000.0 AS cost_usd,
    latency_ms / 1000.0 AS latency_s,
    attempts,
    strftime('%Y-%m-%dT%H:%M:%fZ', asked_ms / 1000.0, 'unixepoch') AS asked_time
FROM llm_calls AS calls JOIN events ON events.seq = calls.seq;
