"""A worker's process whose work stands still, at a point that the test names, until the process is killed."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from service import config, db
from service.commands import base
from service.jobs import kinds
from service.jobs.kinds import FOOTPRINT, Tools
from service.jobs.worker import Pace, Worker


def main(place: str, mark: Path) -> None:
    settings = config.load()
    tools = Tools(settings, db.connect(settings), base.library(), base.now)
    usual = kinds.KINDS[FOOTPRINT]

    def stand_still() -> None:
        mark.write_text("here")
        time.sleep(120)

    def work(given: Tools, *_: Any) -> None:
        given.progress("standing", 1, 2)
        if place == "work":
            stand_still()

    def conclude(*given: Any) -> dict[str, Any]:
        found = usual.conclude(*given)
        stand_still()  # everything is written and nothing is committed
        return found

    kinds.KINDS = {**kinds.KINDS, FOOTPRINT: replace(usual, work=work, conclude=conclude)}  # type: ignore[misc]
    Worker(tools, f"slow-{os.getpid()}", Pace(beat=0.2, silent=2)).tend()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
