"""The analysts' part of a debate: they speak at the same time, turn by turn.

In the first turn nobody is shown a word of the others; afterwards each may answer what they said last. Every
analyst has a line of questions of its own, so that none waits for another within a turn. A turn has an
equal share of the time that is left for analysts: one that hangs can't take the next turn from the others.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from cockpit.agents.answers.coin_checks import Situation
from cockpit.agents.answers.repair import refusal_of
from cockpit.agents.debate.debate_text import DebateWriter
from cockpit.agents.debate.form import DebateForm, RoleModel
from cockpit.agents.debate.statement import read_statement
from cockpit.agents.models.asking import Asking
from cockpit.agents.models.model_call import CallFailed, CallFault, Message, ModelRequest
from cockpit.agents.tools.tool_use import Conversation, converse
from cockpit.agents.tools.toolbox import Toolbox
from cockpit.domain.debates import AnalystRole, DebateMessage
from cockpit.domain.plain_text import plain_text

MAX_REASON = 300
"""Characters of why an analyst said nothing."""

_TOO_MANY_TOOLS = "it went on asking for tools after it had used them as often as it may"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """What the analysts said.

    Attributes:
        messages: Of every turn, in the order of the form's analysts.
        late: Who said nothing in the first turn for lack of time.
    """

    messages: tuple[DebateMessage, ...]
    late: frozenset[str]

    @property
    def last_words(self) -> Mapping[str, DebateMessage]:
        """Role → the last message in which it said something."""
        return {each.role: each for each in self.messages if not each.failed}

    @property
    def silent(self) -> Sequence[str]:
        """Roles that never said anything."""
        spoken = self.last_words
        return [each for each in dict.fromkeys(each.role for each in self.messages) if each not in spoken]


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Where a debate is held.

    Attributes:
        form: Its rules.
        text: What is said to the roles.
        situation: What answers are checked against.
        toolbox: What analysts may look things up with; None: nothing.
        on_said: Is given what each role has said at the end of its turn, without the call that brought it.
    """

    form: DebateForm
    text: DebateWriter
    situation: Situation
    toolbox: Toolbox | None
    on_said: Callable[[DebateMessage], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Analyst:
    """One that takes part; its conversation is all it has been told and has said.

    Attributes:
        role: Which.
        model: That speaks for it.
        messages: So far.
    """

    role: AnalystRole
    model: RoleModel
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spoken:
    """What came of one turn of one analyst.

    Attributes:
        message: For the debate.
        messages: The conversation, where it goes on.
        is_late: Whether its time was over.
    """

    message: DebateMessage
    messages: tuple[Message, ...] = ()
    is_late: bool = False


def first_requests(room: Room, user: str) -> dict[AnalystRole, tuple[Message, ...]]:
    """What each analyst is told before it has heard the others.

    Args:
        room: Where the debate is held.
        user: The market and the account.

    Raises:
        PromptTemplateError: If a template fails.
    """
    shown = Message(role="user", content=user)
    return {
        role: (Message(role="system", content=room.text.analyst(role)), shown) for role in room.form.analysts
    }


async def hear(room: Room, asking: Asking, user: str) -> Hearing:
    """What the analysts say, in as many turns as there is time for.

    Args:
        room: Where the debate is held.
        asking: Asks the models; the calls of all turns are in it afterwards.
        user: The market and the account.

    Raises:
        PromptTemplateError: If a template fails.
    """
    form = room.form
    opening = first_requests(room, user)
    analysts = [
        _Analyst(role=role, model=model, messages=opening[role]) for role, model in form.analysts.items()
    ]
    hearing = Hearing(messages=(), late=frozenset())
    for turn in range(1, form.rebuttals + 2):
        left_s = form.timeout_s * form.analysts_share - asking.spent_ms / 1_000
        if left_s <= 0 or (turn > 1 and not _has_answers(form, hearing, analysts)):
            break
        share_s = left_s / (form.rebuttals + 2 - turn)
        spoken = await _take_turn(room, asking, analysts, turn, share_s)
        hearing = Hearing(
            messages=(*hearing.messages, *(each.message for each in spoken)),
            late=frozenset(each.message.role for each in spoken if each.is_late)
            if turn == 1
            else hearing.late,
        )
        analysts = _go_on(room, analysts, spoken, hearing, turn)
    return hearing


def _has_answers(form: DebateForm, hearing: Hearing, analysts: Sequence[_Analyst]) -> bool:
    """Whether a rebuttal is worth its price: there is somebody to answer, and the debate will be judged."""
    return len(analysts) > 1 and len(hearing.last_words) >= form.quorum


async def _take_turn(
    room: Room, asking: Asking, analysts: Sequence[_Analyst], turn: int, share_s: float
) -> list[_Spoken]:
    lines = [asking.branch(share_s) for _ in analysts]
    spoken = await asyncio.gather(
        *(_speak(room, line, each, turn) for line, each in zip(lines, analysts, strict=True))
    )
    starts = asking.join(lines)
    return [
        replace(each, message=replace(each.message, call=start + len(line.calls) - 1 if line.calls else None))
        for each, start, line in zip(spoken, starts, lines, strict=True)
    ]


async def _speak(room: Room, asking: Asking, analyst: _Analyst, turn: int) -> _Spoken:
    spoken = await _spoken(room, asking, analyst, turn)
    room.on_said(spoken.message)
    return spoken


async def _spoken(room: Room, asking: Asking, analyst: _Analyst, turn: int) -> _Spoken:
    silent = DebateMessage(turn=turn, role=analyst.role.value, model=analyst.model.model)
    request = ModelRequest(
        model=analyst.model.model,
        messages=analyst.messages,
        max_tokens=analyst.model.max_tokens,
        temperature=analyst.model.temperature,
        schema=room.text.schema,
    )
    try:
        talk = await converse(asking, request, analyst.role.value, room.toolbox, room.form.tools)
    except CallFailed as failed:
        reason = plain_text(str(failed), MAX_REASON)
        return _Spoken(
            message=replace(silent, failed=reason or failed.fault.value),
            is_late=failed.fault is CallFault.TIMEOUT,
        )
    return await _read(room, replace(silent, tools=talk.tools), talk)


async def _read(room: Room, silent: DebateMessage, talk: Conversation) -> _Spoken:
    reply = talk.reply
    if reply.tool_calls and not reply.text.strip():
        return _Spoken(message=replace(silent, failed=_TOO_MANY_TOOLS))
    said = await asyncio.to_thread(read_statement, reply.text, room.situation)  # hostile text takes seconds
    if isinstance(said, str):
        return _Spoken(message=replace(silent, failed=plain_text(refusal_of(reply, said), MAX_REASON)))
    message = replace(silent, stances=said.stances, signals=said.signals, argument=said.argument)
    return _Spoken(message=message, messages=talk.messages)


def _go_on(
    room: Room, analysts: Sequence[_Analyst], spoken: Sequence[_Spoken], hearing: Hearing, turn: int
) -> list[_Analyst]:
    """Those who have something to say in the next turn, told what the others said last."""
    left = room.form.rebuttals + 1 - turn
    if left <= 0:
        return []
    last = hearing.last_words
    going_on = []
    for analyst, each in zip(analysts, spoken, strict=True):
        if each.message.failed:
            continue
        others = [said for role, said in last.items() if role != analyst.role]
        heard = Message(role="user", content=room.text.rebuttal(others, left - 1))
        going_on.append(replace(analyst, messages=(*each.messages, heard)))
    return going_on
