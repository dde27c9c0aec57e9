"""freqtrade's protections as settings: their names, their periods, and what is refused."""

import tomllib

import pytest

from cockpit.domain.market import HOUR_MS, MINUTE_MS
from cockpit.settings.protection_tree import protections_of
from cockpit.settings.resolve import described, resolve
from cockpit.settings.sources import ConfigInvalid
from cockpit.settings.tree import Settings
from cockpit.trading.protections import CooldownPeriod, LowProfitPairs, MaxDrawdown, StoplossGuard

FIVE_MIN = 5 * MINUTE_MS


def settings_of(toml):
    return Settings(**tomllib.loads(toml))


def meant(toml):
    return protections_of(settings_of(toml).protections, FIVE_MIN)


def test_without_settings_there_are_none():
    assert Settings().protections == ()
    assert protections_of((), FIVE_MIN) == ()


def test_each_has_freqtrade_s_parameters_and_keeps_its_place():
    assert meant(
        """
        [[protections]]
        method = "StoplossGuard"
        lookback_period_candles = 24
        trade_limit = 4
        stop_duration_candles = 4
        required_profit = -0.01
        only_per_pair = true
        only_per_side = true
        [[protections]]
        method = "MaxDrawdown"
        lookback_period = 2880
        trade_limit = 20
        stop_duration = 60
        max_allowed_drawdown = 0.2
        [[protections]]
        method = "CooldownPeriod"
        stop_duration_candles = 2
        [[protections]]
        method = "LowProfitPairs"
        lookback_period = "6h"
        trade_limit = 2
        stop_duration = "90m"
        required_profit = 0.02
        only_per_side = true
        """
    ) == (
        StoplossGuard(
            lookback_ms=2 * HOUR_MS,
            trade_limit=4,
            stop_ms=20 * MINUTE_MS,
            required_profit=-0.01,
            only_per_pair=True,
            only_per_side=True,
        ),
        MaxDrawdown(lookback_ms=48 * HOUR_MS, trade_limit=20, max_allowed_drawdown=0.2, stop_ms=HOUR_MS),
        CooldownPeriod(stop_ms=10 * MINUTE_MS),
        LowProfitPairs(
            lookback_ms=6 * HOUR_MS,
            trade_limit=2,
            required_profit=0.02,
            stop_ms=90 * MINUTE_MS,
            only_per_side=True,
        ),
    )


def test_defaults_are_freqtrade_s():
    assert meant('[[protections]]\nmethod = "StoplossGuard"') == (
        StoplossGuard(lookback_ms=HOUR_MS, trade_limit=10, stop_ms=HOUR_MS),
    )
    assert meant('[[protections]]\nmethod = "LowProfitPairs"') == (
        LowProfitPairs(lookback_ms=HOUR_MS, trade_limit=1, required_profit=0.0, stop_ms=HOUR_MS),
    )


@pytest.mark.parametrize(
    ("period", "length_ms"),
    [
        ("3", 3 * MINUTE_MS),
        ("1.5", 90_000),
        ('"90m"', 90 * MINUTE_MS),
        ('"90s"', 90_000),
        ('"2h"', 2 * HOUR_MS),
    ],
)
def test_a_bare_number_is_minutes_and_text_has_a_unit(period, length_ms):
    (protection,) = meant(f'[[protections]]\nmethod = "CooldownPeriod"\nstop_duration = {period}')
    assert protection.stop_ms == length_ms


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ('method = "Prayer"', r"setting protections\.0 .*'Prayer'.*'StoplossGuard', 'MaxDrawdown'"),
        ("trade_limit = 1", r"setting protections\.0 .*'method'"),
        ('method = "CooldownPeriod"\nlookback_period = 1', r"lookback_period .*there is no such setting"),
        ('method = "MaxDrawdown"', r"max_allowed_drawdown.*required"),
        ('method = "MaxDrawdown"\nmax_allowed_drawdown = 20', r"less than 1"),
        ('method = "MaxDrawdown"\nmax_allowed_drawdown = 0.2\nonly_per_pair = true', r"no such setting"),
        ('method = "StoplossGuard"\ntrade_limit = 0', r"trade_limit .*greater than 0"),
        ('method = "StoplossGuard"\ntrade_limit = 51', r"trade_limit .*less than or equal to 50"),
        ('method = "StoplossGuard"\nrequired_profit = nan', r"required_profit .*finite"),
        ('method = "StoplossGuard"\nlookback_period_candles = 1.5', r"lookback_period_candles .*integer"),
        (
            'method = "StoplossGuard"\nlookback_period_candles = 2\nlookback_period = 10',
            r"lookback_period and lookback_period_candles can't both be given; take one out",
        ),
        (
            'method = "CooldownPeriod"\nstop_duration_candles = 2\nstop_duration = 10',
            r"stop_duration and stop_duration_candles can't both be given; take one out",
        ),
        ('method = "CooldownPeriod"\nstop_duration = 0', r"has to be longer than 0"),
        ('method = "CooldownPeriod"\nstop_duration = -5', r"is no duration"),
        ('method = "CooldownPeriod"\nstop_duration = inf', r"is no duration"),
        ('method = "CooldownPeriod"\nstop_duration = "90"', r"'90' needs a unit, such as 90m"),
        ('method = "CooldownPeriod"\nstop_duration = true', r"True is no period"),
    ],
)
def test_a_wrong_one_is_refused_with_its_place(tmp_path, toml, message):
    path = tmp_path / "cockpit.toml"
    path.write_text(f"[[protections]]\n{toml}\n")
    with pytest.raises(ConfigInvalid, match=message):
        resolve(config=path, environment={})


def test_they_come_back_from_json_as_they_were():
    settings = settings_of(
        '[[protections]]\nmethod = "MaxDrawdown"\nmax_allowed_drawdown = 0.1\nlookback_period = 1.5\n'
        '[[protections]]\nmethod = "CooldownPeriod"\nstop_duration_candles = 3\n'
    )
    assert Settings.model_validate_json(settings.model_dump_json()) == settings


def test_the_environment_gives_them_as_json():
    given = '[{"method": "CooldownPeriod", "stop_duration": 15}]'
    resolved = resolve(environment={"COCKPIT_PROTECTIONS": given})
    assert protections_of(resolved.settings.protections, FIVE_MIN) == (
        CooldownPeriod(stop_ms=15 * MINUTE_MS),
    )
    (line,) = (each for each in described(resolved) if each.name == "protections")
    assert "CooldownPeriod" in line.value
    assert line.source == "environment"
