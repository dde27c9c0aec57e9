"""Lines of questions beside each other: each has its own time, and all together that of the longest."""

import pytest

from cockpit.agents.models.asking import Asking
from cockpit.agents.models.model_call import CallFailed, CallFault, CallPurpose, ModelReply, ModelRequest
from cockpit.domain.market import Micros


class Slow:
    """Takes a second for each letter of the role; keeps the deadlines it was given."""

    def __init__(self):
        self.deadlines = []

    async def call(self, request, purpose: CallPurpose):
        self.deadlines.append((purpose.role, purpose.deadline_s))
        latency_ms = 1_000 * len(purpose.role)
        if latency_ms > purpose.deadline_s * 1_000:
            latency_ms = round(purpose.deadline_s * 1_000)
            raise CallFailed(CallFault.TIMEOUT, "too slow", latency_ms=latency_ms, attempts=1)
        return ModelReply(text=purpose.role, latency_ms=latency_ms, cost=Micros(1))

    async def aclose(self):
        """Nothing is open."""


REQUEST = ModelRequest(model="x/y", messages=(), max_tokens=1)


async def test_branches_are_told_in_their_order_and_the_longest_counts():
    gateway = Slow()
    asking = Asking(gateway, agent="ann", round=3, timeout_s=20.0)
    await asking.ask(REQUEST, "a")
    one, two, none = (asking.branch(8.0) for _ in range(3))
    await two.ask(REQUEST, "bbbb")
    await one.ask(REQUEST, "cc")
    await one.ask(REQUEST, "d")
    assert asking.join([one, two, none]) == [1, 3, 4]
    assert [call.role for call in asking.calls] == ["a", "cc", "d", "bbbb"]
    assert asking.spent_ms == 1_000 + 4_000
    assert gateway.deadlines == [("a", 20.0), ("bbbb", 8.0), ("cc", 8.0), ("d", 6.0)]


async def test_a_branch_never_has_more_time_than_is_left():
    gateway = Slow()
    asking = Asking(gateway, agent="ann", round=3, timeout_s=5.0)
    await asking.ask(REQUEST, "aaa")
    branch = asking.branch(60.0)
    assert branch.left_s == 2.0
    with pytest.raises(CallFailed) as failed:
        await branch.ask(REQUEST, "bbbb")
    assert failed.value.fault is CallFault.TIMEOUT
    assert asking.join([branch]) == [1]
    assert (asking.left_s, asking.calls[-1].fault) == (0.0, "timeout")


def test_no_branches_take_no_time():
    asking = Asking(Slow(), agent="ann", round=3, timeout_s=5.0)
    assert (asking.join([]), asking.spent_ms) == ([], 0)
