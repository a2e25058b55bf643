"""``make bench``: every benchmark, each in a process of its own so that one's memory is not another's peak."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main() -> int:
    worst = 0
    for path in sorted(HERE.glob("bench_*.py")):
        print(f"\n== {path.stem.removeprefix('bench_')}", flush=True)
        worst = max(
            worst, subprocess.run([sys.executable, "-m", f"tests.benchmarks.{path.stem}"], check=False).returncode
        )
    return worst


if __name__ == "__main__":
    sys.exit(main())
