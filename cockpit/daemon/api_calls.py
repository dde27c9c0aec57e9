"""What the control API tells of questions to models; what they cost is in US dollars."""

from cockpit.daemon.api_models import Answer


class CallFacts(Answer):
    """A question to a model, and what came of it.

    Attributes:
        call_id: Counts within the run.
        ts_ms: Market time of its round.
        role: What the model was asked as: ``decide``, ``repair``, ``judge``, ``bull`` …
        finish_reason: Why it stopped; empty where there is no answer.
        fault: Why there is no answer, as one word; empty where there is one.
        error: The same in a line for people.
        input_tokens: As the provider counted them; null where it did not say.
        output_tokens: Likewise.
        cost_usd: Null where nobody knows the price.
        latency_s: Real time it took.
        attempts: Requests sent.
        asked_ms: Real time.
    """

    call_id: int
    seq: int
    ts_ms: int
    agent: str
    round: int
    role: str
    model: str
    finish_reason: str
    fault: str
    error: str
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: float | None
    latency_s: float
    attempts: int
    asked_ms: int
    asked_time: str


class CallLine(CallFacts):
    """A question to a model, without the question's words.

    Attributes:
        reply_start: The model's first 500 characters, untrusted.
    """

    reply_start: str


class CallDetail(CallFacts):
    """A question to a model, word for word.

    Attributes:
        key: Equal for equal requests.
        request: Messages, parameters, tools and schema, as JSON.
        reply: The model's words, untrusted.
        raw: The provider's answer as JSON, bounded, untrusted.
    """

    key: str
    request: str
    reply: str
    raw: str


class CostLine(Answer):
    """What some calls cost.

    Attributes:
        calls: For which a request was sent.
        unpriced_calls: Whose cost nobody knows.
        cost_at_least: Of all other calls together, US dollars; null where there are none.
    """

    calls: int
    unpriced_calls: int
    cost_at_least: float | None


class AgentCosts(CostLine):
    """What an agent's calls cost."""

    agent: str


class CostsOfModel(CostLine):
    """What calls to a model cost."""

    model: str


class BudgetLine(Answer):
    """A budget for models, in US dollars; a limit that is null is none.

    Attributes:
        agent: Whose; null: of all agents together.
        daily_limit: For one UTC day of real time.
        spent_today: Of that, what was set aside for calls of unknown cost included.
        total_limit: For the life of the bot's journal.
        spent: Of that.
        reserved: Set aside for calls in flight; spoken for in both.
    """

    agent: str | None
    daily_limit: float | None
    spent_today: float
    total_limit: float | None
    spent: float
    reserved: float


class ModelCosts(Answer):
    """What models cost on one UTC day of real time, in all runs of the bot.

    Attributes:
        day: Days since the epoch.
        seq: The last event of the journal that is counted.
        agents: Those that asked a model on that day.
        models: Those that were asked.
        projected_daily_cost: Of a day of rounds like those of the present run, real time apart; null where a
            cost is unknown, or no model was asked.
        budgets: Of all agents together, then of each that asks models; empty without such agents, or where
            only recorded answers are given.
    """

    day: int
    seq: int
    agents: list[AgentCosts]
    models: list[CostsOfModel]
    projected_daily_cost: float | None = None
    budgets: tuple[BudgetLine, ...] = ()
