from dataclasses import replace

from cockpit.tui.actions import ACTIONS, BY_ID, offered
from cockpit.tui.bot_controls import BotControls
from cockpit.tui.controls import Controls
from cockpit.tui.keys import FIXED_KEYS, key_word, keymap
from cockpit.tui.screens.library_pages import WIDTH
from cockpit.tui.screens.pages import help_lines
from cockpit.tui.situation import Situation


def test_every_action_is_done_by_a_method():
    for action in ACTIONS:
        assert (
            action.id.startswith("pane_") or hasattr(Controls, action.id) or hasattr(BotControls, action.id)
        ), action.id


def test_ids_and_keys_are_unique():
    assert len(BY_ID) == len(ACTIONS)
    keys = [key for action in ACTIONS for key in action.key.split(",")]
    assert len(set(keys)) == len(keys)


def test_without_a_bot_it_can_be_started_and_with_one_stopped():
    ids = {action.id for action in offered(Situation(absent=True))}
    assert ids == {"start", "status", "profiles", "overview", "library", "help", "leave"}
    ids = {action.id for action in offered(Situation(answers=True))}
    assert ids == {"stop", "status", "profiles", "overview", "library", "help", "leave"}


def test_over_a_bot_that_does_not_answer_only_looking_is_left():
    ids = {action.id for action in offered(Situation(has_run=True))}
    assert {"zoom", "filter", "detail"} <= ids
    assert not ids & {"start", "stop", "pause", "kill", "flatten", "mode", "reset_breaker"}


def test_breakers_are_armed_only_where_one_has_tripped():
    running = Situation(answers=True, has_run=True)
    assert "reset_breaker" not in {action.id for action in offered(running)}
    assert "reset_breaker" in {action.id for action in offered(replace(running, tripped=True))}


def test_an_emergency_stop_is_offered_unless_one_is_under_way():
    running = Situation(answers=True, has_run=True)
    for now in (running, replace(running, killed=True)):
        assert "flatten" in {action.id for action in offered(now)}
    assert "flatten" not in {action.id for action in offered(replace(running, emergency=True))}


def test_alerts_are_acknowledged_only_where_there_are_some():
    running = Situation(answers=True, has_run=True)
    assert "acknowledge_all" not in {action.id for action in offered(running)}
    assert "acknowledge_all" in {action.id for action in offered(replace(running, alerts=True))}


def test_what_is_switched_on_is_offered_to_be_switched_off():
    running = Situation(answers=True, has_run=True)
    assert [BY_ID[each].label_in(running) for each in ("pause", "kill")] == ["pause", "kill switch"]
    stopped = replace(running, paused=True, killed=True)
    assert [BY_ID[each].label_in(stopped) for each in ("pause", "kill")] == ["resume", "unkill"]


def test_the_help_names_every_action_with_its_key_and_fits_eighty_columns():
    lines = [line.plain for line in help_lines(keymap({}))]
    for action in ACTIONS:
        line = next(line for line in lines if action.help in line)
        assert key_word(action.key) in line
    assert max(len(line) for line in lines) <= WIDTH
    for fixed in FIXED_KEYS:
        assert any(fixed.words in line and fixed.told in line for line in lines), fixed.words
