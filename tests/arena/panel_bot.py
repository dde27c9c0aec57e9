"""Arenas in which one agent debates, all of whose roles speak by a scripted provider over real sockets."""

import json

from tests.agents.debate.debate_stage import statement
from tests.arena.mind_bot import BUY
from tests.servers.model_server import ModelServer, Scripted

ANALYSTS = ("bull", "bear", "risk_manager", "technical", "fundamental")
SIDES = {"bull": "long", "bear": "short", "risk_manager": "flat", "technical": "long", "fundamental": "long"}
VERDICT = json.dumps({"BTC": BUY})
REASON = "The low was swept, and the close is back in its range."


def script(server: ModelServer, *, pause_s=0.0, judge=VERDICT, **said):
    """Lets every role speak, the judge to buy.

    Args:
        server: The provider.
        pause_s: Between two pieces of what a role says.
        judge: What the judge answers.
        said: Role → what it answers instead of its statement.
    """
    for role in ANALYSTS:
        text = said.get(role, statement(SIDES[role], argument=REASON))
        server.script(Scripted(text=text, piece_chars=30, pause_s=pause_s), model=role)
    server.script(Scripted(text=judge, piece_chars=30, pause_s=pause_s), model="judge")


def panel_settings(url: str, *, rounds=None, speed="max", debate=None, agents=(), **sections):
    """Settings as a tree: one agent that debates, and one that only holds."""
    roles = (*ANALYSTS, "judge")
    route = {"api_base": url, "key": "PANEL_API_KEY", "input_price": 2.0, "output_price": 10.0}
    held = {"tools": False, "models": {role: f"openai/{role}" for role in roles}}
    mind = {"timeframes": ["1m", "3m"], "timeout": "30s", "debate": held | (debate or {})}
    return {
        "arena": {"interval": "1m"} | ({} if rounds is None else {"rounds": rounds}),
        "market": {"symbols": ["BTC"], "speed": speed},
        "models": {"routes": {f"openai/{role}": route for role in roles}, "attempts": 1},
        "agents": [
            {"name": "panel", "kind": "debate", "model": "openai/bull", "mind": mind},
            *agents,
            {"name": "buy_and_hold"},
        ],
        **sections,
    }
