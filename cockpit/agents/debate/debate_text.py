"""What the roles of a debate are told. What others said is shown to them as data, never as words of ours."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import msgspec

from cockpit.agents.debate.form import DebateForm
from cockpit.agents.debate.statement import statement_schema
from cockpit.agents.prompts.plain_numbers import number, rate
from cockpit.agents.prompts.prompt import PromptWriter
from cockpit.agents.prompts.renderer import PromptTemplates
from cockpit.agents.prompts.rules_text import ArenaRules
from cockpit.domain.debates import (
    MAX_ARGUMENT,
    MAX_SIGNAL,
    MAX_SIGNALS,
    AnalystRole,
    DebateMessage,
    SymbolConsensus,
)
from cockpit.domain.formats import duration, percent
from cockpit.domain.spoken_names import spoken_names

REBUTTAL_TEMPLATE = "debate_rebuttal.j2"
JUDGE_TEMPLATE = "debate_judge.j2"
STATEMENTS_TEMPLATE = "debate_statements.j2"
ANALYST_TEMPLATES = {role: f"debate_{role}.j2" for role in AnalystRole}

ANALYST_NAMES = frozenset(
    {
        "quote",
        "coins",
        "round_interval",
        "horizon",
        "tool_turns",
        "tool_calls",
        "rebuttals",
        "max_argument",
        "max_signals",
        "max_signal",
        "answer_schema",
    }
)
"""What an analyst's template is given."""

REBUTTAL_NAMES = frozenset({"statements", "turns_left"})
JUDGE_NAMES = frozenset({"horizon"})
STATEMENTS_NAMES = frozenset({"statements", "silent", "views", "agreement", "is_disagreed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CoinText:
    """What an analyst takes a side on, spelled.

    Attributes:
        name: What models are told to call it.
        symbol: Unified.
        round_trip_cost: Fees of opening and closing, percent of notional.
    """

    name: str
    symbol: str
    round_trip_cost: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewText:
    """What the analysts come to on one coin, spelled.

    Attributes:
        name: What models are told to call it.
        stance: ``long``, ``short``, ``flat`` or ``n/a``.
        confidence: 0 … 1.
        agreement: Percent.
        opinions: How many.
    """

    name: str
    stance: str
    confidence: str
    agreement: str
    opinions: int


class DebateWriter:
    """Writes what is said to the roles of a debate.

    Attributes:
        version: Hash of all templates of a debate and of the prompts that go with them.

    Args:
        templates: Shipped ones and a person's own.
        writer: Of the prompts that all agents share.
        form: Of the debate.
        rules: Of the arena.

    Raises:
        PromptTemplateError: If a template asks for a variable that it isn't given.
    """

    def __init__(
        self, templates: PromptTemplates, writer: PromptWriter, form: DebateForm, rules: ArenaRules
    ) -> None:
        known = dict.fromkeys(ANALYST_TEMPLATES.values(), ANALYST_NAMES) | {
            REBUTTAL_TEMPLATE: REBUTTAL_NAMES,
            JUDGE_TEMPLATE: JUDGE_NAMES,
            STATEMENTS_TEMPLATE: STATEMENTS_NAMES,
        }
        for name, names in known.items():
            templates.check_names(name, names)
        versions = f"{writer.version} {templates.version(*known)}"
        self.version = blake2b(versions.encode(), digest_size=16).hexdigest()
        self.horizon_ms = form.horizon_rounds * rules.round_interval_ms
        self._templates = templates
        self._names = spoken_names(rules.instruments)
        self.schema = statement_schema(tuple(self._names.values()))
        self._analyst = _analyst_variables(form, rules, self.horizon_ms) | {
            "answer_schema": msgspec.json.encode(self.schema).decode()
        }

    def analyst(self, role: AnalystRole) -> str:
        """What an analyst is told before it is shown the market.

        Raises:
            PromptTemplateError: If a template fails.
        """
        return self._templates.render(ANALYST_TEMPLATES[role], self._analyst)

    def rebuttal(self, others: Iterable[DebateMessage], turns_left: int) -> str:
        """What an analyst is told of the others, so that it may answer them.

        Args:
            others: What they said last.
            turns_left: How often it may answer again after this.

        Raises:
            PromptTemplateError: If the template fails.
        """
        variables = {"statements": self._lines(others), "turns_left": turns_left}
        return self._templates.render(REBUTTAL_TEMPLATE, variables)

    def judge(self) -> str:
        """What a judge is told besides the arena's rules.

        Raises:
            PromptTemplateError: If the template fails.
        """
        return self._templates.render(JUDGE_TEMPLATE, {"horizon": duration(self.horizon_ms)})

    def statements(
        self,
        messages: Sequence[DebateMessage],
        consensus: Sequence[SymbolConsensus],
        agreement: float | None,
        *,
        is_disagreed: bool,
    ) -> str:
        """What a judge is told of the debate.

        Raises:
            PromptTemplateError: If the template fails.
        """
        spoken = {each.role for each in messages if not each.failed}
        silent = dict.fromkeys(each.role for each in messages if each.role not in spoken)
        variables = {
            "statements": self._lines(each for each in messages if not each.failed),
            "silent": tuple(silent),
            "views": tuple(self._view(each) for each in consensus),
            "agreement": percent(agreement, decimals=0),
            "is_disagreed": is_disagreed,
        }
        return self._templates.render(STATEMENTS_TEMPLATE, variables)

    def _lines(self, messages: Iterable[DebateMessage]) -> tuple[str, ...]:
        """Each statement as one line of JSON: in a JSON string no words can end the line they stand in."""
        return tuple(msgspec.json.encode(self._told(each)).decode() for each in messages)

    def _told(self, message: DebateMessage) -> Mapping[str, object]:
        return {
            "analyst": message.role,
            "turn": message.turn,
            "stances": {
                self._names[each.symbol]: {"stance": each.stance.value, "confidence": each.confidence}
                for each in message.stances
            },
            "signals": message.signals,
            "argument": message.argument,
        }

    def _view(self, consensus: SymbolConsensus) -> ViewText:
        return ViewText(
            name=self._names[consensus.symbol],
            stance="n/a" if consensus.stance is None else consensus.stance.value,
            confidence=number(consensus.confidence, 2),
            agreement=percent(consensus.agreement, decimals=0),
            opinions=consensus.opinions,
        )


def _analyst_variables(form: DebateForm, rules: ArenaRules, horizon_ms: int) -> dict[str, object]:
    names = spoken_names(rules.instruments)
    return {
        "quote": rules.instruments[0].quote,
        "coins": tuple(
            CoinText(
                name=names[each.symbol], symbol=each.symbol, round_trip_cost=rate(2 * each.taker_fee_rate)
            )
            for each in rules.instruments
        ),
        "round_interval": duration(rules.round_interval_ms),
        "horizon": duration(horizon_ms),
        "tool_turns": 0 if form.tools is None else form.tools.turns,
        "tool_calls": 0 if form.tools is None else form.tools.calls,
        "rebuttals": form.rebuttals,
        "max_argument": MAX_ARGUMENT,
        "max_signals": MAX_SIGNALS,
        "max_signal": MAX_SIGNAL,
    }
