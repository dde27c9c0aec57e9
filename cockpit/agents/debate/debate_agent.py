"""A contestant in whose head several roles debate before a judge decides."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from cockpit.agents.agent import AccountView, MarketView
from cockpit.agents.briefing import Briefing
from cockpit.agents.debate.debate_text import DebateWriter
from cockpit.agents.debate.form import DebateForm
from cockpit.agents.debate.hearing import first_requests
from cockpit.agents.debate.sitting import Sitting, Subject, sitting_of
from cockpit.agents.models.asking import Asking
from cockpit.agents.models.model_call import Message, ModelGateway
from cockpit.agents.prompts.prompt import PromptWriter
from cockpit.agents.prompts.renderer import PromptTemplateError, PromptTemplates
from cockpit.agents.prompts.rules_text import ArenaRules
from cockpit.domain.debates import SHADOW, DebateMessage
from cockpit.domain.decisions import Decision, DecisionFailure, crash_of
from cockpit.domain.market import Instrument


class DebateAgent:
    """Lets analysts debate on the market and the account, and takes the judge's answer at its word.

    It remembers nothing: what it knows of earlier rounds is in its account view.

    Args:
        name: Unique in the arena.
        form: How its debates are held.
        gateway: The way to models.
        templates: Of what the roles are told.
        writer: Of prompts, shared by all agents that are shown the same.
        rules: What models are told of the arena.
        start_ms: When the run began, market time.
        on_words: Is given who speaks, the role and what a model says while it says it.
        on_said: Is given who speaks and what a role has said, once its turn is over. Which model call
            brought it may not be known by then.
        grounded: Says why it can't take part; empty: it can.

    Raises:
        PromptTemplateError: If a template asks for a variable that it isn't given.
    """

    kind = "debate"
    is_control = False

    def __init__(
        self,
        name: str,
        form: DebateForm,
        gateway: ModelGateway,
        *,
        templates: PromptTemplates,
        writer: PromptWriter,
        rules: ArenaRules,
        start_ms: int,
        on_words: Callable[[str, str, str], None] | None = None,
        on_said: Callable[[str, DebateMessage], None] | None = None,
        grounded: Callable[[], str] = str,
    ) -> None:
        self.name = name
        self.history_ms = writer.form.history_ms
        self._grounded = grounded
        self._form = form
        self._gateway = gateway
        self._templates = templates
        self._writer = writer
        self._rules = rules
        self._start_ms = start_ms
        self._on_words = on_words
        self._on_said = on_said
        self._everything = self._subject(rules.instruments)
        self.prompt_version = self._everything.text.version
        judge, version = form.judge.model, self.prompt_version[:8]
        self.summary = f"{len(form.analysts)} analysts debate, {judge} judges, prompt {version}"

    @property
    def grounded(self) -> str:
        """See `Agent`."""
        return self._grounded()

    def prompts(self, view: MarketView, own: AccountView) -> dict[str, tuple[Message, ...]]:
        """What each analyst would be asked now, and what the judge would be without their debate.

        Raises:
            PromptTemplateError: If a template fails.
        """
        sitting = self._sitting(view, own, self.name)
        analysts = first_requests(sitting.room, sitting.user)
        return {role.value: messages for role, messages in analysts.items()} | {
            SHADOW: sitting.shadow_request().messages
        }

    async def decide(self, view: MarketView, own: AccountView) -> Decision | DecisionFailure:
        """See `Agent`."""
        return await self._answer(view, own, self.name, view.round)

    async def debate(self, view: MarketView, own: AccountView, speaker: str) -> Decision | DecisionFailure:
        """See `Debater`."""
        return await self._answer(view, own, speaker, None)

    def relive(self, view: MarketView, own: AccountView) -> None:
        """See `Agent`: there is nothing to take in."""

    def forget(self) -> None:
        """See `Agent`: there is nothing to forget."""

    def memory(self) -> bytes:
        """See `Agent`."""
        return b"null"

    def restore(self, memory: object) -> None:
        """See `Agent`."""
        if memory is not None:
            raise ValueError(f"the stored memory of {self.name} is not that of an agent whose roles debate")

    def close(self) -> None:
        """See `Agent`: the gateway is the arena's."""

    async def _answer(
        self, view: MarketView, own: AccountView, speaker: str, round_number: int | None
    ) -> Decision | DecisionFailure:
        try:
            sitting = self._sitting(view, own, speaker)
        except PromptTemplateError as error:
            return crash_of(self.name, error)
        asking = Asking(
            self._gateway,
            agent=self.name,
            round=round_number,
            timeout_s=self._form.timeout_s,
            on_words=None if self._on_words is None else partial(self._on_words, speaker),
        )
        return await sitting.hold(asking)

    def _about(self, view: MarketView) -> Subject:
        """What a view shows, as roles are told of it."""
        shown = tuple(each for each in self._rules.instruments if each.symbol in view.instruments)
        return self._everything if shown == self._rules.instruments else self._subject(shown)

    def _subject(self, instruments: tuple[Instrument, ...]) -> Subject:
        rules = replace(self._rules, instruments=instruments)
        return Subject(
            text=DebateWriter(self._templates, self._writer, self._form, rules),
            briefing=Briefing(
                self._writer,
                rules,
                start_ms=self._start_ms,
                max_leverage=self._form.max_leverage,
                traded=self._rules.instruments,
            ),
        )

    def _sitting(self, view: MarketView, own: AccountView, speaker: str) -> Sitting:
        return sitting_of(self.name, self._form, self._about(view), view, own, partial(self._tell, speaker))

    def _tell(self, speaker: str, message: DebateMessage) -> None:
        if self._on_said is not None:
            self._on_said(speaker, message)
