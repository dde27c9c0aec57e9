"""What models will be asked in a run and what that costs, before any is asked: arithmetic on assumptions.

Nobody knows how long answers will be. So there are two figures of everything: with answers of a usual length
and the questions that are usually asked, and with every answer as long as it may be and every question asked
that may be.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from cockpit.agents.models.model_call import Message
from cockpit.agents.providers.model_prices import MESSAGE_OVERHEAD_TOKENS, ModelPrice
from cockpit.domain.market import Micros

BYTES_PER_TOKEN = Fraction(5, 2)
"""Of prompts. Source: counted with OpenAI's cl100k_base, the prompts that ship here have 2.2 to 3.4; the more
figures are in one, the fewer.
"""

OUTPUT_SHARE = Fraction(1, 4)
"""How much of the length that an answer may have is taken for usual."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCall:
    """One question that an agent asks in rounds, or may ask.

    Attributes:
        agent: Who asks.
        role: In which role: ``decide``, ``cheap``, ``bull`` …
        model: litellm's name for who is asked.
        price: Its price; None where nobody knows.
        per_round: How often in a usual round; a fraction of one where only some rounds ask it.
        most_per_round: How often in a round at most.
        input_tokens: Of one question, usually.
        most_input_tokens: Of one question, where all answers in it are as long as they may be.
        max_tokens: Of the answer.
    """

    agent: str
    role: str
    model: str
    price: ModelPrice | None
    per_round: Fraction
    most_per_round: int
    input_tokens: int
    most_input_tokens: int
    max_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """So many calls, their tokens and what they cost.

    Attributes:
        calls: Questions.
        input_tokens: In all of them.
        output_tokens: In all answers.
        cost: Micro-dollars of the calls whose price is known.
        unpriced: Calls whose price nobody knows.
    """

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: Micros = Micros(0)
    unpriced: int = 0

    @property
    def known_cost(self) -> Micros | None:
        """Micro-dollars; None where no call's price is known. Of some it is at least this, if `unpriced`."""
        return None if self.calls and self.unpriced == self.calls else self.cost


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEstimate:
    """What one agent asks one model; or, without a model, what all agents ask together.

    Attributes:
        name: Of the agent.
        model: litellm's name for it.
        roles: In which it is asked.
        usual: With answers of a usual length.
        most: With everything as long and as often as it may be.
    """

    name: str
    model: str
    roles: tuple[str, ...]
    usual: Amount
    most: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class CostEstimate:
    """What a run's questions come to.

    Attributes:
        rounds: In which they are asked.
        models: Agent by agent, model by model.
        together: All of them.
    """

    rounds: int
    models: tuple[ModelEstimate, ...]
    together: ModelEstimate


def token_estimate(messages: Iterable[Message], further_bytes: int = 0) -> int:
    """About how many tokens a question has.

    Args:
        messages: What is asked.
        further_bytes: Of what is sent with it, such as descriptions of tools.
    """
    shown = list(messages)
    written = sum(len(each.content.encode()) for each in shown) + further_bytes
    return ceil(written / BYTES_PER_TOKEN) + MESSAGE_OVERHEAD_TOKENS * len(shown)


def usual_output(max_tokens: int) -> int:
    """How many tokens an answer that may have so many usually has."""
    return ceil(max_tokens * OUTPUT_SHARE)


def cost_estimate(calls: Sequence[PlannedCall], rounds: int) -> CostEstimate:
    """What questions come to over so many rounds.

    Raises:
        ValueError: If there is less than no round.
    """
    if rounds < 0:
        raise ValueError(f"a run can't have {rounds} rounds")
    grouped: dict[tuple[str, str], list[PlannedCall]] = {}
    for call in calls:
        grouped.setdefault((call.agent, call.model), []).append(call)
    models = tuple(_model_estimate(own, rounds) for own in grouped.values())
    together = ModelEstimate(
        name="together",
        model="",
        roles=(),
        usual=_sum(each.usual for each in models),
        most=_sum(each.most for each in models),
    )
    return CostEstimate(rounds=rounds, models=models, together=together)


def _model_estimate(calls: Sequence[PlannedCall], rounds: int) -> ModelEstimate:
    return ModelEstimate(
        name=calls[0].agent,
        model=calls[0].model,
        roles=tuple(dict.fromkeys(call.role for call in calls)),
        usual=_sum(
            _amount(call, ceil(call.per_round * rounds), call.input_tokens, usual_output(call.max_tokens))
            for call in calls
        ),
        most=_sum(
            _amount(call, call.most_per_round * rounds, call.most_input_tokens, call.max_tokens)
            for call in calls
        ),
    )


def _amount(call: PlannedCall, count: int, input_tokens: int, output_tokens: int) -> Amount:
    each = None if call.price is None else call.price.cost(input_tokens, output_tokens)
    return Amount(
        calls=count,
        input_tokens=count * input_tokens,
        output_tokens=count * output_tokens,
        cost=Micros(0 if each is None else count * each),
        unpriced=count if each is None else 0,
    )


def _sum(amounts: Iterable[Amount]) -> Amount:
    given = list(amounts)
    return Amount(
        calls=sum(each.calls for each in given),
        input_tokens=sum(each.input_tokens for each in given),
        output_tokens=sum(each.output_tokens for each in given),
        cost=Micros(sum(each.cost for each in given)),
        unpriced=sum(each.unpriced for each in given),
    )
