"""A contestant that asks language models for a decision in every round, or in those that are worth it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import msgspec

from cockpit.agents.agent import AccountView, MarketView
from cockpit.agents.answers.decision_reply import ReplyRefused
from cockpit.agents.answers.repair import RepairModel
from cockpit.agents.briefing import Briefing
from cockpit.agents.models.asking import Asking
from cockpit.agents.models.model_call import CallFailed, Message, ModelGateway
from cockpit.agents.prompts.prompt import PromptWriter
from cockpit.agents.prompts.renderer import PromptTemplateError
from cockpit.agents.prompts.rules_text import ArenaRules
from cockpit.agents.routed_asking import DecisionQuestion, Outcome, ask_by_route
from cockpit.agents.routing import Route
from cockpit.agents.skip_gate import LastAsked, SkipRule, gate
from cockpit.domain.decisions import Decision, DecisionFailure, crash_of
from cockpit.domain.routing import Routing

Words = Callable[[str, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mind:
    """How an agent uses its models.

    Attributes:
        model: litellm's name for the one that decides; where there is a route, its powerful one.
        max_tokens: Of one answer.
        timeout_s: Real seconds for everything one decision takes.
        max_leverage: The most it may ask for.
        temperature: None: the provider's own.
        repair: Which model mends the form of its answers; None: none.
        route: Which models are asked before it; None: none.
        skip: When nobody is asked; None: somebody always is.
    """

    model: str
    max_tokens: int
    timeout_s: float
    max_leverage: float
    temperature: float | None = None
    repair: RepairModel | None = None
    route: Route | None = None
    skip: SkipRule | None = None


class LlmAgent:
    """Shows a model the market and the account, and takes its answer at its word or not at all.

    It remembers nothing but what there was to see when it asked last, and that only if it may skip rounds:
    what else it knows of earlier rounds is in its account view.

    Args:
        name: Unique in the arena.
        mind: Which models, and how they are used.
        gateway: The way to them.
        writer: Of prompts, shared by all agents that are shown the same.
        rules: What models are told of the arena.
        start_ms: When the run began, market time.
        on_words: Is given the name of the agent, the role and what a model says while it says it.
        grounded: Says why it can't take part; empty: it can.
    """

    kind = "llm"
    is_control = False

    def __init__(
        self,
        name: str,
        mind: Mind,
        gateway: ModelGateway,
        *,
        writer: PromptWriter,
        rules: ArenaRules,
        start_ms: int,
        on_words: Callable[[str, str, str], None] | None = None,
        grounded: Callable[[], str] = str,
    ) -> None:
        self.name = name
        self._grounded = grounded
        self.summary = f"asks {_models(mind)}, prompt {writer.version[:8]}"
        self.history_ms = writer.form.history_ms
        self._mind = mind
        self._gateway = gateway
        self._briefing = Briefing(writer, rules, start_ms=start_ms, max_leverage=mind.max_leverage)
        self._on_words = on_words
        self._last_asked: LastAsked | None = None

    @property
    def grounded(self) -> str:
        """See `Agent`."""
        return self._grounded()

    def prompt(self, view: MarketView, own: AccountView) -> tuple[Message, ...]:
        """What the model would be asked now.

        Raises:
            PromptTemplateError: If a template fails.
        """
        return (
            Message(role="system", content=self._briefing.system()),
            Message(role="user", content=self._briefing.user(view, own)),
        )

    def prompts(self, view: MarketView, own: AccountView) -> dict[str, tuple[Message, ...]]:
        """What each of its models would be asked now: all of them the same.

        Raises:
            PromptTemplateError: If a template fails.
        """
        return {"decide": self.prompt(view, own)}

    async def decide(self, view: MarketView, own: AccountView) -> Decision | DecisionFailure:
        """See `Agent`."""
        skipped = self._take_in(view, own)
        if skipped:
            return Decision(agent=self.name, targets=(), routing=Routing(skipped=skipped))
        try:
            question = self._question(view, own)
        except PromptTemplateError as error:
            return crash_of(self.name, error)
        asking = Asking(
            self._gateway,
            agent=self.name,
            round=view.round,
            timeout_s=self._mind.timeout_s,
            on_words=self._listener(),
        )
        outcome, routing = await self._ask(question, asking, view, own)
        if isinstance(outcome, CallFailed):
            return replace(asking.failure(outcome), routing=routing)
        if isinstance(outcome, ReplyRefused):
            refused = asking.refused(f"the answer was refused: {outcome.reason}")
            return replace(refused, routing=routing)
        return Decision(
            agent=self.name,
            targets=outcome.targets,
            thinking_ms=asking.spent_ms,
            refused=outcome.refusals,
            calls=tuple(asking.calls),
            routing=routing,
        )

    def relive(self, view: MarketView, own: AccountView) -> None:
        """See `Agent`."""
        self._take_in(view, own)

    def forget(self) -> None:
        """See `Agent`: after a failure the next round is not skipped."""
        self._last_asked = None

    def memory(self) -> bytes:
        """See `Agent`."""
        return msgspec.json.encode(self._last_asked)

    def restore(self, memory: object) -> None:
        """See `Agent`."""
        try:
            self._last_asked = msgspec.convert(memory, LastAsked | None)
        except msgspec.ValidationError as error:
            raise ValueError(
                f"the stored memory of {self.name} is not that of an agent that asks a model: {error}"
            ) from error

    def close(self) -> None:
        """See `Agent`: the gateway is the arena's."""

    def _take_in(self, view: MarketView, own: AccountView) -> str:
        """Remembers whether models are asked in a round; why they are not, empty where they are."""
        if self._mind.skip is None:
            return ""
        verdict = gate(self._mind.skip, self._last_asked, view, own)
        if verdict.skips and self._last_asked is not None:
            self._last_asked = self._last_asked.one_more()
            return verdict.reason
        self._last_asked = LastAsked.of(view, own)
        return ""

    def _question(self, view: MarketView, own: AccountView) -> DecisionQuestion:
        return DecisionQuestion(
            messages=self.prompt(view, own),
            schema=self._briefing.schema,
            situation=self._briefing.situation(view, own),
            max_tokens=self._mind.max_tokens,
            temperature=self._mind.temperature,
            repair=self._mind.repair,
        )

    async def _ask(
        self, question: DecisionQuestion, asking: Asking, view: MarketView, own: AccountView
    ) -> tuple[Outcome, Routing | None]:
        if self._mind.route is not None:
            return await ask_by_route(self._mind.route, question, asking, view, own)
        return await question.put(asking, self._mind.model, "decide"), None

    def _listener(self) -> Words | None:
        listen = self._on_words
        return None if listen is None else lambda role, words: listen(self.name, role, words)


def _models(mind: Mind) -> str:
    if mind.route is None:
        return mind.model
    return f"{', '.join(mind.route.cheap)} and, where it takes that, {mind.route.powerful}"
