"""What agents write as invalidation: read to the last word, or not at all."""

import re
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.domain.market import DAY_MS, HOUR_MS, MINUTE_MS
from cockpit.trading.invalidation import (
    GRAMMAR_HELP,
    AllOf,
    AnyOf,
    Clock,
    Comparison,
    Crossing,
    Held,
    Level,
    Reading,
    coin_names,
    parse_invalidation,
)
from cockpit.trading.invalidation.grammar import MAX_COMPARISONS, MAX_DEPTH, MAX_RSI_PERIOD, TIMEFRAMES_MS
from cockpit.trading.invalidation.tokens import MAX_TEXT
from tests.trading.arena_facts import BTC, DOGE, ETH

SOL = "SOL/USDC:USDC"
NAMES = {
    "BTC": BTC.symbol,
    "ETH": ETH.symbol,
    "kPEPE": "kPEPE/USDC:USDC",
    "1000SATS": "1000SATS/USDT:USDT",
    "NOT": "NOT/USDT:USDT",
    "HIGH": "HIGH/USDT:USDT",
    "NEAR": "NEAR/USDT:USDT",
}


def read(text):
    return parse_invalidation(text, SOL, NAMES)


# fmt: off
READ = [
    # prices
    ("price > 120k", "SOL price > 120000"),
    ("Price is above $120,000.50", "SOL price > 120000.5"),
    ("the price of", None),
    ("BTC price under 95_000", "BTC price < 95000"),
    ("BTC < 95k", "BTC price < 95000"),
    ("btc price at or below 0.000012", "BTC price <= 0.000012"),
    ("price ≥ 3", "SOL price >= 3"),
    ("BTC breaks below 105,000", "BTC price crosses below 105000"),
    ("If price drops back under 3.2", "SOL price crosses below 3.2"),
    ("ETH/USDC:USDC rises above 4000", "ETH price crosses above 4000"),
    ("NEAR falls below 2", "NEAR/USDT:USDT price crosses below 2"),
    ("1000SATS price < 0.0002", "1000SATS/USDT:USDT price < 0.0002"),
    # closes
    ("BTC closes below 95000 on 4h", "BTC 4h close < 95000"),
    ("4h close < 95,000", "SOL 4h close < 95000"),
    ("close(4h) <= 95k", "SOL 4h close <= 95000"),
    ("If the price closes below 105000 on a 3-minute candle", "SOL 3m close < 105000"),
    ("if price close below 2.30 on a 3-minute candle.", "SOL 3m close < 2.3"),
    ("a daily candle closes above 120k", "SOL 1d close > 120000"),
    ("closes above 120k on the daily chart", "SOL 1d close > 120000"),
    ("BTC 240 min candle closing at or above 1.5k", "BTC 4h close >= 1500"),
    ("price is below 95000 at the 4h close", "SOL 4h close < 95000"),
    ("kpepe closes below 0.0102 on hourly", "kPEPE 1h close < 0.0102"),
    ("ETH 4H candle closes back above 4000", "ETH 4h close crosses above 4000"),
    ("exit if 30m close under 3", "SOL 30m close < 3"),
    # RSI
    ("RSI14(4h) > 70", "SOL 4h RSI14 > 70"),
    ("RSI(7, 15m) < 20", "SOL 15m RSI7 < 20"),
    ("RSI(7) on 15m < 20", "SOL 15m RSI7 < 20"),
    ("BTC 1-hour RSI-21 is at or below 30", "BTC 1h RSI21 <= 30"),
    ("4-hour RSI crosses below 40", "SOL 4h RSI14 crosses below 40"),
    ("RSI14 drops below 40 on the 4h chart", "SOL 4h RSI14 crosses below 40"),
    ("RSI 14 moves below 40 on 4h", "SOL 4h RSI14 crosses below 40"),
    ("RSI 15 min > 70", "SOL 15m RSI14 > 70"),
    ("4h RSI closes below 40", "SOL 4h RSI14 < 40"),
    # time
    ("time > 2026-01-01T00:00Z", "time > 2026-01-01T00:00:00Z"),
    ("after 2026-01-01 06:30:15 UTC", "time > 2026-01-01T06:30:15Z"),
    ("time is before 2026-01-01T00:00Z", "time < 2026-01-01T00:00:00Z"),
    ("after 48h", "after 2d"),
    ("after 90 minutes", "after 90m"),
    ("held longer than 1.5d", "after 36h"),
    ("position is held for more than 2 days", "after 2d"),
    # several
    ("price < 3 or 4h RSI < 40 or after 2d", "SOL price < 3 or SOL 4h RSI14 < 40 or after 2d"),
    ("if 4h close < 3, and if BTC < 95k", "SOL 4h close < 3 and BTC price < 95000"),
    ("4h close < 3 and (1h RSI < 30 or after 2d)", "SOL 4h close < 3 and (SOL 1h RSI14 < 30 or after 2d)"),
    ("((price < 3))", "SOL price < 3"),
]

