"""What colours mean, and which of them an agent has. Signs and words always say the same as the colour."""

from collections.abc import Container, Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from textual.color import Color
from textual.theme import Theme

from cockpit.domain.formats import size_words

GOOD = "$text-success"
BAD = "$text-error"
WARN = "$text-warning"
NOTE = "$text-accent"
INFO = "$text-primary"
MUTED = "$muted"
FAINT = "$faint"
PLAIN = ""
HEADING = "$muted"
LOUD_BAD = "bold $loud-text on $loud-bad"
LOUD_WARN = "bold $loud-text on $loud-warn"
LOUD_GOOD = "bold $loud-text on $loud-good"
LOUD_INFO = "bold $loud-text on $loud-info"

AGENT_HUES = (
    "#4fa3e3",
    "#e8a33d",
    "#5fbf72",
    "#c77ddb",
    "#e0646b",
    "#3fbfb5",
    "#b9a23a",
    "#8f8ce7",
    "#e07fb0",
    "#7fa650",
    "#d98352",
    "#5f9ea8",
)
AGENT_HUES_LIGHT = (
    "#0b66b0",
    "#a86200",
    "#18803a",
    "#8a35a8",
    "#b3212e",
    "#00786f",
    "#776400",
    "#4c45c4",
    "#a82d6e",
    "#4a6d15",
    "#9c4a14",
    "#2b6470",
)
AGENT_HUES_ANSI = (
    "ansi_blue",
    "ansi_yellow",
    "ansi_green",
    "ansi_magenta",
    "ansi_red",
    "ansi_cyan",
    "ansi_bright_blue",
    "ansi_bright_yellow",
    "ansi_bright_green",
    "ansi_bright_magenta",
    "ansi_bright_red",
    "ansi_bright_cyan",
)

COCKPIT_DARK = Theme(
    name="cockpit",
    primary="#4fa3e3",
    secondary="#7d8ea3",
    accent="#e8b65a",
    warning="#e8a33d",
    error="#e0525c",
    success="#4fbf77",
    foreground="#d6dde6",
    background="#0b0f14",
    surface="#10161d",
    panel="#182029",
    dark=True,
)
COCKPIT_LIGHT = Theme(
    name="cockpit-light",
    primary="#0b66b0",
    secondary="#5b6b7d",
    accent="#8a5a00",
    warning="#b06a00",
    error="#b3212e",
    success="#18803a",
    foreground="#1b232c",
    background="#eef1f4",
    surface="#f8f9fb",
    panel="#dfe5eb",
    dark=False,
)


def variables_of(theme: Theme) -> dict[str, str]:
    """The colours that a theme does not name itself, for styles and style sheets: all of them opaque."""
    if theme.ansi:
        return dict(_ANSI_VARIABLES)
    return dict(_mixed(theme.name, tuple(sorted(theme.to_color_system().generate().items()))))


@lru_cache(8)
def _mixed(_name: str, generated: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    colors = dict(generated)
    ground = Color.parse(colors["background"])
    text = Color.parse(colors["foreground"])

    def mixed(color: Color, share: float) -> str:
        return ground.blend(color, share).hex

    def loud(name: str) -> str:
        return Color.parse(colors[name]).hex

    return (
        ("muted", mixed(text, 0.62)),
        ("faint", mixed(text, 0.34)),
        ("frame", mixed(text, 0.24)),
        ("cursor", mixed(Color.parse(colors["primary"]), 0.34)),
        ("cursor-quiet", mixed(text, 0.10)),
        ("loud-text", ground.hex),
        ("loud-bad", loud("error")),
        ("loud-warn", loud("warning")),
        ("loud-good", loud("success")),
        ("loud-info", loud("primary")),
    )


_ANSI_VARIABLES = {
    "muted": "ansi_bright_black",
    "faint": "ansi_bright_black",
    "frame": "ansi_bright_black",
    "loud-text": "ansi_black",
    "loud-bad": "ansi_bright_red",
    "loud-warn": "ansi_bright_yellow",
    "loud-good": "ansi_bright_green",
    "loud-info": "ansi_bright_blue",
}


def cursor_style(theme: Theme, *, focused: bool) -> str:
    """What marks the row under the cursor; with sixteen colours, no ground is safe for all of them."""
    if theme.ansi:
        return "underline" if focused else ""
    return "on $cursor" if focused else "on $cursor-quiet"


def hues_of(theme: Theme) -> tuple[str, ...]:
    """Agent colours that read well on a theme's background."""
    if theme.ansi:
        return AGENT_HUES_ANSI
    return AGENT_HUES if theme.dark else AGENT_HUES_LIGHT


class AgentLook(NamedTuple):
    """How an agent is shown.

    Attributes:
        mark: The shape before its name.
        style: Its colour.
        is_control: Whether it stands back: it shows what luck, the market or doing nothing would have earned.
    """

    mark: str
    style: str
    is_control: bool


AgentLooks = Mapping[str, AgentLook]
"""By agent."""

CONTROL_LOOK = AgentLook("○", MUTED, True)
STRANGER_LOOK = AgentLook("●", MUTED, False)
"""For an agent that is not on the start list."""


def agent_looks(names: Iterable[str], controls: Container[str], hues: tuple[str, ...]) -> AgentLooks:
    """Each agent's look: a colour by its place among those that compete; controls are grey, and hollow."""
    looks: dict[str, AgentLook] = {}
    place = 0
    for name in names:
        if name in controls:
            looks[name] = CONTROL_LOOK
        else:
            looks[name] = AgentLook("●", hues[place % len(hues)], False)
            place += 1
    return looks


def look_of(looks: AgentLooks, agent: str) -> AgentLook:
    """An agent's look; a quiet one where it is not on the start list."""
    return looks.get(agent, STRANGER_LOOK)


def wanted(exposure: float, quantity: float | None) -> tuple[str, str]:
    """What is wanted held, with the sign of its side: ``▲ +80%``, ``▼ 0.05``, ``◇ flat``; and its style."""
    if not exposure:
        return "◇ flat", tone_of(exposure)
    size = size_words(exposure, quantity)
    side = "▲" if exposure > 0 else "▼"
    return f"{side} {size if quantity is None else size[1:]}", tone_of(exposure)


def tone_of(value: float | None) -> str:
    """Green for a gain, red for a loss, quiet for neither."""
    if value is None or value == 0:
        return MUTED
    return GOOD if value > 0 else BAD
