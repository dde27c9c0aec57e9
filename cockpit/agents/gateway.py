"""The way to language models, over litellm: the only file that imports it, at first use, on its own thread.

One deadline holds for everything a call does, and it is kept here, on the bot's loop: a library that hangs on
its thread holds up nobody.
"""

import asyncio
import gc
import importlib
import logging
import os
import random
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, NoReturn

from cockpit.agents.models.model_call import CallFailed, CallFault, CallPurpose, ModelReply, ModelRequest
from cockpit.agents.providers.api_keys import masked
from cockpit.agents.providers.call_attempts import AttemptFailed, CallProgress, RetryClock
from cockpit.agents.providers.call_circuit import Admission, CallCircuit
from cockpit.agents.providers.litellm_calls import LiteLlmCalls, PlannedCall
from cockpit.agents.providers.litellm_habits import ENVIRONMENT, WARM_UP, silence
from cockpit.agents.providers.loop_thread import LoopThread
from cockpit.agents.providers.model_directory import ModelDirectory
from cockpit.agents.providers.model_reply import reply_of
from cockpit.agents.providers.model_route import GatewayLimits
from cockpit.agents.providers.model_stream import Answer
from cockpit.agents.providers.model_table import provider_of
from cockpit.agents.providers.word_relay import WordRelay
from cockpit.domain.market import Micros
from cockpit.domain.plain_text import plain_text

_LOG = logging.getLogger(__name__)
_FAULTS_OF_MODEL = frozenset(
    {CallFault.TIMEOUT, CallFault.RATE_LIMITED, CallFault.SERVER, CallFault.UNREACHABLE, CallFault.DENIED}
)
_MESSAGE_CHARS = 400
_ONE_AT_A_TIME = threading.Lock()  # modules that import each other are seen half made by a second thread


