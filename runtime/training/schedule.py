"""The learning rate, step by step."""

from netspec.recipe import Schedule


def learning_rate(schedule: Schedule, step: int, steps_per_epoch: int) -> float:
    """The rate of a step, counted from 0 over the whole run. The peak is reached with the warm-up's last step."""
    warmup, total = schedule.warmup * steps_per_epoch, schedule.epochs * steps_per_epoch
    if step < warmup:
        return schedule.peak * (step + 1) / warmup
    return schedule.peak * schedule.after.share(step - warmup, total - warmup, steps_per_epoch)
