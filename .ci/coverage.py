"""Fails when a room that decides about money is covered by fewer branches than promised."""

import json
import sys
from collections import Counter
from pathlib import Path

PROMISED = 0.90
ROOMS = ("domain", "trading", "strategies", "arena", "journal")


def main(report: Path) -> int:
    """Prints each room's share of covered lines and branches together; 1 if one is too low."""
    reached: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for name, file in json.loads(report.read_text())["files"].items():
        room = Path(name).parts[1]
        summary = file["summary"]
        reached[room] += summary["covered_lines"] + summary["covered_branches"]
        total[room] += summary["num_statements"] + summary["num_branches"]
    failed = False
    for room in ROOMS:
        share = reached[room] / total[room]
        failed = failed or share < PROMISED
        print(f"coverage of {room:<11} {share:6.1%}{'' if share >= PROMISED else f'  < {PROMISED:.0%}'}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
