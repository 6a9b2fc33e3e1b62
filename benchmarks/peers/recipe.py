"""A recipe in PyTorch: a published model trained on the batches of `netspec train`, from scratch or from weights."""

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
import timm
import timm.optim
import torch
import torch.nn.functional as F  # noqa: N812
import torchvision
from torch import nn

from emit.images import mean_and_std
from netspec import NetSpec, TrainConfig
from netspec.check import training_net
from netspec.errors import InputError
from netspec.recipe import augmentations_of, mixing_of, optimizer_name, sampling_of, schedule_of
from runtime.data.augmentation import setting_of
from runtime.data.batches import Batch, evaluation_batches, steps_per_epoch, train_batches
from runtime.data.cache import ImageSet
from runtime.training.schedule import learning_rate

# The network as its own library builds it, at the rates of dropout and stochastic depth that our page has.
MODELS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "mobilenet_v1": ("timm", "mobilenetv1_100", {}),
    "mobilenet_v2": ("torchvision", "mobilenet_v2", {"dropout": 0.0}),
    "mobilenet_v3:large": ("torchvision", "mobilenet_v3_large", {"dropout": 0.2}),
    "mobilenet_v4:conv_small": ("timm", "mobilenetv4_conv_small", {}),
    "efficientnet:b0": ("torchvision", "efficientnet_b0", {"dropout": 0.2, "stochastic_depth_prob": 0.0}),
    "efficientnet_lite:lite0": ("timm", "tf_efficientnet_lite0", {"drop_rate": 0.2}),
    "resnet50": ("torchvision", "resnet50", {}),
    "benchmarks/cifar10.py:by16": ("torchvision", "mobilenet_v2", {"dropout": 0.0}),
    "benchmarks/cifar10.py:by8": ("torchvision", "mobilenet_v2", {"dropout": 0.0}),
}
# Whose initialisation, batch norm and padding are the page's, but for the padding.
PADDED_HERE = ("mobilenet_v2",)
# Convolutions that have stride 1 in place of 2.
UNSTRIDED = {
    "benchmarks/cifar10.py:by16": ("features.0.0",),
    "benchmarks/cifar10.py:by8": ("features.0.0", "features.2.conv.1.0"),
}
# Fields that change the network or the loss in ways that are not written down here.
UNKNOWN = ("dropout", "dropPath", "freeze", "precision", "earlyStopEpochs")


def check(config: TrainConfig) -> None:
    """Raises InputError for a recipe that this does not follow."""
    unlike = [field.name for field in fields(config) if getattr(config, field.name) != field.default]
    coupled = config.coupledDecay or not config.weightDecay
    if (wrong := [name for name in UNKNOWN if name in unlike]) or (optimizer_name(config) != "adam" and not coupled):
        raise InputError(f"the peer does not follow {', '.join(wrong) or 'decoupled decay but that of Adam'}.")


def train(
    spec: str, net: NetSpec, config: TrainConfig, images: ImageSet, weights: Path | None = None
) -> Iterator[float]:
    """Train the peer of a bundled network; after every epoch, its accuracy on the validation images, 0 to 1.

    Args:
        weights: a state dict of its library, as `netspec export-weights` writes it; its head is left out. None: from
            scratch.
    """
    torch.manual_seed(config.seed)
    model = _model(spec, len(images.classes), weights)
    optimizer, update = _optimizer(model, config), _Updates(model, config)
    steps = steps_per_epoch(len(images.train.labels), config.batchSize, whole_epochs=True)
    schedule, step = schedule_of(config), 0
    for epoch in range(config.epochs):
        model.train()
        if config.freezeBN:
            for module in model.modules():
                if isinstance(module, nn.BatchNorm2d):
                    module.eval()
        for batch in train_batches(
            images.train,
            setting=setting_of(training_net(net, config)),
            batch_size=config.batchSize,
            seed=config.seed,
            epoch=epoch,
            first_step=0,
            augmentations=augmentations_of(config),
            mixing=mixing_of(config),
            sampling=sampling_of(config),
        ):
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(schedule, step, steps) * group["times"]
            loss = _loss(model(_input(batch, net)), batch, config, len(images.classes))
            (loss / config.gradAccumSteps).backward()
            step += 1
            if step % config.gradAccumSteps == 0:
                update.take(optimizer)
        yield _accuracy(update.used, net, config, images)


def versions() -> dict[str, str]:
    """Of the libraries."""
    return {"torch": torch.__version__, "timm": timm.__version__, "torchvision": torchvision.__version__}


def library(spec: str) -> str:
    """Whose model is the peer of a bundled network."""
    return MODELS[spec][0]


