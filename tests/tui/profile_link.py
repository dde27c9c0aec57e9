"""A recorded run with profiles beside it: its answers are the control API's own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cockpit.domain.profiles import ProfileKind
from cockpit.settings.profile_tree import AiProfileFields, TraderProfileFields
from cockpit.tui.link import Answer, CommandRefused
from tests.tui.replay_link import ReplayLink

FIELDS = {ProfileKind.AI: AiProfileFields, ProfileKind.TRADER: TraderProfileFields}
LISTS = {ProfileKind.AI: "ai", ProfileKind.TRADER: "traders"}


def ai(name: str, model: str, **facts: object) -> dict[str, Any]:
    row = AiProfileFields(name=name, model=model, **facts).model_dump(mode="json")
    return row | {"provider": model.split("/", maxsplit=1)[0]}


def trader(name: str, kind: str, **facts: object) -> dict[str, Any]:
    return TraderProfileFields(name=name, kind=kind, **facts).model_dump(mode="json")


@dataclass(slots=True, weakref_slot=True)
class ProfileLink(ReplayLink):
    """A recorded run, and profiles beside it.

    Attributes:
        kept: List → name → profile, as the control API tells it.
        asked: Every request to change them: what, which list, name, fields.
        missing_keys: AI profile → what to do before its model can be asked.
        problems: Trader → why it can't compete.
        refuses_profiles: What it says to those, if it says no.
    """

    kept: dict[ProfileKind, dict[str, dict[str, Any]]] = field(
        default_factory=lambda: {kind: {} for kind in ProfileKind}
    )
    asked: list[tuple[str, ProfileKind, str | None, Mapping[str, Any] | None]] = field(default_factory=list)
    refuses_profiles: str = ""
    missing_keys: dict[str, str] | None = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)

    def keep(self, kind: ProfileKind, *rows: Mapping[str, Any]) -> None:
        self.kept[kind] |= {row["name"]: dict(row) for row in rows}

    async def profiles(self) -> Mapping[str, Any]:
        if self.running:
            self._check()
        self.read.append("profiles")
        lists = {told: [each for _, each in sorted(self.kept[kind].items())] for kind, told in LISTS.items()}
        keys = self.missing_keys if self.running else None
        return lists | {"missing_keys": keys, "problems": self.problems}

    async def save_profile(self, kind: ProfileKind, name: str | None, fields: Mapping[str, Any]) -> Answer:
        self._asked("save", kind, name, fields)
        row = FIELDS[kind].model_validate(fields).model_dump(mode="json")
        if name is not None:
            del self.kept[kind][name]
        self.keep(kind, row)
        said = "added" if name is None else "saved"
        return Answer(done=True, message=f"the profile {row['name']} is {said}")

    async def delete_profile(self, kind: ProfileKind, name: str) -> Answer:
        self._asked("delete", kind, name, None)
        del self.kept[kind][name]
        return Answer(done=True, message=f"the profile {name} is removed")

    def _asked(
        self, what: str, kind: ProfileKind, name: str | None, fields: Mapping[str, Any] | None
    ) -> None:
        self._check()
        if self.refuses_profiles:
            raise CommandRefused(self.refuses_profiles)
        self.asked.append((what, kind, name, None if fields is None else dict(fields)))


def profile_link(events: list[Any], **facts: object) -> ProfileLink:
    """A few of each kind."""
    link = ProfileLink(events=events, **facts)
    link.keep(
        ProfileKind.AI,
        ai("bull_gpt", "openai/gpt-5-mini", role="bull", tier="cheap", budget_per_day=0.5),
        ai("bear_gpt", "openai/gpt-5-mini", role="bear", tier="cheap", budget_per_day=0.5),
        ai("opus", "anthropic/claude-opus-4", mode="cheap_first", budget_per_day=5, budget_total=100),
        ai("flash", "deepseek/deepseek-v4-flash", tier="cheap"),
        ai("judge", "anthropic/claude-sonnet-4", role="judge", budget_total=25),
    )
    link.keep(
        ProfileKind.TRADER,
        trader("donchian_breakout", "strategy", strategy="donchian_breakout", timeframe="15m"),
        trader("two_minds", "llm", minds=("opus", "flash"), note="flash first, opus where it is unsure"),
        trader("panel", "debate", minds=("judge", "bull_gpt", "bear_gpt"), competes=False, note="costly"),
    )
    link.missing_keys = {"judge": "set ANTHROPIC_API_KEY"}
    return link
