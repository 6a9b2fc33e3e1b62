"""The learning rate, step by step, against values worked out by hand."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec import TrainConfig
from netspec.recipe import schedule_of
from runtime.training.schedule import learning_rate

COSINE = TrainConfig(0.8, 8, epochs=3, cosineDecay=True, warmupEpochs=1)


def test_the_warm_up_is_a_straight_line_to_the_peak_and_the_cosine_falls_from_it() -> None:
    rates = [learning_rate(schedule_of(COSINE), step, 4) for step in range(12)]
    assert rates[:4] == pytest.approx([0.2, 0.4, 0.6, 0.8])
    # 0.4 (1 + cos(pi k / 8)), k = 0 ... 7
    assert rates[4:] == pytest.approx(
        [0.8, 0.7695518130, 0.6828427125, 0.5530733729, 0.4, 0.2469266271, 0.1171572875, 0.0304481870]
    )


def test_the_cosine_reaches_zero_where_the_run_ends() -> None:
    assert learning_rate(schedule_of(COSINE), 12, 4) == pytest.approx(0, abs=1e-15)


def test_without_cosine_the_rate_stays_at_its_peak() -> None:
    config = dataclasses.replace(COSINE, cosineDecay=False)
    schedule = schedule_of(config)
    assert [learning_rate(schedule, step, 4) for step in range(12)] == pytest.approx([0.2, 0.4, 0.6] + [0.8] * 9)


def test_without_warm_up_the_first_step_has_the_peak() -> None:
    assert learning_rate(schedule_of(dataclasses.replace(COSINE, warmupEpochs=0)), 0, 4) == 0.8


def test_the_documents_run_has_the_rates_that_it_prints() -> None:
    schedule = schedule_of(TrainConfig(0.001, 32, epochs=80, cosineDecay=True, warmupEpochs=3))
    # The document's rate is constant over an epoch: ours reaches it with the last step of a warm-up epoch, and leaves
    # it with the first step of a later one.
    assert [f"{learning_rate(schedule, 295 * epoch - 1, 295):.6f}" for epoch in (1, 2)] == [
        "0.000333",
        "0.000667",
    ]
    assert [f"{learning_rate(schedule, 295 * (epoch - 1), 295):.6f}" for epoch in (79, 80)] == [
        "0.000002",
        "0.000000",
    ]


def test_an_exponential_decay_falls_in_stairs_after_the_warm_up() -> None:
    config = TrainConfig(0.8, 8, epochs=7, cosineDecay=False, warmupEpochs=1, expLRDecayRate=0.5, expLRDecayEpochs=1.5)
    rates = [learning_rate(schedule_of(config), step, 4) for step in range(28)]
    assert rates[4:] == pytest.approx([0.8] * 6 + [0.4] * 6 + [0.2] * 6 + [0.1] * 6)


def test_steps_fall_after_each_of_the_epochs() -> None:
    config = TrainConfig(0.8, 8, epochs=6, cosineDecay=False, warmupEpochs=1, stepLREpochs=[1, 3.5], stepLRRate=0.25)
    rates = [learning_rate(schedule_of(config), step, 4) for step in range(24)]
    assert rates[4:] == pytest.approx([0.8] * 4 + [0.2] * 10 + [0.05] * 6)


@given(st.integers(1, 6), st.integers(0, 5), st.integers(1, 20), st.booleans())
def test_the_rate_is_positive_rises_then_falls_and_never_passes_the_peak(
    epochs: int, warmup: int, steps: int, cosine: bool
) -> None:
    config = TrainConfig(0.8, 8, epochs=epochs + warmup, cosineDecay=cosine, warmupEpochs=warmup)
    rates = [learning_rate(schedule_of(config), step, steps) for step in range(config.epochs * steps)]
    peak = warmup * steps
    assert all(0 < rate <= 0.8 * (1 + 1e-12) for rate in rates)
    assert rates[:peak] == sorted(rates[:peak])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
