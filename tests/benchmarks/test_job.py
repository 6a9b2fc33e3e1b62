"""What a job's workers start from."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.job import Folder, Job
from netspec import NetSpec, TrainConfig, convBn, dense, globalAvgPool


@pytest.mark.parametrize(("channels", "mean", "deviation"), [(1, [0.449], [0.226]), (3, [0.485, 0.456, 0.406], None)])
def test_the_peers_take_the_same_images_normalised_with_the_networks_channels(
    channels: int, mean: list[float], deviation: list[float] | None, tmp_path: Path
) -> None:
    layers = [convBn(channels, 4, 3, 2, "symmetric"), globalAvgPool(), dense(4, 3, "identity")]
    net = NetSpec("Net", layers, 8, 9, "relu", "symmetric", imageC=channels)  # type: ignore[arg-type]
    folder = Folder(tmp_path)
    folder.write(Job("train", "net", net, TrainConfig(batchSize=2)))
    assert folder.job.network.image == (8, 9, channels)
    assert folder.images().shape == (2, 8, 9, channels)
    expected = (folder.images() / 255 - mean) / (deviation or [0.229, 0.224, 0.225])
    assert np.allclose(folder.normal(), expected, atol=1e-6)
