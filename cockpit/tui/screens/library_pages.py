"""One thing of the library, whole: what a page says of a model, a tool or a strategy."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cockpit.domain.formats import NOT_AVAILABLE
from cockpit.report.library_words import (
    UNKNOWN,
    bench_words,
    context_words,
    key_words,
    latency_words,
    runner_words,
)
from cockpit.tui import look
from cockpit.tui.figures import cost_words, usd
from cockpit.tui.line import Line, wrapped
from cockpit.tui.panes.library import MODELS, STRATEGIES, TOOLS, key_style

WIDTH = 74
"""Cells of a page's lines: what there is in a terminal of 80 columns."""

LABEL = 12
_MOST_LINES = 6
_SOURCES = {"settings": "say the settings", "litellm": "says litellm's table"}


def page_of(path: str, said: Mapping[str, Any]) -> list[Line]:
    """The page of one thing.

    Args:
        path: The control API's, of what it is one of.
        said: What that tells of it.
    """
    return list(_PAGES[path](said))


def _model_page(said: Mapping[str, Any]) -> Iterator[Line]:
    yield from _fact("provider", said["provider"])
    if said["api_base"] is not None:
        yield from _fact("reached at", said["api_base"])
    looked = "" if said["key_variable"] is None else f"looked for in {said['key_variable']}"
    yield from _fact("key", f"{key_words(said)}  {looked}", key_style(said))
    if benched := bench_words(said):
        yield from _fact("benched", f"{benched} until it may be asked again: it failed on end", look.BAD)
    schema = {
        True: "keeps to a JSON schema by itself",
        False: "does not keep to a JSON schema by itself",
        None: UNKNOWN,
    }
    yield from _fact("schema", schema[said["keeps_schema"]])
    context = context_words(said["context_tokens"])
    yield from _fact("context", context if said["context_tokens"] is None else f"{context} tokens")
    yield from _prices(said)
    yield from _heading("In this run")
    failed = f", {said['failed_calls']:,} without an answer" if said["failed_calls"] else ""
    yield from _fact("calls", f"{said['calls']:,}{failed}")
    yield from _fact("p50 latency", latency_words(said["median_latency_s"]))
    yield from _fact("cost", cost_words(said))
    yield from _heading("Asked by")
    for use in said["uses"]:
        yield from _fact(use["role"], use["agent"])
    if not said["uses"]:
        yield Line("  nobody: settings only say how it is reached", look.MUTED)


def _prices(said: Mapping[str, Any]) -> Iterator[Line]:
    if not said["prices"]:
        words = "unknown: set input_price and output_price in its route in the settings"
        yield from _fact("price", words, look.WARN)
        return
    source = _SOURCES.get(said["price_source"], said["price_source"])
    for tier in said["prices"]:
        above = f", above {tier['above_tokens']:,} tokens" if tier["above_tokens"] else ""
        amounts = f"${tier['input_usd']:,.8g} in, ${tier['output_usd']:,.8g} out per million tokens"
        yield from _fact("price", f"{amounts}{above}")
    if said["request_usd"]:
        yield from _fact("", f"and {usd(said['request_usd'])} for each request")
    yield from _fact("", source, look.MUTED)


def _tool_page(said: Mapping[str, Any]) -> Iterator[Line]:
    yield from _fact("tells", said["description"])
    yield from _heading("Is given")
    for each in said["parameters"]:
        yield from _fact(each["name"], f"{', '.join(_parameter(each))}. {each['description']}")
    if not said["parameters"]:
        yield Line("  nothing", look.MUTED)
    yield from _heading("Used in this run")
    for role, uses in sorted(said["uses"].items(), key=lambda item: (-item[1], item[0])):
        yield from _fact(role.replace("_", " "), f"{uses:,}")
    if not said["uses"]:
        yield Line("  by nobody", look.MUTED)


def _parameter(said: Mapping[str, Any]) -> Iterator[str]:
    yield said["type"]
    if said["minimum"] is not None:
        yield f"{said['minimum']:g} at least"
    if said["maximum"] is not None:
        yield f"{said['maximum']:g} at most"
    if said["max_length"] is not None:
        yield f"{said['max_length']} characters at most"
    yield "has to be given" if said["is_required"] else f"{said['default']} unless given"


def _strategy_page(said: Mapping[str, Any]) -> Iterator[Line]:
    yield from _fact("does", said["summary"])
    control = "a control: shows what luck, the market or doing nothing would have earned"
    yield from _fact("kind", control if said["is_control"] else "trades to earn")
    yield from _fact("decides", "over all coins at once" if said["cross_symbol"] else "coin by coin")
    yield from _fact("warm-up", f"{said['warmup_bars']:,} bars, with default parameters")
    yield from _heading("Run by")
    for user in said["agents"]:
        yield Line("  ").add(runner_words(user))
    if not said["agents"]:
        yield Line("  nobody", look.MUTED)
    yield from _heading("Parameters")
    if said["parameters"]:
        yield Line("  ").add("name", look.HEADING, 24).add("default", look.HEADING, 10, "right")
    for each in said["parameters"]:
        whole = ", whole numbers" if each["is_integer"] else ""
        line = Line("  ").add(each["name"], "", 24).add(f"{each['default']:g}", "bold", 10, "right")
        yield line.add(f"   {each['low']:g} … {each['high']:g}{whole}", look.MUTED)
    if not said["parameters"]:
        yield Line("  none", look.MUTED)
    yield from _heading("What it says of its decisions")
    for reason in said["reasons"]:
        yield Line("  ").add(reason or NOT_AVAILABLE, look.MUTED)


def _heading(words: str) -> Iterator[Line]:
    yield Line()
    yield Line(words, "bold $text-accent")


def _fact(label: str, words: str, style: str = "") -> Iterator[Line]:
    for number, piece in enumerate(wrapped(words, WIDTH - LABEL - 2, _MOST_LINES)):
        yield Line("  ").add(label if number == 0 else "", look.MUTED, LABEL).add(piece, style)


_PAGES: Mapping[str, Callable[[Mapping[str, Any]], Iterator[Line]]] = {
    MODELS.path: _model_page,
    TOOLS.path: _tool_page,
    STRATEGIES.path: _strategy_page,
}
