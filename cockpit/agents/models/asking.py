"""One agent's questions of one round: each is timed against the round, and kept for the journal.

Time is counted by what calls say they took, so a replay of recorded calls takes the same time.
"""

from collections.abc import Callable, Sequence

import msgspec

from cockpit.agents.models.model_call import (
    CallFailed,
    CallFault,
    CallPurpose,
    ModelGateway,
    ModelReply,
    ModelRequest,
)
from cockpit.domain.decisions import DecisionFailure, FailureKind, ModelCall

Words = Callable[[str], None]


class Asking:
    """Asks models on behalf of an agent until its time is used up.

    Attributes:
        calls: What was asked so far and what came of it, oldest first.
        spent_ms: How long it took, branches at the same time counted once.

    Args:
        gateway: The way to models.
        agent: Who asks.
        round: Of the arena; None outside of one.
        timeout_s: Real seconds for all questions together.
        on_words: Is given what a model says while it says it: role and piece.
    """

    def __init__(
        self,
        gateway: ModelGateway,
        *,
        agent: str,
        round: int | None,  # noqa: A002 - the arena's word
        timeout_s: float,
        on_words: Callable[[str, str], None] | None = None,
    ) -> None:
        self.calls: list[ModelCall] = []
        self.spent_ms = 0
        self._gateway = gateway
        self._agent = agent
        self._round = round
        self._timeout_s = timeout_s
        self._on_words = on_words

    @property
    def left_s(self) -> float:
        """Real seconds that are left."""
        return max(0.0, self._timeout_s - self.spent_ms / 1000)

    async def ask(self, request: ModelRequest, role: str, deadline_s: float | None = None) -> ModelReply:
        """A model's answer.

        Args:
            request: What to ask.
            role: In which role.
            deadline_s: For this question, if less than is left.

        Raises:
            CallFailed: If there is none.
        """
        left_s = self.left_s if deadline_s is None else min(deadline_s, self.left_s)
        answer = await self._answer(role, request, left_s)
        self.spent_ms += answer.latency_ms
        self.calls.append(told(role, request, answer))
        if isinstance(answer, CallFailed):
            raise answer
        return answer

    def branch(self, timeout_s: float) -> "Asking":
        """A line of questions beside others, with a time of its own; `join` brings them together.

        Args:
            timeout_s: Real seconds for it, if less than is left.
        """
        return Asking(
            self._gateway,
            agent=self._agent,
            round=self._round,
            timeout_s=min(timeout_s, self.left_s),
            on_words=self._on_words,
        )

    def join(self, branches: Sequence["Asking"]) -> list[int]:
        """Takes in what was asked in branches at the same time; the longest of them counts as time.

        Returns:
            For each branch, where in `calls` its own begin.
        """
        starts = []
        for branch in branches:
            starts.append(len(self.calls))
            self.calls += branch.calls
        self.spent_ms += max((branch.spent_ms for branch in branches), default=0)
        return starts

    async def _answer(self, role: str, request: ModelRequest, left_s: float) -> ModelReply | CallFailed:
        if left_s <= 0:
            return CallFailed(CallFault.TIMEOUT, f"{self._agent} had no time left to ask {request.model}")
        purpose = CallPurpose(
            agent=self._agent, role=role, round=self._round, deadline_s=left_s, on_words=self._listener(role)
        )
        try:
            return await self._gateway.call(request, purpose)
        except CallFailed as failure:
            return failure

    def _listener(self, role: str) -> Words | None:
        listen = self._on_words
        return None if listen is None else lambda words: listen(role, words)

    def failure(self, failed: CallFailed) -> DecisionFailure:
        """What the arena counts where a question without which there is no decision was not answered."""
        if failed.fault is CallFault.TIMEOUT:
            message = f"{self._agent} gave no answer within {self._timeout_s:g} s"
            return self.refused(message, FailureKind.TIMEOUT)
        return self.refused(str(failed), FailureKind.UNANSWERED)

    def refused(self, message: str, failure: FailureKind = FailureKind.INVALID) -> DecisionFailure:
        """What the arena counts where there is no decision, with all that was asked for one."""
        return DecisionFailure(agent=self._agent, failure=failure, message=message, calls=tuple(self.calls))


def told(role: str, request: ModelRequest, answer: ModelReply | CallFailed) -> ModelCall:
    """A call as the journal keeps it."""
    asked = msgspec.json.encode(request).decode()
    if isinstance(answer, CallFailed):
        return ModelCall(
            role=role,
            model=request.model,
            key=request.key(),
            request=asked,
            fault=answer.fault,
            error=str(answer),
            cost=answer.cost,
            latency_ms=answer.latency_ms,
            attempts=answer.attempts,
            asked_ms=answer.asked_ms,
        )
    return ModelCall(
        role=role,
        model=request.model,
        key=request.key(),
        request=asked,
        reply=answer.text,
        raw=answer.raw,
        finish_reason=answer.finish_reason,
        input_tokens=answer.input_tokens,
        output_tokens=answer.output_tokens,
        cost=answer.cost,
        latency_ms=answer.latency_ms,
        attempts=answer.attempts,
        asked_ms=answer.asked_ms,
    )
