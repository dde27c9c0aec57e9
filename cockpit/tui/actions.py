"""Everything a person can do, in one list: keys, footer, palette and help are made of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from cockpit.tui.situation import Situation, Test, always, looking, never, trading


class Group(StrEnum):
    """Where an action stands in the help."""

    BOT = "The bot"
    VIEW = "The view"
    ROWS = "In a pane"
    LEAVING = "Leaving"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something a person can do.

    Attributes:
        id: What settings call it, and the method that does it, in `controls.py` or `bot_controls.py`.
        key: Textual's name of the key; several with commas between.
        label: One or two words for the footer.
        short_label: One where the footer has no room for all; empty: `label`.
        undo_label: The same while `is_on` holds, for what is switched on and off; empty: `label` always.
        help: One line for the help and the palette.
        group: Where it stands in the help.
        when: Whether it can be done now.
        is_on: Whether it is switched on now.
        footer: Its place in the footer, lower first; None: not there.
        pinned: Whether it is in the footer however narrow that is.
        question: What is asked before it is done; empty: nothing.
        choices: What the palette offers beside it: words that its method takes as well.
    """

    id: str
    key: str
    label: str
    short_label: str = ""
    undo_label: str = ""
    help: str
    group: Group
    when: Test = looking
    is_on: Test = never
    footer: int | None = None
    pinned: bool = False
    question: str = ""
    choices: tuple[str, ...] = ()

    def label_in(self, now: Situation, *, short: bool = False) -> str:
        """What doing it now amounts to."""
        if self.undo_label and self.is_on(now):
            return self.undo_label
        return (short and self.short_label) or self.label


PANE_TITLES = {
    "leaderboard": "Leaderboard",
    "equity": "Equity",
    "reasoning": "Reasoning",
    "positions": "Positions",
    "risk": "Risk",
    "events": "Events",
    "markets": "Markets",
}
"""Pane ids and titles in the order of their digits."""

PANES = tuple(PANE_TITLES)

SHORT_TITLES = PANE_TITLES | {"leaderboard": "Ranks", "reasoning": "Reasons"}
"""For tabs in 80 columns."""

