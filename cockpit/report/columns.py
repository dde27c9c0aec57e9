"""What the tables of a report show: one list, for the terminal and the page."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Protocol, TypeAlias, TypeVar

from cockpit.arena.model_figures import dollars
from cockpit.domain.errors import USAGE, CockpitError
from cockpit.domain.events import ARENA
from cockpit.domain.formats import NOT_AVAILABLE, duration, money, percent, ratio
from cockpit.domain.plain_text import plain_text
from cockpit.domain.ranks import rank_words
from cockpit.report.statistics import Statistics

_BLOCKS = " ▁▂▃▄▅▆▇█"


class Named(Protocol):
    """A row of a table: somebody's."""

    @property
    def name(self) -> str:
        """Whose."""
        ...


RowT_contra = TypeVar("RowT_contra", bound=Named, contravariant=True)


@dataclass(frozen=True, slots=True)
class Column(Generic[RowT_contra]):
    """A heading, what stands below it, and where that has a sign, the value that has it."""

    heading: str
    text: Callable[[RowT_contra], str]
    signed: Callable[[RowT_contra], float | None] | None = None
    is_text: bool = False


Columns: TypeAlias = tuple[Column[Statistics], ...]

NAME: Column[Named] = Column("agent", lambda row: plain_text(row.name), is_text=True)

PROFIT: Columns = (
    Column("#", lambda row: "" if row.name == ARENA else rank_words(row.rank)),
    NAME,
    Column("return", lambda row: percent(row.return_fraction, signed=True), lambda row: row.return_fraction),
    Column("P&L", lambda row: money(row.pnl, signed=True), lambda row: row.pnl),
    Column("equity", lambda row: money(row.equity)),
    Column("realized", lambda row: money(row.realized, signed=True), lambda row: row.realized),
)
COSTS: Columns = (
    NAME,
    Column("fees", lambda row: money(row.fees)),
    Column("slippage", lambda row: money(row.slippage)),
    Column("funding", lambda row: money(row.funding)),
    Column("together", lambda row: money(row.costs)),
    Column("borne by venue", lambda row: money(row.covered)),
)
COST_SHARES: Columns = (
    NAME,
    Column("fees", lambda row: percent(row.fees_fraction, decimals=3)),
    Column("slippage", lambda row: percent(row.slippage_fraction, decimals=3)),
    Column("funding", lambda row: percent(row.funding_fraction, decimals=3)),
    Column("together", lambda row: percent(row.costs_fraction, decimals=3)),
    Column("turnover", lambda row: money(row.turnover, decimals=0)),
)
OUTCOMES: Columns = (
    NAME,
    Column("win", lambda row: str(row.wins)),
    Column("loss", lambda row: str(row.losses)),
    Column("pending", lambda row: str(row.pending)),
    Column("mean MAE", lambda row: percent(row.adverse_excursion)),
    Column("mean MFE", lambda row: percent(row.favorable_excursion)),
    Column("liquidated", lambda row: str(row.liquidations)),
)
TRADES: Columns = (
    NAME,
    Column("trades", lambda row: str(row.trades)),
    Column("win rate", lambda row: percent(row.win_rate, decimals=1)),
    Column("profit factor", lambda row: ratio(row.profit_factor)),
    Column("expectancy", lambda row: money(row.expectancy, signed=True), lambda row: row.expectancy),
    Column("best", lambda row: money(row.best_trade, signed=True), lambda row: row.best_trade),
    Column("worst", lambda row: money(row.worst_trade, signed=True), lambda row: row.worst_trade),
)
RISK: Columns = (
    NAME,
    Column("max drawdown", lambda row: percent(row.max_drawdown)),
    Column("lasting", lambda row: duration(row.max_drawdown_duration_ms)),
    Column("Sharpe", lambda row: ratio(row.sharpe), lambda row: row.sharpe),
    Column("Sortino", lambda row: ratio(row.sortino), lambda row: row.sortino),
    Column("Calmar", lambda row: ratio(row.calmar), lambda row: row.calmar),
)
ACTIVITY: Columns = (
    NAME,
    Column("exposure", lambda row: percent(row.exposure, decimals=1)),
    Column("in market", lambda row: percent(row.time_in_market, decimals=1)),
    Column("fills", lambda row: str(row.fills)),
    Column("orders", lambda row: str(row.orders)),
    Column("denied", lambda row: str(row.denied)),
    Column("held", lambda row: str(row.held)),
    Column("trips", lambda row: str(row.trips)),
)
DECISIONS: Columns = (
    NAME,
    Column("decisions", lambda row: str(row.decisions)),
    Column("errors", lambda row: str(row.errors)),
    Column("cost", lambda row: dollars(row.cost)),
    Column("confidence", lambda row: ratio(row.confidence.mean)),
    Column("0 … 1", lambda row: histogram(row.confidence.counts), is_text=True),
)
INTENTS: Columns = (
    NAME,
    Column("orders asked for", lambda row: str(row.intents)),
    Column("filled", lambda row: str(row.intents_filled)),
    Column("won", lambda row: str(row.intents_won)),
    Column("lost", lambda row: str(row.intents_lost)),
    Column("pending", lambda row: str(row.intents_pending)),
)
SECTIONS: tuple[tuple[str, Columns], ...] = (
    ("Profit", PROFIT),
    ("What it cost", COSTS),
    ("What it cost, of turnover", COST_SHARES),
    ("Trades", TRADES),
    ("What became of them", OUTCOMES),
    ("Risk", RISK),
    ("Activity", ACTIVITY),
    ("Decisions", DECISIONS),
    ("What became of decisions", INTENTS),
)