UNCHECKED = [
    # nothing that is said
    "", "   ", ".", "()", "none", "hold", "price", "4h", "BTC", "and", "< 3", "95000", "below 95000",
    # what is only half understood
    "4H RSI breaks below 40 or news turn bad",
    "4H RSI breaks back below 40, signaling momentum failure",
    "BTC breaks below 105,000, confirming deeper market correction",
    "price does not close below 95000 on 4h", "not price < 3", "NOT price < 3", "price fails to hold above 3",
    "price closes below 4h EMA20", "price closes twice below 3 on 4h", "MACD < 0 on 4h", "high > 3",
    "price < 3 unless BTC > 95k", "price drops 5%", "price < 95%", "price < around 3", "4h close < 3 or 1h",
    # too little, or two things at once
    "price closes below 105000", "RSI < 40", "4h below 3", "4h candle below 3", "price < 3 on 4h",
    "4h close < 3 on 1h", "BTC ETH price < 3", "price price < 3", "4h price RSI < 30", "RSI7(14) on 4h < 3",
    "price crosses 3", "price rises below 3", "price falls above 3", "price crosses at or below 3",
    "price < 3 and price < 4 or price < 5", "price < 3, price < 4", "price < 3 and",
    "(price < 3", "price < 3)",
    "price = 3", "price < = 3", "price < 3 4", "after daily", "after 2h 30m", "held < 2d", "held longer 2d",
    # nobody's, or not the market's
    "XRP price < 3", "BTC/USDT < 3", "BTC-PERP < 3", "BTC's price < 3", "2h close < 3", "weekly close < 3",
    # numbers that are none
    "price < -3", "price < 0", "price < .5", "price < 95.000.000", "price < 95,00", "price < 1e5",
    "price < 3m",
    "price < 95 000", "price < 1,234,5678", "price < 95000usd", "price < ９５", "price < nan", "price < inf",
    "price < 1000000000000", "price < 999999999999k",
    "4h RSI < 0", "4h RSI < 140", "4h RSI < $40", "4h RSI1 < 40", "4h RSI51 < 40", "RSI(1.5) on 4h < 40",
    "after 0h", "after 0.001m", "after 9999d",
    "time > 2026-02-30T00:00Z", "time > 2026-01-01", "time > 2026-01-01T00:00", "time > 2026-01-01T25:00Z",
]
# fmt: on


def canonical(words):
    return re.sub(r"\b(SOL|BTC|ETH|kPEPE)(?= )", r"\1/USDC:USDC", words)


@pytest.mark.parametrize(("text", "words"), [row for row in READ if row[1] is not None])
def test_a_condition_is_read_in_a_traders_words(text, words):
    assert read(text).words() == canonical(words)


@pytest.mark.parametrize("text", [row[0] for row in READ if row[1] is None] + UNCHECKED)
def test_what_is_not_understood_to_the_last_word_is_not_checked(text):
    assert read(text) is None


@pytest.mark.parametrize("text", [text for text, words in READ if words])
def test_one_strange_word_anywhere_and_the_whole_is_unchecked(text):
    words = text.split()
    for place in range(len(words) + 1):
        assert read(" ".join([*words[:place], "perhaps", *words[place:]])) is None


@pytest.mark.parametrize("text", [text for text, words in READ if words])
def test_case_and_spacing_do_not_matter(text):
    assert read(text.upper()) == read(text) == read(f"\n {text.lower()}\t")


def test_every_example_of_the_help_is_checked_and_the_help_is_short():
    examples = [text for text in re.findall(r"`([^`]+)`", GRAMMAR_HELP) if text not in {"and", "or"}]
    assert len(examples) > 10
    assert [text for text in examples if read(text) is None] == []
    assert len(GRAMMAR_HELP.splitlines()) <= 15
    assert all(f" {name}" in GRAMMAR_HELP for name in TIMEFRAMES_MS)


