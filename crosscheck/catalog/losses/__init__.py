"""Losses, and what all of them do with the losses of entries or rows."""

import numpy as np


def reduced(losses: np.ndarray, reduction: str) -> np.ndarray:
    """Their mean, their sum, or themselves."""
    if reduction == "none":
        return losses
    return np.asarray(np.sum(losses) if reduction == "sum" else np.mean(losses))
