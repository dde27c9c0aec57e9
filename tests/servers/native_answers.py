"""One and the same answer, as providers with a wire form of their own stream it."""

import json
from collections.abc import Mapping
from typing import Any

from tests.servers.model_server import Scripted

TEXT = '{"BTC": "hold"}'
THOUGHTS = "first, the trend"
INPUT_TOKENS, CACHED_TOKENS, OUTPUT_TOKENS = 1_000, 900, 200

_HALVES = TEXT[:6], TEXT[6:]


def _events(*events: Mapping[str, Any]) -> Scripted:
    named = (f"event: {event['type']}\n" if "type" in event else "" for event in events)
    lines = (f"{name}data: {json.dumps(event)}\n\n" for name, event in zip(named, events, strict=True))
    return Scripted(body="".join(lines), headers={"Content-Type": "text/event-stream"})


def _lines(*messages: Mapping[str, Any]) -> Scripted:
    body = "".join(f"{json.dumps({'model': 'x', 'created_at': ''} | message)}\n" for message in messages)
    return Scripted(body=body, headers={"Content-Type": "application/x-ndjson"})


def _anthropic() -> Scripted:
    usage = {"input_tokens": INPUT_TOKENS - CACHED_TOKENS, "cache_read_input_tokens": CACHED_TOKENS}
    message = {"id": "msg_1", "role": "assistant", "model": "x", "content": [], "usage": usage}
    use = {"type": "tool_use", "id": "toolu_1", "name": "quote", "input": {}}
    deltas = [
        (0, {"type": "thinking_delta", "thinking": THOUGHTS}),
        *((1, {"type": "text_delta", "text": half}) for half in _HALVES),
        *((2, {"type": "input_json_delta", "partial_json": half}) for half in ('{"coin":', ' "BTC"}')),
    ]
    blocks = {0: {"type": "thinking", "thinking": ""}, 1: {"type": "text", "text": ""}, 2: use}
    events: list[dict[str, Any]] = [{"type": "message_start", "message": message}, {"type": "ping"}]
    for index, block in blocks.items():
        events.append({"type": "content_block_start", "index": index, "content_block": block})
        events += [
            {"type": "content_block_delta", "index": index, "delta": delta}
            for place, delta in deltas
            if place == index
        ]
        events.append({"type": "content_block_stop", "index": index})
    end = {"stop_reason": "tool_use"}
    events.append({"type": "message_delta", "delta": end, "usage": {"output_tokens": OUTPUT_TOKENS}})
    return _events(*events, {"type": "message_stop"})


def _gemini() -> Scripted:
    call = {"functionCall": {"name": "quote", "args": {"coin": "BTC"}}}
    parts = [[{"text": THOUGHTS, "thought": True}], [{"text": _HALVES[0]}], [{"text": _HALVES[1]}, call]]
    usage = {"promptTokenCount": INPUT_TOKENS}
    last = usage | {"candidatesTokenCount": 120, "thoughtsTokenCount": OUTPUT_TOKENS - 120}
    last |= {"cachedContentTokenCount": CACHED_TOKENS, "totalTokenCount": INPUT_TOKENS + OUTPUT_TOKENS}
    return _events(
        *(
            {
                "candidates": [{"content": {"parts": part, "role": "model"}, "index": 0} | end],
                "usageMetadata": counts,
            }
            for part, end, counts in zip(
                parts, ({}, {}, {"finishReason": "STOP"}), (usage, usage, last), strict=True
            )
        )
    )


def _ollama() -> Scripted:
    use = {"function": {"name": "quote", "arguments": {"coin": "BTC"}}}
    said = [{"thinking": THOUGHTS}, *({"content": half} for half in _HALVES), {"tool_calls": [use]}]
    counts = {"prompt_eval_count": INPUT_TOKENS, "eval_count": OUTPUT_TOKENS}
    return _lines(
        *({"message": {"role": "assistant", "content": ""} | each, "done": False} for each in said),
        {"message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "stop"} | counts,
    )


NATIVE = {
    "anthropic/claude-sonnet-4-5": _anthropic(),
    "gemini/gemini-2.5-pro": _gemini(),
    "ollama_chat/llama3": _ollama(),
}
"""Model → the answer in its provider's form."""

NO_CACHE = frozenset({"ollama_chat/llama3"})
"""Those whose provider counts no cached tokens."""
