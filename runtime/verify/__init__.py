"""What can be proved of a program, what can be checked, and the checks: rules, whole programs, numbers on a device."""
