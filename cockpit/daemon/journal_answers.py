"""What a bot that does not run would say of its runs and its library: its journal and its settings tell."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from pydantic import BaseModel

from cockpit.arena.roster import roster_of, strategy_uses
from cockpit.daemon.api_calls import ModelCosts
from cockpit.daemon.api_library import models_answer, strategies_answer, tools_answer
from cockpit.daemon.api_reliability import reliability_answer
from cockpit.daemon.api_rows import RunDetail, RunLine
from cockpit.daemon.folder import BotFolder
from cockpit.daemon.windows import ALL
from cockpit.domain.market import DAY_MS
from cockpit.journal.call_views import read_costs
from cockpit.journal.errors import JournalUnavailable, UnknownIdent
from cockpit.journal.library_views import read_model_figures, read_tool_uses
from cockpit.journal.run_views import read_run, read_runs
from cockpit.journal.views import JournalReader
from cockpit.settings.tree import Settings

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
        """What there is at ``/runs``, ``/runs/{id}``, ``/costs``, ``/reliability``, ``/models``, ``/tools``
        or ``/strategies``, JSON-like.

        Raises:
            CockpitError: If it can't be told, as where no bot has run.
            KeyError: If the path is another.
        """
        if path == "/strategies":
            return _plain(self._strategies())
        if path in _LIBRARY:
            return _plain(await _LIBRARY[path](self))
        async with await JournalReader.open(self._folder.journal) as reader:
            if path.startswith("/runs/"):
                run = await read_run(reader, path.removeprefix("/runs/"))
                return _plain(RunDetail.model_validate(run))
            return _plain(await _RUNS[path](self, reader, params))

    async def _runs(self, reader: JournalReader, params: Mapping[str, Any]) -> list[Any]:
        found = await read_runs(reader, params.get("limit", 100))
        return [RunLine.model_validate(row) for row in found]

    async def _reliability(self, reader: JournalReader, params: Mapping[str, Any]) -> BaseModel:
        return await reliability_answer(reader, params.get("window", ALL), params.get("run"))

    async def _costs(self, reader: JournalReader, _: Mapping[str, Any]) -> ModelCosts:
        (newest,) = await reader.query(_NEWEST_SEQ, {})
        found = await read_costs(reader, self._now_ms() // DAY_MS, newest["seq"])
        return ModelCosts.model_validate(found)

    def _strategies(self) -> list[Any]:
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


_RUNS: Mapping[str, Callable[..., Awaitable[BaseModel | list[Any]]]] = {
    "/runs": JournalAnswers._runs,
    "/reliability": JournalAnswers._reliability,
    "/costs": JournalAnswers._costs,
}
_LIBRARY: Mapping[str, Callable[[JournalAnswers], Awaitable[list[Any]]]] = {
    "/models": JournalAnswers._models,
    "/tools": JournalAnswers._tools,
}


def _plain(answer: BaseModel | list[Any]) -> Any:
    if isinstance(answer, BaseModel):
        return answer.model_dump(mode="json")
    return [each.model_dump(mode="json") for each in answer]
