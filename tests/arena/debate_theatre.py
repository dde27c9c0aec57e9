"""A theatre in which `ann` is of kind debate, and what her roles say outside of rounds waits for its cue."""

import asyncio
import json

from cockpit.domain.events import DebateAbandoned, DebateAsked, DebateHeld
from tests.agents.debate.debate_stage import BUY, ROLES, ScriptedGateway, agent_of, statement
from tests.arena.conftest import ScriptedAgent
from tests.arena.theatre import Theatre

HOLD = json.dumps({"BTC": {"signal": "hold", "confidence": 0.4}})
ENTER = json.dumps({"BTC": BUY})
QUIET = {role: [statement()] for role in ROLES} | {"judge": [HOLD], "shadow": [HOLD]}
AGREED = QUIET | {"judge": [ENTER]}
ASKED = (DebateAsked, DebateHeld, DebateAbandoned)


class Cue(ScriptedGateway):
    """Answers rounds at once, and a debate that somebody asked for once it has its cue.

    Attributes:
        outside: Who answers outside of rounds.
        given: The cue.
        comes_in_round: Whether it is given within the next round, which then lasts until all is said.
    """

    def __init__(self, rounds, asked):
        super().__init__(rounds)
        self.outside = ScriptedGateway(asked)
        self.given = asyncio.Event()
        self.comes_in_round = False

    async def call(self, request, purpose):
        if purpose.round is not None:
            if self.comes_in_round:
                self.given.set()
                while not self.outside.requests("judge"):
                    await asyncio.sleep(0)
                await asyncio.sleep(0.05)
            return await super().call(request, purpose)
        await self.given.wait()
        return await self.outside.call(request, purpose)


class DebateTheatre(Theatre):
    """A theatre whose `ann` debates.

    Attributes:
        cue: The way to her models.
        heard: What listeners were told: speaker, role and message.
    """

    patience = 200_000  # long answers are read in a thread, which takes real time

    def __init__(self, *arguments, asked=AGREED, rounds=QUIET, **options):
        self.cue = Cue(rounds, QUIET | asked)
        self.heard = []
        super().__init__(*arguments, **options)

    def _agents(self):
        ann = agent_of(
            self.cue, on_said=lambda speaker, message: self.heard.append((speaker, message.role, message))
        )
        return {"ann": ann, "bob": ScriptedAgent("bob", self._say("bob"))}

    def debate(self, symbol="BTC", agent=None, *, execute=False):
        """Asks for one, which waits for its cue."""
        return self.do(
            self.coordinator.controls.debate(symbol=symbol, agent=agent, execute=execute, by="alice")
        )

    def give_cue(self):
        """Lets everybody speak, and waits until all that was asked for is told."""
        self.cue.given.set()
        self.do(self._told())
        self._settle()

    def debated(self, **how):
        """One debate from its asking to its end, which is returned."""
        self.debate(**how)
        self.give_cue()
        return self.events(DebateHeld, DebateAbandoned)[-1]

    async def _told(self):
        async with asyncio.timeout(5):
            while self.state.debates_under_way:
                await asyncio.sleep(0)

    def close(self):
        self.do(self.coordinator.debates.aclose())
        super().close()
