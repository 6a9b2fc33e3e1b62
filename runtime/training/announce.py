"""What the log says of a run before it trains: memory, recipe, batch norm, the images of an epoch."""

from collections.abc import Iterator

from emit.expand import expand
from emit.graph import size
from emit.manifest import Manifest
from emit.ops.batch_norm import BatchNorm
from netspec.language import TrainConfig
from runtime.data.batches import epoch_note
from runtime.training.prepare import Prepared
from runtime.training.resume import Origin


def announcement(prepared: Prepared, resumed: Origin | None, train_step: Manifest) -> Iterator[str]:
    """The lines, in order. `train_step`: the manifest of that program."""
    config, graph = prepared.config, expand(prepared.net)
    yield _memory(size(graph.parameters()), config, train_step)
    yield from _recipe(config, prepared.steps)
    layers = sum(isinstance(node.op, BatchNorm) for node in graph.nodes.values())
    yield f"BN layers: {layers}, BN stat floats: {size(graph.statistics())}"
    images = len(prepared.images.train.labels)
    if note := epoch_note(images, config.batchSize, whole_epochs=prepared.whole_epochs):
        yield note
    if resumed is not None:
        position = resumed.checkpoint.position
        yield f"resuming at epoch {position.epoch + 1}, step {position.step}"


def _memory(count: int, config: TrainConfig, train_step: Manifest) -> str:
    """The parameters and what the optimizer keeps of each, in MB. `count`: of parameters."""
    copies = 1 + len(train_step.named("slot")) // max(len(train_step.named("parameter")), 1)
    kept = " + m + v" if config.useAdam else " + momentum" if copies > 1 else ""
    return f"{count} params{kept} ({4 * copies * count / 2**20:.0f} MB)"


def _recipe(config: TrainConfig, steps: int) -> Iterator[str]:
    optimizer = "Adam" if config.useAdam else f"SGD, momentum={config.momentum:g}"
    yield f"training: {steps} batches/epoch, batch={config.batchSize}, {optimizer}, lr={config.learningRate:.6f},"
    decay = "cosine" if config.cosineDecay else "constant"
    yield (
        f"{decay}, warmup={config.warmupEpochs}, label_smooth={config.labelSmoothing:g}, wd={config.weightDecay:g}, "
        f"augment={'on' if config.augment else 'off'}, seed={config.seed}"
    )
    if config.precision != "f32":
        yield (
            f"precision: matmuls, convolutions (not depthwise) and saved activations of a step in {config.precision}; "
            "accumulation, weights, statistics, optimizer and evaluation in f32"
        )
