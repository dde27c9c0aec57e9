"""The command line as people use it: what it prints, what it leaves, and how it refuses."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time

import pytest

from cockpit.daemon.local_http import ask
from cockpit.daemon.lock import running_pid
from cockpit.domain.events import BotStarted, EmergencyAdvanced, EmergencyStage, OrderFilled, RoundOpened
from cockpit.journal.reading import read_events
from tests.e2e.waiting import wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


def test_a_test_run_prints_five_leaderboards_and_leaves_json_csv_and_html(cockpit):
    printed = cockpit("run", "--test").stdout
    assert re.findall(r"^round (\d) of 5", printed, re.MULTILINE) == ["1", "2", "3", "4", "5"]
    assert printed.count("buy_and_hold") == 5
    results = sorted(path.name for path in cockpit.folder().results.iterdir())
    assert [re.sub(r"\d{8}T\d{6}Z", "UTC", name) for name in results] == [
        "leaderboard_UTC.csv",
        "report_UTC.html",
        "session_UTC.json",
    ]
    assert cockpit.folder().results.joinpath(results[0]).read_text().count("\n") == 12


def test_the_same_seed_twice_gives_the_same_bytes_but_for_wall(cockpit):
    for bot in ("one", "two"):
        cockpit("run", "--test", "--seed=3", bot=bot)
    documents = [cockpit.session(bot) for bot in ("one", "two")]
    walls = [document.pop("wall") for document in documents]
    assert walls[0] != walls[1]
    assert json.dumps(documents[0]) == json.dumps(documents[1])


def test_it_trades_on_recorded_candles(cockpit, shared_data):
    data = shared_data / "candles" / "hyperliquid_perp"
    cockpit(
        "run",
        "--market=replay",
        f"--data={data}",
        "--rounds=60",
        "--speed=max",
        "--symbol=BTC",
        "--symbol=ETH",
    )
    session = cockpit.session()
    assert {fill["symbol"] for fill in session["fills"]} <= {"BTC/USDC:USDC", "ETH/USDC:USDC"}
    assert session["fills"]


def test_a_single_file_with_gaps_is_traded_and_the_gaps_are_told(cockpit, shared_data):
    data = shared_data / "candles" / "bitfinex_spot" / "BTCUSD-1m-2019-06.csv.gz"
    printed = cockpit("run", f"--data={data}", "--rounds=50", "--speed=max").stdout
    told = "672 of 43,200 intervals of 1m have no candle, at most 188 in a row; they are passed over"
    assert told in printed
    assert told in json.dumps(cockpit.session()["wall"]["process"])


def test_start_status_stop_and_the_exit_codes_between(cockpit):
    assert "isn't running" in cockpit("status", code=3).stderr
    cockpit("start", "--speed=600")
    assert "running already" in cockpit("start", code=4).stderr
    health = cockpit.json("status")["health"]
    assert (health["mode"], health["bot"]) == ("paper", "arena")
    assert "trading" in cockpit("status").stdout
    assert "all is well" in cockpit("health").stdout
    cockpit("pause")
    assert cockpit.json("status")["health"]["paused"]
    cockpit("resume")
    cockpit("kill")
    assert "KILLED" in cockpit("status").stdout
    cockpit("unkill")
    assert "is armed already" in cockpit("reset-breaker", "drawdown", code=4).stderr
    assert "is gone" in cockpit("stop").stdout
    assert "isn't running" in cockpit("stop", code=3).stderr
    assert cockpit.session()["wall"]["run_id"] == health["run_id"]


def test_start_goes_on_with_an_unfinished_run_and_refuses_other_settings(cockpit):
    cockpit("start", "--speed=600", "--seed=1")
    cockpit("stop")
    before = cockpit.json("report")
    assert "--new" in cockpit("start", "--seed=2", code=4).stderr
    cockpit("start", "--speed=60", "--seed=1")
    assert cockpit.json("status")["health"]["run_id"] == json.loads(json.dumps(before))["wall"]["run_id"]
    cockpit("stop")
    cockpit("start", "--new", "--seed=2")
    assert cockpit.json("status")["health"]["run_id"] != before["wall"]["run_id"]
    cockpit("stop")


def test_several_bots_live_side_by_side(cockpit):
    for bot in ("red", "blue"):
        cockpit("start", bot=bot)
    found = cockpit.json("status", "--all")
    assert [each["bot"] for each in found] == ["blue", "red"]
    assert all(each["pid"] for each in found)
    cockpit("stop", bot="red")
    assert cockpit.json("status", bot="blue")["health"]["bot"] == "blue"
    cockpit("stop", bot="blue")


def test_stop_with_flatten_closes_every_position(cockpit):
    cockpit("start", "--speed=600", "--strategy=ema_cross")
    while not json.loads(cockpit("status", "--json").stdout)["health"]["round"] > 3:
        pass
    cockpit("stop", "--flatten")
    assert cockpit.session()["positions"] == []


THICK = ("--speed=600", "--strategy=ema_cross", "--symbol=BTC", "--symbol=ETH")


def health(cockpit):
    return cockpit.json("status")["health"]


def holds(cockpit):
    """Whether any agent has a position, as the bot's API says."""
    status, found = ask(cockpit.folder().socket, "GET", "/positions")
    assert status == 200
    return bool(found)


