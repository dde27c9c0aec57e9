"""Everything that can happen in an arena. Its state is the fold of these, and nothing else.

Prices are quote per base unit, money is micro-units of quote, times are UTC milliseconds, fractions
are of one. Only what `Recorded` adds depends on where and when a run took place.
"""

import re
from typing import NamedTuple, TypeAlias

from cockpit.domain.mind_events import (
    AgentGrounded,
    AskingSkipped,
    DebateAbandoned,
    DebateAsked,
    DebateHeld,
    EntriesWithheld,
    Escalated,
    ModelCalled,
    ThesisBroken,
)
from cockpit.domain.order_events import (
    AccountSynced,
    FundingPaid,
    MarginExhausted,
    OrderAmended,
    OrderCreated,
    OrderFilled,
    OrderMoved,
    ReportRefused,
    ShortfallCovered,
    TradeClosed,
)
from cockpit.domain.profile_events import (
    AiProfileRemoved,
    AiProfileSaved,
    TraderProfileRemoved,
    TraderProfileSaved,
)
from cockpit.domain.run_events import (
    BotStarted,
    BotStopped,
    CapitalAllocated,
    Contestant,
    DecisionFailed,
    DecisionMade,
    FeedMeasured,
    JournalOutage,
    MarketAdvanced,
    PauseSet,
    RoundClosed,
    RoundOpened,
    RunFinished,
    RunStarted,
)
from cockpit.domain.safety_events import (
    ARENA,
    AlertAcknowledged,
    BreakerReset,
    BreakerTripped,
    EmergencyAdvanced,
    EmergencyStage,
    EntriesLocked,
    KillSwitchSet,
    TradingMode,
    TradingModeSet,
)

__all__ = [
    "ARENA",
    "KIND_OF",
    "AccountSynced",
    "AgentGrounded",
    "AiProfileRemoved",
    "AiProfileSaved",
    "AlertAcknowledged",
    "AskingSkipped",
    "BotStarted",
    "BotStopped",
    "BreakerReset",
    "BreakerTripped",
    "CapitalAllocated",
    "Contestant",
    "DebateAbandoned",
    "DebateAsked",
    "DebateHeld",
    "DecisionFailed",
    "DecisionMade",
    "EmergencyAdvanced",
    "EmergencyStage",
    "EntriesLocked",
    "EntriesWithheld",
    "Escalated",
    "Event",
    "FeedMeasured",
    "FundingPaid",
    "JournalOutage",
    "KillSwitchSet",
    "MarginExhausted",
    "MarketAdvanced",
    "ModelCalled",
    "OrderAmended",
    "OrderCreated",
    "OrderFilled",
    "OrderMoved",
    "PauseSet",
    "Recorded",
    "ReportRefused",
    "RoundClosed",
    "RoundOpened",
    "RunFinished",
    "RunStarted",
    "ShortfallCovered",
    "ThesisBroken",
    "TradeClosed",
    "TraderProfileRemoved",
    "TraderProfileSaved",
    "TradingMode",
    "TradingModeSet",
]

Event: TypeAlias = (
    RunStarted
    | RunFinished
    | BotStarted
    | BotStopped
    | JournalOutage
    | CapitalAllocated
    | MarketAdvanced
    | FeedMeasured
    | RoundOpened
    | DecisionMade
    | DecisionFailed
    | AgentGrounded
    | ModelCalled
    | DebateAsked
    | DebateHeld
    | DebateAbandoned
    | Escalated
    | EntriesWithheld
    | AskingSkipped
    | ThesisBroken
    | RoundClosed
    | OrderCreated
    | OrderMoved
    | OrderAmended
    | ReportRefused
    | AccountSynced
    | MarginExhausted
    | ShortfallCovered
    | OrderFilled
    | TradeClosed
    | FundingPaid
    | BreakerTripped
    | BreakerReset
    | EntriesLocked
    | TradingModeSet
    | EmergencyAdvanced
    | AlertAcknowledged
    | KillSwitchSet
    | PauseSet
    | AiProfileSaved
    | AiProfileRemoved
    | TraderProfileSaved
    | TraderProfileRemoved
)


def _kind(event_type: type) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", event_type.__name__).lower()


KIND_OF: dict[type, str] = {event_type: _kind(event_type) for event_type in Event.__args__}
"""Event type → the word that stands for it in the journal and the API."""


class Recorded(NamedTuple):
    """An event in the journal. A tuple, since a replay makes a million of them.

    Attributes:
        seq: Its place; the journal has no other order.
        ts_ms: Market time at which it became known.
        run_id: Which run it belongs to.
        event: What happened.
    """

    seq: int
    ts_ms: int
    run_id: str
    event: Event
