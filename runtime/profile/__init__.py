"""Where a program's time goes: IREE's dispatch profile, mapped back to the layers that emitted it."""
