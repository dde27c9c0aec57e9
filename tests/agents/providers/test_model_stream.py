from types import SimpleNamespace

from cockpit.agents.providers.model_stream import AnswerReader


class Pieces:
    """A provider's stream, of any form."""

    def __init__(self, *pieces):
        self._pieces = iter(pieces)

    def __aiter__(self):
        return self

    async def __anext__(self):
        try:
            return next(self._pieces)
        except StopIteration:
            raise StopAsyncIteration from None


class Wrapper(Pieces):
    """litellm's stream over it, which makes chunks of pieces and says ``stop`` if nobody said anything."""

    def __init__(self, pieces, reason):
        super().__init__()
        self.completion_stream = pieces
        self.received_finish_reason = reason
        self.intermittent_finish_reason = None
        self.closed = False

    async def __anext__(self):
        if (pieces := self.completion_stream) is None:
            raise StopAsyncIteration
        async for piece in pieces:
            return chunk(piece.words)
        self.completion_stream = None
        return chunk(None, "stop")

    async def aclose(self):
        self.closed = True


def chunk(words, reason=None, thoughts=None):
    delta = SimpleNamespace(content=words, tool_calls=None, reasoning_content=thoughts)
    return SimpleNamespace(choices=[SimpleNamespace(delta=delta, finish_reason=reason)])


def generic(text="", **given):
    usual = {
        "text": text,
        "is_finished": False,
        "finish_reason": "",
        "usage": None,
        "tool_use": None,
        "index": 0,
    }
    return {**usual, **given}


async def read(stream, reply_bytes=1_000, max_tokens=100):
    return await AnswerReader(reply_bytes=reply_bytes, max_tokens=max_tokens, on_words=lambda _: None).read(
        stream
    )


async def test_the_plain_form_of_some_providers_is_read():
    usage = {"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15}
    tool = {"id": "t1", "index": 0, "type": "function", "function": {"name": "quote", "arguments": "{}"}}
    pieces = Pieces(
        generic("Hel"),
        generic("lo"),
        generic(tool_use=tool),
        generic(is_finished=True, finish_reason="stop", usage=usage),
    )
    stream = Wrapper(pieces, None)
    answer = await read(stream)
    assert (answer.text, answer.finish_reason, answer.input_tokens, answer.output_tokens) == (
        "Hello",
        "stop",
        12,
        3,
    )
    assert [(call.call_id, call.name, call.arguments) for call in answer.tool_calls] == [
        ("t1", "quote", "{}")
    ]
    assert stream.closed


async def test_a_form_of_its_own_goes_through_litellm_and_its_made_up_reason_does_not_count():
    own = [SimpleNamespace(words="Hel"), SimpleNamespace(words="lo")]
    answer = await read(Wrapper(Pieces(*own), "stop"))
    assert (answer.text, answer.finish_reason) == ("Hello", "stop")


async def test_counts_are_the_largest_a_provider_gave():
    pieces = Pieces(
        generic(usage={"prompt_tokens": 40, "completion_tokens": 1}),
        generic("Hello", usage={"prompt_tokens": 0, "completion_tokens": 9, "note": "x" * 10_000}),
    )
    answer = await read(Wrapper(pieces, None))
    assert (answer.input_tokens, answer.output_tokens) == (40, 9)
    assert answer.usage == {"prompt_tokens": 0, "completion_tokens": 9}


async def test_thoughts_are_shown_in_tags_as_they_come_and_are_no_part_of_the_answer():
    shown = []
    pieces = Pieces(
        *(chunk(None, thoughts=each) for each in ("hm, ", "up")),
        chunk("Buy"),
        chunk(None, thoughts="or?"),
        chunk("."),
    )
    reader = AnswerReader(reply_bytes=1_000, max_tokens=100, on_words=shown.append)
    answer = await reader.read(Wrapper(pieces, None))
    assert "".join(shown) == "<think>hm, up</think>\nBuy<think>or?</think>\n."
    assert len(shown) == 5
    assert (answer.text, answer.reasoning) == ("Buy.", "hm, upor?")


async def test_an_answer_of_nothing_may_have_taken_no_token_to_write():
    answer = await read(Wrapper(Pieces(generic(usage={"prompt_tokens": 40, "completion_tokens": 0})), None))
    assert (answer.text, answer.input_tokens, answer.output_tokens, answer.finish_reason) == (
        "",
        40,
        0,
        "length",
    )


async def test_an_empty_stream_is_an_answer_that_was_cut_off():
    answer = await read(Wrapper(Pieces(), None))
    assert (answer.text, answer.finish_reason, answer.output_tokens) == ("", "length", None)


async def test_a_reply_is_cut_between_characters():
    answer = await read(Wrapper(Pieces(generic("ab🚀"), generic("more")), None), reply_bytes=5)
    assert (answer.text, answer.finish_reason) == ("ab", "length")
