"""The training session: its job, loop, schedule, run folder and plots."""
