"""Tools: what they tell, what they tell of what isn't there, and what they say to nonsense."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.agents.models.model_call import ToolCall
from cockpit.agents.prompts.figures import MarketExtras
from cockpit.agents.tools.tool import NOT_GIVEN, Sight
from cockpit.agents.tools.toolbox import MAX_ANSWER, MAX_ARGUMENTS, TOOL_SPECS, Toolbox
from cockpit.domain.market import MINUTE_MS
from cockpit.trading.margin import MarginMode, MarginTerms
from tests.agents.debate.debate_stage import HOLDING, NOW_MS, VIEW, candles_of, view_of
from tests.trading.arena_facts import BTC, ETH

SIGHT = Sight(view=VIEW, own=HOLDING, terms=MarginTerms(mode=MarginMode.CROSS, leverage=10.0))
NAMES = [spec.name for spec in TOOL_SPECS]


def used(name, sight=SIGHT, /, **arguments):
    return asked(name, json.dumps(arguments), sight)


def asked(name, text, sight=SIGHT):
    answer = Toolbox(sight).use(ToolCall(call_id="c1", name=name, arguments=text))
    return answer if answer.startswith("error: ") else json.loads(answer)


def test_these_are_the_tools_there_are():
    assert NAMES == ["quote", "bars", "indicators", "order_book", "funding", "account", "positions"]


def test_a_quote_is_the_mark_and_the_last_closed_bar():
    told = used("quote", coin="eth")
    last = VIEW.candles.bars(ETH.symbol, "1m", limit=1)[0]
    assert told["mark_price"] == f"{VIEW.marks[ETH.symbol]:.2f}"
    assert told["last_1m_bar"]["close"] == f"{last.close:.2f}"
    assert (told["bid"], told["ask"]) == (NOT_GIVEN, NOT_GIVEN)


def test_bars_are_the_last_closed_ones_oldest_first():
    told = used("bars", coin="BTC/USDC:USDC", timeframe="3m", count=4)
    bars = VIEW.candles.bars(BTC.symbol, "3m", limit=4)
    assert [row[4] for row in told["rows"]] == [f"{bar.close:.1f}" for bar in bars]
    assert told["columns"] == ["open_time", "open", "high", "low", "close", "volume"]
    assert told["rows"][-1][0] == "2024-10-04T13:27:00Z"


def test_indicators_are_those_of_the_prompts():
    told = used("indicators", coin="BTC", timeframe="1m", count=3)
    assert len(told["rows"]) == 3
    row = dict(zip(told["columns"], told["rows"][-1], strict=True))
    assert 0 <= float(row["rsi14"]) <= 100
    assert float(row["ema20"]) == pytest.approx(50_240, abs=300)


def test_what_this_market_does_not_give_is_said_so_and_is_never_zero():
    assert used("order_book", coin="BTC") == {"coin": "BTC", "bids": NOT_GIVEN, "asks": NOT_GIVEN}
    assert used("funding", coin="BTC") == {"coin": "BTC", "funding_rate": NOT_GIVEN, "paid_every": "1h"}
    told = replace(SIGHT, extras=MarketExtras(funding_rate={BTC.symbol: -1.25e-05}))
    assert used("funding", told, coin="BTC")["funding_rate"] == "-0.00125%"
    spot = replace(BTC, funding_interval_ms=None)
    view = replace(VIEW, instruments={BTC.symbol: spot})
    assert used("funding", replace(SIGHT, view=view), coin="BTC") == {
        "coin": "BTC",
        "funding_rate": "n/a: no funding is paid on this coin",
    }


def test_a_coin_without_a_price_so_far_is_said_to_have_none():
    sight = replace(SIGHT, view=view_of(candles_of(has_eth=False)))
    assert used("quote", sight, coin="BTC")["mark_price"] != "n/a"
    assert used("quote", sight, coin="ETH")["mark_price"] == "n/a"
    assert used("quote", sight, coin="ETH")["last_1m_bar"] == "n/a"
    assert used("bars", sight, coin="ETH", timeframe="1m")["rows"] == NOT_GIVEN
    assert used("indicators", sight, coin="ETH", timeframe="1m")["rows"] == NOT_GIVEN


def test_the_account_is_the_agent_s_own():
    told = used("account")
    assert told["account_value"] == "10000.00"
    assert told["available_cash"] == f"{10_000 - VIEW.marks[ETH.symbol] / 4:.2f}"
    assert told["open_positions"] == 1


def test_positions_come_with_their_exit_plans():
    [position] = used("positions")["positions"]
    assert (position["coin"], position["quantity"], position["leverage"]) == ("ETH", "-1.00", "4")
    assert (position["stop_loss"], position["profit_target"]) == ("2100.00", "1800.00")
    assert position["invalidation_condition"] == "3m close > 2090"


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("quote", {"coin": "BTC"}),
        ("bars", {"coin": "BTC", "timeframe": "1m", "count": 50}),
        ("indicators", {"coin": "BTC", "timeframe": "3m", "count": 20}),
        ("account", {}),
        ("positions", {}),
    ],
)
def test_nothing_that_comes_later_changes_what_is_told(name, arguments):
    later = view_of(candles_of(later=(99_000.0, 1_000.0, 77_000.0)))
    assert later.ts_ms == NOW_MS
    assert later.candles.until_ms < NOW_MS + MINUTE_MS
    assert used(name, replace(SIGHT, view=later), **arguments) == used(name, **arguments)


# fmt: off
NONSENSE = [
    ("qoute", "{}", "error: there is no tool 'qoute'; there are quote, bars,"),
    ("\x1b[31m", "{}", "error: there is no tool '??31m'; there are"),
    ("quote", "", "error: 'coin': 'Field required'"),
    ("quote", "{}", "error: 'coin': 'Field required'"),
    ("quote", "BTC", "error: arguments: 'Invalid JSON"),
    ("quote", '["BTC"]', "error: arguments: 'Input should be an object'"),
    ("quote", '{"coin": 5}', "error: 'coin': 'Input should be a valid string'"),
    ("quote", '{"coin": "LUNA"}', "error: no such coin here; there are BTC, ETH"),
    ("quote", '{"coin": "BTC", "at": "2030-01-01"}', "error: 'at': 'Extra inputs are not permitted'"),
    ("quote", '{"coin": "\ud800"}', "error: no such coin here"),
    ("quote", '{"coin": "' + "x" * 61 + '"}', "error: 'coin': 'String should have at most 60"),
    ("bars", '{"coin": "BTC", "timeframe": "3m", "count": 1000000000}',
     "error: 'count': 'Input should be less than or equal to 50'"),
    ("bars", '{"coin": "BTC", "timeframe": "3m", "count": 0}',
     "error: 'count': 'Input should be greater than"),
    ("bars", '{"coin": "BTC", "timeframe": "3m", "count": -5}',
     "error: 'count': 'Input should be greater than"),
    ("bars", '{"coin": "BTC", "timeframe": "3m", "count": NaN}', "error: 'count': 'Input should be a finite"),
    ("bars", '{"coin": "BTC", "timeframe": "3m", "count": 1e999}',
     "error: 'count': 'Input should be a finite"),
    ("bars", '{"coin": "BTC", "timeframe": "7s"}', "error: no such timeframe; there are 1m, 3m"),
    ("indicators", '{"coin": "BTC", "timeframe": "3m", "count": 21}',
     "error: 'count': 'Input should be less"),
    ("account", '{"agent": "bob"}', "error: 'agent': 'Extra inputs are not permitted'"),
    ("account", "[" * 900, "error: arguments: 'Invalid JSON: recursion limit exceeded"),
    ("account", " " * (MAX_ARGUMENTS + 1),
     f"error: its arguments have {MAX_ARGUMENTS + 1} characters, more than"),
]
# fmt: on


@pytest.mark.parametrize(("name", "text", "error"), NONSENSE)
def test_nonsense_is_answered_with_what_is_wrong_with_it(name, text, error):
    answer = asked(name, text)
    assert isinstance(answer, str)
    assert answer.startswith(error)
    assert answer.isprintable()
    assert len(answer) < 400


ARGUMENTS = st.dictionaries(
    st.sampled_from(["coin", "timeframe", "count", "x"]),
    st.none() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["BTC", "1m", 50]),
).map(json.dumps)


@settings(max_examples=80)
@given(name=st.sampled_from(NAMES) | st.text(max_size=9), text=ARGUMENTS | st.text(max_size=30))
def test_whatever_is_asked_is_answered_in_bounds(name, text):
    answer = Toolbox(SIGHT).use(ToolCall(call_id="c", name=name, arguments=text))
    assert 0 < len(answer) <= MAX_ANSWER


@pytest.mark.parametrize("spec", TOOL_SPECS, ids=NAMES)
def test_every_tool_says_what_it_takes(spec):
    assert spec.description
    assert spec.parameters["additionalProperties"] is False
    assert set(spec.parameters["required"]) <= set(spec.parameters["properties"])


def test_the_most_that_can_be_asked_for_fits():
    for name, count in (("bars", 50), ("indicators", 20)):
        assert not isinstance(used(name, coin="BTC", timeframe="1m", count=count), str)
