"""The event log: what happened, in words, and what of it a person wants to see."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from cockpit.arena.narration import is_routine, narrate
from cockpit.domain.events import (
    ARENA,
    AccountSynced,
    AgentGrounded,
    AlertAcknowledged,
    AskingSkipped,
    BotStarted,
    BotStopped,
    BreakerReset,
    BreakerTripped,
    CapitalAllocated,
    DebateHeld,
    DecisionFailed,
    DecisionMade,
    EmergencyAdvanced,
    EntriesLocked,
    EntriesWithheld,
    Escalated,
    Event,
    FeedMeasured,
    FundingPaid,
    JournalOutage,
    KillSwitchSet,
    MarginExhausted,
    MarketAdvanced,
    ModelCalled,
    OrderAmended,
    OrderCreated,
    OrderFilled,
    OrderMoved,
    PauseSet,
    Recorded,
    ReportRefused,
    RoundClosed,
    RoundOpened,
    RunFinished,
    RunStarted,
    ShortfallCovered,
    ThesisBroken,
    TradeClosed,
    TradingMode,
    TradingModeSet,
)
from cockpit.domain.market import Instrument
from cockpit.domain.orders import OrderStatus
from cockpit.tui import look


@dataclass(frozen=True, slots=True)
class LogEntry:
    """A line of the event log.

    Attributes:
        seq: Its event's place in the journal.
        ts_ms: Market time.
        text: As narrated; foreign words in it are as they were said.
        style: Its colour.
        routine: Whether it is left out unless asked for.
        agent: Whose doing it is, where it is one agent's.
        order_id: The order that was created or held; None for all else.
        held: Whether the kill switch held that order.
        sets_kill_switch: Whether it sets the kill switch: a new stretch of held orders begins after it.
        ident: What its audit trail is named; empty where it has none.
    """

    seq: int
    ts_ms: int
    text: str
    style: str
    routine: bool
    agent: str | None
    order_id: int | None = None
    held: bool = False
    sets_kill_switch: bool = False
    ident: str = ""


@dataclass(slots=True)
class EventLog:
    """The latest events in words.

    Attributes:
        entries: All of them, oldest first.
    """

    entries: deque[LogEntry] = field(default_factory=deque)
    _held: int = 0

    def take(self, recorded: Recorded, instruments: dict[str, Instrument]) -> None:
        """Takes in the next event."""
        entry = _entry_of(recorded, instruments)
        self.entries.append(entry)
        self._held += entry.held

    def prune(self, until_seq: int) -> None:
        """Forgets what happened up to an event."""
        while self.entries and self.entries[0].seq <= until_seq:
            self._held -= self.entries.popleft().held

    def closing_fill(self, trade_seq: int) -> str:
        """The fill that closed a round trip, such as ``fill:12``; empty where the log has forgotten it.

        Args:
            trade_seq: The event of the round trip, which comes right after its last fill's.
        """
        before = (entry for entry in reversed(self.entries) if entry.seq < trade_seq)
        return next((entry.ident for entry in before if entry.ident.startswith("fill:")), "")

    def newest(self, *, routine: bool) -> Iterator[LogEntry]:
        """What there is to read, newest first.

        Args:
            routine: Whether everything is to be shown. If not, what is routine is left out, and while the
                kill switch stays on, the first order it holds stands for all of them.
        """
        if routine:
            return reversed(self.entries)
        if not self._held:
            return (entry for entry in reversed(self.entries) if not entry.routine)
        return reversed(_with_holds_as_one(self.entries))


def _with_holds_as_one(entries: deque[LogEntry]) -> list[LogEntry]:
    """What is not routine; of each stretch of held orders the first alone, which says how many there are."""
    held_orders = {entry.order_id for entry in entries if entry.held}
    shown: list[LogEntry] = []
    first, count, since_start = -1, 0, False
    for entry in entries:
        if entry.sets_kill_switch:
            _count_in(shown, first, count, since_start=since_start, words="orders held")
            first, count, since_start = -1, 0, True
        if entry.held:
            count += 1
            if count > 1:
                continue
            first = len(shown)
        elif entry.routine or entry.order_id in held_orders:
            continue
        shown.append(entry)
    _count_in(shown, first, count, since_start=since_start, words="orders held so far")
    return shown


def _count_in(shown: list[LogEntry], first: int, count: int, *, since_start: bool, words: str) -> None:
    if count > 1:
        number = f"{count:,}" if since_start else f"{count:,} or more"
        shown[first] = replace(shown[first], text=f"{number} {words}; first: {shown[first].text}")


def _entry_of(recorded: Recorded, instruments: dict[str, Instrument]) -> LogEntry:
    event = recorded.event
    order_id, held = _order_of(event)
    return LogEntry(
        seq=recorded.seq,
        ts_ms=recorded.ts_ms,
        text=narrate(event, instruments),
        style=_style_of(event),
        routine=is_routine(event),
        agent=_agent_of(event),
        order_id=order_id,
        held=held,
        sets_kill_switch=isinstance(event, KillSwitchSet),
        ident=ident_of(event, recorded.seq),
    )


def _order_of(event: Event) -> tuple[int | None, bool]:
    match event:
        case OrderCreated(order=order):
            return order.order_id, False
        case OrderMoved(order_id=order_id, after=OrderStatus.HELD):
            return order_id, True
        case _:
            return None, False


def ident_of(event: Event, seq: int) -> str:
    """What the audit trail of an event is named: a decision's, an order's, a fill's; empty for all else.

    A round trip is named by its event, such as ``trade:812``: `EventLog.closing_fill` knows its last fill.
    """
    match event:
        case DecisionMade(decision_id=number):
            return f"decision:{number}"
        case OrderCreated(order=order):
            return f"order:{order.order_id}"
        case OrderMoved(order_id=number) | OrderAmended(order_id=number) | ReportRefused(order_id=number):
            return f"order:{number}"
        case OrderFilled(fill=fill):
            return f"fill:{fill.fill_id}"
        case TradeClosed():
            return f"trade:{seq}"
        case _:
            return ""


def _agent_of(event: Event) -> str | None:
    """The agent an event is about; None where it is about the arena, or about several."""
    match event:
        case OrderCreated(order=owned) | OrderFilled(fill=owned) | TradeClosed(trade=owned):
            return owned.agent
        case BreakerTripped(scope=scope) | BreakerReset(scope=scope):
            return None if scope == ARENA else scope
        case (
            CapitalAllocated(agent=agent)
            | DecisionMade(agent=agent)
            | DecisionFailed(agent=agent)
            | OrderMoved(agent=agent)
            | OrderAmended(agent=agent)
            | ReportRefused(agent=agent)
            | AccountSynced(agent=agent)
            | MarginExhausted(agent=agent)
            | ShortfallCovered(agent=agent)
            | EntriesLocked(agent=agent)
            | FundingPaid(agent=agent)
            | ModelCalled(agent=agent)
            | DebateHeld(agent=agent)
            | Escalated(agent=agent)
            | EntriesWithheld(agent=agent)
            | AskingSkipped(agent=agent)
            | ThesisBroken(agent=agent)
            | AgentGrounded(agent=agent)
        ):
            return agent
        case _:
            return None


def _style_of(event: Event) -> str:
    match event:
        case TradeClosed(trade=trade):
            return look.tone_of(trade.pnl)
        case ModelCalled(call=call) if call.fault:
            return look.WARN
        case DebateHeld(debate=debate) if debate.is_disagreed:
            return look.WARN
        case KillSwitchSet(on=True) | TradingModeSet(mode=TradingMode.HALTED):
            return look.BAD
        case OrderMoved(after=OrderStatus.DENIED | OrderStatus.REJECTED | OrderStatus.HELD):
            return look.WARN
        case _:
            return _STYLE_OF.get(type(event), look.PLAIN)


_STYLE_OF: dict[type[Event], str] = {
    BreakerTripped: look.BAD,
    DecisionFailed: look.BAD,
    JournalOutage: look.BAD,
    MarginExhausted: look.BAD,
    ShortfallCovered: look.BAD,
    ReportRefused: look.BAD,
    EmergencyAdvanced: look.BAD,
    EntriesLocked: look.WARN,
    ThesisBroken: look.WARN,
    AgentGrounded: look.WARN,
    TradingModeSet: look.WARN,
    BreakerReset: look.WARN,
    PauseSet: look.WARN,
    KillSwitchSet: look.WARN,
    RunStarted: look.NOTE,
    RunFinished: look.NOTE,
    BotStarted: look.NOTE,
    BotStopped: look.NOTE,
    AlertAcknowledged: look.NOTE,
    AccountSynced: look.NOTE,
    OrderFilled: look.INFO,
    OrderMoved: look.MUTED,
    OrderCreated: look.MUTED,
    OrderAmended: look.MUTED,
    FeedMeasured: look.FAINT,
    ModelCalled: look.FAINT,
    DebateHeld: look.MUTED,
    Escalated: look.MUTED,
    EntriesWithheld: look.MUTED,
    AskingSkipped: look.FAINT,
    MarketAdvanced: look.FAINT,
    RoundOpened: look.FAINT,
    RoundClosed: look.FAINT,
}
