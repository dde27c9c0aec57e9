"""In what one call differs from another, in words: why a request is not found among the recorded ones."""

from collections.abc import Iterator
from itertools import zip_longest
from typing import Final

from cockpit.agents.models.model_call import Message, ModelRequest

_PARAMETERS: Final = ("model", "max_tokens", "temperature", "seed")


def call_difference(asked: ModelRequest, recorded: ModelRequest) -> str:
    """What is not the same, most telling first; never what the messages say, since prompts are private.

    Returns:
        Such as ``temperature is 0.7, recorded with 0.2; message #2 (user) differs from character 812 on``.
    """
    return "; ".join(_differences(asked, recorded)) or "nothing differs"


def shared_characters(asked: ModelRequest, recorded: ModelRequest) -> int:
    """How many characters two conversations begin with alike."""
    shared = 0
    for one, other in zip(asked.messages, recorded.messages, strict=False):
        if one != other:
            return shared + _shared(one.content, other.content)
        shared += len(one.content)
    return shared


def _differences(asked: ModelRequest, recorded: ModelRequest) -> Iterator[str]:
    for name in _PARAMETERS:
        now, then = getattr(asked, name), getattr(recorded, name)
        if now != then:
            yield f"{name} is {_value(now)}, recorded with {_value(then)}"
    if asked.tools != recorded.tools:
        names = {tool.name for tool in asked.tools} ^ {tool.name for tool in recorded.tools}
        which = f" ({', '.join(sorted(names))})" if names else ""
        yield f"the tools differ{which}"
    if asked.schema != recorded.schema:
        yield "the answer's schema differs"
    for number, (one, other) in enumerate(zip_longest(asked.messages, recorded.messages), 1):
        if one != other:
            yield _message_difference(number, one, other)
            return


def _message_difference(number: int, asked: Message | None, recorded: Message | None) -> str:
    if recorded is None:
        return f"the recorded conversation ends before message #{number}"
    if asked is None:
        return f"the recorded conversation goes on with message #{number}"
    if asked.role != recorded.role:
        return f"message #{number} is from {asked.role}, recorded from {recorded.role}"
    if asked.content == recorded.content:
        return f"the tool calls of message #{number} differ"
    which = "the system prompt" if asked.role == "system" else f"message #{number} ({asked.role})"
    return f"{which} differs from character {_shared(asked.content, recorded.content) + 1} on"


def _value(value: object) -> str:
    return "not set" if value is None else str(value)


def _shared(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    least, most = 0, min(len(one), len(other))
    while least < most:
        middle = (least + most + 1) // 2
        if one[:middle] == other[:middle]:
            least = middle
        else:
            most = middle - 1
    return least
