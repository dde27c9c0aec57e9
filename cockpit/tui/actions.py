"""Everything a person can do, in one list: keys, footer, palette and help are made of it."""

from collections.abc import Mapping

from cockpit.tui.action import Action
from cockpit.tui.bot_actions import BOT_ACTIONS
from cockpit.tui.situation import Situation
from cockpit.tui.view_actions import VIEW_ACTIONS

ACTIONS: tuple[Action, ...] = (*BOT_ACTIONS, *VIEW_ACTIONS)

BY_ID: Mapping[str, Action] = {action.id: action for action in ACTIONS}


def offered(now: Situation) -> list[Action]:
    """The actions that can be done now."""
    return [action for action in ACTIONS if action.when(now)]
