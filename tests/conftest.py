"""What all tests share."""

import signal

# A shell's background job, and some CI runners, ignore the interrupt signal, and so would every process started here.
signal.signal(signal.SIGINT, signal.default_int_handler)