def stages(printed):
    told = ("cancelling every order", "closing every position", "halted")
    found = [stage for line in printed.splitlines() for stage in told if line.startswith(stage)]
    return list(dict.fromkeys(found))


ALL_STAGES = ["cancelling every order", "closing every position", "halted"]


def journaled(cockpit, *kinds):
    return [each.event for each in read_events(cockpit.folder().journal) if isinstance(each.event, kinds)]


@pytest.mark.parametrize("before", ["running", "paused", "killed"])
def test_kill_with_flatten_closes_everything_and_tells_each_stage(cockpit, before):
    cockpit("start", *THICK)
    wait_for(lambda: holds(cockpit))
    if before != "running":
        cockpit({"paused": "pause", "killed": "kill"}[before])
    assert stages(cockpit("kill", "--flatten").stdout) == ALL_STAGES
    assert not holds(cockpit)
    told = cockpit("status").stdout
    assert "HALTED by an emergency stop of the command line" in told
    assert "1 alert nobody has acknowledged" in told
    assert "halted: no order works" in cockpit("alerts").stdout
    assert cockpit("alerts", "ack", "all").stdout == "1 alerts are acknowledged\n"
    assert cockpit.json("alerts") == []
    rounds = health(cockpit)["round"]
    cockpit("unkill")
    if before == "paused":
        cockpit("resume")
    wait_for(lambda: health(cockpit)["round"] > rounds)


def test_kill_with_flatten_starts_a_stopped_bot_for_it_alone(cockpit, monkeypatch, tmp_path):
    assert "isn't running" in cockpit("kill", "--flatten", code=3).stderr
    cockpit("start", *THICK)
    wait_for(lambda: holds(cockpit))
    cockpit("stop")
    held = cockpit.session()["positions"]
    assert held
    monkeypatch.chdir(tmp_path)
    printed = cockpit("kill", "--flatten").stdout
    assert stages(printed) == ALL_STAGES
    assert "is stopped again" in printed
    assert running_pid(cockpit.folder()) is None
    session = cockpit.session()
    assert session["positions"] == []
    told = list(read_events(cockpit.folder().journal))
    last = max(place for place, each in enumerate(told) if isinstance(each.event, BotStarted))
    assert not any(isinstance(each.event, RoundOpened) for each in told[last:])
    cockpit("start", *THICK)
    assert health(cockpit)["killed"]
    cockpit("stop")


def test_kill_with_flatten_finds_nothing_where_the_run_is_over(cockpit):
    cockpit("run", "--test")
    assert "no unfinished run" in cockpit("kill", "--flatten", code=3).stderr
    assert running_pid(cockpit.folder()) is None


