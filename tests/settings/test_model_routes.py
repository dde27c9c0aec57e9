"""Prices of a model in settings: whole ones, and in words that help what is wrong with others."""

import pytest

from cockpit.settings.resolve import resolve
from cockpit.settings.sources import ConfigInvalid


@pytest.fixture
def route_of(tmp_path):
    def read(toml):
        config = tmp_path / "cockpit.toml"
        config.write_text(f'[models.routes."openai/x"]\n{toml}\n')
        return resolve(config=config, environment={}).settings.models.routes["openai/x"]

    return read


def test_a_price_has_two_halves_and_may_have_one_for_what_was_cached(route_of):
    route = route_of("input_price = 2\noutput_price = 10\ncached_price = 0.5")
    assert (route.input_price, route.output_price, route.cached_price) == (2.0, 10.0, 0.5)
    assert route_of("input_price = 0\noutput_price = 0").cached_price is None


@pytest.mark.parametrize(
    "toml", ["input_price = 2", "output_price = 10", "input_price = 2\ncached_price = 0.5"]
)
def test_half_a_price_is_refused_before_anything_is_asked(route_of, toml):
    with pytest.raises(ConfigInvalid, match=r"setting models\.routes\.openai/x: .*give"):
        route_of(toml)


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ("cached_price = 0.5", "cached_price goes with input_price and output_price"),
        ("input_price = 2\noutput_price = 10\ncached_price = 2.5", "cached_price is above input_price"),
    ],
)
def test_a_price_of_what_was_cached_that_makes_no_sense_is_refused(route_of, toml, words):
    with pytest.raises(ConfigInvalid, match=words):
        route_of(toml)
