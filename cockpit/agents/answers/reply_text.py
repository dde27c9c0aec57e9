"""From a model's raw words to the JSON objects in them: read as they stand, or mended, or not at all.

Objects may stand in fences and amid prose. Of a text that was cut off, only what was closed before the cut
is read; the rest is marked, never completed.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any

from cockpit.agents.answers.json_mending import MAX_BROKEN_LENGTH, TOKEN, mended

MAX_REPLY_LENGTH = 100_000
"""Characters of an answer that are read; a longer one is refused."""

MAX_DEPTH = 16
"""Objects and arrays within one another; a decision needs four."""

MAX_OBJECTS = 100


class ReplyStage(StrEnum):
    """Which step of the chain made an answer readable."""

    STRICT = "strict"
    JSON_REPAIR = "json_repair"
    MODEL = "model"
    REFUSED = "refused"


class Unusable(Enum):
    """Stands where an answer has a value that can't be taken.

    Attributes:
        CUT: The text ends within it.
        CONTRADICTED: The same key is there twice, with another value.
    """

    CUT = "it was cut off"
    CONTRADICTED = "it is given twice, with different values"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyObjects:
    """The JSON objects of an answer.

    Attributes:
        objects: In their order, at least one. Numbers are floats, and may be NaN or infinite; an `Unusable`
            may stand for any value.
        stage: ``strict`` where every one of them was JSON as it stood, else ``json_repair``.
    """

    objects: tuple[dict[str, Any], ...]
    stage: ReplyStage


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFault:
    """An answer without usable JSON.

    Attributes:
        reason: One line for people and models, inert.
        is_repairable: Whether all of it seems to be there, if only in the wrong form.
    """

    reason: str
    is_repairable: bool


_OBJECT = re.compile(r"\{(?=\s*(?:[\"'“‘}#]|/[/*]|[A-Za-z_][\w ]{0,40}:))")
"""Where prose turns into an object: a brace before a key, a comment, or the end of it."""

_KEY = re.compile(r'"([^"\\]{1,60})"\s*:')
_THOUGHT_END = re.compile(r"</think(?:ing)?>", re.IGNORECASE)
_THOUGHT_START = re.compile(r"<think(?:ing)?>", re.IGNORECASE)
_HARMLESS = re.compile(r"[^A-Za-z0-9 _.,:;/+%=*()-]")


def quoted(words: object, limit: int = 40) -> str:
    """A model's words within a reason: a few plain ASCII characters, nothing that is markup anywhere."""
    text = words if isinstance(words, str) else str(words)
    harmless = _HARMLESS.sub("?", text[: limit + 1])
    return f"'{harmless}'" if len(harmless) <= limit else f"'{harmless[:limit]}...'"


def spoken(text: str) -> str:
    """What a model says once it is done thinking aloud in ``<think>`` tags."""
    after = _THOUGHT_END.split(text)[-1]
    return _THOUGHT_START.split(after, maxsplit=1)[0]


def objects_in(text: str) -> ReplyObjects | TextFault:
    """The JSON objects that an answer's text has at its top level; arrays and prose around them are skipped.

    Never raises, whatever the text; its time is bounded.
    """
    if len(text) > MAX_REPLY_LENGTH:
        return TextFault(
            reason=f"the answer has {len(text)} characters, more than {MAX_REPLY_LENGTH}", is_repairable=False
        )
    try:
        found = list(_found(spoken(text)))
    except _Unreadable as error:
        return TextFault(reason=str(error), is_repairable=error.is_repairable)
    objects = tuple(value for value, _ in found if value)
    if not objects:
        return TextFault(
            reason="it has no JSON object that can be read", is_repairable=bool(spoken(text).strip())
        )
    is_strict = all(stage is ReplyStage.STRICT for _, stage in found)
    return ReplyObjects(objects=objects, stage=ReplyStage.STRICT if is_strict else ReplyStage.JSON_REPAIR)


class _Unreadable(Exception):
    """The text has no usable JSON."""

    def __init__(self, message: str, *, is_repairable: bool = False) -> None:
        super().__init__(message)
        self.is_repairable = is_repairable


def _found(text: str) -> Iterator[tuple[dict[str, Any], ReplyStage]]:
    """Each object of a text, and the step that made it readable.

    Raises:
        _Unreadable: If one of them is not, or there are too many.
    """
    position, count, mendable = 0, 0, MAX_BROKEN_LENGTH
    while start := _OBJECT.search(text, position):
        span = _span(text, start.start())
        count += 1
        if span.depth > MAX_DEPTH or count > MAX_OBJECTS:
            raise _Unreadable("its JSON is nested too deeply, or in too many pieces")
        if span.end is None:
            yield _salvaged(text, span), ReplyStage.JSON_REPAIR
            return
        position = span.end
        piece = text[span.start : span.end]
        value = _strict(piece)
        if value is not None:
            yield value, ReplyStage.STRICT
            continue
        mendable -= len(piece)
        value = mended(piece) if mendable >= 0 else None
        if value is None and "signal" not in piece.lower():
            continue
        if value is None:
            raise _Unreadable("its JSON is broken", is_repairable=True)
        yield value, ReplyStage.JSON_REPAIR


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    """Where an object stands.

    Attributes:
        start: Of its opening brace.
        end: After its closing brace; None where that is missing.
        depth: How deep it nests.
        closed: After the last object or array within it that was closed; `start` where none was.
        closers: What was still open there, innermost first.
    """

    start: int
    end: int | None
    depth: int
    closed: int
    closers: str


def _span(text: str, start: int) -> _Span:
    opened, depth, closed, closers, end = list[str](), 0, start, "", None
    for token in TOKEN.finditer(text, start):
        mark = token.group()
        if mark in ("{", "["):
            opened.append("}" if mark == "{" else "]")
            depth = max(depth, len(opened))
        elif mark in opened:
            while opened.pop() != mark:
                pass
            closed, closers = token.end(), "".join(reversed(opened))
        if depth > MAX_DEPTH:
            break
        if not opened:
            end = token.end()
            break
    return _Span(start=start, end=end, depth=depth, closed=closed, closers=closers)


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for key, value in pairs:
        is_same = key not in members or members.pop(key) == value
        members[key] = value if is_same else Unusable.CONTRADICTED
    return members


_DECODER = json.JSONDecoder(object_pairs_hook=_members, parse_int=float)


def _strict(text: str) -> dict[str, Any] | None:
    try:
        value = _DECODER.decode(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _salvaged(text: str, span: _Span) -> dict[str, Any]:
    """What was closed before the text ended, the innermost of what was not marked with an `Unusable.CUT`.

    Raises:
        _Unreadable: If nothing was.
    """
    value = _strict(text[span.start : span.closed] + span.closers)
    if value is None:
        if text.rstrip(" \t\r\n`").endswith("}"):
            raise _Unreadable("its JSON is broken: quotes or braces don't match", is_repairable=True)
        raise _Unreadable("it was cut off")
    within: Any = value
    for _ in span.closers[1:]:
        if not isinstance(within, Unusable):
            within = list(within.values())[-1] if isinstance(within, dict) else within[-1]
    if isinstance(within, dict):
        key = _KEY.search(text, span.closed)
        within[key.group(1) if key else ""] = Unusable.CUT
    elif isinstance(within, list):
        within.append(Unusable.CUT)
    return value
