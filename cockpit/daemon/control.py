"""What the control API needs of a bot."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from cockpit.arena.controls import ControlRefused
from cockpit.arena.reconciliation import Reconciliation
from cockpit.daemon.folder import BotFolder
from cockpit.domain.events import Recorded, TradingMode
from cockpit.trading.margin import MarginTerms
from cockpit.trading.risk import RiskLimits
from cockpit.trading.state import ArenaState

__all__ = ["BotControl", "ControlRefused"]


class BotControl(Protocol):
    """A running bot, as its API sees it.

    Attributes:
        folder: Where it keeps its things.
        started_ms: Real time at which the process took up the run, UTC milliseconds.
        speed: Market seconds per second; None: as fast as it can.
        limits: What the risk gate allows each agent, by name.
        margin_terms: What the venue lends on.
    """

    folder: BotFolder
    started_ms: int
    speed: float | None
    limits: Mapping[str, RiskLimits]
    margin_terms: MarginTerms

    @property
    def state(self) -> ArenaState:
        """The state that counts: nothing in it can be lost. Owned by the bot; read it, never change it."""
        ...

    @property
    def outage(self) -> str | None:
        """Why the journal can't be written now (trading is halted until it can); None when it can."""
        ...

    def listen(self, listener: Callable[[Sequence[Recorded]], None]) -> None:
        """Calls `listener` on the event loop with the events of every commit, once they count."""
        ...

    def listen_words(self, listener: Callable[[str, str, str], None]) -> None:
        """Calls `listener` on the event loop with what models say while they say it.

        It is given the name of the agent that asked, the role the model was asked in, and a piece of text.
        """
        ...

    async def pause(self, by: str) -> None:
        """Lets market time stand still."""
        ...

    async def resume(self, by: str) -> None:
        """Lets market time go on."""
        ...

    async def kill(self, by: str, *, flatten: bool) -> None:
        """Turns the kill switch on; with `flatten`, by an emergency stop that closes everything first.

        Raises:
            ControlRefused: If an emergency stop is under way.
        """
        ...

    async def unkill(self, by: str) -> None:
        """Turns the kill switch off."""
        ...

    async def set_mode(self, mode: TradingMode, by: str) -> None:
        """Says what orders may do: anything, only reduce exposure, or nothing."""
        ...

    async def acknowledge(self, alert: int, by: str) -> None:
        """Takes an alert off the list of what nobody has seen.

        Raises:
            ControlRefused: If there is no such alert.
        """
        ...

    async def reconcile(self) -> Sequence[Reconciliation]:
        """Compares every account with the venue's; on paper, with what the journal's fills add up to.

        Raises:
            JournalError: If the journal can't be read.
        """
        ...

    async def sync(self, found: Sequence[Reconciliation], by: str) -> None:
        """Trusts the accounts again that were found to agree."""
        ...

    async def reset_breaker(self, breaker: str, scope: str, by: str) -> None:
        """Arms a breaker again.

        Raises:
            ControlRefused: If there is no such breaker, or it is armed.
        """
        ...

    def request_stop(self, *, now: bool, flatten: bool) -> None:
        """Asks the bot to end: after the round in progress, or `now`, abandoning it."""
        ...
