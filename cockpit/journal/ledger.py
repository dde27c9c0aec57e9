"""What each account must be by the journal's fills, funding and capital alone."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from cockpit.domain.market import MICROS_PER_UNIT
from cockpit.journal.schema import connect_reader

_LOTS = (
    "SELECT agent, symbol, sum(signed_lots) FROM fills WHERE run_id = :run_id AND seq <= :seq"
    " GROUP BY agent, symbol HAVING sum(signed_lots) <> 0"
)
_EARNED = (
    "SELECT agent, capital_micros FROM balances WHERE run_id = :run_id"
    " UNION ALL SELECT agent, sum(realized_micros - fee_micros) FROM fills"
    " WHERE run_id = :run_id AND seq <= :seq GROUP BY agent"
    " UNION ALL SELECT agent, -sum(paid_micros) FROM funding_payments"
    " WHERE run_id = :run_id AND seq <= :seq GROUP BY agent"
    " UNION ALL SELECT scope, sum(CAST(round(value * :per_unit) AS INTEGER)) FROM risk_events"
    " WHERE run_id = :run_id AND seq <= :seq AND kind = 'shortfall_covered' GROUP BY scope"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """One agent's account, added up.

    Attributes:
        lots: Symbol → signed lots held; nothing where flat.
        cash: Capital + realized − fees − funding + losses the venue bore, micro-units.
    """

    lots: Mapping[str, int] = field(default_factory=dict)
    cash: int = 0


def read_ledgers(path: Path, run_id: str, until_seq: int) -> dict[str, Ledger]:
    """What the accounts of a run must have been at a place of its journal, by agent.

    Args:
        path: The journal's file.
        run_id: Which run.
        until_seq: The last event that counts.

    Raises:
        JournalUnavailable, JournalCorrupt: If the file can't be read.
    """
    asked = {"run_id": run_id, "seq": until_seq, "per_unit": MICROS_PER_UNIT}
    with closing(connect_reader(path)) as connection:
        held = connection.execute(_LOTS, asked).fetchall()
        earned = connection.execute(_EARNED, asked).fetchall()
    cash: dict[str, int] = {}
    for agent, micros in earned:
        cash[agent] = cash.get(agent, 0) + micros
    lots: dict[str, dict[str, int]] = {}
    for agent, symbol, signed_lots in held:
        lots.setdefault(agent, {})[symbol] = signed_lots
    return {agent: Ledger(lots=lots.get(agent, {}), cash=cash[agent]) for agent in cash}
