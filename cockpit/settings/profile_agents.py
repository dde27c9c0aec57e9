"""The agents that profiles of traders make: what a profile means is exactly what settings mean."""

from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

from pydantic import ValidationError

from cockpit.domain.debates import AnalystRole
from cockpit.domain.errors import USAGE, CockpitError
from cockpit.domain.market import Micros
from cockpit.domain.profiles import AiProfile, AiRole, Tier, TraderKind, TraderProfile
from cockpit.domain.routing import MAX_CHEAP_MODELS
from cockpit.settings.model_tree import BudgetSettings, DebateSettings, MindSettings, RoutingSettings
from cockpit.settings.profile_tree import AiProfileFields, TraderProfileFields, dollars_of, faults_of
from cockpit.settings.tree import AgentSettings


class ProfileInvalid(CockpitError):
    """A profile can't be as it was given; the message says why and what to do.

    Attributes:
        field: Of `AiProfileFields` or `TraderProfileFields`; empty: none in particular.
    """

    exit_code = USAGE

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


def agent_of(trader: TraderProfile, ai_profiles: Mapping[str, AiProfile]) -> AgentSettings:
    """The contestant that a trader's profile stands for.

    Args:
        trader: The profile.
        ai_profiles: Those there are, by name.

    Raises:
        ProfileInvalid: If a field is not as it may be, an AI profile is missing, or those there are don't
            make this trader.
    """
    try:
        TraderProfileFields.of(trader)
        minds = _minds_of(trader, ai_profiles)
        for mind in minds:
            AiProfileFields.of(mind)
        return _AGENTS[trader.kind](trader, minds)
    except ValidationError as error:
        field, words = next(iter(faults_of(error).items()))
        raise ProfileInvalid(f"{field}: {words}" if field else words, field) from error


def fault_of(trader: TraderProfile, ai_profiles: Mapping[str, AiProfile]) -> str:
    """Why a trader's profile makes no contestant, in a line; empty: it makes one."""
    try:
        agent_of(trader, ai_profiles)
    except ProfileInvalid as error:
        return str(error)
    return ""


def _minds_of(trader: TraderProfile, ai_profiles: Mapping[str, AiProfile]) -> list[AiProfile]:
    for name in trader.minds:
        if name not in ai_profiles:
            there = ", ".join(ai_profiles) or "none yet"
            raise ProfileInvalid(f"there is no AI profile {name}; there are: {there}", "minds")
    return [ai_profiles[name] for name in trader.minds]


def _strategy_agent(trader: TraderProfile, minds: Sequence[AiProfile]) -> AgentSettings:
    return AgentSettings(
        name=trader.name, kind="strategy", strategy=trader.strategy, timeframe=trader.timeframe
    )


def _llm_agent(trader: TraderProfile, minds: Sequence[AiProfile]) -> AgentSettings:
    for each in minds:
        if each.role is not AiRole.DECIDE:
            _refuse(f"{each.name} has role {each.role}: a trader of kind llm asks those that decide")
    decider = _decider(minds)
    cheap = [each for each in minds if each is not decider]
    routing = _routing(decider, cheap)
    return AgentSettings(
        name=trader.name,
        kind="llm",
        model=decider.model,
        mind=MindSettings(budget=_together(minds), routing=routing),
    )


def _decider(minds: Sequence[AiProfile]) -> AiProfile:
    if len(minds) == 1:
        return minds[0]
    powerful = [each for each in minds if each.tier is Tier.POWERFUL]
    if len(powerful) != 1:
        found = ", ".join(each.name for each in powerful) or "none"
        _refuse(f"of several AI profiles exactly one is powerful and decides; here: {found}")
    return powerful[0]


def _routing(decider: AiProfile, cheap: Sequence[AiProfile]) -> RoutingSettings | None:
    if decider.mode is None:
        if cheap:
            _refuse(
                f"{decider.name} always decides, so {cheap[0].name} would never be heard: give"
                f" {decider.name} a mode, or leave the cheap ones out"
            )
        return None
    if not cheap:
        _refuse(f"{decider.name} is called upon by {decider.mode}: name a cheap AI profile as well")
    if len(cheap) > MAX_CHEAP_MODELS:
        _refuse(f"{len(cheap)} cheap AI profiles are too many: {MAX_CHEAP_MODELS} are asked at most")
    models = [each.model for each in (*cheap, decider)]
    for each in models:
        if models.count(each) > 1:
            _refuse(f"{each} is asked by two AI profiles, and would agree with itself: name one of them")
    return RoutingSettings(mode=decider.mode, cheap=tuple(each.model for each in cheap))


def _debate_agent(trader: TraderProfile, minds: Sequence[AiProfile]) -> AgentSettings:
    by_role: dict[AiRole, AiProfile] = {}
    for each in minds:
        if each.role in by_role:
            _refuse(f"{by_role[each.role].name} and {each.name} both have role {each.role}: name one of them")
        if each.mode is not None:
            _refuse(f"a debate is held each round, and {each.name} has mode {each.mode}: take one without")
        by_role[each.role] = each
    judge = by_role.get(AiRole.JUDGE)
    speaker = by_role.get(AiRole.DECIDE) or judge
    if speaker is None:
        raise ProfileInvalid("nobody decides: name an AI profile of role judge, or decide", "minds")
    models: dict[AnalystRole | str, str] = {
        role: by_role[AiRole(role)].model for role in AnalystRole if AiRole(role) in by_role
    }
    if judge is not None and judge is not speaker:
        models["judge"] = judge.model
    return AgentSettings(
        name=trader.name,
        kind="debate",
        model=speaker.model,
        mind=MindSettings(budget=_together(minds), debate=DebateSettings.model_validate({"models": models})),
    )


def _together(minds: Sequence[AiProfile]) -> BudgetSettings:
    """What all of them may spend; no limit where one has none."""
    return BudgetSettings(
        total=_sum([each.budget_total for each in minds]),
        per_day=_sum([each.budget_daily for each in minds]),
    )


def _sum(budgets: Sequence[Micros | None]) -> float | None:
    limited = [each for each in budgets if each is not None]
    return dollars_of(Micros(sum(limited))) if len(limited) == len(budgets) else None


def _refuse(words: str) -> NoReturn:
    raise ProfileInvalid(words, "minds")


_AGENTS: Mapping[TraderKind, Callable[[TraderProfile, Sequence[AiProfile]], AgentSettings]] = {
    TraderKind.STRATEGY: _strategy_agent,
    TraderKind.LLM: _llm_agent,
    TraderKind.DEBATE: _debate_agent,
}
