import pytest

from cockpit.tui.actions import ACTIONS, BY_ID, KeysInvalid, key_word, keymap
from cockpit.tui.bot_controls import BotControls
from cockpit.tui.controls import Controls
from cockpit.tui.screens.pages import help_lines


def test_every_action_is_done_by_a_method():
    for action in ACTIONS:
        assert (
            action.id.startswith("pane_") or hasattr(Controls, action.id) or hasattr(BotControls, action.id)
        ), action.id


def test_ids_and_keys_are_unique():
    assert len(BY_ID) == len(ACTIONS)
    keys = [key for action in ACTIONS for key in action.key.split(",")]
    assert len(set(keys)) == len(keys)


def test_a_key_can_be_given_to_another_action():
    keys = keymap({"pause": "space"})
    assert keys["pause"] == "space"
    assert keys["stop"] == "x"


def test_two_actions_may_swap_their_keys():
    keys = keymap({"pause": "x", "stop": "p"})
    assert (keys["pause"], keys["stop"]) == ("x", "p")


@pytest.mark.parametrize(
    ("wanted", "said"),
    [({"fly": "f"}, "no action 'fly'"), ({"pause": "x"}, "'x' is given to both 'stop' and 'pause'")],
)
def test_keys_that_cannot_be_used_are_refused(wanted, said):
    with pytest.raises(KeysInvalid, match=said):
        keymap(wanted)


def test_the_help_names_every_action_with_its_key_and_fits_eighty_columns():
    lines = [line.plain for line in help_lines(keymap({}))]
    for action in ACTIONS:
        line = next(line for line in lines if action.help in line)
        assert key_word(action.key) in line
    assert max(len(line) for line in lines) <= 76
