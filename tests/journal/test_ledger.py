"""What accounts must be by the journal alone: the sum of fills, funding, capital and losses borne."""

from copy import deepcopy
from pathlib import Path

import pytest

from cockpit.domain.accounts import Account
from cockpit.domain.events import FundingPaid, OrderFilled, Recorded, ShortfallCovered
from cockpit.journal.journal import Journal
from cockpit.journal.ledger import Ledger, read_ledgers
from cockpit.trading.fold import apply
from cockpit.trading.state import ArenaState
from tests.journal.event_stream import EventStream

WORTH = {OrderFilled, FundingPaid, ShortfallCovered}
"""What changes an account."""


def as_ledger(account: Account) -> Ledger:
    held = {symbol: int(position.signed_lots) for symbol, position in account.positions.items()}
    return Ledger(lots=held, cash=account.cash)


@pytest.mark.parametrize("seed", range(4))
async def test_at_every_place_of_the_journal_it_is_what_the_fold_makes_of_the_accounts(
    journal: Journal, path: Path, seed: int
) -> None:
    state, folded, seen = ArenaState(), {}, set()
    stream = EventStream(seed, agents=3)
    for ts_ms, batch in stream.batches(60, finish=True):
        for each in batch:
            apply(state, Recorded(state.seq + 1, ts_ms, stream.run_id, each))
            seen.add(type(each))
        await journal.commit(stream.run_id, ts_ms, batch)
        accounts = {name: deepcopy(agent.account) for name, agent in state.agents.items()}
        if all(agent.capital for agent in state.agents.values()):
            folded[state.seq] = {name: as_ledger(account) for name, account in accounts.items()}
    assert {OrderFilled, FundingPaid} <= seen
    for seq in list(folded)[::7]:
        assert read_ledgers(path, stream.run_id, seq) == folded[seq]


async def test_of_several_runs_only_the_one_named_counts(journal: Journal, path: Path) -> None:
    for run_id in ("run-1", "run-2"):
        stream = EventStream(5, agents=2, run_id=run_id, first_seq=journal.last_seq + 1)
        for ts_ms, batch in stream.batches(20, finish=True):
            await journal.commit(run_id, ts_ms, batch)
    first, second = (read_ledgers(path, run_id, journal.last_seq) for run_id in ("run-1", "run-2"))
    assert first == second
    assert read_ledgers(path, "run-3", journal.last_seq) == {}
