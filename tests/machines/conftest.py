"""How long the machines run: `pytest tests/machines --examples 100000` for a night's worth."""

import pytest

UNIT_EXAMPLES = 40
SECONDS_PER_EXAMPLE = 1.0


def pytest_addoption(parser):
    parser.addoption(
        "--examples",
        type=int,
        default=UNIT_EXAMPLES,
        help="how many lives each state machine is led through",
    )


@pytest.fixture
def examples(request) -> int:
    return request.config.getoption("--examples")


def pytest_collection_modifyitems(config, items):
    longest_s = 60 + SECONDS_PER_EXAMPLE * config.getoption("--examples")
    for item in items:
        if item.path.is_relative_to(config.rootpath / "tests" / "machines"):
            item.add_marker(pytest.mark.timeout(longest_s))
