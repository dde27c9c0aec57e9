"""What a bot that does not run would say: its journal and its settings tell."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Any

from pydantic import BaseModel

from cockpit.arena.roster import roster_of, strategy_uses
from cockpit.daemon.api_calls import CallDetail, CallLine, ModelCosts
from cockpit.daemon.api_debates import DebateDetail, DebateLine
from cockpit.daemon.api_library import models_answer, strategies_answer, tools_answer
from cockpit.daemon.api_orders import OrderFilter, orders_answer
from cockpit.daemon.api_reliability import reliability_answer
from cockpit.daemon.api_rows import AuditTrail, RunDetail, RunLine
from cockpit.daemon.folder import BotFolder
from cockpit.daemon.windows import ALL
from cockpit.domain.market import DAY_MS
from cockpit.journal.audit import audit
from cockpit.journal.call_views import read_call, read_calls, read_costs
from cockpit.journal.debate_views import read_debate, read_debates
from cockpit.journal.errors import JournalUnavailable, UnknownIdent
from cockpit.journal.library_views import read_model_figures, read_tool_uses
from cockpit.journal.run_views import read_run, read_runs
from cockpit.journal.views import JournalReader
from cockpit.settings.tree import Settings

MOST = 100
"""Of a list's rows, unless a ``limit`` says otherwise."""

_NEWEST_SEQ = "SELECT coalesce(max(seq), 0) AS seq FROM events"


class JournalAnswers:
    """Answers what the control API's paths of the same names do, in the same form.

    Args:
        folder: The bot's.
        settings: Gives those that say who competes; None where nobody knows.
        now_ms: Real time, UTC milliseconds.
    """

    def __init__(
        self, folder: BotFolder, settings: Callable[[], Settings | None], now_ms: Callable[[], int]
    ) -> None:
        self._folder = folder
        self._settings = settings
        self._now_ms = now_ms

    async def get(self, path: str, **params: Any) -> Any:
        """What there is, JSON-like.

        Args:
            path: ``/models``, ``/tools``, ``/strategies``, ``/costs``, ``/reliability``, ``/orders``,
                ``/runs``, ``/calls`` or ``/debates``; one of the last three, such as ``/runs/{id}``; or
                ``/audit/{ident}``.
            params: The query's, such as ``limit``.

        Raises:
            CockpitError: If it can't be told, as where no bot has run.
            KeyError: If the path is another.
        """
        kind, _, name = path.removeprefix("/").partition("/")
        if kind in _LIBRARY:
            return _plain(await _LIBRARY[kind](self))
        async with await JournalReader.open(self._folder.journal) as reader:
            if name:
                return _plain(await _ONE[kind](reader, name))
            return _plain(await _MANY[kind](self, reader, params))

    async def _runs(self, reader: JournalReader, params: Mapping[str, Any]) -> list[Any]:
        found = await read_runs(reader, params.get("limit", MOST))
        return [RunLine.model_validate(row) for row in found]

    async def _orders(self, reader: JournalReader, params: Mapping[str, Any]) -> list[Any]:
        wanted = OrderFilter(status=params.get("status"))
        return list(await orders_answer(reader, params.get("limit", MOST), wanted))

    async def _calls(self, reader: JournalReader, params: Mapping[str, Any]) -> list[Any]:
        found = await read_calls(reader, params.get("limit", MOST), agent=params.get("agent"))
        return [CallLine.model_validate(row) for row in found]

    async def _debates(self, reader: JournalReader, params: Mapping[str, Any]) -> list[Any]:
        found = await read_debates(reader, params.get("limit", MOST), before=params.get("before"))
        return [DebateLine.model_validate(row) for row in found]

    async def _reliability(self, reader: JournalReader, params: Mapping[str, Any]) -> BaseModel:
        return await reliability_answer(reader, params.get("window", ALL), params.get("run"))

    async def _costs(self, reader: JournalReader, _: Mapping[str, Any]) -> ModelCosts:
        (newest,) = await reader.query(_NEWEST_SEQ, {})
        found = await read_costs(reader, self._now_ms() // DAY_MS, newest["seq"])
        return ModelCosts.model_validate(found)

    async def _strategies(self) -> list[Any]:
        settings = self._settings()
        return list(strategies_answer({} if settings is None else strategy_uses(settings), ()))

    async def _models(self) -> list[Any]:
        settings = self._settings()
        known = () if settings is None else roster_of(settings)
        return list(models_answer(known, await self._of_newest_run(read_model_figures) if known else {}))

    async def _tools(self) -> list[Any]:
        return list(tools_answer(await self._of_newest_run(read_tool_uses)))

    async def _of_newest_run(self, read: Callable[[JournalReader, str], Any]) -> dict[str, Any]:
        """What is read of the newest run; nothing where there is none."""
        try:
            async with await JournalReader.open(self._folder.journal) as reader:
                found: dict[str, Any] = await read(reader, await reader.run_id())
                return found
        except (JournalUnavailable, UnknownIdent):
            return {}


async def _run(reader: JournalReader, name: str) -> BaseModel:
    return RunDetail.model_validate(await read_run(reader, name))


async def _call(reader: JournalReader, name: str) -> BaseModel:
    return CallDetail.model_validate(await read_call(reader, int(name)))


async def _debate(reader: JournalReader, name: str) -> BaseModel:
    return DebateDetail.model_validate(await read_debate(reader, int(name)))


async def _trail(reader: JournalReader, name: str) -> BaseModel:
    return AuditTrail.model_validate(asdict(await audit(reader, name)))


_LIBRARY: Mapping[str, Callable[[JournalAnswers], Awaitable[list[Any]]]] = {
    "models": JournalAnswers._models,
    "tools": JournalAnswers._tools,
    "strategies": JournalAnswers._strategies,
}
_MANY: Mapping[str, Callable[..., Awaitable[BaseModel | list[Any]]]] = {
    "runs": JournalAnswers._runs,
    "orders": JournalAnswers._orders,
    "calls": JournalAnswers._calls,
    "debates": JournalAnswers._debates,
    "reliability": JournalAnswers._reliability,
    "costs": JournalAnswers._costs,
}
_ONE: Mapping[str, Callable[[JournalReader, str], Awaitable[BaseModel]]] = {
    "runs": _run,
    "calls": _call,
    "debates": _debate,
    "audit": _trail,
}


def _plain(answer: BaseModel | list[Any]) -> Any:
    if isinstance(answer, BaseModel):
        return answer.model_dump(mode="json")
    return [each.model_dump(mode="json") for each in answer]
