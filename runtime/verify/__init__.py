"""Verification of programs: rules of ops, composition of programs, numbers on a device."""
