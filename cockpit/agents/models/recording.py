"""A gateway that records every call on a tape.

It stands around all others, so that refusals for lack of money are on the tape as well. Calls are
numbered as they begin and written as they end, and no answer is passed on before it is on disk. In what
order calls that run at the same time come back therefore makes no difference to a replay.

A call that its agent or the arena stops waiting for is recorded too: at its own deadline it is a timeout
like the gateway's; before that it is a call that was cancelled, and stays without answer in a replay until
what cancelled it does so again.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Final

from cockpit.agents.models.model_call import (
    CallFailed,
    CallFault,
    CallPurpose,
    ModelGateway,
    ModelReply,
    ModelRequest,
    ToolCall,
)
from cockpit.agents.models.recorded_call import CallHead, RecordedCall, RecordedFailure, Slot, call_line
from cockpit.agents.models.tape_writer import TapeWriter
from cockpit.domain.plain_text import whole_characters

DEADLINE_SLACK_MS: Final = 250
"""A call cancelled so shortly before its deadline has run into it: its agent began to wait earlier."""


class RecordingGateway:
    """Makes calls by way of another gateway, and records what came of them."""

    def __init__(
        self, inner: ModelGateway, tape: TapeWriter, monotonic_s: Callable[[], float] = time.monotonic
    ) -> None:
        """Record on a tape.

        Args:
            inner: Makes the calls.
            tape: Takes them; closed along with this gateway.
            monotonic_s: Seconds that only ever go up, to say how long a cancelled call was waited for.
        """
        self._inner = inner
        self._tape = tape
        self._monotonic_s = monotonic_s
        self._numbers = count(1)

    async def call(self, request: ModelRequest, purpose: CallPurpose) -> ModelReply:
        """A model's answer, recorded.

        Raises:
            CallFailed: If there is none, or it can't be recorded.
        """
        recorded = self._begun(request, purpose)
        began_s = self._monotonic_s()
        try:
            return await self._recorded(recorded, purpose)
        except asyncio.CancelledError:
            waited_ms = round((self._monotonic_s() - began_s) * 1_000)
            # Not waited for: whoever cancels wants no more of this call's time, and what follows comes later.
            self._tape.append(call_line(_cut_off(recorded, purpose, waited_ms)))
            raise

    async def aclose(self) -> None:
        """Lets go of the inner gateway, and of the tape once everything is on it."""
        await self._inner.aclose()
        await asyncio.to_thread(self._tape.close)

    def _begun(self, request: ModelRequest, purpose: CallPurpose) -> RecordedCall:
        slot = Slot.of(request, purpose)
        head = CallHead(**slot._asdict(), begun=next(self._numbers))
        return RecordedCall(call=head, request=request)

    async def _recorded(self, recorded: RecordedCall, purpose: CallPurpose) -> ModelReply:
        try:
            reply = _unicode_reply(await self._inner.call(recorded.request, purpose))
        except CallFailed as error:
            failure = RecordedFailure.of(error)
            failure = replace(failure, message=whole_characters(failure.message))
            await self._write(replace(recorded, failure=failure))
            raise failure.error() from error
        await self._write(replace(recorded, reply=reply))
        return reply

    async def _write(self, recorded: RecordedCall) -> None:
        try:
            await asyncio.shield(asyncio.wrap_future(self._tape.append(call_line(recorded))))
        except OSError as error:
            outcome = recorded.reply or recorded.failure
            assert outcome is not None
            raise CallFailed(
                CallFault.NOT_RECORDED,
                f"{recorded.request.model}'s answer to {recorded.call.agent} can't be recorded on"
                f" {self._tape.path} ({error.strerror}): make room, or run without recording",
                latency_ms=outcome.latency_ms,
                attempts=outcome.attempts,
                cost=outcome.cost,
            ) from error


def _cut_off(recorded: RecordedCall, purpose: CallPurpose, waited_ms: int) -> RecordedCall:
    deadline_ms = round(purpose.deadline_s * 1_000)
    if waited_ms < deadline_ms - DEADLINE_SLACK_MS:
        return replace(recorded, cancelled_after_ms=waited_ms)
    failure = RecordedFailure(
        fault=CallFault.TIMEOUT,
        message=deadline_words(recorded.request, purpose),
        latency_ms=deadline_ms,
        attempts=1,
        cost=None,
    )
    return replace(recorded, failure=failure)


def deadline_words(request: ModelRequest, purpose: CallPurpose) -> str:
    """What is said of a call whose time is over."""
    return f"{request.model} gave {purpose.agent} no answer within {purpose.deadline_s:g} s"


def _unicode_reply(reply: ModelReply) -> ModelReply:
    """A reply that any file can hold: lone surrogates, which a model may spell in JSON, become ``?``."""
    return replace(
        reply,
        text=whole_characters(reply.text),
        raw=whole_characters(reply.raw),
        finish_reason=whole_characters(reply.finish_reason),
        tool_calls=tuple(
            ToolCall(
                call_id=whole_characters(call.call_id),
                name=whole_characters(call.name),
                arguments=whole_characters(call.arguments),
            )
            for call in reply.tool_calls
        ),
    )
