"""The errors that NetSpec reports to a person.

A message is a sentence that names the thing, says what was expected, what was found, and what to do.
The command line prints it without a traceback and exits with the class's exit code.
"""


class NetSpecError(Exception):
    """A failure that a person can act on. Exit code 1."""

    exit_code = 1


class InputError(NetSpecError):
    """Bad input: an argument, a file or a folder that cannot be used. Exit code 2."""

    exit_code = 2


class FileError(InputError):
    """A file or a folder that cannot be read or written. Exit code 2."""


class SpecError(InputError):
    """A network or a training configuration that cannot be built. Exit code 2."""


class TargetError(InputError):
    """A backend, a chip or a device that is unknown or missing. Exit code 2."""


class CompileError(NetSpecError):
    """The compiler rejected a program, ran out of time, or is of another release than the runtime."""


class DeviceError(NetSpecError):
    """A device that computes wrong numbers."""


class TrainingError(NetSpecError):
    """A run that cannot continue: a loss that is not finite, say."""
