"""Keys of providers: which variable each stands in, where they come from, and that nobody sees them."""

import os
import re
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import quote

from cockpit.domain.errors import USAGE, CockpitError

MASK = "[key]"

_VARIABLES: Mapping[str, tuple[str, ...]] = {
    "fireworks_ai": ("FIREWORKS_AI_API_KEY", "FIREWORKS_API_KEY"),
    "gemini": ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
    "perplexity": ("PERPLEXITYAI_API_KEY", "PERPLEXITY_API_KEY"),
    "together_ai": ("TOGETHERAI_API_KEY", "TOGETHER_API_KEY"),
    "cohere_chat": ("COHERE_API_KEY",),
    "meta_llama": ("LLAMA_API_KEY",),
}
"""Variables of providers that go by another name than ``PROVIDER_API_KEY``; the first is the one to set."""

_KEYLESS = frozenset(
    {"ollama", "ollama_chat", "hosted_vllm", "llamafile", "lm_studio", "docker_model_runner"}
)
"""Servers that people run themselves, and that take calls without a key."""

_OWN_CREDENTIALS = frozenset(
    {"azure_ad", "bedrock", "bedrock_converse", "sagemaker", "sagemaker_chat", "vertex_ai", "vertex_ai_beta"}
)
"""Clouds that litellm signs for with more than one key, from their own files and variables."""

_KEY_NAME = re.compile(r".*_API_?KEY", re.I)
_SECRET_NAME = re.compile(r"(?:.*_)?(?:KEY|TOKEN|SECRET|PASSWORD)(?:_.*)?", re.I)
_SHORTEST_KEY = 6
"""Characters; a shorter value is a word of its own in too many texts."""
_SHORTEST_SECRET = 12
"""Of variables that only sound like secrets, and that have to hold a digit besides: others hold words."""

_TOKENS = re.compile(
    r"(?P<kept>\bbearer\s+)[\w.~+/=-]{8,}"
    r"|(?P<query>[?&](?:api[-_]?key|key|token|access_token)=)[^&\s\"'\\]+"
    r"|(?P<field>[\"']?(?:api[-_]?key|authorization|x-api-key)[\"']?\s*[:=]\s*[\"']?)[\w.~+/=-]{8,}"
    r"|(?P<login>://)[^/\s:@]+:[^/\s@]+(?=@)"
    r"|\b(?:sk|pk|gsk|xai|nvapi|hf|r8|csk|pplx|fw)[-_][A-Za-z0-9_-]{16,}"
    r"|\bAIza[\w-]{30,}",
    re.I,
)
_LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")
_MOST_BYTES = 65_536


class KeysRefused(CockpitError):
    """A file of keys can't be used; the message says why and what to do, and shows none of it."""

    exit_code = USAGE


def key_variables(provider: str) -> tuple[str, ...]:
    """Variables that a provider's key may stand in, the one to set first; none where it takes no key."""
    if provider in _KEYLESS or provider in _OWN_CREDENTIALS:
        return ()
    return _VARIABLES.get(provider, (f"{provider.upper().replace('-', '_')}_API_KEY",))


