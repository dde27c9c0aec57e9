"""A conversation in which a model may use tools: a few turns of them, and then its answer.

What a model wants used comes back to it in its own next request. There it stands made harmless: names and
ids are of plain characters, arguments are a JSON object, and nothing is longer than it may be.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import msgspec

from cockpit.agents.models.asking import Asking
from cockpit.agents.models.model_call import Message, ModelReply, ModelRequest, ToolCall
from cockpit.agents.tools.toolbox import MAX_ARGUMENTS, TOOL_SPECS, Toolbox, tool_name
from cockpit.domain.plain_text import whole_characters

MAX_WORDS = 20_000
"""Characters of what a model says, where its own words are shown to it again."""

_MAX_CALLS_A_TURN = 16
_PLAIN_ID = re.compile(r"[!-~]{1,4000}")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NONE_LEFT = "error: you have used your tools as often as you may; answer now"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolLimits:
    """How often tools may be used for one answer.

    Attributes:
        turns: Times the model may ask for tools before it has to answer.
        calls: Uses of tools in all of them.
    """

    turns: int = 3
    calls: int = 8

    def __post_init__(self) -> None:
        """Checks the limits.

        Raises:
            ValueError: If one is not positive.
        """
        if self.turns < 1 or self.calls < 1:
            raise ValueError(f"{self.turns} turns and {self.calls} calls are no use of tools: give 1 or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A conversation up to a model's answer.

    Attributes:
        messages: All of it, the answer included.
        reply: The answer.
        tools: Names of the tools used for it, in that order.
    """

    messages: tuple[Message, ...]
    reply: ModelReply
    tools: tuple[str, ...] = ()


async def converse(
    asking: Asking, request: ModelRequest, role: str, toolbox: Toolbox | None, limits: ToolLimits | None
) -> Conversation:
    """A model's answer, once it has looked up what it wants to.

    Args:
        asking: Asks the model, within its time.
        request: What to ask.
        role: In which role.
        toolbox: What tools there are; None: none.
        limits: How often they may be used; None: not at all.

    Returns:
        The conversation; where the model goes on asking for tools that it has used up, its answer is empty.

    Raises:
        CallFailed: If one of the questions is not answered.
    """
    used: list[str] = []
    turns = 0
    if toolbox is not None and limits is not None:
        request = replace(request, tools=TOOL_SPECS)
        turns = limits.turns
    reply = await asking.ask(request, role)
    while reply.tool_calls and toolbox is not None and limits is not None and turns > 0:
        turns -= 1
        calls = tuple(_harmless(reply.tool_calls[:_MAX_CALLS_A_TURN], len(request.messages)))
        allowed = max(0, limits.calls - len(used))
        answers = [
            toolbox.use(asked) if number < allowed else _NONE_LEFT
            for number, asked in enumerate(reply.tool_calls[:_MAX_CALLS_A_TURN])
        ]
        used += [tool_name(each) for each in reply.tool_calls[: min(allowed, _MAX_CALLS_A_TURN)]]
        told = (
            Message(role="tool", content=answer, tool_call_id=call.call_id)
            for call, answer in zip(calls, answers, strict=True)
        )
        asked_for = Message(role="assistant", content=own_words(reply), tool_calls=calls)
        request = replace(request, messages=(*request.messages, asked_for, *told))
        reply = await asking.ask(request, role)
    said = Message(role="assistant", content=own_words(reply))
    return Conversation(messages=(*request.messages, said), reply=reply, tools=tuple(used))


def own_words(reply: ModelReply) -> str:
    """What a model said, as it may be shown to it again."""
    return whole_characters(reply.text[:MAX_WORDS])


def _harmless(calls: tuple[ToolCall, ...], position: int) -> Iterator[ToolCall]:
    """What a model wants used, as it may be shown to any provider again: each under an id of its own."""
    taken = set[str]()
    for number, call in enumerate(calls):
        plain = _PLAIN_ID.fullmatch(call.call_id) and call.call_id not in taken
        call_id = call.call_id if plain else f"call_{position}_{number}"
        taken.add(call_id)
        yield ToolCall(
            call_id=call_id,
            name=call.name if _PLAIN_NAME.fullmatch(call.name) else "unknown",
            arguments=_object(call.arguments),
        )


def _object(arguments: str) -> str:
    """Arguments that are a JSON object of tolerable length, as they are; anything else as an empty one."""
    text = whole_characters(arguments[: MAX_ARGUMENTS + 1])
    try:
        is_object = len(text) <= MAX_ARGUMENTS and isinstance(msgspec.json.decode(text), dict)
    except (msgspec.DecodeError, RecursionError):
        return "{}"
    return text if is_object else "{}"
