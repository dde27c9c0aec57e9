"""One trade's whole life, whichever part of it is asked for."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from cockpit.domain.orders import OrderPurpose, OrderStatus
from cockpit.journal.audit import Trail, audit
from cockpit.journal.errors import UnknownIdent
from cockpit.journal.views import JournalReader
from cockpit.journal.writer import JournalWriter
from tests.journal import trade_story
from tests.journal.event_stream import EventStream
from tests.journal.trade_story import TradeStory

Ask: TypeAlias = Callable[[TradeStory, str], Any]


def written(path: Path, story: TradeStory) -> Path:
    writer = JournalWriter(path)
    for ts_ms, batch in story.batches:
        writer.append("run-1", ts_ms, batch)
    writer.close()
    return path


@pytest.fixture
async def ask(path: Path) -> AsyncIterator[Ask]:
    """Writes a story's journal, and asks it."""
    async with AsyncExitStack() as stack:
        readers: list[JournalReader] = []

        async def told(story: TradeStory, ident: str) -> Trail:
            if not readers:
                reader = await JournalReader.open(written(path, story))
                readers.append(await stack.enter_async_context(reader))
            return await audit(readers[0], ident)

        yield told


def facts(trail: Trail, what: str) -> list[dict[str, Any]]:
    return [step.facts for step in trail.steps if step.what == what]


def ids(trail: Trail) -> tuple[list[int], list[int], list[int]]:
    """Decisions, orders and fills, in order."""
    return (
        [each["decision_id"] for each in facts(trail, "decision")],
        [each["order_id"] for each in facts(trail, "order")],
        [each["fill_id"] for each in facts(trail, "fill")],
    )


async def test_a_bracket_is_told_from_its_decision_to_its_outcome(ask: Ask) -> None:
    trail = await ask(trade_story.bracket(), "decision:1")
    assert ids(trail) == ([1], [1, 2, 3], [1, 2, 3])
    assert [step.seq for step in trail.steps] == sorted(step.seq for step in trail.steps)
    (decision,) = facts(trail, "decision")
    assert (decision["round"], decision["view_hash"], decision["confidence"]) == (1, f"{1:016x}", 0.7)
    (target,) = decision["targets"]
    assert target["reason"] == "breakout with volume"
    assert (target["held_quantity"], target["ordered_quantity"], target["wanted_quantity"]) == (0.0, 0.1, 0.1)
    (trade,) = facts(trail, "trade")
    assert (trade["exit_purpose"], trade["pnl"]) == ("target", 193.2482)
    assert [outcome["outcome"] for outcome in trail.outcomes] == ["win"]
    assert [each["paid"] for each in facts(trail, "funding")] == [0.051]
    assert trail.open_positions == ()


async def test_each_fill_says_what_it_cost_and_what_was_held_after_it(ask: Ask) -> None:
    trail = await ask(trade_story.bracket(), "decision:1")
    told = [
        (
            each["signed_quantity"],
            each["price"],
            each["fee"],
            each["slippage"],
            each["trade_id"],
            each["position_quantity"],
            each["position_entry_price"],
            each["position_realized"],
        )
        for each in facts(trail, "fill")
    ]
    assert told == [
        (0.04, 50_010.0, 1.0002, 0.4, "paper-1", 0.04, 50_010.0, 0.0),
        (0.06, 50_020.0, 1.5006, 0.0, "paper-2", 0.1, 50_016.0, 0.0),
        (-0.1, 52_000.0, 2.6, 0.0, "paper-3", 0.0, None, 198.4),
    ]


async def test_an_order_is_told_as_it_was_asked_for_and_what_changed_of_it_step_by_step(ask: Ask) -> None:
    trail = await ask(trade_story.bracket(), "order:2")
    stop = next(each for each in facts(trail, "order") if each["order_id"] == 2)
    assert (stop["quantity"], stop["trigger_price"], stop["parent_id"]) == (0.04, 49_000.0, 1)
    assert stop["status"] == "canceled"
    steps = [
        (each["status_after"], each["quantity"], each["trigger_price"], each["reason"])
        for each in facts(trail, "lifecycle")
        if each["order_id"] == 2
    ]
    assert steps == [
        ("created", 0.04, 49_000.0, ""),
        ("submitted", None, None, ""),
        ("accepted", None, None, ""),
        ("accepted", 0.1, 49_000.0, "size 0.04 → 0.1: follows its position"),
        ("accepted", 0.1, 50_500.0, "trigger 49,000 → 50,500: follows the price"),
        ("canceled", None, None, "the position it guarded has changed"),
    ]


