"""Whether an account is what its fills make of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cockpit.domain.accounts import Account
from cockpit.domain.formats import money
from cockpit.domain.market import Instrument, Lots
from cockpit.journal.ledger import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """What a comparison found.

    Attributes:
        agent: Whose account.
        differences: What is not as it should be, in words with figures; nothing where it agrees.
        unsynced: Why the account could not be trusted when it was compared; empty where it could.
    """

    agent: str
    differences: tuple[str, ...]
    unsynced: str

    @property
    def agrees(self) -> bool:
        """Whether there is no difference."""
        return not self.differences


def reconcile(
    account: Account, ledger: Ledger, instruments: Mapping[str, Instrument], unsynced: str
) -> Reconciliation:
    """Compares an account with the sum of its fills.

    Args:
        account: As the arena has it.
        ledger: What it must be, at the same place of the journal.
        instruments: By symbol.
        unsynced: Why the account is not trusted; empty where it is.
    """
    found = (*_position_differences(account, ledger, instruments), *_cash_differences(account, ledger))
    return Reconciliation(agent=account.agent, differences=found, unsynced=unsynced)


def _position_differences(
    account: Account, ledger: Ledger, instruments: Mapping[str, Instrument]
) -> Iterator[str]:
    for symbol, instrument in instruments.items():
        position = account.positions.get(symbol)
        held = 0 if position is None else position.signed_lots
        filled = ledger.lots.get(symbol, 0)
        if held != filled:
            has, must = (f"{instrument.quantity(Lots(lots)):g}" for lots in (held, filled))
            yield f"{symbol}: it holds {has}, its fills add up to {must}"


def _cash_differences(account: Account, ledger: Ledger) -> Iterator[str]:
    if account.cash != ledger.cash:
        has, must = (money(micros, decimals=6) for micros in (account.cash, ledger.cash))
        yield f"it has {has} in cash, its fills, fees and funding leave {must}"