class Ranked(Named, Protocol):
    """A row of a leaderboard, whichever: of a run that goes on or of a session."""

    @property
    def rank(self) -> int | None: ...  # noqa: D102 - as in `Statistics` and `LeaderboardRow`, like the rest
    @property
    def equity(self) -> int: ...  # noqa: D102
    @property
    def return_fraction(self) -> float | None: ...  # noqa: D102
    @property
    def pnl(self) -> int: ...  # noqa: D102
    @property
    def fees(self) -> int: ...  # noqa: D102
    @property
    def win_rate(self) -> float | None: ...  # noqa: D102
    @property
    def biggest_win(self) -> int | None: ...  # noqa: D102
    @property
    def biggest_loss(self) -> int | None: ...  # noqa: D102
    @property
    def sharpe(self) -> float | None: ...  # noqa: D102
    @property
    def trades(self) -> int: ...  # noqa: D102


NOF1: tuple[Column[Ranked], ...] = (
    Column("RANK", lambda row: rank_words(row.rank)),
    Column("MODEL", lambda row: plain_text(row.name), is_text=True),
    Column("ACCT VALUE", lambda row: money(row.equity)),
    Column(
        "RETURN %", lambda row: percent(row.return_fraction, signed=True), lambda row: row.return_fraction
    ),
    Column("TOTAL P&L", lambda row: money(row.pnl, signed=True), lambda row: row.pnl),
    Column("FEES", lambda row: money(row.fees)),
    Column("WIN RATE", lambda row: percent(row.win_rate, decimals=0)),
    Column("BIGGEST WIN", lambda row: money(row.biggest_win), lambda row: row.biggest_win),
    Column("BIGGEST LOSS", lambda row: money(row.biggest_loss), lambda row: row.biggest_loss),
    Column("SHARPE", lambda row: ratio(row.sharpe), lambda row: row.sharpe),
    Column("TRADES", lambda row: str(row.trades)),
)
"""The leaderboard of the arena at nof1.ai, column by column; it takes some 110 columns of a terminal."""


class Preset(StrEnum):
    """Which columns are printed."""

    FULL = "full"
    NOF1 = "nof1"


class PresetUnknown(CockpitError):
    """There are no columns of that name."""

    exit_code = USAGE


def preset_named(name: str) -> Preset:
    """The columns of a name.

    Raises:
        PresetUnknown: If there are none.
    """
    try:
        return Preset(name)
    except ValueError as error:
        raise PresetUnknown(f"there are no columns called {name!r}: choose {' or '.join(Preset)}") from error


def histogram(counts: tuple[int, ...]) -> str:
    """A bar for each bin, the largest full height; ``n/a`` where all are empty."""
    highest = max(counts, default=0)
    if not highest:
        return NOT_AVAILABLE
    return "".join(_BLOCKS[-(-count * (len(_BLOCKS) - 1) // highest)] for count in counts)
