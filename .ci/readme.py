"""README's commands, as it spells them: the first fenced block of the section "Two commands"."""

import re
import sys
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def commands() -> list[str]:
    """The two lines a newcomer pastes."""
    section = README.read_text(encoding="utf-8").partition("## Two commands")[2].partition("\n## ")[0]
    blocks = re.findall(r"```sh\n(.*?)\n```", section, re.DOTALL)
    if len(blocks) != 2 or any("\n" in block for block in blocks):
        sys.exit("README's section “Two commands” must have two blocks of one line each")
    return blocks


if __name__ == "__main__":
    sys.stdout.write(commands()[int(sys.argv[1]) - 1])