class LiteLlmGateway:
    """Asks models, each over its own route, and keeps count of those that fail."""

    def __init__(
        self,
        directory: ModelDirectory,
        limits: GatewayLimits | None = None,
        *,
        monotonic_s: Callable[[], float] = time.monotonic,
        wall_s: Callable[[], float] = time.time,
        fraction: Callable[[], float] = random.random,
    ) -> None:
        """Take what is known of models; nothing is loaded and no thread runs before the first use.

        Args:
            directory: Routes, keys and prices.
            limits: Of calls.
            monotonic_s: Seconds of a clock that never goes back.
            wall_s: Seconds since 1970, for providers that name a date to try again at.
            fraction: Draws from [0, 1), for jitter.
        """
        self._directory = directory
        self._limits = limits or GatewayLimits()
        self._clock = RetryClock(monotonic_s=monotonic_s, fraction=fraction, sleep=asyncio.sleep)
        self._wall_s = wall_s
        self._circuits: dict[str, CallCircuit] = {}
        self._thread = LoopThread("cockpit-models", _load, LiteLlmCalls.aclose, self._note_stray)
        self._closed = False

    def start(self) -> None:
        """Begins to load litellm, which takes seconds that the first call would have to wait for."""
        self._thread.start()

    async def ready(self) -> None:
        """Waits until litellm is loaded.

        Raises:
            CallFailed: If it can't be.
        """
        try:
            await self._thread.library()
        except Exception as error:  # noqa: BLE001 - whatever goes wrong in what litellm imports
            said = masked(f"{type(error).__name__}: {error}", self._directory.secrets)
        else:
            return
        message = plain_text(f"litellm, which asks models, can't be loaded ({said})", _MESSAGE_CHARS)
        raise CallFailed(CallFault.UNREACHABLE, message)

    def benched_for_s(self, model: str) -> float:
        """Seconds until a model that failed on end may be asked again; 0 where it may be now."""
        circuit = self._circuits.get(model)
        return 0.0 if circuit is None else circuit.benched_for_s(self._clock.monotonic_s())

    async def call(self, request: ModelRequest, purpose: CallPurpose) -> ModelReply:
        """A model's answer.

        A caller that is cancelled cancels the call. What it cost is unknown then: what was reserved for it
        counts as spent.

        Raises:
            CallFailed: If there is none.
        """
        began_s = self._clock.monotonic_s()
        self._require_key(request.model)
        circuit = self._circuits.setdefault(request.model, CallCircuit(self._limits.circuit))
        if (admission := circuit.admit(began_s)) is Admission.BENCHED:
            self._refuse_benched(request.model, circuit.benched_for_s(began_s))
        try:
            reply = await self._reply(request, purpose, began_s)
        except CallFailed as failed:
            self._note_failure(circuit, admission, failed)
            raise
        except BaseException:
            circuit.dropped(admission)
            raise
        circuit.succeeded()
        return reply

    async def aclose(self) -> None:
        """Lets go of the thread and its connections; calls in flight fail."""
        self._closed = True
        await self._thread.aclose()

    async def _reply(self, request: ModelRequest, purpose: CallPurpose, began_s: float) -> ModelReply:
        progress = CallProgress()
        fault, message = (
            CallFault.UNREACHABLE,
            f"{request.model}: the bot is stopping, and asks no more models",
        )
        answer: Answer | None = None
        try:
            async with asyncio.timeout(purpose.deadline_s):
                answer = await self._answer(request, purpose, began_s, progress)
        except TimeoutError:
            fault, message = CallFault.TIMEOUT, _too_late(request.model, purpose, progress)
        except AttemptFailed as failed:
            fault, message = failed.how.fault, failed.how.message
        latency_ms = round(1_000 * (self._clock.monotonic_s() - began_s))
        in_doubt = self._in_doubt(request, progress)
        if answer is None:
            attempts = progress.attempts
            raise CallFailed(fault, message, latency_ms=latency_ms, attempts=attempts, cost=in_doubt)
        return reply_of(
            answer,
            secrets=self._directory.secrets,
            raw_bytes=self._limits.raw_bytes,
            provider=provider_of(request.model),
            price=self._directory.price(request.model),
            in_doubt=in_doubt,
            latency_ms=latency_ms,
            attempts=progress.attempts,
        )

    async def _answer(
        self, request: ModelRequest, purpose: CallPurpose, began_s: float, progress: CallProgress
    ) -> Answer | None:
        """None: the gateway is closed, or was while the call was under way."""
        if self._closed:
            return None
        await self.ready()
        arguments = self._directory.arguments(request)
        secrets = self._directory.secrets
        relay = WordRelay(asyncio.get_running_loop(), purpose.on_words, secrets)
        call = PlannedCall(
            arguments=arguments,
            max_tokens=request.max_tokens,
            deadline_s=began_s + purpose.deadline_s,
            secrets=secrets,
            progress=progress,
            relay=relay,
        )
        try:
            return await self._thread.run(
                lambda calls: calls.answer(call, self._limits, self._clock, self._wall_s)
            )
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            return None
        finally:
            relay.stop()

    def _require_key(self, model: str) -> None:
        if (variable := self._directory.missing_key(model)) is not None:
            message = f"{model}: there is no key for it: set {variable}, or put it in the file of keys"
            raise CallFailed(CallFault.MISSING_KEY, message)

    def _refuse_benched(self, model: str, seconds: float) -> NoReturn:
        message = f"{model}: failed too often on end; it may be asked again in {seconds:.0f} s"
        raise CallFailed(CallFault.BENCHED, message)

    def _in_doubt(self, request: ModelRequest, progress: CallProgress) -> Micros | None:
        if not progress.in_doubt:
            return Micros(0)
        worst = self._directory.worst_case_cost(request)
        return None if worst is None else Micros(progress.in_doubt * worst)

    def _note_failure(self, circuit: CallCircuit, admission: Admission, failed: CallFailed) -> None:
        if not failed.attempts or self._closed:
            circuit.dropped(admission)  # it waited in line, or was cut short: nothing is known of the model
        elif failed.fault in _FAULTS_OF_MODEL:
            circuit.failed(admission, self._clock.monotonic_s())
        else:
            circuit.succeeded()

    def _note_stray(self, said: str) -> None:
        _LOG.debug("%s", plain_text(masked(said, self._directory.secrets)))


def _too_late(model: str, purpose: CallPurpose, progress: CallProgress) -> str:
    waited = "for its answer" if progress.attempts else "in line, and no request was sent"
    message = f"{model}: waited {purpose.deadline_s:g} s {waited}"
    if progress.last is not None:
        message = f"{message}; before that: {progress.last.message}"
    return plain_text(message, _MESSAGE_CHARS)


async def _load() -> LiteLlmCalls:
    os.environ.update(ENVIRONMENT)
    with _ONE_AT_A_TIME:
        litellm = _imported()
        silence(litellm)
        handler = importlib.import_module("litellm.llms.custom_httpx.http_handler").AsyncHTTPHandler
    session = importlib.import_module("cockpit.agents.providers.model_http").shared_session(handler)
    async for _ in await litellm.acompletion(**WARM_UP):
        pass
    gc.freeze()  # litellm's half a million objects stay: a full collection over them stops the bot for 100 ms
    return LiteLlmCalls(litellm, session)


def _imported() -> Any:
    """The package; where importing it fails nothing of it stays: half of it would fail every later try."""
    try:
        return importlib.import_module("litellm")
    except BaseException:
        for name in [each for each in sys.modules if each == "litellm" or each.startswith("litellm.")]:
            del sys.modules[name]
        raise
