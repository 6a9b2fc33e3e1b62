"""NetSpec as a contender for training: the program and the session of `netspec train`."""

import numpy as np

from benchmarks.job import Folder
from benchmarks.ours import opened
from emit.optimizer import STEP


class Training:
    """The `train_step` program; state stays on the device, the batch, the rate and the loss are transferred."""

    def __init__(self, folder: Folder) -> None:
        job = folder.job
        self._session = opened(job, "train_step", folder.weights())
        self._images, self._labels = folder.images(), folder.labels()
        self._rate = job.config.learningRate

    def step(self) -> float:
        """One step, from the batch in numpy to the loss as a number."""
        return self._session.number(self._session.step(self._images, self._labels, self._rate))

    def norms(self) -> dict[str, float]:
        """The norms of all state but the step counter."""
        state = self._session.state()
        return {name: float(np.linalg.norm(array)) for name, array in state.items() if name != STEP}
