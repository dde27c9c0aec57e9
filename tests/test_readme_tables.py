"""README's tables of risk rules, breakers and protections say what the code does."""

from pathlib import Path

from cockpit.trading.breakers import readme_rows
from cockpit.trading.protections import PROTECTION_DOCS
from cockpit.trading.risk import RISK_LIMITS_BY_MODE
from cockpit.trading.risk.documented import rule_rows

README = Path(__file__).parents[1] / "README.md"


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def sentence(text: str) -> str:
    return text[0].lower() + text[1:].rstrip(".")


def test_every_risk_rule_is_in_it_with_its_defaults_and_what_it_does() -> None:
    paper, mainnet = (rule_rows(RISK_LIMITS_BY_MODE[mode]) for mode in ("paper", "mainnet"))
    rows = [
        (
            f"`{loose.rule}`",
            ", ".join(loose.limits.values()) or "—",
            ", ".join(tight.limits.values()) or "—",
            sentence(loose.does),
        )
        for loose, tight in zip(paper, mainnet, strict=True)
    ]
    assert table(("rule", "paper, testnet", "mainnet", "what it asks"), rows) in README.read_text()


def test_every_breaker_is_in_it_with_its_default_and_how_it_is_armed_again() -> None:
    rows = [(f"`{name}`", default, what, again) for name, default, what, again in readme_rows()]
    assert table(("breaker", "trips at", "what it measures", "armed again"), rows) in README.read_text()


def test_every_protection_is_in_it() -> None:
    rows = [(f"`{name}`", what) for name, what in PROTECTION_DOCS.items()]
    assert table(("protection", "what it does"), rows) in README.read_text()
