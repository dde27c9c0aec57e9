-- What each model cost, failed and took: covering, so that no prompt is read for a figure.
DROP INDEX llm_calls_figures;
CREATE INDEX llm_calls_figures ON llm_calls (
    run_id, call_id, agent, ts_ms, role, fault, input_tokens, output_tokens, cost_micros, latency_ms, model
);
DROP INDEX llm_calls_by_asking;
CREATE INDEX llm_calls_by_asking ON llm_calls (asked_ms, seq, attempts, agent, model, cost_micros);
