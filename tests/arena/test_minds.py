"""From settings to agents that ask models: what each is told, what they share, and what can't be used."""

import asyncio
from pathlib import Path

import pytest

from cockpit.agents.models.model_call import ModelReply
from cockpit.agents.prompts import market_text
from cockpit.agents.prompts.renderer import PromptTemplateError
from cockpit.agents.providers.api_keys import KeysRefused
from cockpit.arena import minds
from cockpit.arena.assembly import assemble
from cockpit.arena.opening import first_state, present_view
from cockpit.arena.rounds import Question, account_view, ask_all
from cockpit.domain.decisions import DecisionFailure, FailureKind
from cockpit.journal.codec import encode_state
from cockpit.settings.model_tree import SHIPPED_PROMPT
from cockpit.settings.resolve import resolve
from cockpit.settings.sources import ConfigInvalid

MODEL = "openai/scripted-1"
ROUTE = {"api_base": "http://127.0.0.1:9/v1"}
SHORT = {"timeframes": ["1m", "3m"]}
"""Needs a day of history, where the default needs two weeks of it."""


def flags(*agents, **sections):
    return {
        "market": {"symbols": ["BTC", "ETH"], "speed": "max"},
        "models": {"routes": {MODEL: ROUTE}, **sections.pop("models", {})},
        "agents": list(agents),
        **sections,
    }


def mind(name="fox", model=MODEL, **given):
    return {"name": name, "kind": "llm", "model": model, "mind": SHORT | given}


def parts_of(*agents, environment=None, **sections):
    settings = resolve(environment={}, flags=flags(*agents, **sections)).settings
    return assemble(settings, "test", environment or {})


def seen(parts):
    """What its agents are shown at the start."""

    async def look():
        state = first_state(parts)
        return await present_view(parts, state), state

    return asyncio.run(look())


def prompts_of(parts):
    view, state = seen(parts)
    return {
        name: agent.prompt(view, account_view(state, name))
        for name, agent in parts.agents.items()
        if agent.kind == "llm"
    }


def system_of(parts, name="fox"):
    return prompts_of(parts)[name][0].content


# --- Kinds, names, figures


def test_an_agent_of_kind_llm_takes_its_place_on_the_start_list():
    parts = parts_of(mind(), {"name": "buy_and_hold"})
    assert [(each.name, each.kind) for each in parts.agreement.contestants] == [
        ("fox", "llm"),
        ("buy_and_hold", "strategy"),
    ]
    assert parts.agreement.contestants[0].summary.startswith(f"asks {MODEL}")


def test_an_arena_without_models_has_no_minds():
    assert parts_of({"name": "cash"}).minds is None


def test_without_a_model_it_is_no_agent():
    with pytest.raises(ConfigInvalid, match="agent fox: an agent of kind llm needs a model, such as"):
        parts_of({"name": "fox", "kind": "llm"})


def test_it_is_waited_for_a_little_longer_than_it_takes_its_time():
    parts = parts_of(mind(timeout="7s"), {"name": "cash"})
    assert parts.rules.timeouts_s["fox"] > 7.0
    assert parts.rules.timeouts_s["cash"] == 10.0


def test_whose_positions_are_closed_when_its_thesis_is_broken_is_a_setting():
    parts = parts_of(mind(), mind("owl", on_invalidation="alert"))
    assert parts.rules.closing == {"fox"}
    told = prompts_of(parts)
    assert "closes the position when it comes about" in told["fox"][0].content
    assert "tells you when it has come about" in told["owl"][0].content


def test_its_leverage_is_what_it_the_gate_and_the_instrument_allow():
    for asked, risk, allowed in ((3, {}, 3), (50, {}, 10), (50, {"leverage": 5}, 5)):
        told = system_of(parts_of(mind(max_leverage=asked), risk=risk))
        assert f"highest leverage {allowed};" in told


def test_the_gate_s_limits_are_told_in_words():
    told = system_of(parts_of(mind(), risk={"max_order_notional": 4_000, "max_gross_leverage": 1.5}))
    assert "No order may be worth more than $4,000.00." in told
    assert "No position may be worth more than $500,000.00, nor more than 2 times your account value." in told
    assert "All your positions together may be worth at most 1.5 times your account value" in told


