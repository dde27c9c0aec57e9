"""Numbers for models: plain, of one precision, n/a where there is none."""

import pytest

from cockpit.agents.prompts.plain_numbers import amount, number, number_list, percentage, rate, step_decimals


@pytest.mark.parametrize(
    ("step", "decimals"),
    [(1.0, 0), (10.0, 0), (0.5, 1), (0.01, 2), (0.25, 2), (1e-05, 5), (1e-08, 8), (1, 0)],
)
def test_a_step_says_how_many_decimals_its_multiples_have(step, decimals):
    assert step_decimals(step) == decimals


@pytest.mark.parametrize(
    ("value", "decimals", "spelled"),
    [
        (None, 2, "n/a"),
        (0.0, 2, "0.00"),
        (-0.0, 1, "0.0"),
        (-0.04, 1, "0.0"),
        (-0.06, 1, "-0.1"),
        (1234567.891, 2, "1234567.89"),
        (94_000.0, 0, "94000"),
        (1e-05, 5, "0.00001"),
    ],
)
def test_a_number_is_plain_digits(value, decimals, spelled):
    assert number(value, decimals) == spelled


def test_a_list_keeps_its_places_and_is_na_as_a_whole_only_where_nothing_is_known():
    assert number_list([None, 1.0, 2.25], 1) == "[n/a, 1.0, 2.2]"
    assert number_list([0.0], 1) == "[0.0]"
    assert number_list([None, None], 1) == number_list([], 1) == "n/a"


@pytest.mark.parametrize(
    ("micros", "spelled"),
    [(12_345_678_900, "12345.68"), (-5_500_000, "-5.50"), (-4_000, "0.00"), (0, "0.00"), (None, "n/a")],
)
def test_money_is_spelled_to_the_cent(micros, spelled):
    assert amount(micros) == spelled


def test_fractions_are_percentages():
    assert (percentage(-0.0123, 2), percentage(None, 2)) == ("-1.23%", "n/a")


@pytest.mark.parametrize(
    ("fraction", "spelled"),
    [
        (0.00045, "0.045%"),
        (0.00015, "0.015%"),
        (0.09, "9%"),
        (0.1, "10%"),
        (0.0, "0%"),
        (-1.25e-05, "-0.00125%"),
    ],
)
def test_a_rate_is_spelled_in_full(fraction, spelled):
    assert rate(fraction) == spelled
