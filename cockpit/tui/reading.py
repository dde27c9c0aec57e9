"""What is read of a bot's journal when a person asks: trails, questions to models, orders of the past."""

import asyncio
import importlib
from collections.abc import Mapping
from dataclasses import dataclass

from textual.app import App

from cockpit.domain.errors import CockpitError
from cockpit.tui.answers import call_entry, order_entry, trail_of
from cockpit.tui.asking import Tell
from cockpit.tui.call_history import CallEntry
from cockpit.tui.link import BotLink
from cockpit.tui.order_history import OrderEntry
from cockpit.tui.panes.calls import CALL, LATEST_CALLS
from cockpit.tui.screens.call import CallScreen, call_sections
from cockpit.tui.screens.trail import TrailScreen
from cockpit.tui.store import Store

PAST_ORDERS = 1_000
"""How many orders that work no more the blotter asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Reads of the journal, and opens what it reads.

    Attributes:
        app: Where pages appear.
        link: The way to the bot.
        store: For pages.
        keys: Action id → key; what opened a page closes it.
        tell: Says something in passing; with ``bad=True``, that something went wrong.
    """

    app: App[str]
    link: BotLink
    store: Store
    keys: Mapping[str, str]
    tell: Tell

    def open(self, ident: str) -> None:
        """Opens what a row is named: a question to a model, else a trail."""
        if ident.startswith(CALL):
            self.open_call(int(ident.removeprefix(CALL)))
        else:
            self.open_trail(self.store.auditable(ident))

    def open_trail(self, ident: str) -> None:
        """Opens the trail of a decision, order or fill."""
        if not ident:
            self.tell("What closed this trade is not among the latest events any more.")
            return
        page = TrailScreen(self.store, ident, self.keys["detail"])
        self.app.push_screen(page)
        self.app.run_worker(self._read_trail(ident, page), group="trail", exclusive=True)

    async def _read_trail(self, ident: str, page: TrailScreen) -> None:
        try:
            trail = trail_of(await self.link.look_up(f"/audit/{ident}"))
        except CockpitError as error:
            page.show([str(error)])
        else:
            telling = await asyncio.to_thread(importlib.import_module, "cockpit.report.trail")
            page.show(telling.trail_lines(trail, width=None))

    def open_call(self, call_id: int) -> None:
        """Opens a question to a model."""
        page = CallScreen(self.store, call_id, self.keys["detail"])
        self.app.push_screen(page)
        self.app.run_worker(self._read_call(call_id, page), group="call", exclusive=True)

    async def _read_call(self, call_id: int, page: CallScreen) -> None:
        try:
            call = await self.link.look_up(f"/calls/{call_id}")
        except CockpitError as error:
            page.tell(str(error))
        else:
            page.show(await asyncio.to_thread(call_sections, call))

    async def past_calls(self, agent: str) -> dict[int, CallEntry]:
        """An agent's latest questions to models, by number."""
        try:
            rows = await self.link.look_up("/calls", agent=agent, limit=LATEST_CALLS)
        except CockpitError:  # those of the latest events are there all the same
            return {}
        return {row["call_id"]: call_entry(row) for row in rows}

    async def past_orders(self) -> dict[int, OrderEntry]:
        """Orders that work no more, by number."""
        try:
            rows = await self.link.look_up("/orders", status="done", limit=PAST_ORDERS)
        except CockpitError as error:
            self.tell(f"Only the orders of the latest events are shown: {error}", bad=True)
            return {}
        instruments = self.store.instruments
        return {
            row["order_id"]: order_entry(row, instruments[row["symbol"]])
            for row in rows
            if row["symbol"] in instruments  # a new run, with other instruments, may just have begun
        }
