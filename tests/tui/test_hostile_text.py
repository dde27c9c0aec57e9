"""Agents, venues and files may say anything; on the screen it is text, and nothing else."""

import ast
from dataclasses import replace
from pathlib import Path
from unicodedata import category

import cockpit.tui
from cockpit.domain.decisions import FailureKind, Target
from cockpit.domain.events import (
    BotStarted,
    BreakerTripped,
    DecisionFailed,
    DecisionMade,
    EmergencyAdvanced,
    EmergencyStage,
    EntriesLocked,
    JournalOutage,
    KillSwitchSet,
    OrderCreated,
    OrderMoved,
    Recorded,
    ReportRefused,
    RunStarted,
)
from cockpit.domain.market import Lots
from cockpit.domain.orders import Order, OrderKind, OrderPurpose, OrderStatus
from tests.tui.conftest import staged
from tests.tui.replay_link import ReplayLink

EVIL = (
    "[@click=app.quit]x[/] [/b]\x1b[2J\x1b]52;c;eA==\x07\x9b31m\u202egnp\u2066\u200b\x00\n\tend"
    + "\u0301" * 9
)
AGENT = "evil\x1b[31m[red]\u202e"
SYMBOL = "BTC\x1b]0;t\x07[b]/USDC:USDC"

PAINTING = {"Segment", "Text", "Content", "Markdown", "Label", "Button", "OptionList", "RichLog"}
"""What makes something visible out of a string, besides `safe.content` and `Line`."""


def hostile_run(arena_events) -> ReplayLink:
    """A run in which everything that others can say is said badly."""
    started = next(each.event for each in arena_events if isinstance(each.event, RunStarted))
    bitcoin = replace(started.instruments[0], symbol=SYMBOL)
    contestant = replace(started.contestants[0], name=AGENT, kind=EVIL, summary=EVIL)
    run = replace(
        started,
        bot=EVIL,
        market=EVIL,
        venue=EVIL,
        mode="paper",
        instruments=(bitcoin, *started.instruments[1:]),
        contestants=(contestant, *started.contestants[1:]),
    )
    events = []
    for recorded in arena_events[:900]:
        event = recorded.event
        if isinstance(event, RunStarted):
            event = run
        event = _renamed(event, started.contestants[0].name, bitcoin)
        events.append(Recorded(recorded.seq, recorded.ts_ms, recorded.run_id, event))
    link = ReplayLink(events=events, bot=EVIL)
    order = Order(
        order_id=order_number(events),
        client_order_id=EVIL,
        parent_id=None,
        decision_id=decision_number(events),
        agent=AGENT,
        symbol=SYMBOL,
        kind=OrderKind.MARKET,
        purpose=OrderPurpose.REBALANCE,
        signed_lots=Lots(1),
        created_ms=0,
    )
    target = Target(symbol=SYMBOL, exposure=0.5, confidence=0.5, reason=EVIL)
    link.happen(
        [
            BotStarted(wall_ms=0, recovered_from=EVIL, notices=(EVIL,)),
            DecisionFailed(agent=AGENT, round=99, failure=FailureKind.CRASH, message=EVIL),
            DecisionMade(
                decision_id=decision_number(events), agent=AGENT, round=99, confidence=0.5, targets=(target,)
            ),
            OrderCreated(order=order),
            OrderMoved(
                agent=AGENT,
                order_id=order.order_id,
                before=OrderStatus.CREATED,
                after=OrderStatus.DENIED,
                rule=EVIL,
                reason=EVIL,
            ),
            BreakerTripped(scope=AGENT, breaker="errors", value=1, limit=1, reason=EVIL, stopped=EVIL),
            EntriesLocked(agent=AGENT, symbol=None, protection=EVIL, reason=EVIL, until_ms=2**50),
            JournalOutage(lasted_ms=1, reason=EVIL),
            ReportRefused(agent=AGENT, order_id=1, report=EVIL, reason=EVIL),
            KillSwitchSet(on=True, by=EVIL),
            EmergencyAdvanced(stage=EmergencyStage.FLATTENING, by=EVIL, attempt=2, detail=EVIL),
        ]
    )
    return link


