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
from cockpit.agents.providers.token_counts import TokenCounts

_CHUNKS_PER_TOKEN = 2
_SPARE_CHUNKS = 1_000
_NAME_CHARS = 200
_THOUGHTS_BEGIN, _THOUGHTS_END = "<think>", "</think>\n"
"""As models write it that think aloud amid their words."""

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
        cached_tokens: Of the input, those the provider had in its cache; 0 where it says nothing sound of it.
        billed_usd: What the provider says it cost, if that is in dollars; None where it says nothing sound.
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
    cached_tokens: int
    billed_usd: float | None
    usage: Mapping[str, Any] | None
    response_id: str
    served_model: str


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
            on_words: Is given thoughts and words as they come, thoughts between tags.
        """
        self._left = reply_bytes
        self._chunks_left = _CHUNKS_PER_TOKEN * max_tokens + _SPARE_CHUNKS
        self._on_words = on_words
        self._words: list[str] = []
        self._thoughts: list[str] = []
        self._calls: dict[int, _Call] = {}
        self._counts = TokenCounts()
        self._names = {"id": "", "model": ""}
        self._is_thinking = False
        self.began = False

    async def read(self, stream: Stream) -> Answer:
        """The whole answer, or as much of it as may be kept.

        `began` tells, also when it fails, whether anything of an answer had come.

        Raises:
            Exception: What litellm, and what it is made of, raises.
        """
        try:
            pieces = _Watched(await _pieces_of(stream), self._watch)
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
            input_tokens=self._counts.input_tokens,
            output_tokens=self._counts.output_tokens(is_empty=not came),
            cached_tokens=self._counts.cached_tokens,
            billed_usd=self._counts.billed_usd,
            usage=self._counts.usage,
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
        if (usage := _part(chunk, "usage")) is not None:
            self._counts.add(usage if isinstance(usage, Mapping) else usage.model_dump())
        return self._chunks_left > 0

    def _take_delta(self, delta: Any) -> None:
        self.began = True
        self._take_thoughts(getattr(delta, "reasoning_content", None))
        self._take_words(getattr(delta, "content", None))
        for call in getattr(delta, "tool_calls", None) or ():
            self._take_call(call.index, call.id, call.function)

    def _take_generic(self, piece: Mapping[str, Any]) -> None:
        self._take_words(piece.get("text"))
        if (call := piece.get("tool_use")) is not None:
            self._take_call(_part(call, "index"), _part(call, "id"), _part(call, "function"))

    def _take_thoughts(self, thoughts: object) -> None:
        if kept := self._kept(thoughts):
            self._thoughts.append(kept)
            self._on_words(kept if self._is_thinking else _THOUGHTS_BEGIN + kept)
            self._is_thinking = True

    def _take_words(self, words: object) -> None:
        if kept := self._kept(words):
            self._words.append(kept)
            self._on_words(_THOUGHTS_END + kept if self._is_thinking else kept)
            self._is_thinking = False

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


async def _pieces_of(stream: Stream) -> Any:
    """A provider's pieces; with some providers litellm asks for them only as the first of them is wanted."""
    if (fetch := getattr(stream, "fetch_stream", None)) is not None:
        await fetch()
    return getattr(stream, "completion_stream", None)


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
            self._first = [await self._next()]
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
        piece = self._first.pop() if self._first else await self._next()
        self._full = not self._watch(piece)
        return piece

    async def _next(self) -> Any:
        """The next piece; some of litellm's readers give None for a line that holds none."""
        assert self._pieces is not None
        while (piece := await anext(self._pieces)) is None:
            pass
        return piece

    async def aclose(self) -> None:
        close = getattr(self._stream, "aclose", None) or getattr(self._stream, "close", None)
        if close is not None:
            await close()


def _part(chunk: Any, name: str) -> Any:
    return chunk.get(name) if isinstance(chunk, Mapping) else getattr(chunk, name, None)
