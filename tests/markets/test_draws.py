"""Random numbers that are the same everywhere."""

import math

import numpy as np
import pytest

from cockpit.markets.draws import EXPONENTIAL, LEVELS, MEDIUM_TAIL, MILD_TAIL, normals, raw_bytes, uniforms


def test_draws_are_the_same_on_every_machine() -> None:
    assert raw_bytes(7, "BTC/moves", 482_136, 8).hex() == "43312493c1e43c13"


def test_draws_of_another_seed_label_or_index_are_others() -> None:
    draws = {
        raw_bytes(*key, 16) for key in [(1, "a", 1), (2, "a", 1), (1, "b", 1), (1, "a", 2), (-1, "a", 1)]
    }
    assert len(draws) == 5


def test_a_longer_draw_begins_with_the_shorter_one() -> None:
    assert raw_bytes(1, "a", 1, 64)[:8] == raw_bytes(1, "a", 1, 8)


def test_normals_have_mean_0_variance_1_and_nearly_normal_tails() -> None:
    drawn = np.array(normals(raw_bytes(1, "test", 0, 8 * 50_000)))
    assert len(drawn) == 50_000
    assert abs(drawn.mean()) < 0.02
    assert abs(drawn.var() - 1) < 0.02
    assert abs((drawn**4).mean() - 2.7) < 0.1
    assert abs((drawn**3).mean()) < 0.05


def test_the_extremes_of_the_normals_are_bounded() -> None:
    assert normals(b"\xff" * 8) == [-normals(b"\x00" * 8)[0]]
    assert normals(b"\xff" * 8)[0] == pytest.approx(math.sqrt(12), rel=1e-4)


def test_uniforms_lie_from_0_up_to_but_not_including_1() -> None:
    assert uniforms(b"\x00" * 4 + b"\xff" * 4) == [0.0, 1 - 2**-32]


@pytest.mark.parametrize("table", [EXPONENTIAL, MILD_TAIL, MEDIUM_TAIL])
def test_tables_have_mean_1_and_positive_entries(table: tuple[float, ...]) -> None:
    assert len(table) == LEVELS
    assert math.fsum(table) / LEVELS == pytest.approx(1, rel=1e-12)
    assert min(table) > 0


def test_the_exponential_table_holds_its_quantiles() -> None:
    exact = np.array([-math.log((level + 0.5) / LEVELS) for level in range(LEVELS)])
    np.testing.assert_allclose(EXPONENTIAL, exact / exact.mean(), rtol=1e-9)
