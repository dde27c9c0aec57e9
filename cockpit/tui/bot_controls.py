"""What a person can ask of the bot: the question that comes first, the request, the word on how it went."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from textual.app import App

from cockpit.domain.events import ARENA, EmergencyStage, TradingMode
from cockpit.trading.agent_state import BreakerStatus
from cockpit.tui import actions
from cockpit.tui.asking import asked
from cockpit.tui.feed import Feed
from cockpit.tui.keys import key_word
from cockpit.tui.line import Line
from cockpit.tui.link import BotLink, CommandRefused, LinkLost
from cockpit.tui.panes.risk import all_breakers
from cockpit.tui.screens.confirm import ChoiceScreen, ConfirmScreen
from cockpit.tui.screens.dashboard import DashboardScreen
from cockpit.tui.screens.pages import PageScreen, status_lines
from cockpit.tui.store import Connection, Store

NO = ("n", "go back")

MODE_WORDS = {
    TradingMode.ACTIVE: "active: what passes the risk gate goes out",
    TradingMode.REDUCING: "reducing: only what lets exposure fall goes out",
    TradingMode.HALTED: "halted: nothing goes out but cancels",
}

_Stage = tuple[EmergencyStage | None, int, int]
"""Stage of an emergency stop, its attempt, and the event of the newest alert."""

SCOPE_MARK = "\n"
"""Between scope and breaker in a choice; in no name."""


@dataclass(slots=True, kw_only=True)
class BotControls:
    """The actions on a bot; methods are called what `actions.py` calls them.

    Attributes:
        app: Where questions and words appear.
        link: The way to the bot.
        store: How things stand.
        feed: Nudged when a bot was started.
        dashboard: Says that a bot is being started.
        keys: Action id → key.
    """

    app: App[str]
    link: BotLink
    store: Store
    feed: Feed
    dashboard: DashboardScreen
    keys: Mapping[str, str]
    _flattened_from: _Stage | None = field(init=False, default=None)

    def start(self) -> None:
        """Starts the bot where none runs."""
        if self.link.is_running():
            self.tell(f"The bot “{self.link.bot}” runs already.")
        elif not self.dashboard.welcome.starting:
            self.app.run_worker(self._start(), group="commands")

    async def _start(self) -> None:
        self._show_starting(True)
        try:
            await self.link.start()
        except CommandRefused as refused:
            self.store.set_connection(Connection.ABSENT, str(refused))
            self.tell(str(refused), bad=True)
        finally:
            self._show_starting(False)
        self.feed.nudge()

    def _show_starting(self, starting: bool) -> None:
        self.dashboard.welcome.starting = starting
        self.dashboard.welcome.paint()
        if starting and self.store.state.run is not None:
            self.tell(f"Starting the bot “{self.link.bot}” …")

    def stop(self) -> None:
        """Stops the bot, once it is confirmed."""
        self._ask_first("stop", [("y", "stop it"), NO], {"y": self._stop}, "The bot goes on.")

    def _stop(self) -> None:
        self._send("/stop", "The bot has ended.")

    def pause(self) -> None:
        """Pauses, or goes on."""
        if not self.reachable():
            return
        if self.store.state.paused:
            self._send("/resume", "The rounds go on.")
        else:
            self._send("/pause", "Paused: market time stands still.")

    def kill(self) -> None:
        """Kill switch on or off, with or without an emergency stop, once it is confirmed."""
        if not self.reachable():
            return
        now = self.store.situation
        if now.killed:
            question = "Turn the kill switch OFF? Orders are sent again from the next round on."
            answers = [("y", "turn it off"), NO]
            if not now.emergency:
                question += " Or close every position now, and leave it on?"
                answers.insert(0, ("f", "flatten"))
            self._ask(question, answers, {"y": self._unkill, "f": self._flatten}, "The kill switch stays on.")
        elif not self._is_stopping():
            answers = [("f", "kill and flatten"), ("y", "turn it on"), NO]
            then = {"y": self._kill, "f": self._flatten}
            self._ask_first("kill", answers, then, "The kill switch stays off: orders go out.")

    def _kill(self) -> None:
        self._send("/kill", "Kill switch ON: orders are recorded as held.", flatten=False)

    def _unkill(self) -> None:
        self._send("/unkill", "Kill switch off: orders go out again.")

    def flatten(self) -> None:
        """An emergency stop, once it is confirmed."""
        if not self._is_stopping():
            answers = [("y", "cancel and close everything"), NO]
            self._ask_first("flatten", answers, {"y": self._flatten}, "No emergency stop: everything stays.")

    def _is_stopping(self) -> bool:
        """Whether an emergency stop is under way, which is then told."""
        state = self.store.state
        if self.store.situation.emergency:
            self.tell(
                f"An emergency stop is under way: {state.emergency}, attempt {state.emergency_attempt}. "
                "It ends by itself, with the kill switch on."
            )
        return self.store.situation.emergency

    def _flatten(self) -> None:
        self.app.run_worker(self._flattened(self._stage), group="commands")

    async def _flattened(self, before: _Stage) -> None:
        words = "EMERGENCY STOP under way: orders are cancelled first."
        if await self._sent("/kill", words, {"flatten": True}):
            self._flattened_from = before
            self.emergency_moved()

    def emergency_moved(self) -> None:
        """Takes back that orders are cancelled first, once they are: the banner tells what comes next."""
        before = self._flattened_from
        is_canceling = self.store.state.emergency is EmergencyStage.CANCELING
        if before is not None and not is_canceling and self._stage != before:
            self._flattened_from = None
            self.app.call_later(self.app.clear_notifications)  # what was told just now is on its way there

    @property
    def _stage(self) -> _Stage:
        """How far the emergency stop is; each one that halts raises an alert."""
        state = self.store.state
        newest = state.alerts[-1].seq if state.alerts else 0
        return state.emergency, state.emergency_attempt, newest

    def mode(self, choice: str = "") -> None:
        """What orders may do: what is said, else what is picked."""
        if not self.reachable():
            return
        if choice:
            self._set_mode(choice)
            return
        now = self.store.state.mode
        choices = [
            (mode.value, words + (" (now)" if mode is now else "")) for mode, words in MODE_WORDS.items()
        ]
        self.app.push_screen(ChoiceScreen(self.store, "What may orders do?", choices), self._set_mode)

    def _set_mode(self, choice: str | None) -> None:
        if choice is not None:
            self._send("/mode", f"Trading mode: {MODE_WORDS[TradingMode(choice)]}.", mode=choice)

    def acknowledge(self, alerts: Sequence[int]) -> None:
        """Takes alerts, by the events that raised them, off the list of what nobody has seen."""
        if alerts and self.reachable():
            self.app.run_worker(self._acknowledge(alerts), group="commands")

    async def _acknowledge(self, alerts: Sequence[int]) -> None:
        try:
            for alert in alerts:
                await asyncio.shield(self.link.send(f"/alerts/{alert}/acknowledge"))
        except (CommandRefused, LinkLost) as error:
            self.tell(str(error), bad=True)
        else:
            self.tell("Acknowledged." if len(alerts) == 1 else f"Acknowledged {len(alerts)} alerts.")

    def reset_breaker(self) -> None:
        """Arms a breaker again: the one there is, or one that is picked."""
        if not self.reachable():
            return
        tripped = [
            (f"{scope}{SCOPE_MARK}{name}", f"{scope} · {name.replace('_', ' ')} · {breaker.reason}")
            for scope, name, breaker in all_breakers(self.store.state)
            if breaker.status is not BreakerStatus.ARMED
        ]
        if not tripped:
            self.tell("All circuit breakers are armed.")
            return
        question = "Which circuit breaker is to be armed again?"
        self.app.push_screen(ChoiceScreen(self.store, question, tripped), self._reset)

    def _reset(self, choice: str | None) -> None:
        if choice is None:
            return
        scope, _, name = choice.partition(SCOPE_MARK)
        whose = "the arena's" if scope == ARENA else f"{scope}'s"
        self._send(f"/breakers/{name}/reset", f"Armed {whose} breaker {name} again.", scope=scope)

    def status(self) -> None:
        """Facts about bot and run."""
        page = PageScreen(self.store, "Status", status_lines(self.store, {}), self.keys["status"])
        self.app.push_screen(page)
        self.app.run_worker(self._ask_facts(page.show), group="facts", exclusive=True)

    async def _ask_facts(self, show: Callable[[Iterable[Line]], None]) -> None:
        try:
            facts: Mapping[str, object] = await self.link.facts()
        except LinkLost as lost:
            facts = {"health": str(lost)}
        show(status_lines(self.store, facts))

    # Asking and telling

    def tell(self, words: str, *, bad: bool = False) -> None:
        """A passing word in the corner; the one before goes."""
        self._flattened_from = None
        self.app.notify(
            words, severity="error" if bad else "information", timeout=10 if bad else 5, markup=False
        )

    def _runs(self) -> bool:
        return self.store.connection in {Connection.LIVE, Connection.LOST} and self.link.is_running()

    def reachable(self) -> bool:
        """Whether the bot answers; where it does not, that is told."""
        if self.store.connection is Connection.LIVE:
            return True
        if self._runs():
            self.tell("The bot does not answer now.", bad=True)
        else:
            self.tell(f"No bot runs; {key_word(self.keys['start'])} starts one.", bad=True)
        return False

    def _ask_first(
        self,
        action_id: str,
        answers: Sequence[tuple[str, str]],
        then: Mapping[str, Callable[[], None]],
        otherwise: str,
    ) -> None:
        if self.reachable():
            self._ask(actions.BY_ID[action_id].question, answers, then, otherwise)

    def _ask(
        self,
        question: str,
        answers: Sequence[tuple[str, str]],
        then: Mapping[str, Callable[[], None]],
        otherwise: str,
    ) -> None:
        """Asks, and does what belongs to the answer, or says what did not happen."""

        def answered(answer: str | None) -> None:
            if answer is not None and answer in then:
                then[answer]()
            else:
                self.tell(otherwise)

        self.app.push_screen(ConfirmScreen(question, answers), answered)

    def _send(self, path: str, done: str, **body: object) -> None:
        self.app.run_worker(self._sent(path, done, body), group="commands")

    async def _sent(self, path: str, done: str, body: Mapping[str, object]) -> bool:
        """Sends a request and says what became of it; whether the bot took it."""
        refused = await asked(self.link.send(path, **body), self.tell, done)
        if refused:
            self.tell(refused, bad=True)
        return not refused
