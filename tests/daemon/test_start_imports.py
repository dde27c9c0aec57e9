"""A bot without models loads nothing that only models need."""

import subprocess
import sys

ONLY_FOR_MODELS = ("litellm", "openai", "aiohttp", "jinja2", "json_repair", "tenacity", "tiktoken")
PROGRAM = """
import sys
from cockpit.cli import cli
cli({arguments!r}, standalone_mode=False)
print("loaded", [name for name in {names!r} if name in sys.modules])
"""


def loaded(state_folder, *arguments):
    given = ["--state-dir", str(state_folder), *arguments]
    program = PROGRAM.format(arguments=given, names=ONLY_FOR_MODELS)
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()[-1]


def test_a_rule_based_bot_loads_no_library_of_models(tmp_path):
    assert loaded(tmp_path, "run", "--test", "--strategy=ema_cross", "--symbol=BTC") == "loaded []"
