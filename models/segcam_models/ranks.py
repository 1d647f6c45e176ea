"""One training process or many: ``torchrun`` starts them and sets their ranks as variables."""

from __future__ import annotations

import os
from dataclasses import dataclass

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel


@dataclass(frozen=True, slots=True)
class Ranks:
    """This process among all.

    Attributes:
        rank: From 0; only 0 writes files.
        count: Number of processes.
        device: The device of this one.
    """

    rank: int
    count: int
    device: torch.device

    @classmethod
    def join(cls) -> Ranks:
        """Read this process's rank and join the group."""
        local = int(os.environ.get("LOCAL_RANK", "0"))
        cuda = torch.cuda.is_available()
        device = torch.device("cuda", local) if cuda else torch.device("cpu")
        count = int(os.environ.get("WORLD_SIZE", "1"))
        if count > 1:
            distributed.init_process_group("nccl" if cuda else "gloo")
        return cls(int(os.environ.get("RANK", "0")), count, device)

    def wrap(self, network: nn.Module) -> nn.Module:
        """The network, with gradients averaged over all processes."""
        return DistributedDataParallel(network) if self.count > 1 else network

    def agree(self, stop: bool) -> bool:
        """True for all if it is for one: all must leave the loop at the same step."""
        if self.count == 1:
            return stop
        vote = torch.tensor(int(stop), device=self.device)
        distributed.all_reduce(vote, distributed.ReduceOp.MAX)
        return bool(vote.item())

    def leave(self) -> None:
        """Leave the group."""
        if self.count > 1:
            distributed.destroy_process_group()
