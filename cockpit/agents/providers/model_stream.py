"""An answer, read piece by piece: bounded, and told apart from what litellm makes up.

litellm counts tokens itself where a provider sent no usage, says ``stop`` where a stream ended without a
reason, fails where a model repeats itself, and takes up to half a millisecond for a piece. So the pieces are
read where litellm has made them out of a provider's bytes, and go through the rest of it only where they have
a form of their own.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

from cockpit.agents.models.model_call import ToolCall

_MOST_TOKENS = 10_000_000
"""More than any model reads or writes; a count above says nothing."""

_CHUNKS_PER_TOKEN = 2
_SPARE_CHUNKS = 1_000
_NAME_CHARS = 200
_MOST_COUNTS = 40
_LARGEST_NUMBER = 2**53
_REASONS = ("received_finish_reason", "intermittent_finish_reason")


class Stream(Protocol):
    """litellm's stream, as far as it is used here; for some providers it is no more than a generator.

    Attributes:
        completion_stream: The pieces, as litellm has made them out of a provider's bytes.
    """

    completion_stream: Any

    def __aiter__(self) -> AsyncIterator[Any]: ...

    async def aclose(self) -> None:
        """Lets go of the connection."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came, as far as it came.

    Attributes:
        text: The words.
        reasoning: What the model thought before them, where its provider shows it.
        tool_calls: What the model wants used, in its order.
        finish_reason: ``length`` for an answer that was cut off, by whomever.
        input_tokens: As the provider counted; None where it did not, or said nonsense: none at all is, too.
        output_tokens: Likewise; none at all is nonsense where something came.
        usage: The provider's own words on it, the last there were.
        response_id: The provider's name for the answer.
        served_model: The provider's name for the model.
    """

    text: str
    reasoning: str
    tool_calls: tuple[ToolCall, ...]
    finish_reason: str
    input_tokens: int | None
    output_tokens: int | None
    usage: Mapping[str, Any] | None
    response_id: str
    served_model: str


@dataclass(slots=True)
class _Count:
    """A count of tokens: the largest, since every provider that tells more than once counts up."""

    largest: int | None = None
    sound: bool = True

    def add(self, said: object) -> None:
        if said is None:
            return
        if type(said) is int and 0 <= said <= _MOST_TOKENS:
            self.largest = max(self.largest or 0, said)
        else:
            self.sound = False

    def value(self, *, none_is_sound: bool) -> int | None:
        return self.largest if self.sound and (self.largest or none_is_sound) else None


@dataclass(slots=True)
class _Call:
    call_id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)


class AnswerReader:
    """Reads one answer."""

    def __init__(self, *, reply_bytes: int, max_tokens: int, on_words: Callable[[str], None]) -> None:
        """Prepare for it.

        Args:
            reply_bytes: Words, thoughts and arguments together; what goes beyond is cut.
            max_tokens: As asked for; a stream of far more pieces than that is cut as well.
            on_words: Is given the words as they come.
        """
        self._left = reply_bytes
        self._chunks_left = _CHUNKS_PER_TOKEN * max_tokens + _SPARE_CHUNKS
        self._on_words = on_words
        self._words: list[str] = []
        self._thoughts: list[str] = []
        self._calls: dict[int, _Call] = {}
        self._input, self._output = _Count(), _Count()
        self._usage: Mapping[str, Any] | None = None
        self._names = {"id": "", "model": ""}
        self.began = False

    async def read(self, stream: Stream) -> Answer:
        """The whole answer, or as much of it as may be kept.

        `began` tells, also when it fails, whether anything of an answer had come.

        Raises:
            Exception: What litellm, and what it is made of, raises.
        """
        pieces = _Watched(getattr(stream, "completion_stream", None), self._watch)
        try:
            if await pieces.are_common():
                reason = await self._read_pieces(pieces)
            else:
                if pieces.are_asynchronous:
                    stream.completion_stream = pieces
                reason = await self._read_chunks(stream)
        finally:
            await stream.aclose()
        return self._answer(reason or "length")

    async def _read_pieces(self, pieces: "_Watched") -> str | None:
        reason: str | None = None
        async for piece in pieces:
            if isinstance(piece, Mapping):
                self._take_generic(piece)
                reason = reason or (piece.get("finish_reason") or None)
            elif piece.choices:
                self._take_delta(piece.choices[0].delta)
                reason = reason or piece.choices[0].finish_reason
            if self._left < 0:
                return "length"
        return reason

    async def _read_chunks(self, stream: Stream) -> str | None:
        reason: str | None = None
        async for chunk in stream:
            if chunk.choices:
                self._take_delta(chunk.choices[0].delta)
                reason = chunk.choices[0].finish_reason
            if self._left < 0:
                return "length"
            if reason is not None:
                break  # what comes after it is litellm's own count of tokens
        provider_gave = (getattr(stream, name, reason) for name in _REASONS)
        return next(filter(None, provider_gave), None)

    def _answer(self, finish_reason: str) -> Answer:
        calls = sorted(self._calls.items())
        came = bool(self._words or self._thoughts or calls)
        return Answer(
            text="".join(self._words),
            reasoning="".join(self._thoughts),
            tool_calls=tuple(
                ToolCall(
                    call_id=call.call_id or f"call_{index}", name=call.name, arguments="".join(call.arguments)
                )
                for index, call in calls
            ),
            finish_reason=finish_reason,
            input_tokens=self._input.value(none_is_sound=False),
            output_tokens=self._output.value(none_is_sound=not came),
            usage=self._usage,
            response_id=self._names["id"],
            served_model=self._names["model"],
        )

    def _watch(self, chunk: Any) -> bool:
        """Looks at a provider's own piece; false when there have been too many."""
        self.began = True
        self._chunks_left -= 1
        for name, known in self._names.items():
            if not known and isinstance(said := _part(chunk, name), str):
                self._names[name] = said[:_NAME_CHARS]
        if (usage := _usage(chunk)) is not None:
            self._usage = usage
            self._input.add(usage.get("prompt_tokens"))
            self._output.add(usage.get("completion_tokens"))
        return self._chunks_left > 0

    def _take_delta(self, delta: Any) -> None:
        self.began = True
        if thoughts := self._kept(getattr(delta, "reasoning_content", None)):
            self._thoughts.append(thoughts)
        self._take_words(getattr(delta, "content", None))
        for call in getattr(delta, "tool_calls", None) or ():
            self._take_call(call.index, call.id, call.function)

    def _take_generic(self, piece: Mapping[str, Any]) -> None:
        self._take_words(piece.get("text"))
        if (call := piece.get("tool_use")) is not None:
            self._take_call(_part(call, "index"), _part(call, "id"), _part(call, "function"))

    def _take_words(self, words: object) -> None:
        if kept := self._kept(words):
            self._words.append(kept)
            self._on_words(kept)

    def _take_call(self, index: object, call_id: object, function: Any) -> None:
        call = self._calls.setdefault(index if isinstance(index, int) else len(self._calls), _Call())
        call.call_id = call.call_id or self._kept(call_id)
        if function is not None:
            call.name += self._kept(_part(function, "name"))
            call.arguments.append(self._kept(_part(function, "arguments")))

    def _kept(self, piece: object) -> str:
        if not isinstance(piece, str) or not piece:
            return ""
        written = piece.encode("utf-8", "surrogatepass")
        if len(written) > self._left:
            piece = written[: max(0, self._left)].decode("utf-8", "ignore")
        self._left -= len(written)
        return piece


