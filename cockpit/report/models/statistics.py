"""The figures of agents that ask models: what that cost, what it was worth, and who leads net of it."""

from dataclasses import dataclass

from cockpit.arena.model_figures import ModelFigures
from cockpit.arena.net_standings import (
    Earned,
    NetStanding,
    buy_and_hold_return,
    net_standing,
    net_standings,
)
from cockpit.domain.market import Micros
from cockpit.report.session import Record, Session
from cockpit.report.statistics import ranked
from cockpit.trading.calibration import CalibrationBin


@dataclass(frozen=True, slots=True, kw_only=True)
class NetRow:
    """An agent's net standing, or that of the arena as a whole.

    Attributes:
        name: Whose.
        pnl: Fees, funding and slippage counted, models not, micro-units.
        standing: What is left of it; of the arena: without a rank.
    """

    name: str
    pnl: Micros
    standing: NetStanding


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow:
    """What the models of an agent did, or those of all agents together."""

    name: str
    figures: ModelFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationRow:
    """Round trips of about the same stated confidence."""

    name: str
    bin: CalibrationBin


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelReport:
    """What a session says of models.

    Attributes:
        agents: All agents, best return first.
        arena: All of them together.
    """

    agents: tuple[NetRow, ...]
    arena: NetRow

    @property
    def asking(self) -> list[ModelRow]:
        """The agents that ask models."""
        return [row for each in self.agents for row in _model_rows(each)]

    @property
    def together(self) -> ModelRow:
        """The models of all agents."""
        (row,) = _model_rows(self.arena)
        return row

    @property
    def calibrations(self) -> list[CalibrationRow]:
        """The bins in which there is anything, lowest first, agent by agent."""
        return [
            CalibrationRow(name=row.name, bin=each)
            for row in self.asking
            for each in row.figures.calibration or ()
            if each.count
        ]


def model_report(session: Session) -> ModelReport | None:
    """What a session says of models; None where no agent has asked one.

    The arena's projected daily cost is that of its rounds, in each of which all its agents ask.
    """
    if session.arena.noted.mind is None:
        return None
    records = {record.name: record for record in session.agents}
    earned = [_earned(record) for record in session.agents]
    marks = (session.first_marks, session.marks)
    standings = net_standings(earned, session.run, *marks)
    growth = buy_and_hold_return(earned, session.run, *marks)
    whole = _earned(session.arena)
    return ModelReport(
        agents=tuple(_net_row(_earned(records[row.name]), standings[row.name]) for row in ranked(session)),
        arena=_net_row(whole, net_standing(whole, session.run, growth)),
    )


def _earned(record: Record) -> Earned:
    return Earned(
        name=record.name,
        base=record.capital,
        pnl=record.equity - record.capital,
        mind=record.noted.mind,
        is_ranked=record.is_ranked,
    )


def _net_row(earned: Earned, standing: NetStanding) -> NetRow:
    return NetRow(name=earned.name, pnl=Micros(earned.pnl), standing=standing)


def _model_rows(row: NetRow) -> list[ModelRow]:
    models = row.standing.models
    return [] if models is None else [ModelRow(name=row.name, figures=models)]
