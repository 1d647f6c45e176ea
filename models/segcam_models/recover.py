"""Use a published model's weights as the start of a training.

    python -m segcam_models.recover RECIPE MODEL.onnx --data DIR [--coarse TFLITE] --out best.pt

``segcam_models.train --start best.pt`` continues from there. In a published file the normalizations
are folded into the convolutions. They are unfolded here with the statistics of training scenes, so
that the network computes the same as the file. MediaPipe's landscape model, as ONNX, has none.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from segcam_models.checkpoint import Trained, save_trained
from segcam_models.config import load_recipe
from segcam_models.data.dataset import Scenes
from segcam_models.data.pictures import load_pictures
from segcam_models.data.views import scene_size, view_of
from segcam_models.network import Network, build
from segcam_models.validate import Scores

SCENES = 64
"""Scenes for the statistics of the normalizations."""
UNKNOWN = Scores(0.0, 0.0, 0.0, 0)
Convolution = nn.Conv2d | nn.ConvTranspose2d


def main() -> None:
    """Read the command line and write the weights."""
    parser = argparse.ArgumentParser(prog="segcam_models.recover", description="Recover weights.")
    parser.add_argument("recipe", type=Path, help="of the model, a file of models/configs")
    parser.add_argument("file", type=Path, help="the published ONNX file")
    parser.add_argument("--data", type=Path, required=True, help="the data folder")
    parser.add_argument("--coarse", type=Path, help="the TFLite model that a refiner sharpens")
    parser.add_argument("--out", type=Path, required=True, help="the file of weights")
    options = parser.parse_args()
    recipe = load_recipe(options.recipe)
    view = view_of(recipe.model, options.coarse)
    pictures = load_pictures(options.data, "train", SCENES)
    scenes = Scenes(pictures, scene_size(recipe.model), view, recipe.train.seed)
    network = build(recipe.model).eval()
    inputs = np.stack([scenes[number][0] for number in range(SCENES)])
    recover(options.file, network, torch.from_numpy(inputs))
    save_trained(Trained(recipe, network, 0, UNKNOWN), options.out)


@torch.no_grad()
def recover(file: Path, network: Network, inputs: Tensor) -> None:
    """Write a published file's weights into a network of the same model.

    Args:
        file: ONNX, from ``export.write_onnx``.
        network: In evaluation mode. Its convolutions run in the file's order.
        inputs: (N, C, H, W), for the statistics.

    Raises:
        ValueError: The file contains another model.
    """
    weights = _convolutions(onnx.load(file))
    folded: list[Tensor] = []

    def set_convolution(conv: Convolution, _: tuple[Tensor, ...]) -> None:
        kernel, bias = next(weights, (np.empty(0), np.empty(0)))
        if kernel.shape != tuple(conv.weight.shape):
            raise ValueError(f"{file} is of another model: {kernel.shape} for {conv}")
        conv.weight.copy_(torch.from_numpy(kernel))
        if conv.bias is not None:
            conv.bias.copy_(torch.from_numpy(bias))
        else:
            folded.append(torch.from_numpy(bias))

    def set_norm(norm: nn.BatchNorm2d, given: tuple[Tensor, ...]) -> None:
        var, mean = torch.var_mean(given[0], (0, 2, 3), correction=0)
        assert norm.running_mean is not None
        assert norm.running_var is not None
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(var)
        norm.weight.copy_((var + norm.eps).sqrt())
        norm.bias.copy_(mean + folded.pop())

    hooks = [
        module.register_forward_pre_hook(hook)  # type: ignore[arg-type]
        for kind, hook in ((Convolution, set_convolution), (nn.BatchNorm2d, set_norm))
        for module in network.modules()
        if isinstance(module, kind)
    ]
    try:
        network(inputs)
    finally:
        for hook in hooks:
            hook.remove()
    if next(weights, None) is not None:
        raise ValueError(f"{file} is of another model: it has more convolutions")


def _convolutions(model: onnx.ModelProto) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Kernel and bias, float32, of each convolution with learned weights."""
    known = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type == "Cast" and node.input[0] in known:  # weights are stored as fp16
            known[node.output[0]] = known[node.input[0]]
        elif node.op_type in ("Conv", "ConvTranspose") and node.input[1] in known:
            kernel, bias = (known[name].astype(np.float32) for name in node.input[1:3])
            yield kernel, bias


if __name__ == "__main__":
    main()
