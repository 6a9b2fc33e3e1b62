"""One contender in its own process: `python -m benchmarks.worker CONTENDER FOLDER`.

It reads one JSON request a line and writes one JSON response a line:

* `check`: the contender's results, for comparison;
* `round`: the seconds of one training step, or of one prediction, averaged over as many as take 50 ms;
* `end`: its peak memory.

It ends with its standard input.
"""

import json
import math
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from benchmarks.contenders import CONTENDERS, Contender, Predictor, Trainer
from benchmarks.job import Folder
from netspec.errors import NetSpecError
from runtime.system.host import peak_memory

SHORTEST = 0.05
STEPS_CHECKED = 3

Response = dict[str, Any]


class _Training:
    """Requests to a trainer. A round is one step."""

    def __init__(self, contender: Contender, folder: Folder) -> None:
        self._trainer: Trainer = contender.trainer(folder)

    def check(self) -> Response:
        """The losses of the first steps, and the state's norms after the first."""
        losses = [self._trainer.step()]
        norms = self._trainer.norms()
        losses += [self._trainer.step() for _ in range(STEPS_CHECKED - 1)]
        return {"losses": losses, "norms": norms}

    def round(self) -> Response:
        """The seconds of one step, up to the loss as a number."""
        started = time.perf_counter()
        self._trainer.step()
        return {"seconds": time.perf_counter() - started}


class _Prediction:
    """Requests to a predictor. A round is at least `SHORTEST` seconds of predictions."""

    def __init__(self, contender: Contender, folder: Folder) -> None:
        self._predictor: Predictor = contender.predictor(folder)
        self._calls = 0

    def check(self) -> Response:
        """The probabilities."""
        return {"probabilities": self._predictor.predict().tolist()}

    def round(self) -> Response:
        """The seconds of one prediction. The first round determines the number of predictions in a round."""
        if not self._calls:
            self._seconds(1)
            self._calls = math.ceil(SHORTEST / self._seconds(1))
        while (seconds := self._seconds(self._calls)) < SHORTEST:
            self._calls = math.ceil(self._calls * 1.5)
        return {"seconds": seconds / self._calls}

    def _seconds(self, calls: int) -> float:
        started = time.perf_counter()
        for _ in range(calls):
            self._predictor.predict()
        return time.perf_counter() - started


def main(name: str, folder: Folder, requests: IO[str], responses: IO[str]) -> None:
    """Construct the contender, report that it is ready, and respond until the requests end."""

    def say(response: Response) -> None:
        print(json.dumps(response), file=responses, flush=True)

    try:
        kind = _Training if folder.job.kind == "train" else _Prediction
        service = kind(CONTENDERS[name], folder)
        known: dict[str, Callable[[], Response]] = {
            "check": service.check,
            "round": service.round,
            "end": lambda: {"peak_mb": peak_memory() / 1e6},
        }
        say({"ready": True})
        for line in requests:
            say(known[json.loads(line)]())
    except BrokenPipeError:
        os._exit(1)  # the driver is gone
    except NetSpecError as wrong:
        say({"error": str(wrong)})
    except Exception as wrong:  # whatever a peer raises is reported by the driver
        say({"error": f"{type(wrong).__name__}: {' '.join(str(wrong).split())[:500]}"})


def _responses() -> IO[str]:
    """A copy of standard output; what libraries print there from now on goes to standard error."""
    kept = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return kept


if __name__ == "__main__":
    main(sys.argv[1], Folder(Path(sys.argv[2])), sys.stdin, _responses())
