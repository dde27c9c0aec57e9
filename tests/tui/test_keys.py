import pytest

from cockpit.tui.actions import ACTIONS
from cockpit.tui.keys import FIXED_KEYS, KeysInvalid, key_word, keymap


def test_a_key_can_be_given_to_another_action():
    keys = keymap({"pause": "space"})
    assert keys["pause"] == "space"
    assert keys["stop"] == "x"


def test_two_actions_may_swap_their_keys():
    keys = keymap({"pause": "x", "stop": "p"})
    assert (keys["pause"], keys["stop"]) == ("x", "p")


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"fly": "f"}, "no action 'fly'"),
        ({"pause": "x"}, "'x' is given to both 'stop' and 'pause'"),
        ({"pause": "help"}, "no key 'help', which 'pause' should have"),
        ({"pause": "F5"}, "no key 'F5'"),
        ({"pause": "hyperspace+p"}, "no key 'hyperspace\\+p'"),
        ({"pause": ""}, "no key ''"),
        ({"tab": "x"}, "the key 'tab' is fixed .* and can't be changed"),
        ({"ctrl+q": "q"}, "the key 'ctrl\\+q' is fixed .* and can't be changed"),
        ({"pause": "["}, "'left_square_bracket' is fixed .On an agent's page"),
        ({"pause": "Left_Square_Bracket"}, "'left_square_bracket' is fixed"),
        ({"pause": "latin_small_letter_j"}, "'j' is fixed"),
        ({"pause": "ctrl+["}, "'ctrl\\+left_square_bracket' is fixed .To a terminal, the same as"),
        ({"pause": "ctrl+m"}, "'ctrl\\+m' is fixed .To a terminal, the same as"),
        ({"pause": "latin_small_letter_x"}, "'x' is given to both 'stop' and 'pause'"),
        ({"pause": "solidus"}, "'slash' is given to both 'pause' and 'filter'"),
        ({"pause": "ctrl+shift+f5", "stop": "shift+ctrl+f5"}, "'ctrl\\+shift\\+f5' is given to both"),
        ({"pause": "shift+g"}, "no key 'shift\\+g'"),
        ({"pause": "shift+1"}, "no key 'shift\\+1'"),
        ({"pause": "shift+?"}, "no key 'shift\\+question_mark'"),
        ({"pause": "ctrl+G"}, "no key 'ctrl\\+G'"),
        ({"pause": "ctrl+?"}, "no key 'ctrl\\+question_mark'"),
        ({"pause": "ctrl++"}, "no key 'ctrl\\+plus'"),
        ({"pause": "ctrl+ctrl+g"}, "no key 'ctrl\\+ctrl\\+g'"),
        ({"pause": "ctrl+"}, "no key 'ctrl\\+'"),
        ({"pause": "<any>"}, "no key '<any>'"),
        ({"pause": "<ignore>"}, "no key '<ignore>'"),
        ({"pause": "esc"}, "no key 'esc'"),
        ({"pause": "return"}, "no key 'return'"),
    ],
)
def test_keys_that_cannot_be_used_are_refused(wanted, said):
    with pytest.raises(KeysInvalid, match=said):
        keymap(wanted)
    with pytest.raises(KeysInvalid) as refused:
        keymap(wanted)
    assert refused.value.exit_code == 2


@pytest.mark.parametrize("key", [name for fixed in FIXED_KEYS for name in fixed.names])
def test_no_action_gets_a_key_that_textual_s_users_expect_elsewhere(key):
    with pytest.raises(KeysInvalid, match="is fixed"):
        keymap({"pause": f"f5,{key}"})


def test_a_key_may_be_written_as_its_character():
    keys = keymap({"pause": "?", "help": "f1, f2", "filter": "+"})
    assert (keys["pause"], keys["filter"]) == ("question_mark", "plus")


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("solidus", "slash"),
        ("low_line", "underscore"),
        ("digit_eight", "8"),
        ("Space", "space"),
        ("é", "é"),
        ("ctrl+g", "ctrl+g"),
        ("alt+X", "alt+X"),
        ("alt+?", "alt+question_mark"),
        ("alt++", "alt+plus"),
        ("ctrl+_", "ctrl+underscore"),
        ("shift+ctrl+left", "ctrl+shift+left"),
        ("shift+f5", "shift+f5"),
    ],
)
def test_every_way_of_writing_a_key_comes_to_the_name_that_textual_sends(written, name):
    assert keymap({"pause": written, "filter": "f12"})["pause"] == name


@pytest.mark.parametrize(
    ("keys", "word"),
    [
        ("question_mark,f1", "?"),
        ("slash", "/"),
        ("escape", "esc"),
        ("f1", "F1"),
        ("f5", "f5"),
        ("minus", "-"),
    ],
)
def test_keys_are_called_on_the_screen_what_stands_on_them(keys, word):
    assert key_word(keys) == word


def test_the_shipped_keys_can_be_used():
    assert set(keymap({})) == {action.id for action in ACTIONS}
