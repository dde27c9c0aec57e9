"""What a model is asked: the system prompt once, and a user prompt each round."""

from dataclasses import dataclass

from cockpit.agents.agent import MarketView
from cockpit.agents.prompts.account_text import (
    ACCOUNT_NAMES,
    ACCOUNT_TEMPLATE,
    AccountFigures,
    account_text,
)
from cockpit.agents.prompts.figures import NO_EXTRAS, MarketExtras, MarketForm
from cockpit.agents.prompts.market_text import MARKET_NAMES, MARKET_TEMPLATE, MarketText
from cockpit.agents.prompts.renderer import PromptTemplates
from cockpit.agents.prompts.rules_text import SYSTEM_NAMES, SYSTEM_TEMPLATE, ArenaRules, rules_text
from cockpit.domain.formats import time_of
from cockpit.domain.market import MINUTE_MS
from cockpit.domain.plain_text import plain_text

USER_TEMPLATE = "user.j2"
USER_NAMES = frozenset({"minutes_since_start", "time_utc", "invocations", "market", "account", "refused"})
"""What the user prompt's template is given."""

MAX_REFUSAL = 500
"""Characters of one line of what was refused."""

_NAMES = {
    SYSTEM_TEMPLATE: SYSTEM_NAMES,
    USER_TEMPLATE: USER_NAMES,
    MARKET_TEMPLATE: MARKET_NAMES,
    ACCOUNT_TEMPLATE: ACCOUNT_NAMES,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptContext:
    """Everything a round's prompt is made of.

    Attributes:
        view: Of the market.
        start_ms: When the run began, UTC milliseconds of market time.
        invocations: How often the agent has been asked, this time included.
        account: The agent's own.
        refused: What was refused last round and why, a line each; what a model wrote is made harmless.
        extras: What the market tells besides prices.
    """

    view: MarketView
    start_ms: int
    invocations: int
    account: AccountFigures
    refused: tuple[str, ...] = ()
    extras: MarketExtras = NO_EXTRAS


class PromptWriter:
    """Writes prompts for all agents of an arena; may be asked from several threads.

    Attributes:
        version: Hash of the templates it uses: what else changes between two prompts is their inputs.
        form: Which series it shows.

    Args:
        templates: Shipped ones and a person's own.
        form: Which series to show.

    Raises:
        PromptTemplateError: If a template asks for a variable that it isn't given.
    """

    def __init__(self, templates: PromptTemplates, form: MarketForm | None = None) -> None:
        for name, known in _NAMES.items():
            templates.check_names(name, known)
        self.form = form or MarketForm()
        self.version = templates.version(*_NAMES)
        self._templates = templates
        self._market = MarketText(templates, self.form)

    def system(self, rules: ArenaRules) -> str:
        """The system prompt.

        Raises:
            PromptTemplateError: If a template fails.
        """
        return rules_text(rules, self._templates)

    def user(self, context: PromptContext) -> str:
        """The prompt of a round.

        Raises:
            PromptTemplateError: If a template fails.
        """
        view = context.view
        variables = {
            "minutes_since_start": (view.ts_ms - context.start_ms) // MINUTE_MS,
            "time_utc": time_of(view.ts_ms),
            "invocations": context.invocations,
            "market": self._market.of(view, context.extras).rstrip("\n"),
            "account": account_text(context.account, self._templates).rstrip("\n"),
            "refused": tuple(plain_text(line, MAX_REFUSAL) for line in context.refused),
        }
        return self._templates.render(USER_TEMPLATE, variables)
