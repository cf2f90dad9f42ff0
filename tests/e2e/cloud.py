"""Starts ministack where libfaketime shows another time.

Python's own sleep fails there, so it sleeps another way; and schedules are looked at more often than every ten seconds,
since a clock that jumps has them fall due more often.
"""

import select
import time

time.sleep = lambda seconds: select.select([], [], [], seconds)

from ministack.app import main  # noqa: E402
from ministack.services import eventbridge  # noqa: E402

eventbridge._SCHEDULER_TICK_INTERVAL = 0.5

main()
