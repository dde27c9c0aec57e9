"""A request as litellm takes it."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from cockpit.agents.models.model_call import Message, ModelRequest, ToolCall
from cockpit.agents.providers.model_route import AnswerForm, ModelRoute
from cockpit.agents.providers.model_table import TableEntry

SOCKET_TIMEOUT_S = 3_600.0
"""The same for every call, since litellm keeps a client for each; the deadline is kept outside."""

NO_KEY = "none"
"""Sent where a server takes no key; without it litellm looks for one of its own."""

OPTIONAL = ("temperature", "seed", "response_format", "stream_options")
"""What is left out where a model does not take it; none of it decides what is asked."""


def call_arguments(
    request: ModelRequest, route: ModelRoute, key: str | None, entry: TableEntry | None
) -> dict[str, Any]:
    """Keyword arguments of ``litellm.acompletion``, without what belongs to the connection.

    One request and no more is sent for each call, and the answer is always streamed.
    """
    arguments: dict[str, Any] = {
        "model": request.model,
        "messages": [_message(message) for message in request.messages],
        "max_tokens": request.max_tokens,
        "temperature": request.temperature,
        "seed": request.seed,
        "tools": [_tool(tool.name, tool.description, tool.parameters) for tool in request.tools] or None,
        "response_format": response_format(request, answer_form(request, route, entry)),
        "stream": True,
        "stream_options": {"include_usage": True},
        "timeout": SOCKET_TIMEOUT_S,
        "max_retries": 0,
        "num_retries": 0,
        "drop_params": False,  # with it, litellm sends a second request after a 422
        "_skip_mcp_handler": True,  # it serves other tools, with a package litellm does not bring
        "api_key": key,
        "api_base": route.api_base,
    }
    return {name: value for name, value in arguments.items() if value is not None}


def answer_form(request: ModelRequest, route: ModelRoute, entry: TableEntry | None) -> AnswerForm:
    """How the model is held to the schema.

    As the route says; else to the schema itself where litellm's table says that the model can be, on its
    provider's own server; else to JSON of any form. That is dropped later where litellm knows, or the
    provider says, that it takes no such wish, and never made where the messages don't speak of JSON: OpenAI
    refuses it.
    """
    if request.schema is None:
        return AnswerForm.FREE
    if route.answer_form is not None:
        return route.answer_form
    if route.api_base is None and entry is not None and entry.says("supports_response_schema"):
        return AnswerForm.SCHEMA
    return AnswerForm.OBJECT if _speak_of_json(each.content for each in request.messages) else AnswerForm.FREE


def without_wish(arguments: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The arguments without one that a provider refuses; a schema gives way to JSON of any form first."""
    left = {each: value for each, value in arguments.items() if each != name}
    wish = arguments.get(name)
    is_schema = isinstance(wish, Mapping) and wish.get("type") == AnswerForm.SCHEMA
    if is_schema and _speak_of_json(message["content"] or "" for message in arguments["messages"]):
        left[name] = {"type": AnswerForm.OBJECT.value}
    return left


def _speak_of_json(contents: Iterable[str]) -> bool:
    return any("json" in content.lower() for content in contents)


def response_format(request: ModelRequest, form: AnswerForm) -> dict[str, Any] | None:
    """What OpenAI's interface calls it, which litellm puts into each provider's own words."""
    if form is AnswerForm.FREE or request.schema is None:
        return None
    if form is AnswerForm.OBJECT:
        return {"type": form.value}
    schema = dict(request.schema)
    named = {"name": "answer", "schema": schema, "strict": is_strict(schema)}
    return {"type": form.value, "json_schema": named}


def is_strict(schema: object) -> bool:
    """Whether a schema keeps to what strict decoding takes: closed objects, all of whose fields are required.

    Source: OpenAI's documentation, "Structured outputs", supported schemas.
    """
    if isinstance(schema, list | tuple):
        return all(map(is_strict, schema))
    if not isinstance(schema, Mapping):
        return True
    if schema.get("type") == "object" or "properties" in schema:
        fields = schema.get("properties", {})
        if schema.get("additionalProperties") is not False or set(schema.get("required", ())) != set(fields):
            return False
    return all(map(is_strict, schema.values()))


def _message(message: Message) -> dict[str, Any]:
    given: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.tool_calls:
        given["tool_calls"] = [_tool_call(call) for call in message.tool_calls]
        given["content"] = message.content or None
    if message.tool_call_id is not None:
        given["tool_call_id"] = message.tool_call_id
    return given


def _tool_call(call: ToolCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": call.call_id, "type": "function", "function": function}


def _tool(name: str, description: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    plain = json.loads(json.dumps(parameters, default=dict))  # litellm changes what it is given
    return {"type": "function", "function": {"name": name, "description": description, "parameters": plain}}
