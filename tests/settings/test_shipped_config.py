"""config/cockpit.toml: every line of it is a real setting, shown with its real default."""

import re
import tomllib
from pathlib import Path

from cockpit.settings.protection_tree import (
    CooldownPeriodSettings,
    LowProfitPairsSettings,
    MaxDrawdownSettings,
    StoplossGuardSettings,
)
from cockpit.settings.resolve import described, resolve
from cockpit.settings.tree import Settings
from cockpit.settings.venue_tree import fill_model
from cockpit.trading.breakers import AGENT_LIMITS, ARENA_LIMITS, BREAKERS
from cockpit.trading.fill_model import REALISTIC

SHIPPED = Path(__file__).parents[2] / "config" / "cockpit.toml"

EXAMPLES = {
    "arena.rounds",
    "arena.duration",
    "arena.capital",
    "market.symbols",
    "market.data",
    "trading.orders.trail_bps",
    "api.port",
    "models.recording",
    "models.keys_file",
    "models.repair",
    "models.budget.total",
    "models.budget.per_day",
}
"""Not set by default: the file shows what they may look like."""

LISTS = {"agents", "protections"}


def uncommented() -> str:
    lines = (re.sub(r"^# (?=\[|[a-z_]+ = )", "", line) for line in SHIPPED.read_text().splitlines())
    return "\n".join(lines)


def test_as_shipped_it_changes_nothing():
    assert resolve(config=SHIPPED, environment={}).settings == Settings()


def test_every_setting_in_it_exists_and_is_shown_with_its_default(tmp_path):
    shown = tmp_path / "cockpit.toml"
    shown.write_text(uncommented())
    resolved = resolve(config=shown, environment={})
    defaults = {each.name: each.value for each in described(resolve(environment={}))}
    for each in described(resolved):
        is_example = each.name in EXAMPLES or each.name.startswith(
            (
                "agents",
                "protections",
                "market.rules",
                "venue",
                "risk.venues",
                "models.routes",
                "dashboard.keys",
            )
        )
        if each.source != "default" and not is_example:
            assert each.value in {defaults[each.name], defaults[each.name].replace("not set", "3m")}


def test_it_leaves_no_setting_out():
    tree = tomllib.loads(uncommented())
    shown = {
        f"{section}.{name}" for section, values in tree.items() if section not in LISTS for name in values
    }
    declared = {
        f"{section}.{name}"
        for section, field in Settings.model_fields.items()
        if section not in LISTS
        for name in field.annotation.model_fields
    }
    assert shown == declared


def test_it_shows_the_knobs_of_the_realistic_preset(tmp_path):
    shown = tmp_path / "cockpit.toml"
    shown.write_text(uncommented())
    assert fill_model(resolve(config=shown, environment={}).settings.venue, seed=0) == REALISTIC
    assert fill_model(Settings().venue, seed=0) == REALISTIC


def test_it_shows_every_breaker_with_its_cool_down():
    shown = tomllib.loads(uncommented())["breakers"]
    assert list(shown["agent"]) == list(AGENT_LIMITS)
    assert list(shown["arena"]) == list(ARENA_LIMITS)
    assert set(shown["cool_down"]) == set(BREAKERS)


def test_it_shows_every_parameter_of_every_protection_but_one_of_each_pair_of_periods():
    for shown, settings in zip(
        tomllib.loads(uncommented())["protections"],
        (StoplossGuardSettings, MaxDrawdownSettings, CooldownPeriodSettings, LowProfitPairsSettings),
        strict=True,
    ):
        assert shown["method"] == settings.__name__.removesuffix("Settings")
        assert {name.removesuffix("_candles") for name in shown} == {
            name.removesuffix("_candles") for name in settings.model_fields
        }
