"""A conversation with tools: bounded in turns and uses, and safe to be shown to any provider again."""

import json

import pytest

from cockpit.agents.models.asking import Asking
from cockpit.agents.models.model_call import CallFailed, Message, ModelReply, ModelRequest, ToolCall
from cockpit.agents.tools.tool import Sight
from cockpit.agents.tools.tool_use import MAX_WORDS, ToolLimits, converse
from cockpit.agents.tools.toolbox import TOOL_SPECS, Toolbox
from cockpit.trading.margin import MarginMode, MarginTerms
from tests.agents.debate.debate_stage import HANG, OWN, VIEW, ScriptedGateway, wants

TOOLBOX = Toolbox(Sight(view=VIEW, own=OWN, terms=MarginTerms(mode=MarginMode.CROSS, leverage=10.0)))
REQUEST = ModelRequest(model="x/y", messages=(Message(role="user", content="What now?"),), max_tokens=100)
QUOTE = ("quote", '{"coin": "BTC"}')


async def talked(*answers, limits=ToolLimits(), toolbox=TOOLBOX, timeout_s=60.0):  # noqa: B008 - frozen
    gateway = ScriptedGateway({"bull": answers})
    asking = Asking(gateway, agent="ann", round=1, timeout_s=timeout_s)
    return await converse(asking, REQUEST, "bull", toolbox, limits), gateway, asking


async def test_what_a_tool_tells_is_shown_to_who_asked_for_it():
    talk, gateway, asking = await talked(wants(QUOTE, ("account", "{}"), text="Let me look."), "Done.")
    assert talk.tools == ("quote", "account")
    assert [each.role for each in talk.messages] == ["user", "assistant", "tool", "tool", "assistant"]
    _, wish, quote, account, answer = talk.messages
    assert (wish.content, [each.call_id for each in wish.tool_calls]) == ("Let me look.", ["c0", "c1"])
    assert (quote.tool_call_id, json.loads(quote.content)["coin"]) == ("c0", "BTC")
    assert (account.tool_call_id, answer.content) == ("c1", "Done.")
    assert gateway.requests("bull")[1].messages == talk.messages[:-1]
    assert all(request.tools == TOOL_SPECS for request in gateway.requests("bull"))
    assert asking.spent_ms == 500 + 1_500


async def test_without_tools_none_are_offered_and_a_wish_for_one_is_not_heard():
    talk, gateway, _ = await talked(wants(QUOTE, text="Hm."), limits=None)
    assert (talk.reply.text, talk.tools, len(gateway.asked)) == ("Hm.", (), 1)
    assert gateway.requests("bull")[0].tools == ()


@pytest.mark.parametrize(("turns", "asked"), [(1, 2), (3, 4)])
async def test_who_never_stops_asking_is_asked_so_often_and_no_more(turns, asked):
    talk, gateway, _ = await talked(wants(QUOTE), limits=ToolLimits(turns=turns, calls=50))
    assert (len(gateway.asked), talk.reply.text) == (asked, "")
    assert talk.tools == ("quote",) * turns


async def test_uses_are_counted_over_all_turns_and_those_beyond_are_told_so():
    talk, _, _ = await talked(
        wants(*[QUOTE] * 3), wants(*[QUOTE] * 3), "Done.", limits=ToolLimits(turns=3, calls=4)
    )
    assert talk.tools == ("quote",) * 4
    told = [each.content.startswith("error: you have used") for each in talk.messages if each.role == "tool"]
    assert told == [False, False, False, False, True, True]


async def test_a_thousand_wishes_at_once_are_cut_short():
    talk, _, _ = await talked(wants(*[QUOTE] * 1_000), "Done.")
    assert len(talk.messages[1].tool_calls) == 16
    assert len(talk.tools) == 8


HOSTILE = ModelReply(
    text="\ud800" + "x" * 2 * MAX_WORDS,
    tool_calls=(
        ToolCall(call_id="", name="quote", arguments='{"coin": "BTC"}'),
        ToolCall(call_id="same", name="bars\n\x1b[31m", arguments="not json"),
        ToolCall(call_id="same", name="x" * 5_000_000, arguments='{"a": "' + "x" * 5_000_000),
        ToolCall(call_id="\ud800", name="quote", arguments='{"coin": "\ud800"}'),
        ToolCall(call_id="deep", name="quote", arguments="[" * 900),
        ToolCall(call_id="nan", name="bars", arguments='{"coin": "BTC", "timeframe": "1m", "count": NaN}'),
    ),
)


async def test_hostile_wishes_come_back_harmless():
    talk, gateway, _ = await talked(HOSTILE, "Done.")
    shown = gateway.requests("bull")[1]
    assert shown.key()
    wish = shown.messages[1]
    assert len(wish.content) <= MAX_WORDS
    assert [(each.call_id, each.name, json.loads(each.arguments)) for each in wish.tool_calls] == [
        ("call_1_0", "quote", {"coin": "BTC"}),
        ("same", "unknown", {}),
        ("call_1_2", "unknown", {}),
        ("call_1_3", "quote", {"coin": "?"}),
        ("deep", "quote", {}),
        ("nan", "bars", {}),
    ]
    answers = [each for each in shown.messages if each.role == "tool"]
    assert [each.tool_call_id for each in answers] == [each.call_id for each in wish.tool_calls]
    assert [each.content.startswith("error") for each in answers] == [False] + [True] * 5
    assert all(len(each.content) < 400 for each in answers[1:])
    assert talk.tools == ("quote", "unknown", "unknown", "quote", "quote", "bars")


async def test_all_turns_together_have_one_time():
    _, gateway, _ = await talked(wants(QUOTE), wants(QUOTE), "Done.", timeout_s=10.0)
    assert gateway.deadlines("bull") == [10.0, 9.5, 9.0]
    with pytest.raises(CallFailed, match="came to nothing"):
        await talked(wants(QUOTE), HANG, timeout_s=10.0)


@pytest.mark.parametrize("limits", [{"turns": 0}, {"calls": 0}, {"turns": -1}])
def test_limits_below_one_are_refused(limits):
    with pytest.raises(ValueError, match="give 1 or more"):
        ToolLimits(**limits)