def _renamed(event, agent: str, bitcoin):
    """The same event of an agent and on an instrument with other names."""
    names = {"agent": (agent, AGENT), "symbol": ("BTC/USDC:USDC", bitcoin.symbol), "scope": (agent, AGENT)}
    changed = {}
    for field in getattr(event, "__slots__", ()):
        value = getattr(event, field)
        if field in names and value == names[field][0]:
            changed[field] = names[field][1]
        elif field in {"order", "fill", "trade"}:
            changed[field] = _renamed(value, agent, bitcoin)
        elif field == "targets":
            changed[field] = tuple(_renamed(each, agent, bitcoin) for each in value)
    return replace(event, **changed) if changed else event


def order_number(events) -> int:
    return 1 + sum(isinstance(each.event, OrderCreated) for each in events)


def decision_number(events) -> int:
    return 1 + sum(isinstance(each.event, DecisionMade) for each in events)


def assert_clean(stage) -> None:
    strips = stage.app.screen._compositor.render_strips()
    for strip in strips:
        for segment in strip:
            for character in segment.text:
                assert category(character) not in {"Cc", "Cf", "Co", "Cs"}, ascii(segment.text)
            assert not (segment.style and segment.style.meta.get("@click")), "markup became clickable"
            assert not (segment.style and segment.style.link), "markup became a link"
    assert all(strip.cell_length == stage.app.size.width for strip in strips)


async def test_nothing_said_outside_drives_the_terminal_or_becomes_markup(arena_events):
    link = hostile_run(arena_events)
    async with staged(link, (120, 40)) as stage:
        assert_clean(stage)
        assert "[@click=app.quit]x[/] [/b]" in stage.text, "it is shown as it was said"
        for number in "345":
            await stage.press(number, "z")
            assert_clean(stage)
            await stage.press("z")
        for key in ("t", "escape", "R", "escape", "v"):
            await stage.press(key)
            assert_clean(stage)
        stage.controls.dashboard.leaderboard.select(AGENT)
        await stage.press("1", "enter")
        assert_clean(stage)
        assert "evil[red]" in stage.text
        await stage.press("escape")
        for key in ("a", "escape", "b", "slash", "x", "enter", "escape", "enter", "escape", "escape"):
            await stage.press(key)
            assert_clean(stage)
        assert len(stage.store.state.alerts) >= 4
        link.refuses = EVIL
        await stage.press("p")
        assert_clean(stage)
        link.outage(EVIL)
        await stage.settle()
        assert_clean(stage)
        await stage.resize(80, 24)
        for number in "1234567":
            await stage.press(number)
            assert_clean(stage)


def test_only_the_choke_point_and_the_pane_make_text_visible():
    """Panes and screens have no other way to the screen than `Line` and `safe.content`."""
    root = Path(cockpit.tui.__file__).parent
    offenders = []
    for path in root.rglob("*.py"):
        name = path.relative_to(root).as_posix()
        if name in {"safe.py", "panes/painted.py"}:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                argument = node.args[0] if node.args else None
                safe = isinstance(argument, ast.Call) and getattr(argument.func, "id", "") == "content"
                if called in PAINTING or (called == "Static" and not safe):
                    offenders.append(f"{name}:{node.lineno} {called}")
                if called == "notify" and "markup=False" not in ast.unparse(node):
                    offenders.append(f"{name}:{node.lineno} notify with markup")
    assert offenders == []


def test_pane_writes_text_from_lines_alone():
    source = (Path(cockpit.tui.__file__).parent / "panes" / "painted.py").read_text()
    made = [
        ast.unparse(node)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Segment"
    ]
    assert made == ["Segment(text, base + self._rich(style) if style else base)"]
    assert "for text, style in line.spans" in source


def test_the_recorded_run_is_hostile_enough(arena_events):
    events = hostile_run(arena_events).events
    assert isinstance(events[0], Recorded)
    said = repr(events)
    assert said.count("x1b") > 10