def test_each_condition_is_its_own_type():
    reading = Reading(symbol=SOL, timeframe="4h", rsi_period=14)
    assert read("4h RSI < 40") == Level(reading=reading, comparison=Comparison.BELOW, bound=40.0)
    assert read("4h RSI falls below 40") == Crossing(reading=reading, is_below=True, bound=40.0)
    assert read("after 36h") == Held(length_ms=36 * HOUR_MS)
    new_year = Clock(comparison=Comparison.ABOVE, instant_ms=1_767_225_600_000)
    assert read("time > 2026-01-01T00:00Z") == new_year


def test_what_a_condition_reads_is_named_once():
    condition = read("(price < 3 or 4h close < 3) and 4h close > 2 and BTC 1h RSI7 < 40 and after 2d")
    assert condition.needs() == (
        Reading(symbol=SOL),
        Reading(symbol=SOL, timeframe="4h"),
        Reading(symbol=BTC.symbol, timeframe="1h", rsi_period=7),
    )


def test_length_depth_and_count_are_bounded():
    assert read("price < 3" + " " * MAX_TEXT) is None
    assert read("(" * MAX_DEPTH + "price < 3" + ")" * MAX_DEPTH) is not None
    assert read("(" * (MAX_DEPTH + 1) + "price < 3" + ")" * (MAX_DEPTH + 1)) is None
    assert read(" or ".join(["price < 3"] * MAX_COMPARISONS)) is not None
    assert read(" or ".join(["price < 3"] * (MAX_COMPARISONS + 1))) is None


def test_instruments_go_by_their_symbol_their_pair_and_their_coin_unless_two_would():
    spot = replace(BTC, symbol="BTC/USDC")
    names = coin_names([BTC, spot, DOGE])
    assert names == {
        BTC.symbol: BTC.symbol,
        spot.symbol: spot.symbol,
        DOGE.symbol: DOGE.symbol,
        "DOGE/USDC": DOGE.symbol,
        "DOGEUSDC": DOGE.symbol,
        "DOGE": DOGE.symbol,
    }
    assert parse_invalidation("BTC/USDC < 3", SOL, names).words() == "BTC/USDC price < 3"
    assert parse_invalidation("BTC < 3", SOL, names) is None


def test_a_coin_called_like_another_word_is_named_by_its_whole_symbol():
    assert read("HIGH price < 3") is None
    assert read("HIGH/USDT:USDT price < 3").words() == "HIGH/USDT:USDT price < 3"
    assert parse_invalidation("X < 3", SOL, {"x": "X/USDT", "X": "x/USDT"}) is None


@dataclass(frozen=True)
class Known:
    """Values and spans by what is read, as a market could have said them."""

    values: dict = field(default_factory=dict)
    spans: dict = field(default_factory=dict)
    now_ms: int = 10 * DAY_MS
    opened_ms: int | None = 8 * DAY_MS

    def value(self, reading):
        return self.values.get(reading)

    def span(self, reading):
        return self.spans.get(reading)


PRICE = Reading(symbol=SOL)


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("price < 3", 2.9, True),
        ("price < 3", 3.0, False),
        ("price <= 3", 3.0, True),
        ("price > 3", 3.0, False),
        ("price >= 3", 3.0, True),
        ("price >= 3", None, None),
    ],
)
def test_a_level_is_met_on_its_side_of_the_bound(text, value, expected):
    assert read(text).is_met(Known(values={PRICE: value})) is expected


@pytest.mark.parametrize(
    ("text", "value", "span", "expected"),
    [
        ("price crosses below 3", 2.9, (2.9, 3.0), True),
        ("price crosses below 3", 2.9, (2.8, 2.9), False),
        ("price crosses below 3", 3.0, (2.8, 3.5), False),
        ("price crosses above 3", 3.1, (3.0, 3.1), True),
        ("price crosses above 3", 3.1, (3.1, 3.2), False),
        ("price crosses above 3", 2.9, (2.0, 4.0), False),
        ("price crosses above 3", None, (2.0, 4.0), None),
        ("price crosses above 3", 3.1, None, None),
    ],
)
def test_a_crossing_is_met_where_the_value_was_on_the_other_side(text, value, span, expected):
    assert read(text).is_met(Known(values={PRICE: value}, spans={PRICE: span})) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("after 2d", True),
        ("after 48.05h", False),
        ("time > 1970-01-01T00:00Z", None),
        ("time > 2000-01-01T00:00Z", False),
        ("time < 2000-01-01T00:00Z", True),
    ],
)
def test_time_is_the_markets_and_age_the_positions(text, expected):
    condition = read(text)
    assert (None if condition is None else condition.is_met(Known())) is expected
    assert read("after 2d").is_met(Known(opened_ms=None)) is None


