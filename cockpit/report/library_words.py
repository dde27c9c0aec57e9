"""Models, tools and strategies in a few words each, out of what the control API tells of them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cockpit.domain.formats import NOT_AVAILABLE, duration, percent

UNKNOWN = "unknown"
NOBODY = "nobody"


def key_words(model: Mapping[str, Any]) -> str:
    """Whether a model can be asked, as far as its key goes, or which variable is missing."""
    if model["missing_key"] is not None:
        return f"✗ set {model['missing_key']}"
    return "✓ key" if model["key_variable"] is not None else "✓ needs none"


def bench_words(model: Mapping[str, Any]) -> str:
    """For how long a model is not asked since it failed on end; empty where it may be asked now."""
    seconds = model["benched_for_s"]
    return f"⊘ {duration(max(1_000, round(seconds * 1_000)))}" if seconds > 0 else ""


def price_words(model: Mapping[str, Any]) -> str:
    """Dollars per million tokens in and out: of small requests, with a + where larger ones cost more."""
    if not model["prices"]:
        return UNKNOWN
    first = model["prices"][0]
    more = "+" if len(model["prices"]) > 1 else ""
    return f"{first['input_usd']:,.8g} / {first['output_usd']:,.8g}{more}"


def use_words(model: Mapping[str, Any]) -> str:
    """Who asks a model and as what, such as ``robot: decide, repair``."""
    roles: dict[str, list[str]] = {}
    for use in model["uses"]:
        roles.setdefault(use["agent"], []).append(use["role"].replace("_", " "))
    return "; ".join(f"{agent}: {', '.join(each)}" for agent, each in roles.items()) or NOBODY


def latency_words(seconds: float | None) -> str:
    """How long a call takes; ``n/a`` for None."""
    if seconds is None:
        return NOT_AVAILABLE
    return f"{seconds * 1_000:.0f}ms" if seconds < 1 else f"{seconds:.1f}s"


def context_words(tokens: int | None) -> str:
    """A context's length in tokens, such as ``128k``."""
    if tokens is None:
        return UNKNOWN
    return f"{tokens / 1_000:,.0f}k" if tokens >= 1_000 else str(tokens)


def parameter_words(parameter: Mapping[str, Any]) -> str:
    """A tool's parameter with its bounds, such as ``count 1 … 50 = 20``."""
    words = [parameter["name"]]
    if parameter["minimum"] is not None or parameter["maximum"] is not None:
        words.append(f"{_bound(parameter['minimum'])} … {_bound(parameter['maximum'])}")
    if not parameter["is_required"]:
        words.append(f"= {parameter['default']}")
    return " ".join(words)


def _bound(value: float | None) -> str:
    return "any" if value is None else f"{value:g}"


def runner_words(user: Mapping[str, Any]) -> str:
    """An agent that runs a strategy, with its share of a blend and its standing: ``two (50%) #3 +1.20%``."""
    share = "" if user["weight"] == 1 else f" ({user['weight']:.0%})"
    growth = user["return_percent"]
    standing = percent(None if growth is None else growth / 100, signed=True)
    return f"{user['agent']}{share}" + ("" if user["rank"] is None else f" #{user['rank']} {standing}")


def model_lines(models: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Two lines for each model: its key and its price in dollars per million tokens; who asks it."""
    if not models:
        yield "no agent's settings name a model"
    width = max((len(each["model"]) for each in models), default=0)
    for each in models:
        price = f"${price_words(each)} by {each['price_source']}" if each["prices"] else "price unknown"
        yield f"{each['model']:{width}}  {price:<24}  {bench_words(each) or key_words(each)}"
        yield f"  {use_words(each)}"


def tool_lines(tools: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Two lines for each tool: what it tells; what it is given, and how often it was used."""
    width = max((len(each["name"]) for each in tools), default=0)
    for each in tools:
        given = ", ".join(parameter_words(parameter) for parameter in each["parameters"]) or "nothing"
        yield f"{each['name']:{width}}  {each['description']}"
        yield f"{'':{width}}  given {given}; used {sum(each['uses'].values()):,} times in this run"


def strategy_lines(strategies: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Two lines for each strategy: what it does, and who runs it."""
    width = max((len(each["name"]) for each in strategies), default=0)
    for each in strategies:
        users = ", ".join(runner_words(user) for user in each["agents"]) or NOBODY
        yield f"{each['name']:{width}}  {each['summary']}"
        yield f"{'':{width}}  {'control; ' if each['is_control'] else ''}run by {users}"