def _model(spec: str, classes: int, weights: Path | None) -> nn.Module:
    library, name, options = MODELS[spec]
    if library == "timm":
        model = timm.create_model(name, num_classes=classes, **options)
    else:
        model = torchvision.models.get_model(name, weights=None, num_classes=classes, **options)
    for name in UNSTRIDED.get(spec, ()):
        convolution = model.get_submodule(name)
        assert isinstance(convolution, nn.Conv2d)
        assert convolution.stride == (2, 2)
        convolution.stride = (1, 1)
    if spec in PADDED_HERE:
        _pad_as_xla(model)
    if weights is not None:
        start = safetensors.torch.load_file(weights)
        for key, mine in model.state_dict().items():
            if start[key].shape != mine.shape:  # a new head starts at 0, as ours does
                start[key] = torch.zeros_like(mine)
        model.load_state_dict(start)
    return model.to(memory_format=torch.channels_last)


def _pad_as_xla(model: nn.Module) -> None:
    """Zeros below and to the right alone, where a 3×3 convolution with stride 2 has an image of even sides."""
    for module in list(model.modules()):
        for name, child in module.named_children():
            if isinstance(child, nn.Conv2d) and child.stride == (2, 2):
                assert child.padding == (1, 1)
                child.padding = (0, 0)
                setattr(module, name, nn.Sequential(nn.ZeroPad2d((0, 1, 0, 1)), child))


def _optimizer(model: nn.Module, config: TrainConfig) -> torch.optim.Optimizer:
    """With a group of parameters for each decay and learning rate."""
    head = {id(each) for each in list(model.children())[-1].parameters()}
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for each in model.parameters():
        decays = each.ndim > 1 or not config.wdExcludeNormBias
        times = config.headLrMult if id(each) in head else 1.0
        groups.setdefault((config.weightDecay if decays else 0.0, times), []).append(each)
    given = [{"params": some, "weight_decay": decay, "times": times} for (decay, times), some in groups.items()]
    rate, momentum = config.learningRate, config.momentum
    match optimizer_name(config):
        case "adam" if config.coupledDecay:
            return torch.optim.Adam(given, lr=rate, fused=True)
        case "adam":
            return torch.optim.AdamW(given, lr=rate, fused=True)
        case "sgd":
            return torch.optim.SGD(given, lr=rate, momentum=momentum, nesterov=config.nesterov)
        case "rmsprop":
            decay, epsilon = config.rmspropDecay, config.rmspropEps
            return timm.optim.RMSpropTF(given, lr=rate, alpha=decay, eps=epsilon, momentum=momentum)
        case other:
            raise InputError(f"the peer has no {other}.")


class _Updates:
    """What is done with gradients: clipping, the optimizer, averages. `used`: the model to evaluate."""

    def __init__(self, model: nn.Module, config: TrainConfig) -> None:
        self.model, self.config, self.count = model, config, 0
        self.used = model
        if config.useEMA:
            self.used = torch.optim.swa_utils.AveragedModel(model, use_buffers=True, avg_fn=self._averaged)
            self.used.update_parameters(model)  # the first is a copy

    def _averaged(self, average: torch.Tensor, now: torch.Tensor, _: object) -> torch.Tensor:
        share = min(self.config.emaDecay, (1 + self.count) / (10 + self.count))
        return (average * share + now * (1 - share)).to(average.dtype)

    def take(self, optimizer: torch.optim.Optimizer) -> None:
        """One update with the gradients that there are."""
        if self.config.gradClipNorm:
            nn.utils.clip_grad_norm_(self.model.parameters(), self.config.gradClipNorm)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        self.count += 1
        if isinstance(self.used, torch.optim.swa_utils.AveragedModel):
            self.used.update_parameters(self.model)


def _loss(logits: torch.Tensor, batch: Batch, config: TrainConfig, classes: int) -> torch.Tensor:
    targets = F.one_hot(torch.from_numpy(batch.labels).long(), classes).float()
    if batch.mixed is not None:
        others = F.one_hot(torch.from_numpy(batch.mixed.labels).long(), classes).float()
        share = torch.from_numpy(batch.mixed.share)[:, None]
        targets = share * targets + (1 - share) * others
    weights = torch.tensor(config.classWeights) if config.classWeights else None
    return F.cross_entropy(logits, targets, weights, label_smoothing=config.labelSmoothing)


def _accuracy(model: nn.Module, net: NetSpec, config: TrainConfig, images: ImageSet) -> float:
    model.eval()
    correct = 0
    with torch.inference_mode():
        for batch in evaluation_batches(
            images.val, image_h=net.imageH, image_w=net.imageW, batch_size=config.batchSize
        ):
            correct += int((model(_input(batch, net)).argmax(1).numpy() == batch.labels).sum())
    return correct / len(images.val.labels)


def _input(batch: Batch, net: NetSpec) -> torch.Tensor:
    said = net.preprocessing
    mean, deviation = (np.array(each, np.float32) for each in mean_and_std(net.imageC, said))
    normal = (batch.images.astype(np.float32) / np.float32(said.scale) - mean) / deviation
    return torch.from_numpy(normal).permute(0, 3, 1, 2)