ACTIONS: tuple[Action, ...] = (
    Action(
        id="start",
        key="s",
        label="start",
        help="Start the bot in the background",
        group=Group.BOT,
        when=lambda now: now.absent,
        footer=0,
    ),
    Action(
        id="stop",
        key="x",
        label="stop",
        help="Stop the bot: it ends its round, saves and exports",
        group=Group.BOT,
        when=lambda now: now.answers,
        footer=1,
        question="Stop the bot? It ends the round in progress, saves and exports; positions stay.",
    ),
    Action(
        id="pause",
        key="p",
        label="pause",
        undo_label="resume",
        help="Pause the rounds, or let them go on",
        group=Group.BOT,
        when=trading,
        is_on=lambda now: now.paused,
        footer=2,
    ),
    Action(
        id="kill",
        key="K",
        label="kill switch",
        short_label="kill",
        undo_label="unkill",
        help="Kill switch on (orders held, not sent), or off; or flatten",
        group=Group.BOT,
        when=trading,
        is_on=lambda now: now.killed,
        footer=3,
        question="Turn the KILL SWITCH on? Orders are then recorded as held and never sent. With flatten, "
        "all orders are first cancelled and all positions closed.",
    ),
    Action(
        id="flatten",
        key="F",
        label="emergency stop",
        short_label="emergency",
        help="Emergency stop: cancel all, close all positions, then halt",
        group=Group.BOT,
        when=lambda now: trading(now) and not now.emergency,
        footer=4,
        question="EMERGENCY STOP? Every order is cancelled and every position closed at the market; then the "
        "kill switch stays on.",
    ),
    Action(
        id="mode",
        key="m",
        label="mode",
        help="What orders may do: anything, only reduce, or nothing",
        group=Group.BOT,
        when=trading,
        footer=8,
        choices=("active", "reducing", "halted"),
    ),
    Action(
        id="reset_breaker",
        key="R",
        label="reset breaker",
        help="Arm a tripped circuit breaker again",
        group=Group.BOT,
        when=lambda now: now.answers and now.tripped,
        footer=9,
    ),
    Action(
        id="new_debate",
        key="n",
        label="ask a debate",
        help="Let an agent debate on a coin now, beside its rounds",
        group=Group.BOT,
        when=lambda now: trading(now) and now.debates,
    ),
    Action(
        id="status",
        key="t",
        label="status",
        help="Facts about the bot and its run",
        group=Group.BOT,
        when=always,
        footer=13,
    ),
    *(
        Action(
            id=f"pane_{number}",
            key=str(number),
            label=PANE_TITLES[pane].lower(),
            help=f"Go to {PANE_TITLES[pane].lower()}",
            group=Group.VIEW,
        )
        for number, pane in enumerate(PANES, start=1)
    ),
    Action(
        id="zoom",
        key="z",
        label="zoom",
        help="Let the pane fill the screen, or give it back",
        group=Group.VIEW,
        footer=10,
    ),
    Action(
        id="restore",
        key="escape",
        label="back",
        help="Close what is open, drop the filter, restore panes",
        group=Group.VIEW,
    ),
    Action(
        id="filter",
        key="slash",
        label="filter",
        help="Show only the events, or orders, that contain some words",
        group=Group.VIEW,
        footer=11,
    ),
    Action(
        id="routine",
        key="v",
        label="routine",
        help="Show what is routine as well, or leave it out",
        group=Group.VIEW,
        footer=14,
    ),
    Action(
        id="orders",
        key="b",
        label="orders",
        help="The blotter: orders that work and orders of the past",
        group=Group.VIEW,
        footer=5,
    ),
    Action(
        id="debates",
        key="D",
        label="debates",
        help="What analysts argued, how far they agree, what was decided",
        group=Group.VIEW,
        when=lambda now: looking(now) and now.debates,
        footer=5,
    ),
    Action(
        id="alerts",
        key="a",
        label="alerts",
        help="What nobody has acknowledged yet; enter acknowledges one",
        group=Group.VIEW,
        footer=6,
    ),
    Action(
        id="acknowledge_all",
        key="A",
        label="acknowledge",
        help="Acknowledge all alerts, once their list is open",
        group=Group.VIEW,
        when=lambda now: now.answers and now.alerts,
    ),
    Action(
        id="profiles",
        key="P",
        label="profiles",
        help="AI and trader profiles: who competes in the next run",
        group=Group.VIEW,
        when=always,
        footer=13,
    ),
    Action(
        id="overview",
        key="0",
        label="overview",
        help="Recent runs, what models cost today, pass and fail rates",
        group=Group.VIEW,
        when=always,
        footer=18,
    ),
    Action(
        id="library",
        key="L",
        label="library",
        help="Models, tools and strategies: what there is and who uses it",
        group=Group.VIEW,
        when=always,
        footer=19,
    ),
    Action(
        id="sort",
        key="o",
        label="sort",
        help="Sort the leaderboard by the next column",
        group=Group.VIEW,
        footer=15,
    ),
    Action(
        id="reverse",
        key="O",
        label="reverse",
        help="Turn the order of the leaderboard round",
        group=Group.VIEW,
    ),
    Action(
        id="detail",
        key="enter",
        label="open",
        help="The trail of an order, fill, trade, decision; else the agent",
        group=Group.ROWS,
        footer=7,
    ),
    Action(
        id="help",
        key="question_mark,f1",
        label="help",
        help="Every key and what it does",
        group=Group.VIEW,
        when=always,
        footer=12,
        pinned=True,
    ),
    Action(
        id="leave",
        key="q",
        label="leave",
        help="Leave the dashboard; the bot goes on",
        group=Group.LEAVING,
        when=always,
        footer=16,
        pinned=True,
    ),
)

BY_ID: Mapping[str, Action] = {action.id: action for action in ACTIONS}


def offered(now: Situation) -> list[Action]:
    """The actions that can be done now."""
    return [action for action in ACTIONS if action.when(now)]
