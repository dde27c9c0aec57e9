"""What litellm's own table says of models: read from the file it ships, without importing litellm.

litellm fetches a newer table when it is imported; that one is never used, so that two runs see one price.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec

_FILE = "model_prices_and_context_window_backup.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableEntry:
    """One model.

    Attributes:
        provider: litellm's name for who serves it.
        facts: As the table has them: prices per token in dollars, limits, abilities.
    """

    provider: str
    facts: Mapping[str, Any]

    def says(self, ability: str) -> bool:
        """Whether the table says the model has an ability, such as ``supports_response_schema``."""
        return self.facts.get(ability) is True


def provider_of(model: str) -> str:
    """Who serves a model, by litellm's form ``provider/model``; a bare name is OpenAI's.

    >>> provider_of("openrouter/qwen/qwen3-max")
    'openrouter'
    """
    provider, slash, _ = model.partition("/")
    return provider if slash else "openai"


class ModelTable:
    """The table; read at the first question, and empty where litellm is not installed."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path

    def entry(self, model: str) -> TableEntry | None:
        """What the table says of a model, by its full name or the name its own provider calls it."""
        if (entry := self._decoded(model)) is not None:
            return entry
        provider, slash, name = model.partition("/")
        if not slash or (entry := self._decoded(name)) is None:
            return None
        return entry if entry.provider == provider else None

    def _decoded(self, name: str) -> TableEntry | None:
        if (raw := self._entries.get(name)) is None:
            return None
        facts = msgspec.json.decode(raw)
        provider = facts.get("litellm_provider")
        return TableEntry(provider=provider, facts=facts) if isinstance(provider, str) else None

    @cached_property
    def _entries(self) -> dict[str, msgspec.Raw]:
        path = self._path or _shipped()
        if path is None:
            return {}
        return msgspec.json.decode(path.read_bytes(), type=dict[str, msgspec.Raw])


def _shipped() -> Path | None:
    found = find_spec("litellm")  # looks for the package; does not import it
    return None if found is None or found.origin is None else Path(found.origin).with_name(_FILE)
