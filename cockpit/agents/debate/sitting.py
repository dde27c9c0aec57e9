"""One debate, from the first word to the verdict."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from cockpit.agents.agent import AccountView, MarketView
from cockpit.agents.briefing import Briefing
from cockpit.agents.debate.consensus import agreement_of, consensus_of
from cockpit.agents.debate.debate_text import DebateWriter
from cockpit.agents.debate.form import DebateForm
from cockpit.agents.debate.hearing import Hearing, Room, hear
from cockpit.agents.debate.verdict import Verdict, judged
from cockpit.agents.models.asking import Asking
from cockpit.agents.models.model_call import Message, ModelRequest
from cockpit.agents.prompts.renderer import PromptTemplateError
from cockpit.agents.tools.tool import Sight
from cockpit.agents.tools.toolbox import Toolbox
from cockpit.domain.debates import JUDGE, SHADOW, Debate, DebateMessage
from cockpit.domain.decisions import Decision, DecisionFailure, FailureKind, crash_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is debated, as roles are told of it.

    Attributes:
        text: What they are told as roles.
        briefing: The arena's rules and what they are shown, kept to the same instruments.
    """

    text: DebateWriter
    briefing: Briefing


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """A debate that is over, and the answer it came to."""

    debate: Debate | None
    answer: Decision | DecisionFailure


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """One debate of one agent.

    Attributes:
        agent: Its name.
        room: Where it is held.
        subject: What is debated.
        view: The market.
        user: Market and account, in words.
        system: The arena's rules, in words.
    """

    agent: str
    room: Room
    subject: Subject
    view: MarketView
    user: str
    system: str

    async def hold(self, asking: Asking) -> Decision | DecisionFailure:
        """What the debate comes to, with all that was asked and said for it.

        Args:
            asking: Asks the models.
        """
        # Within the analysts' time, so that nobody ever waits for the shadow alone until the arena gives up.
        beside = asking.branch(self.room.form.timeout_s * self.room.form.analysts_share)
        held, shadow = await asyncio.gather(self._held(asking), self._shadow(beside))
        calls, debate = (*asking.calls, *beside.calls), held.debate
        if debate is not None and shadow is not None:
            debate = replace(debate, shadow=_moved(shadow, len(asking.calls)))
        return replace(held.answer, calls=calls, debate=debate)

    def shadow_request(self) -> ModelRequest:
        """What the judge is asked where it has not heard the debate."""
        return self._request(self.system, self.user)

    async def _held(self, asking: Asking) -> _Held:
        try:
            hearing = await hear(self.room, asking, self.user)
            debate = self._debate(hearing)
            fault = self._quorum_fault(hearing, asking)
            if fault is not None:
                return _Held(debate=debate, answer=fault)
            request = self._judge_request(debate)
        except PromptTemplateError as error:
            return _Held(debate=None, answer=crash_of(self.agent, error))
        turn = 1 + max(each.turn for each in hearing.messages)
        repair = self.room.form.repair
        verdict = await judged(asking, request, self.room.situation, role=JUDGE, turn=turn, repair=repair)
        self.room.on_said(verdict.message)
        debate = replace(debate, messages=(*debate.messages, verdict.message))
        return _Held(debate=debate, answer=self._answer(verdict, asking))

    async def _shadow(self, asking: Asking) -> DebateMessage | None:
        """What the judge says without the debate; its form is not mended, so that it costs one call."""
        if not self.room.form.has_shadow:
            return None
        request = self.shadow_request()
        verdict = await judged(asking, request, self.room.situation, role=SHADOW, turn=0, repair=None)
        self.room.on_said(verdict.message)
        return verdict.message

    def _debate(self, hearing: Hearing) -> Debate:
        symbols = tuple(self.view.instruments)
        opinions = [each.stances for each in hearing.last_words.values()]
        consensus = consensus_of(symbols, opinions, self.view.marks)
        agreement = agreement_of(consensus)
        return Debate(
            symbols=symbols,
            messages=hearing.messages,
            consensus=consensus,
            agreement=agreement,
            is_disagreed=agreement is not None and agreement < self.room.form.disagreement_below,
            shadow=None,
            prompt_version=self.subject.text.version,
            horizon_ms=self.subject.text.horizon_ms,
        )

    def _quorum_fault(self, hearing: Hearing, asking: Asking) -> DecisionFailure | None:
        spoken, form = len(hearing.last_words), self.room.form
        if spoken >= form.quorum:
            return None
        words = f"only {spoken} of {len(form.analysts)} analysts said something, {form.quorum} are needed"
        is_late = spoken + len(hearing.late) >= form.quorum
        kind = FailureKind.TIMEOUT if is_late else FailureKind.UNANSWERED
        return asking.refused(f"{words}; no word from {', '.join(hearing.silent)}", kind)

    def _judge_request(self, debate: Debate) -> ModelRequest:
        text = self.subject.text
        said = text.statements(
            debate.messages, debate.consensus, debate.agreement, is_disagreed=debate.is_disagreed
        )
        system = f"{self.system.rstrip()}\n{text.judge()}"
        return self._request(system, f"{said.rstrip()}\n\n{self.user}")

    def _request(self, system: str, user: str) -> ModelRequest:
        judge = self.room.form.judge
        return ModelRequest(
            model=judge.model,
            messages=(Message(role="system", content=system), Message(role="user", content=user)),
            max_tokens=judge.max_tokens,
            temperature=judge.temperature,
            schema=self.subject.briefing.schema,
        )

    def _answer(self, verdict: Verdict, asking: Asking) -> Decision | DecisionFailure:
        outcome = verdict.outcome
        if isinstance(outcome, DecisionFailure):
            return outcome
        return Decision(
            agent=self.agent,
            targets=outcome.targets,
            thinking_ms=asking.spent_ms,
            refused=outcome.refusals,
        )


def sitting_of(
    agent: str,
    form: DebateForm,
    subject: Subject,
    view: MarketView,
    own: AccountView,
    on_said: Callable[[DebateMessage], None],
) -> Sitting:
    """A debate that can be held.

    Args:
        agent: Whose, by name.
        form: How it is held.
        subject: What is debated.
        view: The market, kept to the subject's instruments.
        own: The agent's account.
        on_said: Is given what each role has said, turn by turn.

    Raises:
        PromptTemplateError: If a template fails.
    """
    briefing = subject.briefing
    sight = Sight(
        view=view,
        own=own,
        terms=briefing.rules.terms,
        checked=briefing.checked(view, own),
        traded=briefing.traded,
    )
    room = Room(
        form=form,
        text=subject.text,
        situation=briefing.situation(view, own),
        toolbox=None if form.tools is None else Toolbox(sight),
        on_said=on_said,
    )
    user, system = briefing.user(view, own), briefing.system()
    return Sitting(agent=agent, room=room, subject=subject, view=view, user=user, system=system)


def _moved(message: DebateMessage, by: int) -> DebateMessage:
    """A message whose call is counted from further ahead."""
    return message if message.call is None else replace(message, call=message.call + by)
