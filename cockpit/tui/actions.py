"""Everything a person can do, in one list: keys, footer, palette and help are made of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Group(StrEnum):
    """Where an action stands in the help."""

    BOT = "The bot"
    VIEW = "The view"
    ROWS = "In a pane"
    LEAVING = "Leaving"


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What decides which actions can be done now.

    Attributes:
        absent: No bot runs.
        answers: A bot runs and answers.
        has_run: There is a run to look at.
        paused: Its rounds are paused.
        killed: Its kill switch is on.
        tripped: One of its circuit breakers is not armed.
    """

    absent: bool = False
    answers: bool = False
    has_run: bool = False
    paused: bool = False
    killed: bool = False
    tripped: bool = False


Test = Callable[[Situation], bool]
"""Something that holds in a situation, or doesn't."""


def _always(_now: Situation) -> bool:
    return True


def _never(_now: Situation) -> bool:
    return False


def _looking(now: Situation) -> bool:
    return now.has_run


def _trading(now: Situation) -> bool:
    return now.answers and now.has_run


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something a person can do.

    Attributes:
        id: What settings call it, and the method that does it, in `controls.py` or `bot_controls.py`.
        key: Textual's name of the key; several with commas between.
        label: One or two words for the footer.
        undo_label: The same while `is_on` holds, for what is switched on and off; empty: `label` always.
        help: One line for the help and the palette.
        group: Where it stands in the help.
        when: Whether it can be done now.
        is_on: Whether it is switched on now.
        footer: Its place in the footer, lower first; None: not there.
        pinned: Whether it is in the footer however narrow that is.
        question: What is asked before it is done; empty: nothing.
    """

    id: str
    key: str
    label: str
    undo_label: str = ""
    help: str
    group: Group
    when: Test = _looking
    is_on: Test = _never
    footer: int | None = None
    pinned: bool = False
    question: str = ""

    def label_in(self, now: Situation) -> str:
        """What doing it now amounts to."""
        return self.undo_label if self.undo_label and self.is_on(now) else self.label


PANE_TITLES = {
    "leaderboard": "Leaderboard",
    "equity": "Equity",
    "reasoning": "Reasoning",
    "positions": "Positions",
    "breakers": "Breakers",
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
        when=_trading,
        is_on=lambda now: now.paused,
        footer=2,
    ),
    Action(
        id="kill",
        key="K",
        label="kill switch",
        undo_label="unkill",
        help="Kill switch on (orders held, not sent), or off",
        group=Group.BOT,
        when=_trading,
        is_on=lambda now: now.killed,
        footer=3,
        question="Turn the KILL SWITCH on? Orders are then recorded as held and never sent.",
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
        id="status",
        key="t",
        label="status",
        help="Facts about the bot and its run",
        group=Group.BOT,
        when=_always,
        footer=8,
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
        footer=4,
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
        help="Show only the events that contain some words",
        group=Group.VIEW,
        footer=5,
    ),
    Action(
        id="routine",
        key="v",
        label="routine",
        help="Show what is routine as well, or leave it out",
        group=Group.VIEW,
        footer=10,
    ),
    Action(
        id="sort",
        key="o",
        label="sort",
        help="Sort the leaderboard by the next column",
        group=Group.VIEW,
        footer=11,
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
        label="agent",
        help="Everything about the selected agent",
        group=Group.ROWS,
        footer=6,
    ),
    Action(
        id="help",
        key="question_mark,f1",
        label="help",
        help="Every key and what it does",
        group=Group.VIEW,
        when=_always,
        footer=7,
        pinned=True,
    ),
    Action(
        id="leave",
        key="q",
        label="leave",
        help="Leave the dashboard; the bot goes on",
        group=Group.LEAVING,
        when=_always,
        footer=12,
        pinned=True,
    ),
)

BY_ID: Mapping[str, Action] = {action.id: action for action in ACTIONS}


def offered(now: Situation) -> list[Action]:
    """The actions that can be done now."""
    return [action for action in ACTIONS if action.when(now)]
