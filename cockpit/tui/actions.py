"""Everything a person can do, in one list: keys, footer, palette and help are made of it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from textual.binding import Binding

from cockpit.domain.errors import USAGE, CockpitError


class KeysInvalid(CockpitError):
    """Keys in the settings can't be used; the message says which and why."""

    exit_code = USAGE


class Group(StrEnum):
    """Where an action stands in the help."""

    BOT = "The bot"
    VIEW = "The view"
    ROWS = "In a pane"
    LEAVING = "Leaving"


class When(StrEnum):
    """Whether an action needs a bot that runs, or one that doesn't."""

    ALWAYS = "always"
    RUNNING = "running"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something a person can do.

    Attributes:
        id: What settings call it, and the method that does it, in `controls.py` or `bot_controls.py`.
        key: Textual's name of the key; several with commas between.
        label: One or two words for the footer.
        help: One line for the help and the palette.
        group: Where it stands in the help.
        when: Whether it needs a bot.
        footer: Its place in the footer, lower first; None: not there.
        question: What is asked before it is done; empty: nothing.
    """

    id: str
    key: str
    label: str
    help: str
    group: Group
    when: When = When.ALWAYS
    footer: int | None = None
    question: str = ""


PANES = ("leaderboard", "equity", "reasoning", "positions", "breakers", "events", "markets")
"""Pane ids in the order of their digits."""

PANE_TITLES = {
    "leaderboard": "Leaderboard",
    "equity": "Equity",
    "reasoning": "Reasoning",
    "positions": "Positions",
    "breakers": "Breakers",
    "events": "Events",
    "markets": "Markets",
}

SHORT_TITLES = PANE_TITLES | {"leaderboard": "Ranks", "reasoning": "Reasons"}
"""For tabs in 80 columns."""

ACTIONS: tuple[Action, ...] = (
    Action(
        id="start",
        key="s",
        label="start",
        help="Start the bot in the background",
        group=Group.BOT,
        when=When.STOPPED,
        footer=0,
    ),
    Action(
        id="stop",
        key="x",
        label="stop",
        help="Stop the bot: it ends its round, saves and exports",
        group=Group.BOT,
        when=When.RUNNING,
        footer=1,
        question="Stop the bot? It ends the round in progress, saves and exports; positions stay.",
    ),
    Action(
        id="pause",
        key="p",
        label="pause",
        help="Pause the rounds, or let them go on",
        group=Group.BOT,
        when=When.RUNNING,
        footer=2,
    ),
    Action(
        id="kill",
        key="K",
        label="kill switch",
        help="Kill switch on (orders held, not sent), or off",
        group=Group.BOT,
        when=When.RUNNING,
        footer=3,
        question="Turn the KILL SWITCH on? Orders are then recorded as held and never sent.",
    ),
    Action(
        id="reset_breaker",
        key="R",
        label="reset breaker",
        help="Arm a tripped circuit breaker again",
        group=Group.BOT,
        when=When.RUNNING,
        footer=9,
    ),
    Action(
        id="status",
        key="t",
        label="status",
        help="Facts about the bot and its run",
        group=Group.BOT,
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
        footer=7,
    ),
    Action(
        id="leave",
        key="q",
        label="leave",
        help="Leave the dashboard; the bot goes on",
        group=Group.LEAVING,
        footer=12,
    ),
)

BY_ID: Mapping[str, Action] = {action.id: action for action in ACTIONS}

FIXED_KEYS: tuple[tuple[Group, str, str], ...] = (
    (Group.VIEW, "tab", "Go to the next pane; shift+tab to the one before"),
    (Group.VIEW, "ctrl+p", "Every action by name, themes, a screenshot"),
    (Group.ROWS, "↑ ↓ pgup pgdn", "Move or scroll; home, end, j and k work too"),
    (Group.ROWS, "mouse", "Click selects, twice opens; headings sort; drag marks"),
    (Group.ROWS, "ctrl+c", "Copy marked text"),
    (Group.LEAVING, "ctrl+q", "Leave at once"),
)
"""Keys that can't be given to anything else: Textual's users expect them."""

_KEY_WORDS = {
    "question_mark": "?",
    "slash": "/",
    "escape": "esc",
    "enter": "⏎",
    "f1": "F1",
    "space": "space",
}


def key_word(key: str) -> str:
    """How a key is called on the screen."""
    first = key.split(",", maxsplit=1)[0].strip()
    return _KEY_WORDS.get(first, first)


def bindings() -> Iterator[Binding]:
    """The actions as Textual bindings; their ids let a keymap change the keys."""
    for action in ACTIONS:
        yield Binding(action.key, f"app.do('{action.id}')", action.help, show=False, id=action.id)


def keymap(wanted: Mapping[str, str]) -> dict[str, str]:
    """Keys by action: those wanted, and the shipped ones for the rest.

    Args:
        wanted: Action id → Textual's name of a key, several with commas between.

    Raises:
        KeysInvalid: If an action does not exist, or two have the same key.
    """
    for action_id in wanted:
        if action_id not in BY_ID:
            raise KeysInvalid(f"there is no action {action_id!r}; there are {', '.join(sorted(BY_ID))}")
    keys = {action.id: wanted.get(action.id, action.key) for action in ACTIONS}
    owners: dict[str, str] = {}
    for action_id, names in keys.items():
        for name in _names(names):
            if owners.setdefault(name, action_id) != action_id:
                raise KeysInvalid(f"the key {name!r} is given to both {owners[name]!r} and {action_id!r}")
    return keys


def _names(keys: str) -> Iterable[str]:
    return (name.strip() for name in keys.split(","))
