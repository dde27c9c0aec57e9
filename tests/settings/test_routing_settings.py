"""Routing and skipping in settings: what can be said, and what is refused in words that help."""

import pytest

from cockpit.domain.routing import RoutingMode
from cockpit.settings.resolve import resolve
from cockpit.settings.sources import ConfigInvalid

AGENT = '[[agents]]\nname = "ann"\nkind = "llm"\nmodel = "openai/gpt-4o"\n'


@pytest.fixture
def mind_of(tmp_path):
    def read(toml):
        config = tmp_path / "cockpit.toml"
        config.write_text(AGENT + toml)
        return resolve(config=config, environment={}).settings.agents[0].mind

    return read


def test_both_are_off_unless_settings_ask_for_them(mind_of):
    mind = mind_of("")
    assert (mind.routing, mind.skip) == (None, None)


def test_cheap_models_are_all_that_routing_needs(mind_of):
    routing = mind_of('[agents.mind.routing]\ncheap = ["groq/small"]\n').routing
    assert routing.mode is RoutingMode.CHEAP_FIRST
    assert (routing.cheap, routing.powerful) == (("groq/small",), None)
    assert (routing.min_confidence, routing.max_notional, routing.max_drawdown) == (0.6, 2.0, 0.1)


def test_skipping_needs_nothing_but_to_be_named(mind_of):
    skip = mind_of("[agents.mind.skip]\n").skip
    assert (skip.max_move, skip.exit_distance, skip.max_rounds) == (0.001, 0.005, 5)


# fmt: off
NONSENSE = [
    ('[agents.mind.routing]\n',                              r"routing.cheap.*Field required"),
    ('[agents.mind.routing]\ncheap = []\n',                  r"at least 1 item"),
    ('[agents.mind.routing]\ncheap = ["x/a", "x/b", "x/c", "x/d", "x/e", "x/f"]\n', r"at most 5 items"),
    ('[agents.mind.routing]\ncheap = ["small"]\n',           r"routing.cheap.*with its provider"),
    ('[agents.mind.routing]\ncheap = ["x/a", "x/a"]\n',      r"names a model twice"),
    ('[agents.mind.routing]\ncheap = ["x/a"]\npowerful = "x/a"\n', r"x/a is both cheap and powerful"),
    ('[agents.mind.routing]\ncheap = ["x/a"]\nmode = "both"\n',    r"'cheap_first' or 'escalation_only'"),
    ('[agents.mind.routing]\ncheap = ["x/a"]\nmin_agreement = 0.5\n', r"min_agreement needs several"),
    ('[agents.mind.routing]\ncheap = ["x/a"]\nmin_confidence = 60\n', r"min_confidence.*less than or equal"),
    ('[agents.mind.routing]\ncheap = ["x/a"]\nmax_drawdown = 10\n',   r"max_drawdown.*less than or equal"),
    ('[agents.mind.routing]\ncheap = ["x/a"]\ntier = "cheap"\n',      r"there is no such setting"),
    ('[agents.mind.routing]\ncheap = ["x/a"]\ncheap_timeout = "2m"\n',
     r"cheap_timeout of 2m leaves no time .* of the 1m 30s there are"),
    ('[agents.mind.skip]\nmax_move = 0\n',                   r"max_move.*greater than 0"),
    ('[agents.mind.skip]\nmax_rounds = 0\n',                 r"max_rounds.*greater than or equal to 1"),
]
# fmt: on


@pytest.mark.parametrize(("toml", "message"), NONSENSE)
def test_what_makes_no_sense_is_refused_by_name(mind_of, toml, message):
    with pytest.raises(ConfigInvalid, match=message) as refused:
        mind_of(toml)
    assert "\n" not in str(refused.value)
