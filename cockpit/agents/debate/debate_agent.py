"""A contestant in whose head several roles debate before a judge decides."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from cockpit.agents.agent import AccountView, MarketView
from cockpit.agents.briefing import Briefing
from cockpit.agents.debate.consensus import agreement_of, consensus_of
from cockpit.agents.debate.debate_text import DebateWriter
from cockpit.agents.debate.form import DebateForm
from cockpit.agents.debate.hearing import Hearing, Room, first_requests, hear
from cockpit.agents.debate.verdict import Verdict, judged
from cockpit.agents.models.asking import Asking
from cockpit.agents.models.model_call import Message, ModelGateway, ModelRequest
from cockpit.agents.prompts.prompt import PromptWriter
from cockpit.agents.prompts.renderer import PromptTemplateError, PromptTemplates
from cockpit.agents.prompts.rules_text import ArenaRules
from cockpit.agents.tools.tool import Sight
from cockpit.agents.tools.toolbox import Toolbox
from cockpit.domain.debates import JUDGE, SHADOW, Debate, DebateMessage
from cockpit.domain.decisions import Decision, DecisionFailure, FailureKind, crash_of


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    """What a round's debate is about.

    Attributes:
        room: Where it is held.
        view: The market.
        user: Market and account, in words.
        system: The arena's rules, in words.
    """

    room: Room
    view: MarketView
    user: str
    system: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """A debate that is over, and the answer it came to."""

    debate: Debate | None
    answer: Decision | DecisionFailure


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
        on_words: Is given the name of the agent, the role and what a model says while it says it.
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
        grounded: Callable[[], str] = str,
    ) -> None:
        self.name = name
        self.history_ms = writer.form.history_ms
        self._grounded = grounded
        self._form = form
        self._gateway = gateway
        self._text = DebateWriter(templates, writer, form, rules)
        self._briefing = Briefing(writer, rules, start_ms=start_ms, max_leverage=form.max_leverage)
        self._on_words = on_words
        self.prompt_version = self._text.version
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
        scene = self._scene(view, own)
        analysts = first_requests(scene.room, scene.user)
        return {role.value: messages for role, messages in analysts.items()} | {
            SHADOW: self._shadow_request(scene).messages
        }

    async def decide(self, view: MarketView, own: AccountView) -> Decision | DecisionFailure:
        """See `Agent`."""
        asking = Asking(
            self._gateway,
            agent=self.name,
            round=view.round,
            timeout_s=self._form.timeout_s,
            on_words=self._listener(),
        )
        try:
            scene = self._scene(view, own)
        except PromptTemplateError as error:
            return crash_of(self.name, error)
        # Within the analysts' time, so that nobody ever waits for the shadow alone until the arena gives up.
        beside = asking.branch(self._form.timeout_s * self._form.analysts_share)
        held, shadow = await asyncio.gather(self._held(asking, scene), self._shadow(beside, scene))
        calls, debate = (*asking.calls, *beside.calls), held.debate
        if debate is not None and shadow is not None:
            debate = replace(debate, shadow=_moved(shadow, len(asking.calls)))
        return replace(held.answer, calls=calls, debate=debate)

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

    def _scene(self, view: MarketView, own: AccountView) -> _Scene:
        sight = Sight(
            view=view,
            own=own,
            terms=self._briefing.rules.terms,
            checked=self._briefing.checked(view, own),
        )
        room = Room(
            form=self._form,
            text=self._text,
            situation=self._briefing.situation(view, own),
            toolbox=None if self._form.tools is None else Toolbox(sight),
        )
        user, system = self._briefing.user(view, own), self._briefing.system()
        return _Scene(room=room, view=view, user=user, system=system)

    async def _held(self, asking: Asking, scene: _Scene) -> _Held:
        try:
            hearing = await hear(scene.room, asking, scene.user)
            debate = self._debate(hearing, scene)
            fault = self._quorum_fault(hearing, asking)
            if fault is not None:
                return _Held(debate=debate, answer=fault)
            request = self._judge_request(scene, debate)
        except PromptTemplateError as error:
            return _Held(debate=None, answer=crash_of(self.name, error))
        turn = 1 + max(each.turn for each in hearing.messages)
        verdict = await judged(
            asking, request, scene.room.situation, role=JUDGE, turn=turn, repair=self._form.repair
        )
        debate = replace(debate, messages=(*debate.messages, verdict.message))
        return _Held(debate=debate, answer=self._answer(verdict, asking))

    async def _shadow(self, asking: Asking, scene: _Scene) -> DebateMessage | None:
        """What the judge says without the debate; its form is not mended, so that it costs one call."""
        if not self._form.has_shadow:
            return None
        request = self._shadow_request(scene)
        verdict = await judged(asking, request, scene.room.situation, role=SHADOW, turn=0, repair=None)
        return verdict.message

    def _debate(self, hearing: Hearing, scene: _Scene) -> Debate:
        symbols = tuple(scene.view.instruments)
        opinions = [each.stances for each in hearing.last_words.values()]
        consensus = consensus_of(symbols, opinions, scene.view.marks)
        agreement = agreement_of(consensus)
        return Debate(
            symbols=symbols,
            messages=hearing.messages,
            consensus=consensus,
            agreement=agreement,
            is_disagreed=agreement is not None and agreement < self._form.disagreement_below,
            shadow=None,
            prompt_version=self._text.version,
            horizon_ms=self._text.horizon_ms,
        )

    def _quorum_fault(self, hearing: Hearing, asking: Asking) -> DecisionFailure | None:
        spoken, quorum = len(hearing.last_words), self._form.quorum
        if spoken >= quorum:
            return None
        silent = hearing.silent
        words = f"only {spoken} of {len(self._form.analysts)} analysts said something, {quorum} are needed"
        is_late = spoken + len(hearing.late) >= quorum
        kind = FailureKind.TIMEOUT if is_late else FailureKind.UNANSWERED
        return asking.refused(f"{words}; no word from {', '.join(silent)}", kind)

    def _judge_request(self, scene: _Scene, debate: Debate) -> ModelRequest:
        said = self._text.statements(
            debate.messages, debate.consensus, debate.agreement, is_disagreed=debate.is_disagreed
        )
        system = f"{scene.system.rstrip()}\n{self._text.judge()}"
        return self._request(system, f"{said.rstrip()}\n\n{scene.user}")

    def _shadow_request(self, scene: _Scene) -> ModelRequest:
        return self._request(scene.system, scene.user)

    def _request(self, system: str, user: str) -> ModelRequest:
        judge = self._form.judge
        return ModelRequest(
            model=judge.model,
            messages=(Message(role="system", content=system), Message(role="user", content=user)),
            max_tokens=judge.max_tokens,
            temperature=judge.temperature,
            schema=self._briefing.schema,
        )

    def _answer(self, verdict: Verdict, asking: Asking) -> Decision | DecisionFailure:
        outcome = verdict.outcome
        if isinstance(outcome, DecisionFailure):
            return outcome
        return Decision(
            agent=self.name,
            targets=outcome.targets,
            thinking_ms=asking.spent_ms,
            refused=outcome.refusals,
        )

    def _listener(self) -> Callable[[str, str], None] | None:
        listen = self._on_words
        return None if listen is None else lambda role, words: listen(self.name, role, words)


def _moved(message: DebateMessage, by: int) -> DebateMessage:
    """A message whose call is counted from further ahead."""
    return message if message.call is None else replace(message, call=message.call + by)
