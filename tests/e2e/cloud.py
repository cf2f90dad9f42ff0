"""Starts ministack where libfaketime shows another time.

Python's own sleep fails there, so it sleeps another way; and schedules are looked at more often than every ten seconds,
since a clock that jumps has them fall due more often. Now and then that clock shows the real time for a moment: a request whose
signature is then of another time is looked at again.
"""

import select
import time

time.sleep = lambda seconds: select.select([], [], [], seconds)

from ministack.app import main  # noqa: E402
from ministack.core import sigv4  # noqa: E402
from ministack.services import eventbridge  # noqa: E402

eventbridge._SCHEDULER_TICK_INTERVAL = 0.5

time_failure = sigv4.request_time_failure


def lasting_time_failure(signature, **rest):
    if time_failure(signature, **rest) is None:
        return None
    time.sleep(0.05)
    return time_failure(signature, **rest)


sigv4.request_time_failure = lasting_time_failure

main()
