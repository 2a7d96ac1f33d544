"""Figures for monitoring, as Prometheus reads them. Counted in memory, from the start of the process."""

from __future__ import annotations

import threading
from collections import Counter

BUCKETS = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 3.0, 10.0)
HELP = {
    "rolecall_deliveries_total": "What Slack delivered and was taken in, by kind.",
    "rolecall_duplicates_total": "Deliveries that had come before.",
    "rolecall_answers_total": "Questions, by whether they were answered.",
    "rolecall_commands_total": "Commands, by whether they were carried out, and the error word if not.",
    "rolecall_feedback_total": "Feedback on answers, by verdict.",
    "rolecall_errors_total": "Deliveries that went wrong in here.",
    "rolecall_given_up_total": "Deliveries whose reply Slack did not take.",
}


class Figures:
    """Counters that many threads add to."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str]] = Counter({(name, ""): 0 for name in HELP})
        self._within: Counter[float] = Counter()
        self._seconds = 0.0
        self._done = 0

    def count(self, name: str, **labels: str) -> None:
        """One more of something."""
        written = ",".join(f'{label}="{value}"' for label, value in sorted(labels.items()))
        with self._lock:
            self._counts[name, written] += 1

    def took(self, seconds: float) -> None:
        """A delivery was done so long after it came in."""
        with self._lock:
            self._done += 1
            self._seconds += seconds
            for bucket in BUCKETS:
                self._within[bucket] += seconds <= bucket

    def text(self, pending: int | None) -> str:
        """All of them in Prometheus' text format."""
        lines: list[str] = []
        if pending is not None:
            lines += [
                "# HELP rolecall_deliveries_pending Deliveries in the inbox that are not finished.",
                "# TYPE rolecall_deliveries_pending gauge",
                f"rolecall_deliveries_pending {pending}",
            ]
        with self._lock:
            for name, words in HELP.items():
                lines += [f"# HELP {name} {words}", f"# TYPE {name} counter"]
                found = sorted((labels, count) for (one, labels), count in self._counts.items() if one == name)
                lines += [
                    f"{name}{{{labels}}} {count}" if labels else f"{name} {count}"
                    for labels, count in found
                    if labels or len(found) == 1
                ]
            lines += [
                "# HELP rolecall_delivery_seconds From a delivery's arrival until it was done.",
                "# TYPE rolecall_delivery_seconds histogram",
                *(f'rolecall_delivery_seconds_bucket{{le="{bucket}"}} {self._within[bucket]}' for bucket in BUCKETS),
                f'rolecall_delivery_seconds_bucket{{le="+Inf"}} {self._done}',
                f"rolecall_delivery_seconds_sum {self._seconds:.6f}",
                f"rolecall_delivery_seconds_count {self._done}",
            ]
        return "\n".join(lines) + "\n"