@pytest.mark.parametrize("ident", ["order:1", "order:2", "order:3", "fill:1", "fill:2", "fill:3"])
async def test_every_part_of_a_trade_leads_to_the_whole_of_it_and_is_marked(ask: Ask, ident: str) -> None:
    story = trade_story.bracket()
    whole, trail = await ask(story, "decision:1"), await ask(story, ident)
    assert [(each.what, each.facts) for each in trail.steps] == [
        (each.what, each.facts) for each in whole.steps
    ]
    assert trail.outcomes == whole.outcomes
    (asked,) = [each for each in trail.steps if each.asked]
    kind, _, number = ident.partition(":")
    assert (asked.what, asked.facts[f"{kind}_id"]) == (kind, int(number))


@pytest.mark.parametrize(
    ("story", "decision", "held", "ordered", "wanted"),
    [
        ("enlarged_and_flipped", 2, 0.04, 0.02, 0.06),
        ("enlarged_and_flipped", 3, 0.06, -0.01, 0.05),
        ("enlarged_and_flipped", 4, 0.05, -0.08, -0.03),
        ("split", 1, 0.0, 0.1, 0.1),
        ("denied_and_held", 2, 0.0, 0.01, 0.01),
    ],
)
async def test_an_allocation_says_what_was_held_ordered_and_wanted(
    ask: Ask, story: str, decision: int, held: float, ordered: float, wanted: float
) -> None:
    trail = await ask(getattr(trade_story, story)(), f"decision:{decision}")
    made = next(each for each in facts(trail, "decision") if each["decision_id"] == decision)
    names = ("held_quantity", "ordered_quantity", "wanted_quantity")
    assert [made["targets"][0][name] for name in names] == [held, ordered, wanted]


async def test_a_denied_order_says_by_which_rule_with_its_figures(ask: Ask) -> None:
    trail = await ask(trade_story.denied_and_held(), "order:1")
    (order,) = facts(trail, "order")
    assert order["risk"] == {
        "verdict": "denied",
        "rule": "max_leverage",
        "value": 4.5,
        "limit": 3.0,
        "reason": "leverage 4.5 above 3",
    }
    assert [outcome["outcome"] for outcome in trail.outcomes] == ["none"]


async def test_an_order_that_passed_and_one_that_the_kill_switch_held_say_so(ask: Ask) -> None:
    story = trade_story.denied_and_held()
    (held,) = facts(await ask(story, "decision:2"), "order")
    assert (held["risk"]["verdict"], held["risk"]["reason"]) == ("held", "the kill switch is on")
    assert held["status"] == "held"


async def test_an_order_nobody_has_judged_yet_has_no_verdict(ask: Ask) -> None:
    story = TradeStory()
    story.create(10)
    (order,) = facts(await ask(story, "order:1"), "order")
    assert order["risk"] is None


async def test_a_liquidation_is_told_with_the_margin_that_was_left_and_what_the_venue_bore(
    ask: Ask,
) -> None:
    trail = await ask(trade_story.liquidation(), "fill:2")
    assert ids(trail) == ([1], [1, 2], [1, 2])
    risks = [(each["kind"], each["value"], each["limit_value"]) for each in facts(trail, "risk")]
    assert risks == [
        ("margin_exhausted", -50.0, 2_750.0),
        ("breaker_tripped", 0.99, 0.2),
        ("shortfall_covered", 505.2, None),
    ]
    assert facts(trail, "trade")[0]["exit_purpose"] == "liquidation"


async def test_a_late_fill_belongs_to_the_order_that_was_cancelled_before(ask: Ask) -> None:
    trail = await ask(trade_story.late_fill(), "fill:1")
    assert ids(trail) == ([1, 2], [1, 2], [1, 2])
    late = [each for each in facts(trail, "lifecycle") if each["order_id"] == 1][-1]
    assert (late["status_before"], late["status_after"]) == ("canceled", "canceled")
    assert late["reason"] == "an execution that came late"


async def test_a_share_leads_to_the_order_it_is_split_from_and_to_the_other_shares(ask: Ask) -> None:
    story = trade_story.split()
    for ident in ("order:1", "order:2", "order:3", "order:4", "fill:2"):
        trail = await ask(story, ident)
        assert ids(trail) == ([1], [1, 2, 3, 4], [1, 2])
    parent = facts(trail, "order")[0]
    assert (parent["is_split"], parent["quantity"], parent["filled_quantity"]) == (1, 0.1, 0.06)


async def test_a_position_that_was_enlarged_is_one_trade_of_all_its_decisions(ask: Ask) -> None:
    trail = await ask(trade_story.enlarged_and_flipped(), "fill:2")
    assert ids(trail) == ([1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3, 4])
    assert len(facts(trail, "trade")) == 1


