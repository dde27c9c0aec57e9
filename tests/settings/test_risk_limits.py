"""The risk gate's settings: plain units in, limits out, the strictest of run, venue and agent."""

import pytest

from cockpit.domain.market import MINUTE_MS
from cockpit.settings.resolve import described, resolve
from cockpit.settings.risk_limits import loosened_by_environment, mode_of, refuse_loosened, risk_limits
from cockpit.settings.sources import ConfigInvalid
from cockpit.settings.tree import Settings
from cockpit.trading.risk import RISK_LIMITS_BY_MODE, RiskLimits
from tests.trading.arena_facts import usd

ANN = '[[agents]]\nname = "ann"\nstrategy = "cash"\n'


@pytest.fixture
def resolved(tmp_path):
    def resolve_text(toml="", environment=None, flags=None):
        config = tmp_path / "cockpit.toml"
        config.write_text(f"{toml}\n{ANN}" if "[[agents]]" not in toml else toml)
        return resolve(config=config, environment=environment or {}, flags=flags)

    return resolve_text


def limits_of(toml, resolved, mode="paper", **lent):
    return risk_limits(resolved(toml).settings, "ann", mode, **lent)


@pytest.mark.parametrize("mode", ["paper", "testnet", "mainnet"])
def test_what_is_not_set_goes_by_mode(resolved, mode):
    assert limits_of("", resolved, mode) == RISK_LIMITS_BY_MODE[mode]


def test_settings_speak_plain_units(resolved):
    toml = """
        [risk]
        max_order_notional = 12_345.67
        max_position_notional = 20_000
        max_price_deviation = 0.05
        max_gross_leverage = 2
        leverage = 4
        max_margin_use = 0.5
        max_concentration = 1.5
        max_gross_exposure = 30_000
        max_net_exposure = 25_000
        max_open_orders = 7
        max_orders_per_minute = 8
        max_mark_age = "90s"
        cooldown_after_loss = "15m"
        cooldown_after_stop = "off"
        symbols = ["BTC"]
        [risk.arena]
        max_gross_leverage = 1.25
        max_net_leverage = 0.75
    """
    assert limits_of(toml, resolved) == RiskLimits(
        max_order_notional=usd(12_345.67),
        max_position_notional=usd(20_000),
        max_price_deviation=0.05,
        max_gross_leverage=2.0,
        leverage=4.0,
        max_margin_use=0.5,
        max_concentration=1.5,
        max_gross_exposure=usd(30_000),
        max_net_exposure=usd(25_000),
        max_open_orders=7,
        max_orders_per_minute=8,
        max_mark_age_ms=90_000,
        cooldown_after_loss_ms=15 * MINUTE_MS,
        cooldown_after_stop_ms=0,
        symbols=("BTC",),
        max_arena_gross_leverage=1.25,
        max_arena_net_leverage=0.75,
    )


def test_by_mode_can_be_said_in_words(resolved):
    toml = '[risk]\nmax_open_orders = "by mode"\nmax_mark_age = "by mode"\ncooldown_after_stop = "by mode"'
    assert limits_of(toml, resolved, "mainnet") == RISK_LIMITS_BY_MODE["mainnet"]


def test_an_agents_own_limits_only_tighten(resolved):
    toml = f"[risk]\nmax_open_orders = 10\nmax_gross_leverage = 2\n{ANN}[agents.risk]\n"
    toml += 'max_open_orders = 50\nmax_gross_leverage = 1\nsymbols = ["ETH"]\n'
    toml += '[[agents]]\nname = "bob"\nstrategy = "cash"'
    settings = resolved(toml).settings
    ann, bob = (risk_limits(settings, name, "paper") for name in ("ann", "bob"))
    assert (ann.max_open_orders, ann.max_gross_leverage, ann.symbols) == (10, 1.0, ("ETH",))
    assert (bob.max_open_orders, bob.max_gross_leverage, bob.symbols) == (10, 2.0, None)


def test_a_venues_limits_only_tighten(resolved):
    toml = (
        "[risk]\nmax_open_orders = 10\n[risk.venues.paper]\nmax_open_orders = 5\nmax_orders_per_minute = 500"
    )
    limits = limits_of(toml, resolved)
    assert (limits.max_open_orders, limits.max_orders_per_minute) == (5, 60)