class _Watched:
    """A provider's pieces, the first of them looked at before it is taken."""

    def __init__(self, stream: Any, watch: Callable[[Any], bool]) -> None:
        self.are_asynchronous = hasattr(stream, "__aiter__")
        self._stream = stream
        self._pieces = aiter(stream) if self.are_asynchronous else None
        self._watch = watch
        self._first: list[Any] = []
        self._full = False

    async def are_common(self) -> bool:
        """Whether the pieces have one of the forms that all of litellm's larger providers share."""
        if self._pieces is None:
            return False
        try:
            self._first = [await anext(self._pieces)]
        except StopAsyncIteration:
            return True
        piece = self._first[0]
        if isinstance(piece, Mapping):
            return "text" in piece and "is_finished" in piece
        choices = getattr(piece, "choices", None)
        return isinstance(choices, list) and all(hasattr(choice, "delta") for choice in choices)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        if self._full or self._pieces is None:
            raise StopAsyncIteration
        piece = self._first.pop() if self._first else await anext(self._pieces)
        self._full = not self._watch(piece)
        return piece

    async def aclose(self) -> None:
        close = getattr(self._stream, "aclose", None) or getattr(self._stream, "close", None)
        if close is not None:
            await close()


def _usage(chunk: Any) -> Mapping[str, Any] | None:
    said = _part(chunk, "usage")
    if said is None:
        return None
    return _numbers(said if isinstance(said, Mapping) else said.model_dump())


def _numbers(said: Mapping[str, Any], depth: int = 2) -> dict[str, Any]:
    """What counts something; a provider may put anything there."""
    counts: dict[str, Any] = {}
    for name, value in list(said.items())[:_MOST_COUNTS]:
        if isinstance(value, Mapping) and depth:
            counts[name[:_NAME_CHARS]] = _numbers(value, depth - 1)
        elif isinstance(value, int | float) and abs(value) < _LARGEST_NUMBER:
            counts[name[:_NAME_CHARS]] = value
    return counts


def _part(chunk: Any, name: str) -> Any:
    return chunk.get(name) if isinstance(chunk, Mapping) else getattr(chunk, name, None)