@pytest.mark.parametrize("gone_on_by", ["start", "kill"])
def test_an_emergency_stop_killed_in_the_middle_goes_on(cockpit, tmp_path, gone_on_by):
    """Positions are so large beside the volume that closing them takes many bars."""
    config = tmp_path / "thin.toml"
    config.write_text("[venue]\nparticipation = 0.0003\n")
    thin = {"COCKPIT_CONFIG": str(config)}
    options = ("--speed=6000", "--strategy=ema_cross", "--symbol=SOL")
    cockpit("start", *options, **thin)
    wait_for(lambda: health(cockpit)["round"] > 40)
    assert holds(cockpit)
    pid = running_pid(cockpit.folder())
    with subprocess.Popen(
        cockpit.arguments("kill", "--flatten"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as killing:
        for line in killing.stdout:
            if line.startswith("closing every position"):
                os.kill(pid, signal.SIGKILL)
                break
        assert killing.wait(30) == 1
        assert "gone in the middle of it" in killing.stderr.read()
    wait_for(lambda: running_pid(cockpit.folder()) is None)
    before = journaled(cockpit, EmergencyAdvanced)
    assert before[-1].stage is EmergencyStage.FLATTENING
    if gone_on_by == "start":
        cockpit("start", *options, **thin)
        wait_for(lambda: (health(cockpit)["emergency"] or {}).get("stage") == "halted")
        assert not holds(cockpit)
        cockpit("stop")
    else:
        assert stages(cockpit("kill", "--flatten", **thin).stdout)[-1] == "halted"
    assert cockpit.session()["positions"] == []
    assert [each.stage for each in journaled(cockpit, EmergencyAdvanced)].count(EmergencyStage.HALTED) == 1
    fills = journaled(cockpit, OrderFilled)
    assert [each.fill.fill_id for each in fills] == list(range(1, len(fills) + 1))


def test_an_emergency_stop_that_nobody_waits_for_any_more_goes_on(cockpit, tmp_path):
    config = tmp_path / "thin.toml"
    config.write_text("[venue]\nparticipation = 0.0003\n")
    cockpit("start", "--speed=6000", "--strategy=ema_cross", "--symbol=SOL", COCKPIT_CONFIG=str(config))
    wait_for(lambda: health(cockpit)["round"] > 40)
    with subprocess.Popen(
        cockpit.arguments("kill", "--flatten"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as killing:
        for line in killing.stdout:
            if line.startswith("closing every position"):
                killing.send_signal(signal.SIGINT)
                break
        assert killing.wait(30) == 130
        assert "the emergency stop goes on by itself" in killing.stderr.read()
    wait_for(lambda: (health(cockpit)["emergency"] or {}).get("stage") == "halted")
    assert not holds(cockpit)


def test_mode_says_what_orders_may_do(cockpit):
    cockpit("start", *THICK)
    assert "reducing: orders may only reduce exposure" in cockpit("mode", "reducing").stdout
    assert "REDUCING" in cockpit("status").stdout
    denied = []
    wait_for(lambda: denied.extend(ask(cockpit.folder().socket, "GET", "/orders?status=denied")[1]) or denied)
    assert {order["rule"] for order in denied} == {"trading_mode"}
    assert "no order goes out" in cockpit("mode", "halted").stdout
    assert "HALTED, no order goes out" in cockpit("status").stdout
    assert "kill --flatten" in cockpit("stop", "--flatten", code=4).stderr
    cockpit("mode", "active")
    assert "REDUCING" not in cockpit("status").stdout
    assert "reckless" in cockpit("mode", "reckless", code=2).stderr


def test_accounts_are_compared_with_their_fills(cockpit):
    cockpit("start", *THICK)
    wait_for(lambda: holds(cockpit))
    assert "all 4 accounts agree" in cockpit("sync").stdout
    assert all(each["agrees"] for each in cockpit.json("sync")["accounts"])
    assert "no pause" in cockpit("sync", "--every=0s", code=2).stderr
    with subprocess.Popen(
        cockpit.arguments("sync", "--every=200ms"), stdout=subprocess.PIPE, text=True
    ) as syncing:
        assert [syncing.stdout.readline() for _ in range(2)] == ["all 4 accounts agree\n"] * 2
        syncing.send_signal(signal.SIGINT)
        assert syncing.wait(30) == 130
    assert "no alert 99" in cockpit("alerts", "ack", "99", code=4).stderr
    assert "is no alert" in cockpit("alerts", "ack", "first", code=2).stderr


def test_an_hour_of_one_strategy_ends_by_itself_and_leaves_a_report(cockpit, tmp_path):
    cockpit("run", "--strategy=liquidity_sweep", "--duration=3600", "--speed=max")
    cockpit("report", f"--output={tmp_path / 'daily.json'}")
    report = json.loads((tmp_path / "daily.json").read_text())
    assert {row["name"] for row in report["agents"]} == {"liquidity_sweep", "buy_and_hold", "cash", "random"}
    assert "profit factor" in cockpit("report").stdout.lower()


def test_trading_disabled_by_the_environment_holds_every_order(cockpit):
    cockpit("run", "--test", TRADING_ENABLED="false")
    session = cockpit.session()
    assert session["fills"] == []
    assert sum(row["held"] for row in session["agents"]) > 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0), (signal.SIGHUP, 0)])
def test_a_run_that_is_interrupted_ends_its_round_and_exports(cockpit, number, code):
    with subprocess.Popen(
        cockpit.arguments("run", "--speed=600"), stdout=subprocess.PIPE, text=True
    ) as running:
        while not running.stdout.readline().startswith("round 2"):
            pass
        running.send_signal(number)
        said = running.stdout.read()
        assert running.wait(30) == code
    assert "stopping after this round" in said
    assert "stopped on request" in said
    assert cockpit.session()["rounds_closed"] >= 2


def test_a_background_bot_has_no_terminal_to_lose(cockpit):
    cockpit("start", "--speed=600")
    pid = cockpit.json("status")["health"]["pid"]
    os.kill(pid, signal.SIGHUP)
    time.sleep(0.3)
    assert cockpit.json("status")["health"]["pid"] == pid
    os.kill(pid, signal.SIGTERM)
    wait_for(lambda: running_pid(cockpit.folder()) is None)
    assert cockpit.session()["finished"] in (None, "")


def test_a_wrong_word_is_refused_in_one_line_with_exit_code_2(cockpit):
    refused = cockpit("fly", code=2)
    assert refused.stderr.startswith("cockpit: no such command 'fly'; see `")
    assert refused.stderr.count("\n") == 1


def test_a_run_goes_on_when_nobody_reads_what_it_prints_any_more(cockpit):
    command = shlex.join(cockpit.arguments("run", "--rounds=30", "--interval=1m", "--speed=max"))
    read = subprocess.run(["sh", "-c", f"{command} | head -n 1"], capture_output=True, text=True, check=True)
    assert re.fullmatch(r"run \S+: 11 agents on the simulated market, a round every 1m .*\n", read.stdout)
    wait_for(lambda: running_pid(cockpit.folder()) is None)
    assert (cockpit.session()["rounds_closed"], read.stderr) == (30, "")


def test_an_order_is_audited_from_decision_to_fill(cockpit):
    cockpit("run", "--test")
    printed = cockpit("audit", "fill:1").stdout
    for step in ("decision", "order", "risk passed it, sent", "accepted", "fill"):
        assert step in printed
    trail = cockpit.json("audit", "order:1")
    assert {"decision", "order", "lifecycle", "fill"} <= {step["what"] for step in trail["steps"]}
    assert [step["facts"]["order_id"] for step in trail["steps"] if step["asked"]] == [1]
    assert trail["outcomes"][0]["order_id"] == 1
    assert "order:999" in cockpit("audit", "order:999", code=1).stderr


def test_rebuilt_read_models_are_the_same(cockpit):
    cockpit("run", "--test")
    before = cockpit("audit", "fill:1").stdout
    assert "events" in cockpit("rebuild").stdout
    assert cockpit("audit", "fill:1").stdout == before


def test_config_and_agents_are_told(cockpit):
    assert "market.seed" in cockpit("config", "show").stdout
    assert "11 agents" in cockpit("config", "check").stdout
    assert len(cockpit.json("agents", "list")) == 11


def test_status_imports_nothing_heavy(cockpit):
    code = (
        "import sys; sys.argv = ['cockpit', '--bot=nobody', 'status']\n"
        "from cockpit.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "import cockpit.daemon.client, cockpit.daemon.status\n"
        "heavy = ('textual', 'ccxt', 'litellm', 'numba', 'numpy', 'polars', 'plotly', 'fastapi')\n"
        "print(*[name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
