"""Profiles on the command line, as the control API tells them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cockpit.domain.formats import money
from cockpit.domain.market import MICROS_PER_UNIT
from cockpit.domain.plain_text import plain_text

READY = "ready"

_WHOLE = frozenset({"role", "tier", "budget", "kind", "next run"})
"""Columns whose words are known and short: where it gets narrow, others go over several lines."""

Profile = Mapping[str, Any]


def profile_tables(found: Mapping[str, Any]) -> RenderableType:
    """Profiles of models, and of traders below them.

    Args:
        found: As ``GET /profiles`` gives it.
    """
    if not found["ai"] and not found["traders"]:
        return Text(
            "there are no profiles yet: `cockpit profiles add ai NAME --model …`, then\n"
            "`cockpit profiles add trader NAME --kind llm --mind …`"
        )
    keys, problems = found["missing_keys"], found["problems"]
    models = _table("AI profiles", ("name", "model and its key", "role", "tier", "budget"))
    for each in found["ai"]:
        model = _text(each["model"]).append(f"\n{_key(each, keys)}", _style(_key(each, keys)))
        facts = (each["role"], "\n".join(_tier(each)), "\n".join(_budget(each)))
        models.add_row(_text(each["name"]), model, *map(Text, facts))
    traders = _table("traders", ("name", "kind", "decided by", "next run", "note"))
    for each in found["traders"]:
        problem = problems.get(each["name"], "")
        state = _next_run(each, problem)
        note = Text(plain_text(problem or each["note"]), style="red" if problem else "")
        who = (each["name"], each["kind"], _decided_by(each))
        traders.add_row(*map(_text, who), Text(state, style=_style(state)), note)
    return Group(models, Text(), traders)


def profile_lines(kind: str, profile: Profile, found: Mapping[str, Any]) -> list[str]:
    """One profile, a field a line.

    Args:
        kind: ``ai`` or ``trader``.
        profile: As ``GET /profiles`` gives it.
        found: All of them, with what is missing.
    """
    facts = _ai_facts(profile, found) if kind == "ai" else _trader_facts(profile, found)
    pairs = [(name, plain_text(str(value))) for name, value in facts if value]
    width = max(len(name) for name, _ in pairs)
    return [f"{name:{width}}  {value}" for name, value in pairs]


def _ai_facts(profile: Profile, found: Mapping[str, Any]) -> Iterable[tuple[str, object]]:
    yield "name", profile["name"]
    yield "model", profile["model"]
    yield "provider", profile["provider"]
    yield "role", profile["role"]
    yield "tier", profile["tier"]
    yield "asked", _asked(profile)
    yield "budget", ", ".join(_budget(profile))
    yield "key", _key(profile, found["missing_keys"])
    users = [each["name"] for each in found["traders"] if profile["name"] in each["minds"]]
    yield "used by", ", ".join(users) or "no trader"


def _trader_facts(profile: Profile, found: Mapping[str, Any]) -> Iterable[tuple[str, object]]:
    problem = found["problems"].get(profile["name"], "")
    yield "name", profile["name"]
    yield "kind", profile["kind"]
    yield "strategy", profile["strategy"]
    yield "timeframe", profile["timeframe"]
    yield "minds", ", ".join(profile["minds"])
    yield "next run", _next_run(profile, problem)
    yield "problem", problem
    yield "note", profile["note"]


def _tier(profile: Profile) -> list[str]:
    return [profile["tier"], _asked(profile)] if profile["mode"] else [profile["tier"]]


def _key(profile: Profile, missing: Mapping[str, str]) -> str:
    return plain_text(missing.get(profile["name"], READY))


def _asked(profile: Profile) -> str:
    return (profile["mode"] or "always").replace("_", " ")


def _decided_by(profile: Profile) -> str:
    if profile["kind"] == "strategy":
        timeframe = f" on {profile['timeframe']}" if profile["timeframe"] else ""
        return f"{profile['strategy']}{timeframe}"
    return ", ".join(profile["minds"])


def _budget(profile: Profile) -> list[str]:
    """What a model may cost, in all and per day."""
    total, daily = profile["budget_total"], profile["budget_per_day"]
    words = [] if total is None else [_dollars(total)]
    words += [] if daily is None else [f"{_dollars(daily)}/day"]
    return words or ["no limit"]


def _next_run(profile: Profile, problem: str) -> str:
    return "rests" if not profile["competes"] else "can't compete" if problem else "competes"


def _style(state: str) -> str:
    return {READY: "green", "competes": "green", "rests": "dim"}.get(state, "red")


def _dollars(amount: float) -> str:
    return money(amount * MICROS_PER_UNIT)


def _text(words: str) -> Text:
    return Text(plain_text(words))


def _table(title: str, headings: Sequence[str]) -> Table:
    table = Table(
        title=Text(title, style="bold"),
        title_justify="left",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        show_edge=False,
    )
    for heading in headings:
        table.add_column(Text(heading), overflow="fold", no_wrap=heading in _WHOLE)
    return table
