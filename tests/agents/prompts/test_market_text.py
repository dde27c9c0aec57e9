"""The market's part of a prompt: each instrument's own precision, n/a for the unknown, once per view."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from cockpit.agents.prompts.figures import MarketExtras, MarketForm
from cockpit.agents.prompts.market_text import MarketText, timeframe_label
from cockpit.agents.prompts.renderer import PromptTemplates
from cockpit.domain.market import MINUTE_MS

BTC, DOGE, XRP = "BTC/USDC:USDC", "DOGE/USDC:USDC", "XRP/USDC:USDC"


class CountingTemplates(PromptTemplates):
    """The shipped templates, and how often one was rendered."""

    rendered = 0

    def render(self, name, variables):
        self.rendered += 1
        return super().render(name, variables)


@pytest.fixture
def templates():
    return CountingTemplates()


def section(text, symbol):
    """The lines of one coin."""
    (found,) = re.findall(
        rf"^## {symbol.partition('/')[0]}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL
    )
    return found


def test_prices_go_by_the_tick_averages_one_decimal_further_and_volumes_by_the_lot(templates, view):
    text = MarketText(templates, MarketForm()).of(view)
    btc, doge = section(text, BTC), section(text, DOGE)
    assert re.search(r"^mark_price = \d+, current_ema20 = \d+\.\d, current_macd = -?\d+\.\d, ", btc, re.M)
    assert re.search(r"^Mid prices \(close of each bar\): \[\d{5}(, \d{5}){9}\]$", btc, re.M)
    assert re.search(r"^Mid prices \(close of each bar\): \[0\.\d{5}(, 0\.\d{5}){9}\]$", doge, re.M)
    assert re.search(r"^MACD \(12, 26\): \[-?0\.\d{6}(, -?0\.\d{6}){9}\]$", doge, re.M)
    assert re.search(r"^RSI14: \[\d+\.\d(, \d+\.\d){9}\]$", doge, re.M)
    assert re.search(r"^Volume of the last bar \d+\.\d{3} vs\. average of 20 bars \d+\.\d{3}$", btc, re.M)
    assert re.search(r"^Volume of the last bar \d+ vs\. average of 20 bars \d+$", doge, re.M)


def test_what_is_unknown_is_na_and_never_0(templates, view):
    xrp = section(MarketText(templates, MarketForm()).of(view), XRP)
    assert "current_ema20 = n/a, current_macd = n/a, current_rsi7 = n/a" in xrp
    assert re.search(r"^Mid prices \(close of each bar\): \[\d\.\d{4}(, \d\.\d{4}){3}\]$", xrp, re.M)
    for line in (
        "Open interest: latest n/a, average n/a",
        "Funding rate: n/a (every 1h)",
        "EMA20 n/a vs. EMA50 n/a",
        "ATR3 n/a vs. ATR14 n/a",
        "Volume of the last bar n/a vs. average of 20 bars n/a",
        "RSI14: n/a",
    ):
        assert line in xrp.splitlines()


def test_a_coin_without_any_bar_is_all_na(templates, viewed, filled, steps):
    quiet = [replace(step, bars=(*step.bars[:2], None)) for step in steps[-300:]]
    xrp = section(MarketText(templates, MarketForm()).of(viewed(filled(quiet))), XRP)
    assert "mark_price = n/a" in xrp
    assert re.findall(r"\d", xrp.replace("n/a", "")) == re.findall(
        r"\d", "20 7 1 3 20 12 26 7 14 4 20 50 3 14 20 12 26 14"
    )


def test_what_the_market_tells_besides_prices_is_shown(templates, view):
    extras = MarketExtras(
        open_interest={BTC: 25_764.05},
        open_interest_average={BTC: 25_757.9},
        funding_rate={BTC: 1.25e-05, DOGE: -0.0001, XRP: 0.0},
    )
    text = MarketText(templates, MarketForm()).of(view, extras)
    assert "Open interest: latest 25764.050, average 25757.900\nFunding rate: 0.00125% (every 1h)" in text
    assert "Funding rate: -0.01% (every 1h)" in section(text, DOGE)
    assert "Funding rate: 0% (every 1h)" in section(text, XRP)


def test_an_instrument_without_funding_names_no_interval(templates, view):
    spot = {s: replace(each, funding_interval_ms=None) for s, each in view.instruments.items()}
    text = MarketText(templates, MarketForm()).of(replace(view, instruments=spot))
    assert text.count("Funding rate: n/a\n") == 3


def test_timeframes_are_those_asked_for_in_order(templates, view):
    form = MarketForm(intraday="1m", context="1h", extra=("15m", "3m"))
    doge = section(MarketText(templates, form).of(view), DOGE)
    assert re.findall(r"\((\S+) bars, oldest → newest\)", doge) == [
        "1-minute",
        "15-minute",
        "3-minute",
        "1-hour",
    ]
    assert [timeframe_label(name) for name in ("3m", "60m", "4h", "1d")] == [
        "3-minute",
        "1-hour",
        "4-hour",
        "1-day",
    ]


def test_it_is_made_once_for_all_agents_of_a_view(templates, view):
    market = MarketText(templates, MarketForm())
    with ThreadPoolExecutor(8) as threads:
        texts = list(threads.map(lambda _: market.of(view), range(16)))
    assert all(text is texts[0] for text in texts)
    assert templates.rendered == 1


def test_another_view_or_other_extras_make_it_anew(templates, view, viewed, candles):
    market = MarketText(templates, MarketForm())
    extras = MarketExtras(funding_rate={BTC: 1e-05})
    earlier = viewed(candles, view.ts_ms - 3 * MINUTE_MS)
    texts = [market.of(view), market.of(view, extras), market.of(earlier), market.of(view)]
    assert templates.rendered == 4
    assert texts[0] == texts[3] != texts[1]
    assert texts[2] not in texts[:2]


def test_the_text_of_a_market_that_was_followed_is_that_of_one_looked_at_for_the_first_time(
    templates, viewed, view, candles
):
    form = MarketForm(extra=("1m", "15m", "1h"))
    followed = MarketText(templates, form)
    for back in (150, 149, 148, 120, 61, 60, 59, 58, 4, 3, 2, 1, 0):
        earlier = viewed(candles, view.ts_ms - back * MINUTE_MS)
        assert followed.of(earlier) == MarketText(templates, form).of(earlier)
