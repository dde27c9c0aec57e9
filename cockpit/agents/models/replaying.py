"""A gateway that makes no calls: it answers from a tape, as often as one likes and always the same.

A call is found by its agent, role, round and request, and by how many such calls began before it. Nothing
is waited for, except by calls that were cancelled before their deadline (see `recording`): such a call
stays without an answer until it is cancelled again, or until its deadline.

An agent whose call ends as `CallFault.TIMEOUT` fails to decide in the arena's own words, "gave no answer
within … s", whichever of the two deadlines came first; the events of a replay are then the recorded ones.
Where other calls are to follow one, its own deadline leaves time for them.
"""

import asyncio
from collections import Counter
from contextlib import suppress
from math import inf
from typing import Final, NoReturn

from cockpit.agents.models.call_difference import call_difference, shared_characters
from cockpit.agents.models.call_tape import CallTape
from cockpit.agents.models.model_call import CallFailed, CallFault, CallPurpose, ModelReply, ModelRequest
from cockpit.agents.models.recorded_call import RecordedCall, Slot, TapeUnusable
from cockpit.agents.models.recording import deadline_words

_COMPARED: Final = 16
"""How many recorded calls a missing one is compared to, at most."""

_REMEDY: Final = "record the session again, or undo what has changed since"


class ReplayingGateway:
    """Answers from one tape; of what it has answered it remembers no more than counts."""

    def __init__(self, tape: CallTape) -> None:
        """Replay a tape, which is closed along with this gateway."""
        self._tape = tape
        self._begun: Counter[Slot] = Counter()
        self._closed = asyncio.Event()

    async def call(self, request: ModelRequest, purpose: CallPurpose) -> ModelReply:
        """The recorded answer, at once; its latency and cost are those of the recording.

        Raises:
            CallFailed: As recorded; with `CallFault.NOT_RECORDED` if this call is not on the tape.
        """
        recorded = self._recorded(request, purpose)
        if recorded.failure is not None:
            raise recorded.failure.error()
        if recorded.reply is None:
            await self._unanswered(request, purpose)
        assert recorded.reply is not None
        if purpose.on_words is not None and recorded.reply.text:
            purpose.on_words(recorded.reply.text)
        return recorded.reply

    async def aclose(self) -> None:
        """Lets go of the tape; calls that stay without answer fail."""
        self._closed.set()
        self._tape.close()

    def _recorded(self, request: ModelRequest, purpose: CallPurpose) -> RecordedCall:
        slot = Slot.of(request, purpose)
        occurrence = self._begun[slot]
        self._begun[slot] += 1
        try:
            if occurrence < self._tape.count(slot):
                return self._tape.read(slot, occurrence)
            difference = self._miss(request, slot)
        except TapeUnusable as error:
            raise CallFailed(CallFault.NOT_RECORDED, str(error)) from error
        raise CallFailed(
            CallFault.NOT_RECORDED,
            f"no recording of {request.model} for {_asker(slot)}, call {slot.key}: {difference}; {_REMEDY}",
        )

    async def _unanswered(self, request: ModelRequest, purpose: CallPurpose) -> NoReturn:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._closed.wait(), purpose.deadline_s)
        raise CallFailed(
            CallFault.TIMEOUT,
            deadline_words(request, purpose),
            latency_ms=round(purpose.deadline_s * 1_000),
            attempts=1,
            cost=None,
        )

    def _miss(self, request: ModelRequest, slot: Slot) -> str:
        """Why there is no recording, by the one that comes nearest."""
        if times := self._tape.count(slot):
            return f"asked {self._begun[slot]} times, recorded {times} times"
        nearest = self._nearest(request, slot)
        if nearest is None:
            return f"nothing of {slot.agent} as {slot.role} is on the tape {self._tape.path}"
        if nearest.key == slot.key:
            return f"the same request is recorded for {_asker(nearest)}"
        where = "in that round" if nearest.round == slot.round else f"for {_asker(nearest)}"
        recorded = self._tape.read(nearest, 0).request
        return f"nearest is a call recorded {where}: {call_difference(request, recorded)}"

    def _nearest(self, request: ModelRequest, slot: Slot) -> Slot | None:
        """The same request if anybody made it; else what the same agent asked in the nearest round."""
        slots = list(self._tape.slots())
        own = [each for each in slots if (each.agent, each.role) == (slot.agent, slot.role)]
        for known in (own, slots):
            if same := [each for each in known if each.key == slot.key]:
                return _closest(same, slot)[0]
        compared = _closest(own, slot)[:_COMPARED]
        return max(
            compared,
            key=lambda each: shared_characters(request, self._tape.read(each, 0).request),
            default=None,
        )


def _asker(slot: Slot) -> str:
    when = "outside of a round" if slot.round is None else f"in round {slot.round}"
    return f"{slot.agent} as {slot.role} {when}"


def _closest(slots: list[Slot], wanted: Slot) -> list[Slot]:
    """Those of the round nearest to the wanted one, in the order of the tape."""

    def distance(slot: Slot) -> float:
        if slot.round is None or wanted.round is None:
            return 0.0 if slot.round == wanted.round else inf
        return abs(slot.round - wanted.round)

    least = min(map(distance, slots), default=0.0)
    return [slot for slot in slots if distance(slot) == least]
