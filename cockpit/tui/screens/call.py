"""One question to a model, word for word: what it was asked, what it said, and the provider's raw answer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec

from cockpit.domain.market import MICROS_PER_UNIT
from cockpit.tui import look
from cockpit.tui.line import Line, broken
from cockpit.tui.panes.mind import latency_words
from cockpit.tui.panes.pane import Pane, Row
from cockpit.tui.screens.box import BoxScreen
from cockpit.tui.spending import spent_words
from cockpit.tui.store import Store

MOST_CHARS = 100_000
"""Of one text that is shown; the control API has all of it."""

MOST_LINES = 20_000
"""Of one text, before they are broken to the width."""

_PARAMETERS = ("max_tokens", "temperature", "seed")


@dataclass(frozen=True, slots=True)
class Section:
    """A text with a heading.

    Attributes:
        title: The heading.
        text: Untrusted, of any length.
        style: Of the text.
    """

    title: str
    text: str
    style: str = ""


class CallPane(Pane):
    """Texts under headings, broken to the pane's width; lines are made when they come into sight."""

    def __init__(self, store: Store) -> None:
        super().__init__(store, "call")
        self.told: Sequence[Section] = ()
        self._broken: tuple[Sequence[Section], int, Sequence[Row]] = ((), 0, ())

    def rows(self, width: int) -> Sequence[Row]:
        """See `Pane`."""
        if self._broken[0] is not self.told or self._broken[1] != width:
            self._broken = self.told, width, list(_rows(self.told, width))
        return self._broken[2]


class CallScreen(BoxScreen):
    """A call to read.

    Args:
        store: For the pane.
        call_id: Which.
        keys: Those that opened it, with commas between: they close it as well.
    """

    def __init__(self, store: Store, call_id: int, keys: str) -> None:
        self.pane = CallPane(store)
        super().__init__(self.pane, f"Question {call_id} to a model", keys)
        self.tell("Reading the journal …")

    def show(self, sections: Sequence[Section]) -> None:
        """Shows the call."""
        self.pane.told = sections
        if self.pane.is_attached:
            self.pane.paint()

    def tell(self, words: str) -> None:
        """Shows a line in place of the call."""
        self.show([Section("", words)])


def call_sections(call: Mapping[str, Any]) -> list[Section]:
    """A call as ``GET /calls/{call_id}`` tells it, for people.

    Args:
        call: The answer; texts in it are untrusted, and may be huge.
    """
    request = _object(call["request"])
    raw = _object(call["raw"])
    sections = [Section("", _facts(call, request))]
    if call["fault"]:
        sections.append(Section("No answer", f"{call['fault']}: {call['error']}", look.BAD))
    else:
        sections.append(Section("Reply", call["reply"] or "no words"))
    wanted = _tool_calls(_message(raw).get("tool_calls"))
    if wanted:
        sections.append(Section("Tools it wants used", "\n".join(wanted), look.INFO))
    thought = _message(raw).get("reasoning_content")
    if isinstance(thought, str) and thought:
        sections.append(Section("What it thought before", thought, look.MUTED))
    sections += _asked(request, call["request"])
    sections.append(Section("Raw answer", _pretty(call["raw"]) or "none", look.MUTED))
    return sections


def _facts(call: Mapping[str, Any], request: Mapping[str, Any]) -> str:
    cost = call["cost_usd"]
    spent = spent_words(1, int(cost is None), 0 if cost is None else round(cost * MICROS_PER_UNIT))
    attempts = call["attempts"]
    tried = f"{attempts} {'attempt' if attempts == 1 else 'attempts'}"
    given = [f"{name} {request[name]}" for name in _PARAMETERS if request.get(name) is not None]
    lines = [
        f"{call['agent']} asked {call['model']} as {call['role']} in round {call['round']},"
        f" at {call['asked_time']}",
        f"cost {spent} · took {latency_words(call['latency_s'] * 1_000)} · {tried} · tokens"
        f" {_count(call['input_tokens'])} in, {_count(call['output_tokens'])} out"
        f" · stopped: {call['finish_reason'] or 'unknown'}",
        f"key {call['key']}" + "".join(f" · {each}" for each in given),
    ]
    return "\n".join(lines)


def _count(tokens: int | None) -> str:
    return "unknown" if tokens is None else f"{tokens:,}"


def _asked(request: Mapping[str, Any], text: str) -> Iterator[Section]:
    messages = request.get("messages")
    if not isinstance(messages, list):
        yield Section("Request", text)
        return
    for number, message in enumerate(messages, start=1):
        said = message if isinstance(message, dict) else {"content": str(message)}
        words = [str(said.get("content") or ""), *_tool_calls(said.get("tool_calls"))]
        yield Section(f"Prompt {number}: {said.get('role', '?')}", "\n".join(each for each in words if each))
    tools = request.get("tools")
    if isinstance(tools, list) and tools:
        told = [f"{each.get('name')}: {each.get('description')}" for each in tools if isinstance(each, dict)]
        yield Section("Tools it may use", "\n".join(told), look.MUTED)
    if request.get("schema"):
        schema = msgspec.json.format(msgspec.json.encode(request["schema"]), indent=2).decode()
        yield Section("Schema of the answer", schema, look.MUTED)


def _tool_calls(found: object) -> list[str]:
    """Calls of tools in words, as litellm (a ``function``) or as we write them."""
    told = []
    for each in found if isinstance(found, list) else []:
        call = each.get("function", each) if isinstance(each, dict) else None
        if isinstance(call, dict):
            told.append(f"{call.get('name')}({call.get('arguments')})")
    return told


def _message(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    choices = raw.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    message = first.get("message") if isinstance(first, dict) else None
    return message if isinstance(message, dict) else {}


def _object(text: str) -> Mapping[str, Any]:
    """A JSON object; empty where it is none, or too deep to be read."""
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _pretty(text: str) -> str:
    try:
        return msgspec.json.format(text, indent=2) if len(text) <= MOST_CHARS else text
    except (msgspec.DecodeError, RecursionError):
        return text


def _rows(sections: Sequence[Section], width: int) -> Iterator[Row]:
    for section in sections:
        if section.title:
            yield Row.of(Line())
            heading = Line(f"{section.title} ", "bold $text-accent")
            yield Row.of(heading.add("─" * max(0, width - heading.width), look.FAINT))
        # Of foreign line ends only those that people mean: others are control characters, and left out.
        lines = section.text[:MOST_CHARS].replace("\r\n", "\n").split("\n")[:MOST_LINES]
        for line in lines:
            for piece in broken(line, width):
                yield Row(None, partial(_draw, piece, section.style))
        left = len(section.text) - MOST_CHARS
        if left > 0 or len(lines) == MOST_LINES:
            yield Row.of(Line(f"… {max(left, 0):,} characters more: GET /calls/ID has them", look.WARN))


def _draw(piece: str, style: str, width: int) -> Line:
    return Line(piece, style).cut(width)