def test_an_agent_s_own_stricter_limits_are_told_to_it_alone():
    strict = mind() | {"risk": {"max_order_notional": 700}}
    told = prompts_of(parts_of(strict, mind("owl")))
    assert "worth more than $700.00" in told["fox"][0].content
    assert "worth more than $250,000.00" in told["owl"][0].content


def test_every_instrument_and_the_round_s_length_are_told():
    told = system_of(parts_of(mind(), arena={"interval": "9m", "agent_capital": 2_500}))
    assert "BTC (BTC/USDC:USDC)" in told
    assert "ETH (ETH/USDC:USDC)" in told
    assert "asked once every 9m of market time" in told
    assert "from the same capital: 2500.00 USDC" in told


# --- What they share


def test_two_agents_share_one_text_of_the_market(monkeypatch):
    made = []
    figures = market_text.market_figures
    monkeypatch.setattr(
        market_text, "market_figures", lambda *given, **named: made.append(1) or figures(*given, **named)
    )
    told = prompts_of(parts_of(mind(), mind("owl"), mind("elk", timeframes=["1m", "5m"])))
    assert told["fox"] == told["owl"] != told["elk"]
    assert len(made) == 2


def test_templates_are_compiled_once_for_all_agents_that_use_them(monkeypatch):
    made = []
    compiled = minds.PromptTemplates
    monkeypatch.setattr(minds, "PromptTemplates", lambda folder: made.append(folder) or compiled(folder))
    debater = {"name": "fox", "kind": "debate", "model": MODEL, "mind": SHORT}
    parts_of(debater, mind("owl"), mind("elk", timeframes=["1m", "5m"]))
    assert [folder.name for folder in made] == [SHIPPED_PROMPT]


def test_what_they_say_while_they_say_it_reaches_who_listens():
    parts = parts_of(mind())
    heard = []
    parts.minds.listen(lambda *words: heard.append(words))
    parts.minds._say("fox", "decide", "I ")
    assert heard == [("fox", "decide", "I ")]


def test_every_role_of_a_debate_may_answer_as_long_as_settings_say(monkeypatch):
    debate = {"analysts": ["bull", "bear"], "quorum": 2, "shadow": True}
    held = SHORT | {"max_tokens": 7_000, "debate": debate}
    parts = parts_of({"name": "fox", "kind": "debate", "model": MODEL, "mind": held})
    asked = {}

    async def call(request, purpose):
        asked[purpose.role] = request.max_tokens
        return ModelReply(text="I can't say.")

    monkeypatch.setattr(parts.minds.switchboard, "call", call)
    view, state = seen(parts)
    asyncio.run(parts.agents["fox"].decide(view, account_view(state, "fox")))
    assert asked == dict.fromkeys(("bull", "bear", "shadow"), 7_000)


def test_who_has_no_key_is_grounded_with_the_variable_to_set():
    parts = parts_of(mind(model="deepseek/deepseek-chat"), mind("owl"))
    assert "set DEEPSEEK_API_KEY" in parts.agents["fox"].grounded
    assert parts.agents["owl"].grounded == ""
    keyed = {"DEEPSEEK_API_KEY": "planted-0123456789"}
    assert parts_of(mind(model="deepseek/deepseek-chat"), environment=keyed).agents["fox"].grounded == ""


def test_a_file_of_keys_that_others_can_read_is_refused(tmp_path):
    keys = tmp_path / "keys.env"
    keys.write_text("DEEPSEEK_API_KEY=planted-0123456789\n")
    keys.chmod(0o640)
    with pytest.raises(KeysRefused, match="chmod 600"):
        parts_of(mind(), models={"keys_file": keys})


# --- A person's own prompts


@pytest.fixture
def own(tmp_path):
    """A folder of own prompts, in which a test may put templates."""
    folder = tmp_path / "prompts" / "mine"
    folder.mkdir(parents=True)
    return folder


