"""Weights in other layouts than a checkpoint's."""
