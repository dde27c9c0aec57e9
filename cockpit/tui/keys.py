"""Which key does what: the shipped keys, those that settings ask for, and those that nobody can have."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from textual.binding import Binding
from textual.keys import REPLACED_KEYS, Keys, _character_to_key, key_to_character

from cockpit.domain.errors import USAGE, CockpitError
from cockpit.tui.action import Group
from cockpit.tui.actions import ACTIONS, BY_ID


class KeysInvalid(CockpitError):
    """Keys in the settings can't be used; the message says which and why."""

    exit_code = USAGE


@dataclass(frozen=True, slots=True)
class FixedKeys:
    """Keys that can't be given to anything else: Textual's users, or one of the screens, expect them.

    Attributes:
        group: Where they stand in the help.
        words: What they are called there.
        told: What they do.
        names: Textual's names for them.
    """

    group: Group
    words: str
    told: str
    names: tuple[str, ...] = ()


FIXED_KEYS = (
    FixedKeys(
        Group.VIEW,
        "tab",
        "Go to the next pane; shift+tab to the one before",
        ("tab", "shift+tab", "ctrl+i"),
    ),
    FixedKeys(Group.VIEW, "ctrl+p", "Every action by name, themes, a screenshot", ("ctrl+p",)),
    FixedKeys(
        Group.ROWS,
        "↑ ↓ pgup pgdn",
        "Move or scroll; home, end, j and k work too",
        ("up", "down", "pageup", "pagedown", "home", "end", "j", "k"),
    ),
    FixedKeys(
        Group.ROWS,
        "[ ]",
        "On an agent's page, or among debates: the one before, next",
        ("left_square_bracket", "right_square_bracket"),
    ),
    FixedKeys(Group.ROWS, "← →", "Orders: filters; debates: cards; overview, library: tabs"),
    FixedKeys(Group.ROWS, "space", "Orders: step a filter; debates: all of a card"),
    FixedKeys(Group.ROWS, "n e d space", "Profiles: new, edit, delete, in or out of the next run"),
    FixedKeys(Group.ROWS, "mouse", "Click selects, twice opens; headings sort; drag marks"),
    FixedKeys(Group.ROWS, "ctrl+c", "Copy marked text", ("ctrl+c",)),
    FixedKeys(
        Group.ROWS,
        "ctrl+m ctrl+[",
        "To a terminal, the same as enter and esc",
        ("ctrl+m", "ctrl+left_square_bracket", "ctrl+["),
    ),
    FixedKeys(Group.LEAVING, "ctrl+q", "Leave at once", ("ctrl+q",)),
)

_FIXED = {name: fixed for fixed in FIXED_KEYS for name in fixed.names}
_NEVER_SENT = {Keys.Any, Keys.Ignore, Keys.ScrollUp, Keys.ScrollDown, Keys.Return}
_NAMED = frozenset(key.value for key in Keys if key not in _NEVER_SENT)
_MODIFIERS = frozenset({"ctrl", "shift", "alt", "meta", "super", "hyper"})
_KEY_WORDS = {"escape": "esc", "enter": "⏎", "f1": "F1", "space": "space"}


def key_word(keys: str) -> str:
    """How the first of some keys is called on the screen."""
    first = keys.split(",", maxsplit=1)[0].strip()
    return _KEY_WORDS.get(first) or _character_of(first) or first


def bindings() -> Iterator[Binding]:
    """The actions as Textual bindings; their ids let a keymap change the keys."""
    for action in ACTIONS:
        yield Binding(action.key, f"app.do('{action.id}')", action.help, show=False, id=action.id)


def keymap(wanted: Mapping[str, str]) -> dict[str, str]:
    """Keys by action: those wanted, and the shipped ones for the rest.

    Args:
        wanted: Action id → key, by its character or Textual's name; several with commas between.

    Raises:
        KeysInvalid: If there is no such action or key, a key is fixed, or two actions have the same one.
    """
    for action_id in wanted:
        _check_action(action_id)
    keys = {action.id: ",".join(_names(wanted.get(action.id, action.key))) for action in ACTIONS}
    owners: dict[str, str] = {}
    for action_id, names in keys.items():
        for name in names.split(","):
            _check_key(name, action_id)
            if owners.setdefault(name, action_id) != action_id:
                raise KeysInvalid(f"the key {name!r} is given to both {owners[name]!r} and {action_id!r}")
    return keys


def _check_action(action_id: str) -> None:
    if action_id in _FIXED:
        raise KeysInvalid(f"the key {action_id!r} is fixed ({_FIXED[action_id].told}) and can't be changed")
    if action_id not in BY_ID:
        raise KeysInvalid(f"there is no action {action_id!r}; there are {', '.join(sorted(BY_ID))}")


def _check_key(name: str, action_id: str) -> None:
    if name in _FIXED:
        told = _FIXED[name].told
        raise KeysInvalid(f"the key {name!r} is fixed ({told}) and can't be given to {action_id!r}")
    if not _is_sent(name):
        raise KeysInvalid(f"there is no key {name!r}, which {action_id!r} should have")


def _is_sent(name: str) -> bool:
    """Whether there is a key that Textual calls so."""
    *modifiers, base = name.split("+")
    if name in _NAMED:
        return True
    if not _MODIFIERS.issuperset(modifiers) or len({*modifiers}) < len(modifiers):
        return False
    if base in _NAMED:
        return True
    character = _printable(base)
    if character is None or "shift" in modifiers:  # a character with shift is another character
        return False
    return "ctrl" not in modifiers or (character.isalnum() and not character.isupper())


def _character_of(name: str) -> str | None:
    return key_to_character(REPLACED_KEYS.get(name, name))


def _printable(name: str) -> str | None:
    character = _character_of(name)
    return character if character is not None and character.isprintable() else None


def _names(keys: str) -> list[str]:
    """Textual's names of keys, each of which may be written as its character, or as Unicode calls that."""
    if keys.strip() == ",":
        return ["comma"]
    return [_normalised(name.strip()) for name in keys.split(",")]


def _normalised(name: str) -> str:
    if name in _NAMED:
        return name
    if len(name) == 1:
        return _character_to_key(name)
    *modifiers, base = name.replace("++", "+plus").split("+")
    character = None if base in _NAMED else _printable(base)
    return "+".join([*sorted(modifiers), base if character is None else _character_to_key(character)])
