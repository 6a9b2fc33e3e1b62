"""The document's recipe in PyTorch: a published model trained from scratch on the batches of `netspec train`."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import timm
import torch
import torch.nn.functional as F  # noqa: N812
import torchvision
from torch import nn

from emit.images import mean_and_std
from netspec import NetSpec, TrainConfig
from netspec.recipe import augmentations_of, schedule_of
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
    "resnet50": ("torchvision", "resnet50", {}),
}


def train(spec: str, net: NetSpec, config: TrainConfig, images: ImageSet) -> Iterator[float]:
    """Train the peer of a bundled network; after every epoch, its accuracy on the validation images, 0 to 1."""
    torch.manual_seed(config.seed)
    model = _model(spec, net.padding == "same", len(images.classes))
    decayed = [each for each in model.parameters() if each.ndim > 1]
    others = [each for each in model.parameters() if each.ndim == 1]
    groups = [{"params": decayed, "weight_decay": config.weightDecay}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=config.learningRate, fused=True)
    steps = steps_per_epoch(len(images.train.labels), config.batchSize, whole_epochs=True)
    schedule = schedule_of(config)
    for epoch in range(config.epochs):
        model.train()
        batches = train_batches(
            images.train,
            setting=setting_of(net),
            batch_size=config.batchSize,
            seed=config.seed,
            epoch=epoch,
            first_step=0,
            augmentations=augmentations_of(config),
        )
        for step, batch in enumerate(batches, epoch * steps):
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(schedule, step, steps)
            optimizer.zero_grad(set_to_none=True)
            labels = torch.from_numpy(batch.labels).long()
            F.cross_entropy(model(_input(batch)), labels, label_smoothing=config.labelSmoothing).backward()
            optimizer.step()
        model.eval()
        correct = 0
        with torch.inference_mode():
            for batch in evaluation_batches(
                images.val, image_h=net.imageH, image_w=net.imageW, batch_size=config.batchSize
            ):
                correct += int((model(_input(batch)).argmax(1).numpy() == batch.labels).sum())
        yield correct / len(images.val.labels)


def versions() -> dict[str, str]:
    """Of the libraries."""
    return {"torch": torch.__version__, "timm": timm.__version__, "torchvision": torchvision.__version__}


def _model(spec: str, same: bool, classes: int) -> nn.Module:
    library, name, options = MODELS[spec]
    if library == "timm":
        model = timm.create_model(name, num_classes=classes, **options)
    else:
        model = torchvision.models.get_model(name, weights=None, num_classes=classes, **options)
    if same:
        _pad_as_xla(model)
    return model.to(memory_format=torch.channels_last)


def _pad_as_xla(model: nn.Module) -> None:
    """Zeros below and to the right alone, where a 3×3 convolution with stride 2 has an image of even sides."""
    for module in list(model.modules()):
        for name, child in module.named_children():
            if isinstance(child, nn.Conv2d) and child.stride == (2, 2):
                assert child.padding == (1, 1)
                child.padding = (0, 0)
                setattr(module, name, nn.Sequential(nn.ZeroPad2d((0, 1, 0, 1)), child))


def _input(batch: Batch) -> torch.Tensor:
    mean, deviation = (np.array(each, np.float32) for each in mean_and_std(batch.images.shape[-1]))
    normal = (batch.images.astype(np.float32) / 255 - mean) / deviation
    return torch.from_numpy(normal).permute(0, 3, 1, 2)