def test_margin_goes_by_what_the_venue_lends(resolved):
    assert limits_of("", resolved, venue_leverage=5.0).leverage == 5.0
    assert limits_of("", resolved, venue_leverage=50.0).leverage == 10.0


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("[risk]\nmax_order_notional = 0", r"setting risk\.max_order_notional .*greater than 0"),
        ("[risk]\nmax_order_notional = 'lots'", r"setting risk\.max_order_notional .*valid number"),
        ("[risk]\nmax_margin_use = 1.5", r"setting risk\.max_margin_use .*: 1\.5 would be 150%; write"),
        ("[risk]\nmax_price_deviation = 10", r"setting risk\.max_price_deviation .*: 10 would be 1,000%"),
        (
            "[risk.venues.paper]\nmax_price_deviation = 10",
            r"setting risk\.venues\.paper\.max_price_deviation .*fraction up to 1: 0\.20 is 20 %",
        ),
        (
            f"{ANN}risk = {{ max_price_deviation = 10 }}",
            r"setting agents\.0\.risk\.max_price_deviation .*fraction up to 1",
        ),
        ("[risk]\nleverage = 0.5", r"setting risk\.leverage .*greater than or equal to 1"),
        ("[risk]\nmax_open_orders = 2.5", r"setting risk\.max_open_orders .*valid integer"),
        ("[risk]\nmax_mark_age = 'soon'", r"setting risk\.max_mark_age .*'soon' is no duration"),
        ("[risk]\nmax_mark_age = 'off'", r"setting risk\.max_mark_age .*'off' is no duration"),
        ("[risk]\nmax_mark_age = 0", r"setting risk\.max_mark_age .*greater than 0"),
        (
            "[risk]\ncooldown_after_stop = 'soon'",
            r"setting risk\.cooldown_after_stop .*'soon' is no duration",
        ),
        ("[risk.arena]\nmax_open_orders = 3", r"setting risk\.arena\.max_open_orders .*no such setting"),
        ("[risk.venues.nyse]\nmax_open_orders = 3", r"setting risk\.venues\.nyse.*there is no venue 'nyse'"),
        (f"{ANN}risk = {{ max_leverage = 3 }}", r"setting agents\.0\.risk\.max_leverage .*no such setting"),
    ],
)
def test_a_wrong_limit_is_refused_by_name(resolved, toml, message):
    with pytest.raises(ConfigInvalid, match=message):
        resolved(toml)


def test_limits_come_back_from_json_as_they_were(resolved):
    settings = resolved('[risk]\nmax_mark_age = "90s"\ncooldown_after_loss = "off"\n').settings
    assert Settings.model_validate_json(settings.model_dump_json()) == settings


def test_what_goes_by_mode_says_so(resolved):
    lines = {each.name: each.value for each in described(resolved("[risk]\nmax_open_orders = 3"))}
    assert lines["risk.max_open_orders"] == "3"
    assert lines["risk.max_order_notional"] == lines["risk.arena.max_net_leverage"] == "by mode"
    assert lines["risk.symbols"] == "[]"


# --- Mainnet


def loosened(resolved, mode="mainnet"):
    return loosened_by_environment(resolved.settings, resolved.sources, mode)


def check(resolved, mode="mainnet"):
    refuse_loosened(resolved.settings, resolved.sources, mode)


@pytest.mark.parametrize(
    ("variable", "value", "name", "default"),
    [
        ("COCKPIT_RISK__MAX_ORDER_NOTIONAL", "10001", "risk.max_order_notional", r"\$10,000\.00"),
        ("COCKPIT_RISK__MAX_MARK_AGE", "3m", "risk.max_mark_age", "2m"),
        ("COCKPIT_RISK__COOLDOWN_AFTER_STOP", "29m", "risk.cooldown_after_stop", "30m"),
        ("COCKPIT_RISK__COOLDOWN_AFTER_LOSS", "off", "risk.cooldown_after_loss", "10m"),
        ("COCKPIT_RISK__ARENA__MAX_NET_LEVERAGE", "1.1", "risk.arena.max_net_leverage", "1.00×"),
        ("COCKPIT_RISK__ARENA", '{"max_net_leverage": 1.1}', "risk.arena.max_net_leverage", "1.00×"),
    ],
)
def test_the_environment_alone_can_not_loosen_mainnets_limits(resolved, variable, value, name, default):
    by_environment = resolved(environment={variable: value})
    assert loosened(by_environment) == [name]
    message = rf"setting {name} \(from environment\): mainnet's limit of {default} can only be loosened in"
    with pytest.raises(ConfigInvalid, match=message):
        check(by_environment)
    check(by_environment, mode="paper")


def test_nor_can_the_command_line(resolved):
    by_flag = resolved(flags={"risk": {"max_open_orders": 11}})
    with pytest.raises(ConfigInvalid, match=r"setting risk\.max_open_orders \(from command line\)"):
        check(by_flag)


def test_the_settings_file_can_since_that_is_done_on_purpose(resolved):
    by_file = resolved("[risk]\nmax_order_notional = 50_000")
    assert loosened(by_file) == []
    check(by_file)
    assert risk_limits(by_file.settings, "ann", "mainnet").max_order_notional == usd(50_000)


def test_a_looser_value_from_the_environment_does_not_pass_for_the_files(resolved):
    both = resolved("[risk]\nmax_open_orders = 12", environment={"COCKPIT_RISK__MAX_OPEN_ORDERS": "15"})
    with pytest.raises(ConfigInvalid, match=r"risk\.max_open_orders"):
        check(both)


def test_anyone_may_tighten(resolved):
    tighter = {"COCKPIT_RISK__MAX_ORDER_NOTIONAL": "9999", "COCKPIT_RISK__COOLDOWN_AFTER_STOP": "1h"}
    check(resolved(environment=tighter | {"COCKPIT_RISK__SYMBOLS": '["BTC"]'}))


def test_agents_from_the_environment_can_not_loosen_anything(resolved):
    agents = '[{"name": "ann", "strategy": "cash", "risk": {"max_open_orders": 99}}]'
    settings = resolved(environment={"COCKPIT_AGENTS": agents}).settings
    assert risk_limits(settings, "ann", "mainnet").max_open_orders == 10


def test_a_venue_nobody_has_told_about_is_held_to_be_mainnet():
    assert mode_of("paper") == "paper"
    assert mode_of("new exchange") == "mainnet"


def test_on_paper_the_environment_may_set_what_it_likes(resolved):
    settings = resolved(environment={"COCKPIT_RISK__MAX_OPEN_ORDERS": "500"}).settings
    assert risk_limits(settings, "ann", "paper").max_open_orders == 500
