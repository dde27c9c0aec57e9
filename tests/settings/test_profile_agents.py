"""What a trader's profile means is what the settings mean that could be written in its place."""

import tomllib

import pytest

from cockpit.domain.market import Micros
from cockpit.domain.profiles import AiProfile, AiRole, Tier, TraderKind, TraderProfile
from cockpit.domain.routing import RoutingMode
from cockpit.settings.profile_agents import ProfileInvalid, agent_of, fault_of
from cockpit.settings.resolve import resolve
from cockpit.settings.tree import AgentSettings


def ai(name, model, **fields):
    budget = fields.pop("budget", None)
    return AiProfile(name=name, model=model, budget_total=budget, **fields)


PROFILES = {
    each.name: each
    for each in (
        ai("solo", "x/solo", budget=Micros(2_500_000)),
        ai("pro", "x/pro", mode=RoutingMode.CHEAP_FIRST, budget=Micros(2_000_000)),
        ai("watch", "x/watch", mode=RoutingMode.ESCALATION_ONLY),
        ai("small", "x/small", tier=Tier.CHEAP, budget=Micros(250_000)),
        ai("tiny", "x/tiny", tier=Tier.CHEAP, budget=Micros(1)),
        ai("twin", "x/small", tier=Tier.CHEAP),
        ai("judge", "x/judge", role=AiRole.JUDGE),
        ai("judge2", "x/judge2", role=AiRole.JUDGE),
        ai("bull", "x/bull", role=AiRole.BULL),
        ai("risk", "x/risk", role=AiRole.RISK_MANAGER, tier=Tier.CHEAP),
        ai("odd", "no provider"),
    )
}


def trader(kind, *minds, **fields):
    return TraderProfile(name="t", kind=TraderKind(kind), minds=minds, **fields)


@pytest.mark.parametrize(
    ("profile", "toml"),
    [
        (trader("strategy", strategy="ema_cross"), 'kind = "strategy"\nstrategy = "ema_cross"'),
        (
            trader("strategy", strategy="ema_cross", timeframe="15m"),
            'kind = "strategy"\nstrategy = "ema_cross"\ntimeframe = "15m"',
        ),
        (
            trader("llm", "solo"),
            'kind = "llm"\nmodel = "x/solo"\nmind = { budget = { total = 2.5 } }',
        ),
        (trader("llm", "twin"), 'kind = "llm"\nmodel = "x/small"'),
        (
            trader("llm", "tiny", "pro", "small"),
            'kind = "llm"\nmodel = "x/pro"\n'
            'mind.routing = { mode = "cheap_first", cheap = ["x/tiny", "x/small"] }\n'
            "mind.budget = { total = 2.250001 }",
        ),
        (
            trader("llm", "watch", "small"),
            'kind = "llm"\nmodel = "x/watch"\n'
            'mind.routing = { mode = "escalation_only", cheap = ["x/small"] }',
        ),
        (trader("debate", "judge"), 'kind = "debate"\nmodel = "x/judge"'),
        (
            trader("debate", "solo", "bull"),
            'kind = "debate"\nmodel = "x/solo"\nmind.debate.models = { bull = "x/bull" }',
        ),
        (
            trader("debate", "bull", "judge", "solo", "risk"),
            'kind = "debate"\nmodel = "x/solo"\n'
            'mind.debate.models = { bull = "x/bull", judge = "x/judge", risk_manager = "x/risk" }',
        ),
    ],
)
def test_a_trader_is_the_agent_that_settings_would_name(profile, toml):
    agents = tomllib.loads(f'[[agents]]\nname = "t"\n{toml}')
    (named,) = resolve(environment={}, flags=agents).settings.agents
    assert agent_of(profile, PROFILES) == named
    assert fault_of(profile, PROFILES) == ""


def test_budgets_add_up_and_one_without_makes_the_whole_unlimited():
    both = {
        "a": AiProfile(name="a", model="x/a", budget_total=Micros(1_000_000), budget_daily=Micros(300_000)),
        "j": AiProfile(name="j", model="x/j", role=AiRole.JUDGE, budget_total=Micros(500_000)),
    }
    budget = agent_of(trader("debate", "a", "j"), both).mind.budget
    assert (budget.total, budget.per_day) == (1.5, None)


@pytest.mark.parametrize(
    ("profile", "words"),
    [
        (trader("llm", "ghost"), "there is no AI profile ghost; there are: solo, pro"),
        (trader("llm", "judge"), "judge has role judge: a trader of kind llm asks those that decide"),
        (trader("llm", "pro"), "pro is called upon by cheap_first: name a cheap AI profile as well"),
        (trader("llm", "solo", "small"), "solo always decides, so small would never be heard"),
        (trader("llm", "small", "tiny"), "exactly one is powerful and decides; here: none"),
        (trader("llm", "pro", "watch", "tiny"), "exactly one is powerful and decides; here: pro, watch"),
        (trader("llm", "pro", "small", "twin"), "x/small is asked by two AI profiles"),
        (trader("debate", "bull", "risk"), "nobody decides: name an AI profile of role judge, or decide"),
        (trader("debate", "judge", "judge2"), "judge and judge2 both have role judge"),
        (trader("debate", "pro"), "a debate is held each round, and pro has mode cheap_first"),
        (trader("llm", "odd"), "model: give litellm's name with its provider"),
        (trader("strategy", strategy="moon"), "strategy: there is no strategy moon"),
        (trader("llm"), "minds: a trader of kind llm needs an AI profile"),
    ],
)
def test_what_makes_no_agent_says_why_in_a_line(profile, words):
    with pytest.raises(ProfileInvalid) as raised:
        agent_of(profile, PROFILES)
    assert words in str(raised.value)
    assert str(raised.value) == fault_of(profile, PROFILES)
    assert "\n" not in str(raised.value)
    assert raised.value.field in {"minds", "strategy", "model"}


def test_as_many_cheap_ones_as_are_asked_together_and_no_more():
    cheap = {f"c{n}": AiProfile(name=f"c{n}", model=f"x/c{n}", tier=Tier.CHEAP) for n in range(6)}
    profiles = {**PROFILES, **cheap}
    routing = agent_of(trader("llm", "pro", *list(cheap)[:5]), profiles).mind.routing
    assert routing is not None
    assert len(routing.cheap) == 5
    assert "5 are asked at most" in fault_of(trader("llm", "pro", *cheap), profiles)


def test_an_agent_of_a_profile_is_plain_settings():
    assert type(agent_of(trader("llm", "solo"), PROFILES)) is AgentSettings
