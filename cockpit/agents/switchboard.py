"""The one line to models that all agents of a bot share, as settings want it: live, recorded or replayed."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from cockpit.agents.gateway import LiteLlmGateway
from cockpit.agents.models.budget import BudgetBook, BudgetStanding, Spending, SpendingLimits
from cockpit.agents.models.budgeted_gateway import BudgetedGateway
from cockpit.agents.models.call_tape import CallTape
from cockpit.agents.models.model_call import (
    CallFailed,
    CallFault,
    CallPurpose,
    ModelGateway,
    ModelReply,
    ModelRequest,
)
from cockpit.agents.models.recording import RecordingGateway
from cockpit.agents.models.replaying import ReplayingGateway
from cockpit.agents.models.tape_writer import TapeWriter
from cockpit.agents.providers.api_keys import ApiKeys, read_key_file
from cockpit.agents.providers.model_directory import ModelDirectory
from cockpit.agents.providers.model_facts import ModelFacts
from cockpit.agents.providers.model_route import AnswerForm, GatewayLimits, ModelRoute
from cockpit.domain.market import MICROS_PER_UNIT, Micros
from cockpit.settings.model_tree import BudgetSettings, ModelRouteSettings, ModelSettings

RECORDING = "calls.jsonl"
"""The file of recorded calls in the bot's folder, unless settings name another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """An agent that asks models.

    Attributes:
        models: Those without which it can't decide.
        budget: What it may spend.
    """

    models: tuple[str, ...]
    budget: BudgetSettings


class Switchboard:
    """Passes calls on once it is open; before that it only says who could be asked.

    Attributes:
        book: What was spent, and what may be.
        models: Those that each agent needs, by its name.
        notices: What a person should know of the file that is replayed, one line each.

    Args:
        settings: Of models.
        callers: By the agent's name.
        environment: Of the process, for keys.

    Raises:
        KeysRefused: If the file of keys can't be used.
    """

    def __init__(
        self, settings: ModelSettings, callers: Mapping[str, Caller], environment: Mapping[str, str]
    ) -> None:
        self.book = BudgetBook(
            now_ms=lambda: round(time.time() * 1000),
            arena=_limits(settings.budget),
            agents={name: _limits(caller.budget) for name, caller in callers.items()},
        )
        self.models = {name: caller.models for name, caller in callers.items()}
        self.notices: tuple[str, ...] = ()
        self._settings = settings
        self._directory = model_directory(settings, environment)
        is_replay = settings.mode == "replay"
        self._grounded = {} if is_replay else {name: self._missing(each) for name, each in callers.items()}
        self._line: ModelGateway | None = None
        self._live: LiteLlmGateway | None = None

    def grounded(self, agent: str) -> str:
        """Why an agent can't take part and what to do, in one line; empty: it can.

        In a replay that is what was so when it was recorded.
        """
        return self._grounded.get(agent, "")

    def facts(self, model: str) -> ModelFacts:
        """What is known of a model; nobody is asked."""
        return self._directory.facts(model)

    def benched_for_s(self, model: str) -> float:
        """Seconds until a model that failed on end may be asked again; 0 where it may be now."""
        return 0.0 if self._live is None else self._live.benched_for_s(model)

    @property
    def budgets(self) -> Mapping[str | None, BudgetStanding]:
        """Where each caller's budget stands, by name, and under None that of all together, which comes first.

        Empty in a replay, where nothing is spent.
        """
        if self._settings.mode == "replay":
            return {}
        return {whose: self.book.standing(whose) for whose in (None, *self.models)}

    def open(self, folder: Path, spent: Iterable[tuple[str, int, Micros | None, str]]) -> None:
        """Makes the line.

        Args:
            folder: The bot's, for recorded calls.
            spent: Earlier calls: whose, when (UTC milliseconds of real time), what each cost, and, where
                nobody knows that, the request as JSON: all that was set aside for it is spent.

        Raises:
            TapeUnusable: If calls are to be recorded or replayed, and the file is not fit for it.
        """
        path = self._settings.recording or folder / RECORDING
        if self._settings.mode == "replay":
            tape = CallTape(path)
            self._grounded, self.notices = tape.grounded, tape.notices
            self._line = ReplayingGateway(tape)
            return
        self.book.restore(
            Spending(agent=agent, ts_ms=ts_ms, cost=self._set_aside(request) if cost is None else cost)
            for agent, ts_ms, cost, request in spent
        )
        limits = GatewayLimits(
            concurrency_per_provider=self._settings.concurrency, attempts=self._settings.attempts
        )
        live = self._live = LiteLlmGateway(self._directory, limits)
        self._line = BudgetedGateway(live, self.book, self._worst_case)
        if self._settings.mode == "record":
            grounded = {agent: reason for agent, reason in self._grounded.items() if reason}
            self._line = RecordingGateway(self._line, TapeWriter(path, grounded))
        if self._is_asked:
            live.start()

    async def ready(self) -> None:
        """Waits until models can be asked, so that no agent is charged for the wait.

        Raises:
            CallFailed: If they can't be.
        """
        if self._live is not None and self._is_asked:
            await self._live.ready()

    async def call(self, request: ModelRequest, purpose: CallPurpose) -> ModelReply:
        """See `ModelGateway`."""
        if self._line is None:
            raise CallFailed(CallFault.UNREACHABLE, "models can't be asked: the bot is not running")
        return await self._line.call(request, purpose)

    async def aclose(self) -> None:
        """See `ModelGateway`."""
        if self._line is not None:
            await self._line.aclose()

    @property
    def _is_asked(self) -> bool:
        """Whether anybody can take part: else what asks models need not be loaded, which takes seconds."""
        return not all(self._grounded.values())

    def _missing(self, caller: Caller) -> str:
        for model in caller.models:
            variable = self._directory.missing_key(model)
            if variable is not None:
                how = f"set {variable}, or put it in the file that models.keys_file names"
                return f"there is no key for {model}: {how}"
        return ""

    def _set_aside(self, request: str) -> Micros | None:
        try:
            return self._worst_case(msgspec.json.decode(request, type=ModelRequest))
        except msgspec.DecodeError:  # of another version of the program
            return None

    def _worst_case(self, request: ModelRequest) -> Micros | None:
        """Every attempt may be charged for, answered or not."""
        once = self._directory.worst_case_cost(request)
        return None if once is None else Micros(once * self._settings.attempts)


def model_directory(settings: ModelSettings, environment: Mapping[str, str]) -> ModelDirectory:
    """What is known of models before any is asked.

    Args:
        settings: Of models.
        environment: Of the process, for keys.

    Raises:
        KeysRefused: If the file of keys can't be used.
    """
    stored = {} if settings.keys_file is None else read_key_file(settings.keys_file)
    routes = [_route(model, given) for model, given in settings.routes.items()]
    return ModelDirectory(routes, ApiKeys(environment, stored))


def _limits(budget: BudgetSettings) -> SpendingLimits:
    return SpendingLimits(total=_micros(budget.total), daily=_micros(budget.per_day))


def _micros(dollars: float | None) -> Micros | None:
    return None if dollars is None else Micros(round(dollars * MICROS_PER_UNIT))


def _route(model: str, given: ModelRouteSettings) -> ModelRoute:
    return ModelRoute(
        model=model,
        api_base=given.api_base,
        key_variable=given.key,
        input_usd_per_million=given.input_price,
        output_usd_per_million=given.output_price,
        cached_usd_per_million=given.cached_price,
        answer_form={None: None, True: AnswerForm.SCHEMA, False: AnswerForm.FREE}[given.structured],
    )
