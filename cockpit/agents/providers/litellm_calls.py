"""Calls through litellm, on the thread it is loaded on. It is handed in; nothing here imports it."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

from cockpit.agents.providers.call_attempts import AttemptFailed, CallProgress, RetryClock, retrying
from cockpit.agents.providers.call_faults import AttemptFault, fault_of
from cockpit.agents.providers.model_arguments import OPTIONAL, without_wish
from cockpit.agents.providers.model_route import GatewayLimits
from cockpit.agents.providers.model_stream import Answer, AnswerReader
from cockpit.agents.providers.model_table import provider_of
from cockpit.agents.providers.word_relay import WordRelay

_LAST_WORDS_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCall:
    """A call, as it goes to the thread.

    Attributes:
        arguments: Of ``litellm.acompletion``.
        max_tokens: Of the answer.
        deadline_s: On the clock of retries.
        secrets: To be masked, the longest first.
        progress: Kept up to date for whoever waits.
        relay: Where the words go.
    """

    arguments: dict[str, Any]
    max_tokens: int
    deadline_s: float
    secrets: tuple[str, ...]
    progress: CallProgress
    relay: WordRelay

    @property
    def model(self) -> str:
        """litellm's name for it."""
        return str(self.arguments["model"])


class LiteLlmCalls:
    """litellm, and what all calls through it share; belongs to one thread."""

    def __init__(self, litellm: Any, session: Any) -> None:
        """Take both.

        Args:
            litellm: The module, silenced.
            session: The one HTTP session.
        """
        self._litellm = litellm
        self._session = session
        self._slots: dict[str, asyncio.Semaphore] = {}
        self._given_up: dict[tuple[str, bool], tuple[str, ...]] = {}

    async def answer(
        self, call: PlannedCall, limits: GatewayLimits, clock: RetryClock, wall_s: Callable[[], float]
    ) -> Answer:
        """An answer, after as many attempts as it takes; one provider's calls wait in line for one another.

        Raises:
            AttemptFailed: If the last attempt brought none.
        """
        slots = asyncio.Semaphore(limits.concurrency_per_provider)
        slot = self._slots.setdefault(provider_of(call.model), slots)

        async def attempt() -> Answer:
            async with slot:
                return await self._attempt(call, limits.reply_bytes, wall_s)

        try:
            return await retrying(limits, clock, call.deadline_s)(attempt)
        finally:
            call.relay.finish()

    async def aclose(self) -> None:
        """Lets go of connections."""
        self._litellm.in_memory_llm_clients_cache.flush_cache()
        await self._session.close()
        await asyncio.sleep(_LAST_WORDS_S)  # closed sockets are let go of by the loop, later

    async def _attempt(self, call: PlannedCall, reply_bytes: int, wall_s: Callable[[], float]) -> Answer:
        """An answer; a wish that the provider refuses is given up, and not made of the model again."""
        kind = call.model, "tools" in call.arguments
        given_up = self._given_up.get(kind, ())
        arguments = reduce(without_wish, given_up, call.arguments)
        while isinstance(outcome := await self._tried(call, arguments, reply_bytes, wall_s), AttemptFault):
            unwanted = next((name for name in outcome.unwanted if name in arguments), None)
            if unwanted is None:
                # Outside of a handler: no trace of it leads back to litellm's, and to keys.
                raise AttemptFailed(outcome)
            given_up = (*given_up, unwanted)
            arguments = without_wish(arguments, unwanted)
        self._given_up[kind] = given_up
        return outcome

    async def _tried(
        self, call: PlannedCall, arguments: Mapping[str, Any], reply_bytes: int, wall_s: Callable[[], float]
    ) -> Answer | AttemptFault:
        """What comes of one request."""
        reader = AnswerReader(reply_bytes=reply_bytes, max_tokens=call.max_tokens, on_words=call.relay.say)
        call.progress.attempts += 1
        call.progress.in_doubt += 1
        try:
            answer = await reader.read(await self._opened(arguments))
        except Exception as error:  # noqa: BLE001 - litellm raises whatever its many providers' code does
            how = fault_of(error, call.model, call.secrets, now_s=wall_s(), answering=reader.began)
        else:
            call.progress.in_doubt -= 1
            return answer
        call.progress.in_doubt -= not how.billable
        call.progress.last = how
        return how

    async def _opened(self, arguments: Mapping[str, Any]) -> Any:
        """litellm's stream of an answer, its request sent."""
        model = str(arguments["model"])
        name, provider = model.partition("/")[2] or model, provider_of(model)
        taken = self._litellm.get_supported_openai_params(model=name, custom_llm_provider=provider)
        known = {
            each: value
            for each, value in arguments.items()
            if taken is None or each not in OPTIONAL or each in taken
        }
        try:
            return await self._litellm.acompletion(**known)
        except self._litellm.UnsupportedParamsError:  # raised before anything is sent
            fewer = {each: value for each, value in known.items() if each not in {"temperature", "seed"}}
        return await self._litellm.acompletion(**fewer)
