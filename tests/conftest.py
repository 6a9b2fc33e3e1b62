"""What all tests share."""

import signal

from runtime import compile as compilation

# A shell's background job, and some CI runners, ignore the interrupt signal, and so would every process started here.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Here a program that IREE refuses as we cut it is an error, and not compiled another way.
compilation.FALLS_BACK = False
