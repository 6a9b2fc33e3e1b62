"""What all tests share."""

import signal

from runtime import compile as compilation

# A shell's background job, nohup and some CI runners ignore these signals, and so would every process started here.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

# Here a program that IREE refuses as we cut it is an error, and not compiled another way.
compilation.FALLS_BACK = False
