"""A debate that is over, as the command line prints it: all of the API's document, and no markup."""

from io import StringIO
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from cockpit.daemon.api_debates import DebateDetail
from cockpit.report.debates.page import debate_page
from tests.servers.model_server import HOSTILE_TEXTS

BTC = "BTC/USDC:USDC"


def message(role: str, stance: str | None = "long", **changes: Any) -> dict[str, Any]:
    stances = [] if stance is None else [{"symbol": BTC, "stance": stance, "confidence": 0.62}]
    given = {
        "number": 1,
        "turn": 1,
        "role": role,
        "model": "x/y",
        "stances": stances,
        "signals": ["RSI7 is 31"],
        "argument": "It rises.",
        "tools": ["bars"],
        "failed": "",
        "call_id": 1,
        "calls": 2,
        "unpriced_calls": 0,
        "cost_usd": 0.0042,
        "latency_s": 3.25,
    }
    return given | changes


def debate(**changes: Any) -> dict[str, Any]:
    """A document, as the contract has it."""
    consensus = {
        "symbol": BTC,
        "stance": "long",
        "confidence": 0.6,
        "agreement": 0.8,
        "opinions": 5,
        "mark": 1.0,
    }
    target = {
        "symbol": BTC,
        "exposure": 1.0,
        "quantity": 0.05,
        "leverage": 3.0,
        "stop": 48_000.0,
        "take_profit": 55_000.5,
        "risk": 100.0,
        "confidence": 0.7,
        "invalidation": "3m close < 2000",
        "reason": "up",
    }
    given = {
        "run_id": "run-1",
        "debate_id": 3,
        "seq": 9,
        "ts_ms": 1_735_689_600_000,
        "time": "2025-01-01T00:00:00.000Z",
        "agent": "panel",
        "round": 4,
        "symbols": [BTC],
        "asked": True,
        "by": "the command line",
        "execute": False,
        "status": "held",
        "reason": "",
        "decision_id": None,
        "agreement": 0.8,
        "is_disagreed": False,
        "prompt_version": "v",
        "horizon_s": 60.0,
        "consensus": [consensus],
        "verdict": [],
        "calls": 7,
        "unpriced_calls": 0,
        "cost_usd": 0.0123,
        "elapsed_s": 21.44,
        "messages": [message("bull"), message("judge", turn=2, tools=[])],
        "shadow": None,
        "proposal": [target],
        "refused": [],
        "checks": ["buy 0.05 BTC passes"],
        "orders": [],
        "outcomes": [],
    }
    return DebateDetail.model_validate(given | changes).model_dump(mode="json")


def printed(document: dict[str, Any], width: int = 80, *, in_panels: bool = False) -> str:
    console = Console(file=StringIO(), width=width, color_system=None)
    console.print(debate_page(document, in_panels=in_panels))
    assert isinstance(console.file, StringIO)
    lines = [line.rstrip() for line in console.file.getvalue().split("\n")]
    assert max(map(cell_len, lines)) <= width
    return "\n".join(lines)


def test_everything_that_was_said_and_what_came_of_it_is_told_in_order() -> None:
    assert printed(debate(), 200).rstrip("\n").split("\n") == [
        "panel on BTC  debate 3 of run run-1, asked for by the command line, 2025-01-01T00:00:00Z",
        "",
        "bull  x/y  $0.0042 for 2 calls, 3.2 s",
        "  ▲ long 62%",
        "  · RSI7 is 31",
        "  It rises.",
        "  looked up: bars",
        "",
        "judge  x/y  $0.0042 for 2 calls, 3.2 s",
        "  ▲ long 62%",
        "  · RSI7 is 31",
        "  It rises.",
        "",
        "agreement",
        "  BTC: ▲ long 60%, 80% of 5 analysts agree",
        "",
        "verdict",
        "  BTC: long 0.05 BTC, leverage 3×, stop 48,000, target 55,000.50, risks $100.00, 70% sure,"
        " wrong if 3m close < 2000",
        "  risk gate: buy 0.05 BTC passes",
        "  not acted upon: --execute would",
        "$0.0123 for 7 calls, 21.4 s",
    ]


def test_what_was_executed_is_told_with_its_orders_and_their_outcome() -> None:
    order = {
        "order_id": 12,
        "parent_id": None,
        "symbol": BTC,
        "kind": "market",
        "purpose": "rebalance",
        "side": "buy",
        "quantity": 0.05,
        "filled_quantity": 0.05,
        "status": "filled",
        "rule": None,
        "reason": "",
    }
    outcome = {
        "order_id": 12,
        "symbol": BTC,
        "role": "entry",
        "outcome": "win",
        "reason": "",
        "pnl": 12.5,
    }
    text = printed(debate(execute=True, decision_id=7, orders=[order], outcomes=[outcome]), 200)
    assert "  acted upon as decision 7\n  order 12: buy 0.05 BTC, filled; outcome win +$12.50\n" in text
    assert "acted upon as decision 7: there was nothing to order" in printed(
        debate(execute=True, decision_id=7)
    )


@pytest.mark.parametrize("execute", [True, False])
def test_why_nothing_can_come_of_a_verdict_is_said_once_and_nothing_else_is_promised(execute: bool) -> None:
    why = "not acted upon: BTC has no price in this run yet"
    verdict = printed(debate(execute=execute, checks=[why, "buy 0.05 BTC passes"]), 200).split("verdict")[1]
    assert [line.strip() for line in verdict.split("\n")[2:4]] == ["risk gate: buy 0.05 BTC passes", why]
    assert verdict.count("not acted upon") == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"status": "abandoned", "reason": "the bot was stopped"}, "abandoned: the bot was stopped"),
        ({"status": "failed", "reason": "only 2 spoke", "proposal": []}, "no verdict: only 2 spoke"),
        ({"refused": ["ETH: no such coin"]}, "could not be used: ETH: no such coin"),
        ({"proposal": [], "checks": []}, "the account stays as it is"),
        ({"is_disagreed": True}, "they are at odds"),
        ({"asked": False, "by": None}, "held in round 4"),
        ({"cost_usd": None, "unpriced_calls": 7}, "price not known for 7 calls"),
        ({"unpriced_calls": 2}, "at least $0.0123 for 7 calls"),
        ({"calls": 0, "cost_usd": None, "elapsed_s": None}, "no model was asked"),
        ({"messages": [message("bear", None, failed="too slow")]}, "said nothing: too slow"),
        ({"shadow": message("shadow", "short")}, "judge without the debate"),
    ],
)
def test_whatever_else_there_is_to_know_is_said(changes: dict[str, Any], words: str) -> None:
    assert words in printed(debate(**changes))


@pytest.mark.parametrize("name", sorted(HOSTILE_TEXTS))
@pytest.mark.parametrize("in_panels", [True, False])
def test_hostile_text_is_inert_wherever_it_stands(name: str, in_panels: bool) -> None:
    evil = HOSTILE_TEXTS[name][:1_500].encode("utf-8", "replace").decode()
    said = message(evil[:30], argument=evil, signals=[evil], failed="", tools=[evil[:50]], model=evil[:40])
    failed = message("bear", None, failed=evil)
    document = debate(
        messages=[said, failed], refused=[evil], checks=[evil], by=evil[:40], reason=evil, agent=evil[:40]
    )
    lines = printed(document, in_panels=in_panels).split("\n")
    assert all(line.isprintable() for line in lines)
