"""Ten updates beside torch's and timm's optimizers, schedules, clipping, accumulation and averages, in f64."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import timm.optim
import torch

from netspec import TrainConfig
from netspec.recipe import schedule_of
from runtime.training.schedule import learning_rate
from tests.emit import interpreter
from tests.emit.test_optimizer import PARAMETERS, STATISTICS, begun, entries, update_text
from tests.peers.models import distance

RATE, DECAY, MOST = 0.1, 0.3, 0.5
BASE = TrainConfig(RATE, 1, 1, weightDecay=DECAY, wdExcludeNormBias=False)
SGD = replace(BASE, useAdam=False, momentum=0.9)
RMSPROP = replace(BASE, optimizer="rmsprop", momentum=0.8, rmspropDecay=0.7, rmspropEps=0.01)
ALPHA = {"alpha": 0.7, "eps": 0.01}

Made = Callable[[list[torch.Tensor]], torch.optim.Optimizer]
OPTIMIZERS: dict[str, tuple[TrainConfig, Made]] = {
    "adam": (BASE, lambda p: torch.optim.AdamW(p, RATE, weight_decay=DECAY)),
    "adam, L2": (replace(BASE, coupledDecay=True), lambda p: torch.optim.Adam(p, RATE, weight_decay=DECAY)),
    "sgd, L2": (
        replace(SGD, coupledDecay=True),
        lambda p: torch.optim.SGD(p, RATE, momentum=0.9, weight_decay=DECAY),
    ),
    "sgd, nesterov, L2": (
        replace(SGD, coupledDecay=True, nesterov=True),
        lambda p: torch.optim.SGD(p, RATE, momentum=0.9, weight_decay=DECAY, nesterov=True),
    ),
    "rmsprop": (
        RMSPROP,
        lambda p: timm.optim.RMSpropTF(p, RATE, **ALPHA, momentum=0.8, weight_decay=DECAY, decoupled_decay=True),
    ),
    "rmsprop, L2": (
        replace(RMSPROP, coupledDecay=True),
        lambda p: timm.optim.RMSpropTF(p, RATE, **ALPHA, momentum=0.8, weight_decay=DECAY),
    ),
    "rmsprop without momentum": (
        replace(RMSPROP, momentum=0.0),
        lambda p: timm.optim.RMSpropTF(p, RATE, **ALPHA, weight_decay=DECAY, decoupled_decay=True),
    ),
    "lamb": (
        replace(BASE, optimizer="lamb"),
        lambda p: timm.optim.Lamb(p, RATE, weight_decay=DECAY, max_grad_norm=None, always_adapt=True),
    ),
}


def followed(
    config: TrainConfig, made: Made, batches: int, peer_update: Callable[[int, list[torch.Tensor], Any], None]
) -> None:
    """Give both the same gradients; compare parameters, and averages where there are some, after every batch."""
    text, names = update_text(config), [entry.name for entry in entries(config)]
    source, state = np.random.default_rng(5), begun(config)
    for name, tensor in PARAMETERS:
        state[name] = source.standard_normal(tensor.shape)
        if config.useEMA:
            state[f"{name}_average"] = state[name]
    theirs = [torch.tensor(state[name], requires_grad=True) for name, _ in PARAMETERS]
    averaged = [each.detach().clone() for each in theirs]
    optimizer = made(theirs)
    for batch in range(batches):
        gradients = [source.standard_normal(tensor.shape) for _, tensor in PARAMETERS]
        fresh = [source.uniform(0.5, 2, tensor.shape) for _, tensor in STATISTICS]
        given = [np.array(RATE), *gradients, *fresh, *(state[name] for name in names)]
        state = dict(zip(names, interpreter.run(text, given), strict=True))
        for parameter, gradient in zip(theirs, gradients, strict=True):
            share = torch.tensor(gradient / config.gradAccumSteps)
            parameter.grad = share if parameter.grad is None else parameter.grad + share
        if (batch + 1) % config.gradAccumSteps == 0:
            peer_update(batch, theirs, averaged)
            optimizer.step()
            optimizer.zero_grad()
            update = (batch + 1) // config.gradAccumSteps
            decay = min(config.emaDecay, (1 + update) / (10 + update))
            for mean, parameter in zip(averaged, theirs, strict=True):
                mean.lerp_(parameter.detach(), 1 - decay)
        for (name, _), parameter, mean in zip(PARAMETERS, theirs, averaged, strict=True):
            assert distance(state[name], parameter.detach().numpy()) < 1e-5
            if config.useEMA:
                assert distance(state[f"{name}_average"], mean.numpy()) < 1e-5


def nothing(batch: int, parameters: list[torch.Tensor], averaged: Any) -> None:
    """Before an update."""


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_ten_updates_are_those_of_the_peer(name: str) -> None:
    config, made = OPTIMIZERS[name]
    followed(config, made, 10, nothing)


def test_clipping_accumulation_and_averages_are_the_peer_s() -> None:
    def clip(batch: int, parameters: list[torch.Tensor], averaged: Any) -> None:
        torch.nn.utils.clip_grad_norm_(parameters, MOST)

    config, made = OPTIMIZERS["sgd, nesterov, L2"]
    followed(replace(config, gradClipNorm=MOST), made, 10, clip)
    followed(replace(config, gradClipNorm=MOST, gradAccumSteps=3, useEMA=True, emaDecay=0.35), made, 30, clip)


@pytest.mark.parametrize(
    ("changes", "made"),
    [
        ({}, lambda optimizer: torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 5 * 7)),
        (
            {"cosineDecay": False, "expLRDecayRate": 0.9, "expLRDecayEpochs": 2.0},
            lambda optimizer: torch.optim.lr_scheduler.StepLR(optimizer, 2 * 7, 0.9),
        ),
        (
            {"cosineDecay": False, "stepLREpochs": [1, 3], "stepLRRate": 0.2},
            lambda optimizer: torch.optim.lr_scheduler.MultiStepLR(optimizer, [7, 21], 0.2),
        ),
    ],
    ids=["cosine", "exponential", "steps"],
)
def test_schedules_are_torch_s(changes: dict[str, Any], made: Callable[[Any], Any]) -> None:
    config = TrainConfig(RATE, 1, 5, warmupEpochs=0, **changes)
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], RATE)
    schedule = made(optimizer)
    for step in range(5 * 7):
        assert learning_rate(schedule_of(config), step, 7) == pytest.approx(schedule.get_last_lr()[0], rel=1e-9)
        optimizer.step()
        schedule.step()