# Kleene's tables: (left, right) → (and, or)
CONNECTIVES = {
    (True, True): (True, True),
    (True, False): (False, True),
    (True, None): (None, True),
    (False, False): (False, False),
    (False, None): (False, None),
    (None, None): (None, None),
}


@pytest.mark.parametrize(("left", "right"), CONNECTIVES)
def test_what_is_unknown_decides_nothing_that_is_decided_without_it(left, right):
    answers = {True: "after 1d", False: "after 9d", None: "price < 3"}
    for first, second in ((left, right), (right, left)):
        joined = [read(f"{answers[first]} {joint} {answers[second]}") for joint in ("and", "or")]
        assert tuple(each.is_met(Known()) for each in joined) == CONNECTIVES[left, right]


# Invariants

BOUNDS = st.builds(
    lambda whole, digits, places: float(f"{whole}.{digits:0{places}d}"),
    st.integers(0, 999_999_999_999),
    st.integers(0, 999),
    st.integers(3, 12),
).filter(bool)
SYMBOLS = st.sampled_from([SOL, *NAMES.values()])
NAMED_TIMEFRAMES = st.sampled_from(sorted(TIMEFRAMES_MS))
PRICES = st.builds(Reading, symbol=SYMBOLS, timeframe=st.none() | NAMED_TIMEFRAMES, rsi_period=st.none())
RSIS = st.builds(
    Reading, symbol=SYMBOLS, timeframe=NAMED_TIMEFRAMES, rsi_period=st.integers(2, MAX_RSI_PERIOD)
)


def judged(reading, bounds):
    return st.builds(
        Level, reading=reading, comparison=st.sampled_from(Comparison), bound=bounds
    ) | st.builds(Crossing, reading=reading, is_below=st.booleans(), bound=bounds)


SINGLE = (
    judged(PRICES, BOUNDS)
    | judged(RSIS, st.integers(1, 99).map(float) | st.just(0.1))
    | st.builds(Held, length_ms=st.integers(1, 3_650 * 24 * 60).map(lambda minutes: minutes * MINUTE_MS))
    | st.builds(
        Clock,
        comparison=st.sampled_from(Comparison),
        instant_ms=st.integers(946_684_800, 7_258_118_399).map(lambda seconds: seconds * 1_000),
    )
)


def several(parts):
    return (
        st.lists(parts, min_size=2, max_size=2)
        .map(tuple)
        .flatmap(
            lambda conditions: st.sampled_from([AllOf(conditions=conditions), AnyOf(conditions=conditions)])
        )
    )


CONDITIONS = SINGLE | several(SINGLE) | several(SINGLE | several(SINGLE | several(SINGLE)))


def count(condition):
    return sum(map(count, condition.conditions)) if isinstance(condition, AllOf | AnyOf) else 1


@settings(max_examples=300)
@given(CONDITIONS)
def test_the_words_of_a_condition_mean_that_condition(condition):
    assert count(condition) <= MAX_COMPARISONS
    assert read(condition.words()) == condition


@settings(max_examples=300)
@given(st.text(max_size=200))
def test_no_text_raises(text):
    assert read(text) is None or read(text).words()


# fmt: off
VOCABULARY = st.sampled_from([
    "price", "close", "closes", "RSI14", "RSI", "RSI(7)", "4h", "3-minute", "daily", "candle", "on", "the",
    "<", "<=", ">", "below", "at or below", "above", "crosses", "falls", "rises", "back", "is", "if", "exit",
    "and", "or", "(", ")", ",", "95000", "95,000", "95k", "$3", "40", "time", "after", "before", "held",
    "for", "longer", "than", "position", "48h", "2026-01-01T00:00Z", "BTC", "ETH/USDC:USDC", "not", "NOT",
    "xrp", "%",
])
# fmt: on


@settings(max_examples=500)
@given(st.lists(VOCABULARY, max_size=12).map(" ".join))
def test_words_of_the_grammar_in_any_order_are_a_condition_or_none(text):
    condition = read(text)
    if condition is not None:
        assert read(condition.words()) == condition
