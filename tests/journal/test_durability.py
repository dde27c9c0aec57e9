"""What was acknowledged before the process was killed is there afterwards, once."""

import subprocess
import sys
from pathlib import Path
from random import Random

from cockpit.domain.events import PauseSet
from cockpit.journal.journal import Journal

PROCESS = Path(__file__).with_name("committing_process.py")


def killed_after(path: Path, lines: int) -> int:
    """Runs the process until it has acknowledged so many commits, kills it; the last place it told."""
    with subprocess.Popen(
        [sys.executable, str(PROCESS), str(path)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for _ in range(lines):
            assert process.stdout.readline()
        process.kill()
        told = process.stdout.read().split("\n")
    whole_lines = told[:-1]
    return int(whole_lines[-1]) if whole_lines else 3 * lines


def test_everything_acknowledged_before_a_kill_is_there_in_order_exactly_once(path: Path) -> None:
    random = Random(5)
    acknowledged = 0
    for _ in range(4):
        acknowledged = max(acknowledged, killed_after(path, random.randint(1, 40)))
        journal = Journal.open(path)
        recorded = list(journal.events())
        journal.close()
        assert len(recorded) >= acknowledged
        assert len(recorded) % 3 == 0, "half a commit"
        assert [each.seq for each in recorded] == list(range(1, len(recorded) + 1))
        assert [each.event for each in recorded] == [
            PauseSet(on=True, by=str(seq)) for seq in range(1, len(recorded) + 1)
        ]