def with_own(own, **given):
    return parts_of(mind(prompt="mine", **given), mind("owl"), models={"prompts": own.parent})


def test_an_own_template_takes_the_place_of_the_shipped_one(own):
    (own / "user.j2").write_text("Only this: {{ time_utc }}\n{{ account }}\n")
    told = prompts_of(with_own(own))
    assert told["fox"][1].content.startswith("Only this: 2025-01-01T00:00:00Z")
    assert told["fox"][0] == told["owl"][0]
    assert told["owl"][1].content.startswith("It is 0 minutes since the run began.")


def test_own_templates_change_the_version_and_so_what_a_run_is(own):
    shipped = with_own(own)
    (own / "user.j2").write_text("Only this: {{ time_utc }}\n")
    changed = with_own(own)
    assert changed.minds.prompt_versions()["fox"] != shipped.minds.prompt_versions()["fox"]
    assert changed.minds.prompt_versions()["owl"] == shipped.minds.prompt_versions()["owl"]
    assert changed.agreement.settings_digest != shipped.agreement.settings_digest
    assert changed.agreement.contestants[0].summary != shipped.agreement.contestants[0].summary


def test_the_same_templates_elsewhere_are_the_same_run(own, tmp_path):
    (own / "user.j2").write_text("Only this: {{ time_utc }}\n")
    other = tmp_path / "elsewhere" / "mine"
    other.mkdir(parents=True)
    (other / "user.j2").write_text("Only this: {{ time_utc }}\n")
    digests = {with_own(folder).agreement.settings_digest for folder in (own, other)}
    assert len(digests) == 1


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        ("ok\n{% if %}\n", 2, "Expected an expression"),
        ("{{ profit }}", 1, "there is no profit here; there are "),
        ("a\nb\n{% include 'secrets.txt' %}", 3, "only templates that lie here can be included"),
    ],
)
def test_a_broken_own_template_is_one_clear_line(own, source, line, words):
    (own / "user.j2").write_text(source)
    with pytest.raises(PromptTemplateError) as refused:
        with_own(own)
    message = str(refused.value)
    assert message.startswith(f"{own / 'user.j2'}, line {line}: ")
    assert words in message
    assert "\n" not in message


async def test_a_template_that_fails_when_it_is_used_is_its_agent_s_failure_alone(own):
    (own / "user.j2").write_text("{{ account.nothing.at_all }}")
    parts = with_own(own)
    state = first_state(parts)
    view = await present_view(parts, state)
    question = Question(agent=parts.agents["fox"], own=account_view(state, "fox"), timeout_s=5)
    failed = (await ask_all(view, [question]))["fox"]
    assert isinstance(failed, DecisionFailure)
    assert failed.failure is FailureKind.CRASH
    assert f"{own / 'user.j2'}, line 1" in failed.message


# --- The view before the first round


def test_the_first_view_is_history_alone_and_marks_its_last_closes():
    parts = parts_of(mind())
    view, state = seen(parts)
    assert view.ts_ms == parts.agreement.start_ms == state.ts_ms
    assert set(view.marks) == {"BTC/USDC:USDC", "ETH/USDC:USDC"}
    for symbol, mark in view.marks.items():
        (last,) = view.candles.bars(symbol, "1m", limit=1)
        assert (last.close, last.open_ms) == (mark, view.ts_ms - 60_000)
    assert account_view(state, "fox").equity == 10_000_000_000


def test_looking_at_a_state_changes_nothing_in_it():
    parts = parts_of(mind())

    async def look():
        state = first_state(parts)
        before = encode_state(state)
        await present_view(parts, state)
        return before, encode_state(state)

    before, after = asyncio.run(look())
    assert before == after


def test_the_shipped_example_of_own_prompts_is_read_from_beside_the_settings(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = Path("config/prompts/nof1")
    folder.mkdir(parents=True)
    (folder / "user.j2").write_text("Mine.\n{{ account }}")
    assert prompts_of(parts_of(mind()))["fox"][1].content.startswith("Mine.")
