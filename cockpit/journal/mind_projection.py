"""What agents say, and what models are asked for it, in the read models."""

from collections.abc import Iterator

from cockpit.domain.events import (
    DecisionFailed,
    DecisionMade,
    ModelCalled,
    Recorded,
    RunStarted,
    ThesisBroken,
)
from cockpit.journal.debate_projection import debate_led_to
from cockpit.journal.statements import Row, insert, place

_TARGET = (
    "INSERT INTO decision_targets"
    " (run_id, decision_id, symbol, exposure, stop, take_profit, confidence, reason,"
    " quantity, leverage, risk, invalidation)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_REFUSAL = "INSERT INTO decision_refusals (run_id, decision_id, number, reason) VALUES (?, ?, ?, ?)"


def decision_made(recorded: Recorded, event: DecisionMade, run: RunStarted | None) -> Iterator[Row]:
    """The decision, its targets, and what of it could not be used."""
    yield insert(
        "decisions",
        **place(recorded),
        decision_id=event.decision_id,
        agent=event.agent,
        round=event.round,
        confidence=event.confidence,
    )
    for each in event.targets:
        words = (each.exposure, each.stop, each.take_profit, each.confidence, each.reason)
        thesis = each.thesis
        expected = (None,) * 3 if thesis is None else (thesis.leverage, thesis.risk, thesis.invalidation)
        yield _TARGET, (recorded.run_id, event.decision_id, each.symbol, *words, each.quantity, *expected)
    for number, reason in enumerate(event.refused, 1):
        yield _REFUSAL, (recorded.run_id, event.decision_id, number, reason)
    yield debate_led_to(recorded, event)


def decision_failed(recorded: Recorded, event: DecisionFailed, run: RunStarted | None) -> Iterator[Row]:
    """In which way, and in what words."""
    yield insert(
        "decision_failures",
        **place(recorded),
        agent=event.agent,
        round=event.round,
        failure=event.failure,
        message=event.message,
    )
    yield debate_led_to(recorded, event)


def model_called(recorded: Recorded, event: ModelCalled, run: RunStarted | None) -> Iterator[Row]:
    """The call but for what was asked and what came back raw, which stand in the event."""
    call = event.call
    yield insert(
        "llm_calls",
        **place(recorded),
        call_id=event.call_id,
        agent=event.agent,
        round=event.round,
        debate_id=event.debate_id,
        role=call.role,
        model=call.model,
        key=call.key,
        reply=call.reply,
        finish_reason=call.finish_reason,
        fault=call.fault,
        error=call.error,
        input_tokens=call.input_tokens,
        output_tokens=call.output_tokens,
        cost_micros=call.cost,
        latency_ms=call.latency_ms,
        attempts=call.attempts,
        asked_ms=call.asked_ms,
    )


def thesis_broken(recorded: Recorded, event: ThesisBroken, run: RunStarted | None) -> Iterator[Row]:
    """Whose, on what, by which condition."""
    yield insert(
        "broken_theses",
        **place(recorded),
        agent=event.agent,
        symbol=event.symbol,
        condition=event.condition,
        closes=event.closes,
    )
