"""A gateway that makes no call its agent's budget has no room for."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from cockpit.agents.models.budget import BudgetBook, BudgetRefusal
from cockpit.agents.models.model_call import (
    CallFailed,
    CallFault,
    CallPurpose,
    ModelGateway,
    ModelReply,
    ModelRequest,
)
from cockpit.domain.market import Micros

WorstCase: TypeAlias = Callable[[ModelRequest], Micros | None]
"""What a request may cost at worst, every attempt included; None where the price is unknown."""


class BudgetedGateway:
    """Sets money aside before each call, and counts what it cost after; it notes when each was made.

    A call that is cancelled counts with all that was set aside: nobody knows what its provider charges.
    On recordings nothing is spent, so a recording stands around this and a replay stands without it.
    """

    def __init__(self, inner: ModelGateway, book: BudgetBook, worst_case: WorstCase) -> None:
        """Stand before another gateway.

        Args:
            inner: Makes the calls.
            book: Keeps the budgets.
            worst_case: Prices a request.
        """
        self._inner = inner
        self._book = book
        self._worst_case = worst_case

    async def call(self, request: ModelRequest, purpose: CallPurpose) -> ModelReply:
        """A model's answer, within budget.

        Raises:
            CallFailed: If there is none; with `CallFault.BUDGET` where no request was sent for lack of money.
        """
        reserved = self._book.reserve(purpose.agent, self._worst_case(request))
        if isinstance(reserved, BudgetRefusal):
            raise CallFailed(CallFault.BUDGET, reserved.message)
        try:
            reply = await self._inner.call(request, purpose)
        except CallFailed as failure:
            failure.asked_ms = reserved.ts_ms
            if failure.attempts == 0 and failure.cost == 0:
                self._book.release(reserved)
            else:
                self._book.settle(reserved, failure.cost)
            raise
        except BaseException:
            self._book.settle(reserved, None)
            raise
        self._book.settle(reserved, reply.cost)
        return replace(reply, asked_ms=reserved.ts_ms)

    async def aclose(self) -> None:
        """Lets go of threads and connections; calls in flight fail."""
        await self._inner.aclose()
