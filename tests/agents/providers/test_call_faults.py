from email.utils import formatdate

import httpx
import pytest

from cockpit.agents.models.model_call import CallFault
from cockpit.agents.providers.call_faults import fault_of

NOW_S = 1_000_000.0
KEY = "planted-0123456789"


class Refusal(Exception):
    """As litellm's providers raise it."""

    def __init__(self, status_code, message="scripted", headers=None):
        super().__init__(f"litellm.RateLimitError: OpenAIException - {message}")
        self.status_code = status_code
        self.litellm_response_headers = httpx.Headers(headers or {})


def meaning(error, answering=False):
    return fault_of(error, "deepseek/x", (KEY,), now_s=NOW_S, answering=answering)


@pytest.mark.parametrize(
    ("status", "fault", "transient"),
    [
        (400, CallFault.REFUSED, False),
        (401, CallFault.DENIED, False),
        (402, CallFault.DENIED, False),
        (403, CallFault.DENIED, False),
        (404, CallFault.REFUSED, False),
        (408, CallFault.SERVER, True),
        (422, CallFault.REFUSED, False),
        (429, CallFault.RATE_LIMITED, True),
        (500, CallFault.SERVER, True),
        (529, CallFault.SERVER, True),
    ],
)
def test_a_status_has_one_meaning(status, fault, transient):
    how = meaning(Refusal(status))
    assert (how.fault, how.transient, how.billable) == (fault, transient, False)


def test_a_lost_connection_counts_whatever_status_is_put_before_it():
    error = Refusal(500)
    error.__cause__ = httpx.ReadError("reset by peer")
    how = meaning(error)
    assert (how.fault, how.transient, how.billable) == (CallFault.UNREACHABLE, True, True)


def test_once_words_have_come_it_is_not_tried_again_and_may_be_billed():
    how = meaning(Refusal(500), answering=True)
    assert (how.transient, how.billable) == (False, True)


def test_an_error_nobody_foresaw_is_the_servers():
    assert meaning(KeyError("choices")).fault is CallFault.SERVER


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "1"}, 0.25),
        ({"Retry-After": formatdate(NOW_S + 90, usegmt=True)}, 90.0),
        ({"Retry-After": formatdate(NOW_S - 90, usegmt=True)}, 0.0),
        ({"Retry-After": "-3"}, 0.0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "inf"}, None),
        ({"Retry-After": "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"}, None),
        ({"Retry-After": "Mon, 01 Jan 2025 00:00:00 +99999999999999"}, None),
        ({}, None),
    ],
)
def test_a_provider_says_when_to_come_back(headers, seconds):
    assert meaning(Refusal(429, headers=headers)).retry_after_s == seconds


def test_the_message_is_one_bounded_line_without_keys_or_escapes():
    how = meaning(Refusal(401, f"wrong key {KEY}\n\x1b[31mred\x1b[0m " + "x" * 9_000))
    assert how.message.startswith(
        "deepseek/x: its provider takes the key for wrong: check it (wrong key [key] red x"
    )
    assert len(how.message) == 300
    assert how.message.isprintable()


@pytest.mark.parametrize(
    ("said", "unwanted"),
    [
        ("This response_format type is unavailable now", ("response_format",)),
        ("response_format.type `json_schema` is unavailable now", ("response_format",)),
        (
            "Function calling with a response mime type: 'application/json' is unsupported",
            ("response_format",),
        ),
        ("json mode cannot be combined with tool/function calling", ("response_format",)),
        ("output_format: Extra inputs are not permitted", ("response_format",)),
        ("The 'stream_options' parameter is only allowed when 'stream' is enabled.", ("stream_options",)),
        ("invalid temperature: only 1 is allowed for this model", ("temperature",)),
        ("property 'seed' is unsupported", ("seed",)),
        ("max_tokens is too large: 64000", ()),
    ],
)
@pytest.mark.parametrize("status", [400, 422])
def test_a_refused_request_says_which_argument_it_could_do_without(status, said, unwanted):
    assert meaning(Refusal(status, said)).unwanted == unwanted


@pytest.mark.parametrize("status", [401, 404, 413, 429, 500])
def test_other_failures_are_no_reason_to_leave_anything_out(status):
    assert meaning(Refusal(status, "temperature, response_format")).unwanted == ()
