"""Parts of what is shown, and which of them an event changes."""

from collections.abc import Mapping
from enum import IntEnum

from cockpit.domain.events import (
    AccountSynced,
    AgentGrounded,
    AiProfileRemoved,
    AiProfileSaved,
    AlertAcknowledged,
    AskingSkipped,
    BreakerReset,
    BreakerTripped,
    CapitalAllocated,
    DebateAbandoned,
    DebateAsked,
    DebateHeld,
    DecisionFailed,
    DecisionMade,
    EmergencyAdvanced,
    EntriesLocked,
    EntriesWithheld,
    Escalated,
    Event,
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
    ReportRefused,
    RoundClosed,
    RoundOpened,
    RunFinished,
    RunStarted,
    ShortfallCovered,
    ThesisBroken,
    TradeClosed,
    TraderProfileRemoved,
    TraderProfileSaved,
    TradingModeSet,
)


class Topic(IntEnum):
    """A part of what is shown; panes repaint when one of theirs has changed."""

    RUN = 0
    STANDINGS = 1
    CURVES = 2
    DECISIONS = 3
    HOLDINGS = 4
    RISK = 5
    LOG = 6
    MARKETS = 7
    ALERTS = 8
    MODELS = 9
    DEBATES = 10
    PROFILES = 11


_EVERYTHING = tuple(Topic)
_ORDERS = (Topic.HOLDINGS, Topic.DECISIONS)
_SAFETY = (Topic.RUN, Topic.STANDINGS, Topic.RISK, Topic.ALERTS)
TOPICS_OF: Mapping[type[Event], tuple[Topic, ...]] = {
    RunStarted: _EVERYTHING,
    RunFinished: (Topic.RUN,),
    CapitalAllocated: (Topic.RUN, Topic.STANDINGS, Topic.RISK),
    MarketAdvanced: (Topic.RUN, Topic.STANDINGS, Topic.HOLDINGS, Topic.RISK, Topic.MARKETS),
    RoundOpened: (Topic.RUN,),
    RoundClosed: (Topic.RUN, Topic.STANDINGS, Topic.CURVES, Topic.DECISIONS),
    DecisionMade: (Topic.DECISIONS,),
    DecisionFailed: (Topic.DECISIONS, Topic.STANDINGS, Topic.RISK),
    ModelCalled: (Topic.MODELS, Topic.RUN),
    DebateAsked: (Topic.DEBATES, Topic.RUN),
    DebateHeld: (Topic.DECISIONS, Topic.DEBATES, Topic.RUN),
    DebateAbandoned: (Topic.DEBATES,),
    Escalated: (Topic.DECISIONS,),
    EntriesWithheld: (Topic.DECISIONS,),
    AskingSkipped: (Topic.DECISIONS,),
    ThesisBroken: (Topic.DECISIONS, Topic.MODELS, Topic.ALERTS),
    AgentGrounded: (Topic.STANDINGS, Topic.RISK),
    OrderCreated: _ORDERS,
    OrderMoved: _ORDERS,
    OrderAmended: _ORDERS,
    OrderFilled: (Topic.STANDINGS, Topic.HOLDINGS, Topic.DECISIONS, Topic.RISK),
    TradeClosed: (Topic.STANDINGS, Topic.DECISIONS, Topic.RISK),
    FundingPaid: (Topic.STANDINGS,),
    AccountSynced: (Topic.RISK,),
    MarginExhausted: (Topic.RISK, Topic.ALERTS),
    ShortfallCovered: (Topic.STANDINGS, Topic.RISK, Topic.ALERTS),
    ReportRefused: (Topic.RISK, Topic.ALERTS),
    JournalOutage: (Topic.RUN, Topic.ALERTS),
    BreakerTripped: _SAFETY,
    BreakerReset: _SAFETY,
    EntriesLocked: (Topic.RISK,),
    TradingModeSet: (Topic.RUN, Topic.RISK),
    EmergencyAdvanced: (Topic.RUN, Topic.RISK, Topic.ALERTS),
    KillSwitchSet: (Topic.RUN, Topic.RISK),
    AlertAcknowledged: (Topic.ALERTS, Topic.RUN),
    PauseSet: (Topic.RUN,),
    AiProfileSaved: (Topic.PROFILES,),
    AiProfileRemoved: (Topic.PROFILES,),
    TraderProfileSaved: (Topic.PROFILES,),
    TraderProfileRemoved: (Topic.PROFILES,),
}
"""Event → what it changes, besides the event log."""
