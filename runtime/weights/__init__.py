"""Weights in other forms than a checkpoint's."""
