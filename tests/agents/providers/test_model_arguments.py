import pytest

from cockpit.agents.models.model_call import ToolSpec
from cockpit.agents.providers.model_arguments import (
    answer_form,
    call_arguments,
    is_strict,
    response_format,
    without_wish,
)
from cockpit.agents.providers.model_route import AnswerForm, ModelRoute
from cockpit.agents.providers.model_table import TableEntry
from tests.agents.model_desk import request

SCHEMA = {"type": "object", "properties": {"x": {"type": "number"}}}
STRICT = {**SCHEMA, "required": ["x"], "additionalProperties": False}
ABLE = TableEntry(provider="openai", facts={"supports_response_schema": True})


@pytest.mark.parametrize(
    ("route", "entry", "given", "form"),
    [
        ({}, ABLE, {"schema": SCHEMA}, AnswerForm.SCHEMA),
        ({}, ABLE, {}, AnswerForm.FREE),
        ({"api_base": "http://h/v1"}, ABLE, {"schema": SCHEMA}, AnswerForm.OBJECT),
        ({}, None, {"schema": SCHEMA}, AnswerForm.OBJECT),
        ({}, None, {"schema": SCHEMA, "content": "in YAML, please"}, AnswerForm.FREE),
        (
            {"answer_form": AnswerForm.SCHEMA, "api_base": "http://h/v1"},
            None,
            {"schema": SCHEMA},
            AnswerForm.SCHEMA,
        ),
        ({"answer_form": AnswerForm.FREE}, ABLE, {"schema": SCHEMA}, AnswerForm.FREE),
    ],
)
def test_a_model_is_held_to_a_schema_as_far_as_it_is_known_to_keep_to_it(route, entry, given, form):
    assert answer_form(request(**given), ModelRoute(model="openai/x", **route), entry) is form


def test_each_form_is_asked_for_in_openais_words():
    asked = request(schema=STRICT)
    assert response_format(asked, AnswerForm.FREE) is None
    assert response_format(asked, AnswerForm.OBJECT) == {"type": "json_object"}
    assert response_format(asked, AnswerForm.SCHEMA) == {
        "type": "json_schema",
        "json_schema": {"name": "answer", "schema": STRICT, "strict": True},
    }


@pytest.mark.parametrize(
    ("schema", "strict"),
    [
        (STRICT, True),
        (SCHEMA, False),
        ({"type": "array", "items": STRICT}, True),
        ({"type": "array", "items": SCHEMA}, False),
        ({"anyOf": [STRICT, {"type": "null"}]}, True),
        ({**STRICT, "$defs": {"y": SCHEMA}}, False),
        ({**STRICT, "required": []}, False),
        ({"type": "string"}, True),
    ],
)
def test_only_closed_schemas_are_strict(schema, strict):
    assert is_strict(schema) is strict


def test_one_request_is_sent_for_each_call_and_nothing_is_added():
    tool = ToolSpec(name="quote", description="now", parameters=SCHEMA)
    arguments = call_arguments(request(tools=(tool,)), ModelRoute(model="openai/x"), "key-1234", None)
    assert (arguments["max_retries"], arguments["num_retries"], arguments["drop_params"]) == (0, 0, False)
    assert (arguments["stream"], arguments["api_key"]) == (True, "key-1234")
    assert "api_base" not in arguments
    assert "temperature" not in arguments
    arguments["tools"][0]["function"]["parameters"]["properties"].clear()
    assert tool.parameters["properties"]  # litellm changes what it is given


def test_a_schema_that_is_refused_gives_way_to_json_of_any_form_and_that_to_none():
    arguments = call_arguments(
        request(schema=SCHEMA, temperature=0.3), ModelRoute(model="openai/x"), None, ABLE
    )
    looser = without_wish(arguments, "response_format")
    assert looser == {**arguments, "response_format": {"type": "json_object"}}
    free = without_wish(looser, "response_format")
    assert free.keys() == looser.keys() - {"response_format"}
    assert without_wish(free, "response_format") == free
    assert without_wish(free, "temperature").keys() == free.keys() - {"temperature"}


def test_where_messages_speak_of_no_json_a_refused_schema_gives_way_to_none():
    asked = request(schema=SCHEMA, content="in YAML, please")
    arguments = call_arguments(asked, ModelRoute(model="openai/x"), None, ABLE)
    assert "response_format" not in without_wish(arguments, "response_format")
