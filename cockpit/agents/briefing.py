"""What an agent that asks models knows of the arena, and shows them in a round."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import msgspec

from cockpit.agents.agent import AccountView, MarketView
from cockpit.agents.answers.coin_checks import Situation
from cockpit.agents.answers.decision_schema import decision_schema
from cockpit.agents.prompts.account_text import account_figures
from cockpit.agents.prompts.prompt import PromptContext, PromptWriter
from cockpit.agents.prompts.rules_text import ArenaRules
from cockpit.domain.decisions import Thesis
from cockpit.domain.market import Instrument
from cockpit.trading.invalidation import GRAMMAR_HELP, checkable, coin_names


class Briefing:
    """The arena's rules, and a round's market and account, as models and their answers' checks need them.

    Attributes:
        schema: JSON schema of a decision.
        rules: The arena's, with that schema and the help on conditions in them.
        traded: What the account may hold, by symbol.

    Args:
        writer: Of prompts.
        rules: What models are told of the arena.
        start_ms: When the run began, market time.
        max_leverage: The most an answer may ask for.
        traded: What the account may hold, where answers are to be on less than that.
    """

    def __init__(
        self,
        writer: PromptWriter,
        rules: ArenaRules,
        *,
        start_ms: int,
        max_leverage: float,
        traded: Sequence[Instrument] | None = None,
    ) -> None:
        traded = rules.instruments if traded is None else traded
        self.traded: Mapping[str, Instrument] = {each.symbol: each for each in traded}
        self._writer = writer
        self._start_ms = start_ms
        self._names = coin_names(traded)
        self._situation = Situation(
            instruments={each.symbol: each for each in rules.instruments},
            marks={},
            held={},
            equity=0,
            max_leverage=max_leverage,
            elsewhere={each.symbol: each for each in traded if each not in rules.instruments},
            allows_partial_close=rules.may_close_partly,
            allows_pyramiding=rules.may_pyramid,
        )
        self.schema = decision_schema(self._situation.coins())
        answer_schema = msgspec.json.encode(self.schema).decode()
        self.rules = replace(rules, answer_schema=answer_schema, invalidation_help=GRAMMAR_HELP)

    def system(self) -> str:
        """The prompt of who decides.

        Raises:
            PromptTemplateError: If a template fails.
        """
        return self._writer.system(self.rules)

    def user(self, view: MarketView, own: AccountView) -> str:
        """The prompt of a round: market and account.

        Raises:
            PromptTemplateError: If a template fails.
        """
        figures = account_figures(
            own,
            instruments=self.traded,
            marks=view.marks,
            terms=self.rules.terms,
            checked=self.checked(view, own),
        )
        context = PromptContext(
            view=view,
            start_ms=self._start_ms,
            invocations=own.rounds_asked + 1,
            account=figures,
            refused=own.lessons,
        )
        return self._writer.user(context)

    def checked(self, view: MarketView, own: AccountView) -> frozenset[str]:
        """Symbols whose target has an invalidation condition that the arena checks."""
        timeframes = view.candles.timeframes
        return frozenset(
            symbol
            for symbol, target in own.targets.items()
            if self._is_checked(symbol, target.thesis, timeframes)
        )

    def situation(self, view: MarketView, own: AccountView) -> Situation:
        """What a round's answers are checked against."""
        held = {symbol: position.signed_lots for symbol, position in own.account.positions.items()}
        return replace(self._situation, marks=view.marks, held=held, equity=own.equity, standing=own.targets)

    def _is_checked(self, symbol: str, thesis: Thesis | None, timeframes: Collection[str]) -> bool:
        text = "" if thesis is None else thesis.invalidation
        return bool(text) and checkable(text, symbol, self._names, timeframes) is not None
