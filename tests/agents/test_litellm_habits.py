"""litellm, left alone, reaches for the network, reads a .env, prints, retries and imports: ours does not."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def process(tmp_path_factory):
    """A process that asked models and was failed in many ways, its litellm under a folder with a .env."""
    folder = tmp_path_factory.mktemp("habits")
    (folder / ".env").write_text("PLANTED_BY_DOTENV=yes\n")
    (folder / "site").mkdir()
    (folder / "site" / "litellm").symlink_to(Path(find_spec("litellm").origin).parent)
    output = folder / "found.json"
    kept = {"PATH", "HOME", "LANG", "VIRTUAL_ENV"}
    environment = {name: value for name, value in os.environ.items() if name in kept}
    environment["PYTHONPATH"] = os.pathsep.join([str(folder / "site"), str(REPOSITORY)])
    ran = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("gateway_process.py")), str(output)],
        capture_output=True,
        timeout=50,
        check=False,
        cwd=folder,
        env=environment,
    )
    assert ran.returncode == 0, ran.stderr.decode()[-2_000:]
    return ran, json.loads(output.read_text()), folder


def test_importing_the_gateway_imports_neither_litellm_nor_what_it_needs(process):
    _, found, _ = process
    assert found["at_import"] == []


def test_nothing_is_printed_whatever_fails(process):
    ran, found, _ = process
    assert found["faults"][:6] == ["server", "rate_limited", "denied", "unreachable", "server", "timeout"]
    # A line that is no JSON is passed over by the other of litellm's two readers.
    assert found["faults"][6:] == ["server", "rate_limited", "denied", "unreachable", "none", "timeout"]
    assert (ran.stdout, ran.stderr) == (b"", b"")


def test_only_the_model_itself_is_reached_over_the_network(process):
    _, found, _ = process
    assert found["addresses"] == ["127.0.0.1"]
    assert found["text"]


def test_no_environment_is_read_from_a_folder_above_litellms_own(process):
    _, found, folder = process
    assert Path(found["litellm"]).is_relative_to(folder / "site")
    assert found["planted"] is None


def test_its_thread_ends_with_it(process):
    _, found, _ = process
    assert "cockpit-models" not in found["threads"]


def test_only_the_gateway_imports_litellm():
    importing = ("import litellm", "from litellm", 'import_module("litellm')
    files = (REPOSITORY / "cockpit").rglob("*.py")
    found = {path.name for path in files if any(words in path.read_text() for words in importing)}
    assert found == {"gateway.py"}


AFTER_A_FAILURE = """
import asyncio, sys
from cockpit.agents.gateway import LiteLlmGateway
from cockpit.agents.models.model_call import CallFailed
from cockpit.agents.providers.api_keys import ApiKeys
from cockpit.agents.providers.model_directory import ModelDirectory
from cockpit.agents.providers.model_route import GatewayLimits

class OutOfReach:
    def find_spec(self, name, path=None, target=None):
        if name == "litellm.main":
            raise ImportError("the disk does not answer")

async def ready():
    gateway = LiteLlmGateway(ModelDirectory([], ApiKeys({}, {})), GatewayLimits())
    gateway.start()
    try:
        await gateway.ready()
        print("ready")
    except CallFailed as failed:
        print(failed)
    await gateway.aclose()

sys.meta_path.insert(0, OutOfReach())
asyncio.run(ready())
del sys.meta_path[0]
asyncio.run(ready())
"""


def test_after_it_could_not_be_loaded_once_it_can_be_later():
    ran = subprocess.run(
        [sys.executable, "-c", AFTER_A_FAILURE],
        capture_output=True,
        timeout=50,
        check=False,
        cwd=REPOSITORY,
        text=True,
    )
    first, second = ran.stdout.splitlines()
    assert "the disk does not answer" in first
    assert second == "ready"
