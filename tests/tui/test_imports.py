import subprocess
import sys

HEAVY = (
    "ccxt",
    "litellm",
    "hyperliquid",
    "numba",
    "numpy",
    "polars",
    "fastapi",
    "plotly",
    "uvicorn",
)
BEFORE_FIRST_FRAME = (*HEAVY, "httpx", "msgspec", "pydantic", "cockpit.tui.controls", "cockpit.domain.events")

LOADED = "import sys; print([name for name in {names!r} if name in sys.modules])"


def loaded_after(program: str, names: tuple[str, ...]) -> str:
    command = [sys.executable, "-c", f"{program}\n{LOADED.format(names=names)}"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_the_first_frame_waits_for_nothing_it_does_not_show():
    assert loaded_after("import cockpit.tui.app", BEFORE_FIRST_FRAME) == "[]"


def test_the_dashboard_never_loads_what_only_bots_and_labs_need():
    program = (
        "import cockpit.tui.app, cockpit.tui.controls, cockpit.tui.bot_link, cockpit.tui.screenshot\n"
        "import cockpit.daemon.client, cockpit.daemon.lock"
    )
    assert loaded_after(program, HEAVY) == "[]"