async def test_a_flip_leads_to_the_trade_it_ended_and_to_what_it_still_holds(ask: Ask) -> None:
    trail = await ask(trade_story.enlarged_and_flipped(), "order:4")
    assert ids(trail)[1] == [1, 2, 3, 4], "what decision 5 ordered has met no position"
    assert len(facts(trail, "trade")) == 1
    (held,) = trail.open_positions
    assert (held["signed_quantity"], held["entry_price"], held["opening_fill_id"]) == (-0.03, 49_000.0, 4)


async def test_an_order_to_flatten_that_was_held_belongs_to_the_position_it_was_to_end(ask: Ask) -> None:
    story = TradeStory()
    story.fill(story.send(10, decision_id=story.decide(0.1)), 50_000.0)
    flatten = story.create(-10, purpose=OrderPurpose.FLATTEN, reduce_only=True)
    story.move(flatten, OrderStatus.HELD, reason="the kill switch is on")
    story.fill(story.send(-10, decision_id=story.decide(0.0)), 50_100.0)
    story.fill(story.send(10, decision_id=story.decide(0.1)), 50_200.0)
    trail = await ask(story, f"order:{flatten}")
    assert ids(trail) == ([1, 2], [1, 2, 3], [1, 2])
    assert len(facts(trail, "trade")) == 1
    assert trail.open_positions == ()


async def test_a_decision_tells_of_all_it_wanted_and_an_order_only_of_its_own_symbol(path: Path) -> None:
    stream = EventStream(agents=2)
    writer = JournalWriter(path)
    for ts_ms, batch in stream.batches(60):
        writer.append("run-1", ts_ms, batch)
    writer.close()
    async with await JournalReader.open(path) as reader:
        decisions = await reader.decisions(limit=1_000)
        orders = await reader.orders(limit=1_000)
        wide = {row["decision_id"] for row in decisions if len(row["targets"]) > 1}
        order = next(row for row in orders if row["decision_id"] in wide)
        by_decision = await audit(reader, f"decision:{order['decision_id']}")
        by_order = await audit(reader, f"order:{order['order_id']}")

    def wanted(trail: Trail) -> set[str]:
        made = next(e for e in facts(trail, "decision") if e["decision_id"] == order["decision_id"])
        return {target["symbol"] for target in made["targets"]}

    assert len(wanted(by_decision)) > 1
    assert wanted(by_order) <= {order["symbol"]}


async def test_a_decision_that_ordered_nothing_is_told_alone(ask: Ask) -> None:
    story = TradeStory()
    story.decide(0.0, reason="wait")
    trail = await ask(story, "decision:1")
    assert [step.what for step in trail.steps] == ["decision"]
    assert facts(trail, "decision")[0]["targets"][0]["ordered_quantity"] == 0.0
    assert trail.outcomes == ()


async def test_a_bare_number_that_could_mean_several_things_is_asked_back(ask: Ask) -> None:
    trail = await ask(trade_story.bracket(), "1")
    assert trail.candidates == ("decision:1", "order:1", "fill:1")
    assert trail.steps == ()


async def test_a_bare_number_that_can_mean_one_thing_only_is_taken_for_it(ask: Ask) -> None:
    story = trade_story.denied_and_held()
    story.create(1)
    assert (await ask(story, "3")).ident == "order:3"


@pytest.mark.parametrize("ident", ["order:99999", "99999", "", "order:", "trade:1", "order:x", "9" * 40, "²"])
async def test_an_identifier_that_names_nothing_is_told_so(ask: Ask, ident: str) -> None:
    with pytest.raises(UnknownIdent):
        await ask(trade_story.bracket(), ident)


async def test_the_trail_of_everything_in_a_busy_arena_is_in_order_and_marks_what_was_asked(
    path: Path,
) -> None:
    writer = JournalWriter(path)
    for ts_ms, batch in EventStream(seed=5, agents=3).batches(60):
        writer.append("run-1", ts_ms, batch)
    writer.close()
    async with await JournalReader.open(path) as reader:
        rows = await reader.query("SELECT fill_id FROM fills ORDER BY fill_id DESC", {})
        fills = [f"fill:{row['fill_id']}" for row in rows]
        orders = [f"order:{row['order_id']}" for row in await reader.orders(limit=1_000)]
        assert min(len(fills), len(orders)) >= 40
        for ident in (*fills[::5], *orders[::6]):
            trail = await audit(reader, ident)
            assert [step.seq for step in trail.steps] == sorted(step.seq for step in trail.steps)
            assert sum(step.asked for step in trail.steps) == 1
            assert {each["agent"] for each in facts(trail, "order")} == {trail.steps[0].facts["agent"]}