class ApiKeys:
    """The keys there are."""

    def __init__(self, environment: Mapping[str, str], stored: Mapping[str, str] | None = None) -> None:
        """Take them in.

        Args:
            environment: Of the process; goes before what is stored.
            stored: What `read_key_file` gave.
        """
        stored = stored or {}
        self._values = {**stored, **{name: value for name, value in environment.items() if value.strip()}}
        named = (value for name, value in self._values.items() if _is_secret(name, value))
        self._secrets = _longest_first([*named, *stored.values()])

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every value to be masked, the longest first."""
        return self._secrets

    def value(self, variable: str) -> str | None:
        """A key; asked for once, it counts as a secret, whatever its variable is called."""
        key = self._values.get(variable, "").strip()
        if key not in self._secrets:
            self._secrets = _longest_first([*self._secrets, key])
        return key or None


def _is_secret(name: str, value: str) -> bool:
    if _KEY_NAME.fullmatch(name):
        return True
    telling = len(value.strip()) >= _SHORTEST_SECRET and any(map(str.isdigit, value))
    return telling and _SECRET_NAME.fullmatch(name) is not None


def _longest_first(values: Iterable[str]) -> tuple[str, ...]:
    long = {stripped for value in values if len(stripped := value.strip()) >= _SHORTEST_KEY}
    both = long | {quote(value, safe="") for value in long}
    return tuple(sorted(both, key=lambda value: (-len(value), value)))


def read_key_file(path: Path) -> dict[str, str]:
    """The keys in a file of ``NAME=value`` lines; a line may be blank or begin with #.

    Raises:
        KeysRefused: If it can't be read, others than its owner can get at it, or a line is neither.
    """
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # a pipe would wait
        try:
            _check(path, os.fstat(file))
            content = os.read(file, _MOST_BYTES + 1)
        finally:
            os.close(file)
    except OSError as error:
        raise KeysRefused(f"the keys in {path} can't be read: {error.strerror or error}") from error
    if len(content) > _MOST_BYTES:
        raise KeysRefused(f"{path} is too long for a file of keys: it takes NAME=value lines")
    return _parsed(path, content)


def _check(path: Path, facts: os.stat_result) -> None:
    if not stat.S_ISREG(facts.st_mode):
        raise KeysRefused(f"{path} is no file: keys stand in one of NAME=value lines")
    if facts.st_uid != os.geteuid():
        raise KeysRefused(f"the keys in {path} are another user's: make a file of your own and chmod 600 it")
    if facts.st_mode & 0o077:
        raise KeysRefused(f"others can get at the keys in {path}: chmod 600 {path}")


def _parsed(path: Path, content: bytes) -> dict[str, str]:
    try:
        lines = content.decode().splitlines()
    except UnicodeDecodeError:
        raise KeysRefused(f"{path} is no text: it takes NAME=value lines") from None
    keys = {}
    for number, line in enumerate(map(str.strip, lines), 1):
        if not line or line.startswith("#"):
            continue
        if (found := _LINE.fullmatch(line)) is None or not (value := _unquoted(found[2])):
            raise KeysRefused(f"line {number} of {path} is no NAME=value")
        keys[found[1]] = value
    return keys


def _unquoted(value: str) -> str:
    quoted = len(value) >= 2 and value[0] == value[-1] and value[0] in "'\""
    return value[1:-1] if quoted else value


def without_secrets(text: str, secrets: Iterable[str]) -> str:
    """`text` without any of the secrets, and otherwise as it was: for a model's words.

    Args:
        text: Any text.
        secrets: Values to take out, the longest first, as `ApiKeys.secrets` has them.
    """
    for secret in secrets:
        text = text.replace(secret, MASK)
    return text


def masked(text: str, secrets: Iterable[str]) -> str:
    """`text` without any of the secrets, and without what looks like one: for errors and logs.

    Args:
        text: Any text.
        secrets: As `without_secrets` takes them.
    """
    return _TOKENS.sub(_mask_token, without_secrets(text, secrets))


def _mask_token(found: re.Match[str]) -> str:
    kept = found["kept"] or found["query"] or found["field"] or found["login"] or ""
    return f"{kept}{MASK}"


class MaskedStream:
    """Masks secrets in a text that comes in pieces: what may be the beginning of one is held back."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self._secrets = secrets
        self._held = ""

    def fed(self, piece: str) -> str:
        """What can be shown now."""
        text = without_secrets(self._held + piece, self._secrets)
        cut = len(text) - self._beginning(text)
        self._held = text[cut:]
        return text[:cut]

    def rest(self) -> str:
        """What was held back, once nothing more comes."""
        text, self._held = self._held, ""
        return text

    def _beginning(self, text: str) -> int:
        """Characters at the end that some secret begins with."""
        longest = 0
        for secret in self._secrets:
            for size in range(min(len(secret) - 1, len(text)), longest, -1):
                if text.endswith(secret[:size]):
                    longest = size
                    break
        return longest
