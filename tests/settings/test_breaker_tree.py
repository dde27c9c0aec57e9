"""What the settings of breakers mean in a run."""

import pytest
from pydantic import ValidationError

from cockpit.domain.market import HOUR_MS, MINUTE_MS
from cockpit.settings.breaker_tree import (
    AgentBreakerSettings,
    ArenaBreakerSettings,
    BreakerSettings,
    CoolDownSettings,
    OwnBreakerSettings,
    breaker_limits,
    own_limits,
)
from cockpit.settings.tree import AgentSettings
from cockpit.trading.breakers import AGENT_LIMITS, ARENA_LIMITS, COOL_DOWN_MS, DRAWDOWN_LIMITS


@pytest.mark.parametrize("mode", ["paper", "testnet", "mainnet"])
def test_without_settings_every_breaker_has_the_limit_and_the_cool_down_it_is_told_with(mode):
    limits = breaker_limits(BreakerSettings(), mode=mode, market_interval_ms=MINUTE_MS)
    drawdown = {"drawdown": DRAWDOWN_LIMITS[mode]}
    assert limits.agent == AGENT_LIMITS | drawdown
    assert limits.arena == ARENA_LIMITS | drawdown
    assert limits.cool_down_ms == COOL_DOWN_MS
    assert list(limits.agent) == list(AGENT_LIMITS)
    assert list(limits.arena) == list(ARENA_LIMITS)


@pytest.mark.parametrize(
    ("bar_ms", "blind_ms"),
    [(MINUTE_MS, 10 * MINUTE_MS), (3 * MINUTE_MS, 10 * MINUTE_MS), (HOUR_MS, 3 * HOUR_MS)],
)
def test_blind_is_ten_minutes_or_three_bars_where_those_are_longer(bar_ms, blind_ms):
    limits = breaker_limits(BreakerSettings(), mode="paper", market_interval_ms=bar_ms)
    assert limits.agent["blind"] == blind_ms


def test_a_time_of_one_s_own_is_that_time_whatever_the_bars():
    settings = BreakerSettings(agent=AgentBreakerSettings(blind="5m", missing_stop="90s"))
    limits = breaker_limits(settings, mode="paper", market_interval_ms=HOUR_MS)
    assert (limits.agent["blind"], limits.agent["missing_stop"]) == (5 * MINUTE_MS, 90_000)


def test_whoever_demands_stops_gives_a_position_one_bar_without():
    settings = BreakerSettings(agent=AgentBreakerSettings(missing_stop="one bar"))
    limits = breaker_limits(settings, mode="paper", market_interval_ms=15 * MINUTE_MS)
    assert limits.agent["missing_stop"] == 15 * MINUTE_MS


def test_an_agent_s_own_limits_are_those_it_was_given_and_no_other():
    agent = AgentSettings(name="ann", breakers={"missing_stop": "one bar", "errors": "off", "costs": 0.01})
    assert own_limits(agent.breakers, mode="paper", market_interval_ms=MINUTE_MS) == {
        "errors": None,
        "missing_stop": MINUTE_MS,
        "costs": 0.01,
    }
    assert own_limits(OwnBreakerSettings(), mode="paper", market_interval_ms=MINUTE_MS) == {}
    own = OwnBreakerSettings(drawdown="by mode", blind="by bars")
    assert own_limits(own, mode="mainnet", market_interval_ms=HOUR_MS) == {
        "drawdown": 0.10,
        "blind": 3 * HOUR_MS,
    }


def test_they_come_back_from_json_as_they_were():
    settings = AgentSettings(
        name="ann", breakers={"missing_stop": "one bar", "errors": "off", "blind": "90s"}
    )
    assert AgentSettings.model_validate_json(settings.model_dump_json()) == settings
    everything = BreakerSettings(
        agent=AgentBreakerSettings(missing_stop="2m", blind="off"),
        arena=ArenaBreakerSettings(feed_age="off", clock_skew="250ms"),
        cool_down=CoolDownSettings(blind="by hand", costs="1h"),
    )
    assert BreakerSettings.model_validate_json(everything.model_dump_json()) == everything


@pytest.mark.parametrize(
    ("section", "given"),
    [
        (AgentBreakerSettings, {"blind": "0s"}),
        (AgentBreakerSettings, {"blind": "one bar"}),
        (AgentBreakerSettings, {"missing_stop": "by bars"}),
        (AgentBreakerSettings, {"costs": 0}),
        (AgentBreakerSettings, {"costs": float("nan")}),
        (AgentBreakerSettings, {"consecutive_refusals": -1}),
        (AgentBreakerSettings, {"fill_off_mark": "as all"}),
        (AgentBreakerSettings, {"feed_age": "1m"}),
        (ArenaBreakerSettings, {"stale_data": "0s"}),
        (ArenaBreakerSettings, {"feed_age": -1}),
        (ArenaBreakerSettings, {"clock_skew": "soon"}),
        (ArenaBreakerSettings, {"blind": "1m"}),
        (OwnBreakerSettings, {"costs": -0.1}),
        (CoolDownSettings, {"costs": "off"}),
    ],
)
def test_a_limit_that_is_none_is_refused(section, given):
    with pytest.raises(ValidationError):
        section(**given)


OF_AGENTS = ("drawdown", "daily_loss", "errors", "fill_off_mark", "costs")
FRACTIONS = [
    *((AgentBreakerSettings, name) for name in OF_AGENTS),
    *((OwnBreakerSettings, name) for name in OF_AGENTS),
    *((ArenaBreakerSettings, name) for name in ("drawdown", "daily_loss", "errors", "costs")),
]


@pytest.mark.parametrize(("section", "name"), FRACTIONS)
def test_percent_where_a_fraction_is_meant_would_switch_the_breaker_off_and_is_refused(section, name):
    with pytest.raises(ValidationError, match=r"20 would be 2,000%; write a fraction up to 1: 0\.20 is 20 %"):
        section(**{name: 20})
    assert getattr(section(**{name: 1}), name) == 1.0
    assert getattr(section(**{name: "off"}), name) is None


def test_what_is_counted_has_no_such_bound():
    limits = AgentBreakerSettings(daily_trades=200, consecutive_losses=8, consecutive_refusals=10)
    assert (limits.daily_trades, limits.consecutive_losses, limits.consecutive_refusals) == (200, 8, 10)


def test_every_breaker_of_agents_and_arena_can_be_set():
    assert list(AgentBreakerSettings.model_fields) == list(AGENT_LIMITS)
    assert list(OwnBreakerSettings.model_fields) == list(AGENT_LIMITS)
    assert list(ArenaBreakerSettings.model_fields) == list(ARENA_LIMITS)
    assert list(CoolDownSettings.model_fields) == list(COOL_DOWN_MS)
