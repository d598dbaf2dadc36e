"""Similarities as modules, with torch's class names."""

from __future__ import annotations

import torch
from torch import Tensor

from torchlayers.modules.types import alike, exactly
from torchlayers.similarity.cosine_similarity import cosine_similarity


class CosineSimilarity(torch.nn.CosineSimilarity):
    """`torch.nn.CosineSimilarity` on `cosine_similarity`, which needs no `eps`."""

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        return exactly(cosine_similarity, *alike(x1, x2), axis=self.dim)
