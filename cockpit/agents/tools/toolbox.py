"""All tools over what one agent sees in one round; whatever a model asks of them, it gets words back."""

import msgspec
from pydantic import ValidationError

from cockpit.agents.answers.reply_text import quoted
from cockpit.agents.models.model_call import ToolCall, ToolSpec
from cockpit.agents.tools.account_tools import ACCOUNT_TOOLS
from cockpit.agents.tools.market_tools import MARKET_TOOLS
from cockpit.agents.tools.tool import Arguments, Sight, Tool, ToolRefused

TOOLS = (*MARKET_TOOLS, *ACCOUNT_TOOLS)
TOOL_SPECS: tuple[ToolSpec, ...] = tuple(tool.spec for tool in TOOLS)

MAX_ARGUMENTS = 1_000
"""Characters of the arguments a model gives a tool."""

MAX_ANSWER = 16_000
"""Characters a tool answers with."""

_BY_NAME = {tool.name: tool for tool in TOOLS}


class Toolbox:
    """Answers what models ask of tools.

    Args:
        sight: What the tools can see.
    """

    def __init__(self, sight: Sight) -> None:
        self._sight = sight

    def use(self, call: ToolCall) -> str:
        """What a tool tells, as JSON; or ``error: `` and why it can't. Never raises, whatever was asked."""
        tool = _BY_NAME.get(call.name)
        if tool is None:
            return f"error: there is no tool {quoted(call.name)}; there are {', '.join(_BY_NAME)}"
        arguments = _arguments(tool, call.arguments)
        if isinstance(arguments, str):
            return f"error: {arguments}"
        try:
            answer = msgspec.json.encode(tool.answer(self._sight, arguments)).decode()
        except ToolRefused as refused:
            return f"error: {refused}"
        if len(answer) > MAX_ANSWER:
            return "error: that is too much to tell at once; ask for less"
        return answer


def tool_name(call: ToolCall) -> str:
    """The name of the tool a model means, or ``unknown``."""
    return call.name if call.name in _BY_NAME else "unknown"


def _arguments(tool: Tool, text: str) -> Arguments | str:
    if len(text) > MAX_ARGUMENTS:
        return f"its arguments have {len(text)} characters, more than {MAX_ARGUMENTS}"
    try:
        return tool.arguments.model_validate_json(text.encode("utf-8", "replace").strip() or b"{}")
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(quoted(each) for each in first["loc"]) or "arguments"
        # Pydantic's own words on broken JSON may repeat characters of it.
        return f"{place}: {quoted(first['msg'], 120)}"
