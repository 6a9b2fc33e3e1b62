"""What the log says of a run before it trains: memory, recipe, batch norm, the images of an epoch."""

from collections.abc import Iterator
from dataclasses import replace

from emit.expand import expand
from emit.graph import Graph, size
from emit.ops.batch_norm import BatchNorm
from emit.optimizers import optimizer_for
from netspec.language import NetSpec, TrainConfig
from netspec.recipe import augmentations_of, frozen_layers, mixing_of, optimizer_of, schedule_of, weight_decay_of
from netspec.text import shown
from runtime.data.batches import epoch_note
from runtime.training.prepare import Prepared
from runtime.training.resume import Origin
from runtime.training.teacher import Teacher


def announcement(prepared: Prepared, resumed: Origin | None) -> Iterator[str]:
    """The lines, in order."""
    config, graph = prepared.config, expand(prepared.net, frozen_layers(prepared.net, prepared.config))
    yield _memory(size(graph.parameters()), size(graph.trained()), config)
    yield from _recipe(config, prepared.steps)
    if prepared.teacher is not None:
        yield _taught(prepared.teacher, config)
    side, own = config.trainRes, prepared.net.imageH
    if side not in (0, own):
        yield f"training images have {side}×{side} pixels, those of validation, eval and predict {own}×{own}"
    layers = sum(isinstance(node.op, BatchNorm) for node in graph.nodes.values())
    yield f"BN layers: {layers}, BN stat floats: {size(graph.statistics())}"
    images = len(prepared.images.train.labels)
    if config.freeze:
        yield _frozen(prepared.net, graph, frozen_layers(prepared.net, config))
    if config.freezeBN:
        yield "batch norms take their running statistics in training too, which stay as they are"
    if config.balancedSampling:
        yield "every epoch has as many images of each class: those of small classes come several times"
    elif config.repeatedAug > 1:
        some = -(-images // config.repeatedAug)
        yield f"every image of an epoch comes {config.repeatedAug} times: an epoch has {some} of {images}"
    elif note := epoch_note(images, config.batchSize, whole_epochs=prepared.whole_epochs):
        yield note
    if resumed is not None:
        position = resumed.checkpoint.position
        yield f"resuming at epoch {position.epoch + 1}, step {position.step}"


def _memory(count: int, trained: int, config: TrainConfig) -> str:
    """The parameters and what the optimizer keeps of each that is trained, in MB."""
    slots = [*optimizer_for(config).slots, *["sum"] * (config.gradAccumSteps > 1)]
    kept = "".join(f" + {slot}" for slot in (*slots, *["average"] * config.useEMA))
    numbers = (1 + config.useEMA) * count + len(slots) * trained
    return f"{count} params{kept} ({4 * numbers / 2**20:.0f} MB)"


def _frozen(net: NetSpec, graph: Graph, layers: int) -> str:
    trained, count = size(graph.trained()), size(graph.parameters())
    return (
        f"frozen: the first {layers} of {len(net.layers)} layers, {count - trained} of {count} params; their batch "
        "norms take their running statistics, which stay"
    )


def _taught(teacher: Teacher, config: TrainConfig) -> str:
    """The teacher, and how much of the loss is its."""
    net, count, said = teacher.net, size(expand(teacher.net).parameters()), teacher.checkpoint
    sizes = f"{said.net.imageH}×{said.net.imageW}"
    resized = f", at {net.imageH}×{net.imageW}" if sizes != f"{net.imageH}×{net.imageW}" else ""
    best = f", best accuracy {100 * said.position.best:.2f}%" if said.position.best >= 0 else ""
    return (
        f"teacher: {shown(net.name)}, {count} params, trained at {sizes}{best}, from {shown(teacher.file)}{resized}; "
        f"{config.distillWeight:g} of the loss, temperature {config.distillTemperature:g}"
    )


def _recipe(config: TrainConfig, steps: int) -> Iterator[str]:
    schedule = schedule_of(config)
    optimizer = optimizer_of(config)
    yield f"training: {steps} batches/epoch, batch={config.batchSize}, {optimizer}, lr={schedule.peak:.6f},"
    yield (
        f"{schedule.after}, warmup={schedule.warmup}, label_smooth={config.labelSmoothing:g}, "
        f"{weight_decay_of(config)}, augment={'on' if config.augment else 'off'}, seed={config.seed}"
    )
    if config.randomResizedCrop:
        yield (
            f"each image is a rectangle of {config.randomResizedCrop:g} to 1 of its picture's area, cut out of its "
            "file anew in every epoch"
        )
    if further := [str(each) for each in augmentations_of(replace(config, augment=False, randomResizedCrop=0.0))]:
        yield f"each image is changed further: {', '.join(further)}"
    rates = {"dropout": config.dropout, "stochastic depth": config.dropPath}
    if said := [f"{name} {rate:g}" for name, rate in rates.items() if rate is not None]:
        yield f"in place of the network's own: {', '.join(said)}"
    if config.headLrMult != 1:
        yield f"the head's learning rate: times {config.headLrMult:g}"
    if config.earlyStopEpochs:
        yield f"early stopping: after {config.earlyStopEpochs} epochs without a better validation"
    if mixing := mixing_of(config):
        yield f"every batch is mixed: {' or '.join(map(str, mixing))}"
    if config.classWeights:
        yield f"weights of classes: {', '.join(f'{weight:g}' for weight in config.classWeights)}"
    if config.gradClipNorm:
        yield f"gradients: their norm together at most {config.gradClipNorm:g}"
    if config.gradAccumSteps > 1:
        images = config.gradAccumSteps * config.batchSize
        yield (
            f"an update every {config.gradAccumSteps} batches, of {images} images; batch norm has each batch's own "
            "statistics"
        )
    if config.useEMA:
        yield (
            f"averages of parameters and statistics, decay {config.emaDecay:g}: validation, the best checkpoint, eval "
            "and predict use them"
        )
    if config.precision != "f32":
        yield (
            f"precision: matmuls, convolutions (not depthwise) and saved activations of a step in {config.precision}; "
            "accumulation, weights, statistics, optimizer and evaluation in f32"
        )
