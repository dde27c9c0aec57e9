import os
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.agents.providers.api_keys import (
    ApiKeys,
    KeysRefused,
    MaskedStream,
    key_variables,
    masked,
    read_key_file,
    without_secrets,
)

KEY = "planted-0123456789"


@pytest.mark.parametrize(
    ("provider", "variables"),
    [
        ("openai", ("OPENAI_API_KEY",)),
        ("deepseek", ("DEEPSEEK_API_KEY",)),
        ("gemini", ("GEMINI_API_KEY", "GOOGLE_API_KEY")),
        ("together_ai", ("TOGETHERAI_API_KEY", "TOGETHER_API_KEY")),
        ("ollama", ()),
        ("bedrock", ()),
    ],
)
def test_each_provider_has_its_variables(provider, variables):
    assert key_variables(provider) == variables


def test_the_environment_goes_before_the_file_and_blank_is_missing():
    keys = ApiKeys(
        {"A_API_KEY": "from-environment", "B_API_KEY": " "}, {"A_API_KEY": "x" * 9, "B_API_KEY": KEY}
    )
    assert (keys.value("A_API_KEY"), keys.value("B_API_KEY")) == ("from-environment", KEY)
    assert keys.value("C_API_KEY") is None


def test_what_is_masked_is_every_key_and_no_word():
    environment = {
        "OPENAI_API_KEY": "abcdefgh",
        "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG",
        "TOKENIZERS_PARALLELISM": "false1234567890",
        "SSH_TOKEN": "bitcoin",
        "ODD_NAME": KEY,
    }
    keys = ApiKeys(environment, {"OWN": "stored-key"})
    assert set(keys.secrets) == {"abcdefgh", "wJalrXUtnFEMI/K7MDENG", "wJalrXUtnFEMI%2FK7MDENG", "stored-key"}
    assert keys.value("ODD_NAME") in keys.secrets


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"wrong key {KEY}!", "wrong key [key]!"),
        ("Authorization: Bearer abc.def-ghi_jkl=", "Authorization: Bearer [key]"),
        ("x-api-key: 0123456789abcdef", "x-api-key: [key]"),
        ('{"api_key": "0123456789abcdef"}', '{"api_key": "[key]"}'),
        ("https://h.example/v1?key=0123&alt=sse", "https://h.example/v1?key=[key]&alt=sse"),
        ("https://user:secret@h.example/v1", "https://[key]@h.example/v1"),
        ("got sk-proj-0123456789abcdefXYZ here", "got [key] here"),
        ("AIza" + "x" * 35, "[key]"),
        ("buy BTC, keep 10 % as a token position", "buy BTC, keep 10 % as a token position"),
    ],
)
def test_keys_and_what_looks_like_one_are_masked(text, expected):
    assert masked(text, (KEY,)) == expected


def test_a_models_words_lose_keys_and_nothing_else():
    words = f"the bearer 0123456789 of {KEY}"
    assert without_secrets(words, (KEY,)) == "the bearer 0123456789 of [key]"


@settings(max_examples=80)
@given(
    st.text(alphabet="abcKEY-01", max_size=60), st.lists(st.integers(0, 60), max_size=6), st.integers(0, 40)
)
def test_no_secret_slips_through_in_pieces(around, cuts, position):
    secrets = ("KEY-aaa-KEY-01", "KEY-aab")
    text = around[:position] + secrets[0] + around[position:] + secrets[1]
    edges = sorted({0, len(text), *(min(cut, len(text)) for cut in cuts)})
    stream = MaskedStream(secrets)
    shown = "".join(stream.fed(text[start:end]) for start, end in pairwise(edges))
    shown += stream.rest()
    assert not any(secret in shown for secret in secrets)
    assert shown == without_secrets(text, secrets)


def write(path, text, mode=0o600):
    path.write_text(text)
    path.chmod(mode)
    return path


def test_a_file_of_keys_takes_comments_quotes_and_blank_lines(tmp_path):
    path = write(tmp_path / "keys", "# mine\n\nA_API_KEY=abc=def \nexport B_API_KEY='x y'\n")
    assert read_key_file(path) == {"A_API_KEY": "abc=def", "B_API_KEY": "x y"}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_file_that_others_can_read_is_refused_with_what_to_do(tmp_path, mode):
    path = write(tmp_path / "keys", f"A_API_KEY={KEY}", mode)
    with pytest.raises(KeysRefused, match=f"chmod 600 {path}"):
        read_key_file(path)


@pytest.mark.parametrize(
    "text", [f"{KEY}\n", f"A_API_KEY {KEY}", "A_API_KEY=", "9A=x", "A_API_KEY=x\n" * 9_000]
)
def test_a_file_of_anything_else_is_refused_and_not_shown(tmp_path, text):
    with pytest.raises(KeysRefused) as refused:
        read_key_file(write(tmp_path / "keys", text))
    assert KEY not in str(refused.value)


def test_what_is_no_file_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe", 0o600)
    for path in (tmp_path / "none", tmp_path, tmp_path / "pipe"):
        with pytest.raises(KeysRefused):
            read_key_file(path)
