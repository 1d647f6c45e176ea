"""ONNX Runtime's WebGPU plugin: GPUs of every vendor, through Vulkan, Direct3D 12 or Metal."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from segcam import extras
from segcam.errors import BackendUnavailable
from segcam.regular import readable
from segcam.segment import vulkan
from segcam.segment.backends.host import quiet
from segcam.segment.backends.onnxruntime import OnnxRuntimeBackend, failed, session_options

_ALLOW_SOFTWARE = "ORT_WEBGPU_EP_ALLOW_SOFTWARE_ADAPTER"
"""Environment variable of the plugin."""


class WebGpuBackend(OnnxRuntimeBackend):
    """A session on the plugin. See ``segcam.segment.base.Backend``.

    Two of them crash a process, so it needs its own process.
    """

    def __init__(self) -> None:
        super().__init__("webgpu")

    def _open(self, runtime: Any, path: Path, threads: int, recorded: bool) -> Any:  # noqa: ARG002
        self.device = vulkan.require_gpu()
        os.environ[_ALLOW_SOFTWARE] = "1" if vulkan.software_allowed() else "0"
        options = session_options(runtime, threads)
        try:
            with quiet("ONNX Runtime"), readable(path) as name:
                options.add_provider_for_devices([_device(runtime)], {})
                return runtime.InferenceSession(name, options, enable_fallback=0)
        except BackendUnavailable:
            raise
        except Exception as error:  # its exceptions have no common base class
            raise failed("load", error) from error


def _device(runtime: Any) -> Any:
    """The plugin's device; raises BackendUnavailable if it finds no GPU."""
    try:
        import onnxruntime_ep_webgpu as plugin
    except ImportError as error:
        raise BackendUnavailable(
            "ONNX Runtime's WebGPU plugin cannot be loaded",
            str(error),
            extras.cure("webgpu"),
        ) from error
    name = plugin.get_ep_name()
    if not any(device.ep_name == name for device in runtime.get_ep_devices()):
        runtime.register_execution_provider_library("webgpu", plugin.get_library_path())
    found = [device for device in runtime.get_ep_devices() if device.ep_name == name]
    if not found:
        raise BackendUnavailable("ONNX Runtime finds no GPU", "", vulkan.hint())
    return max(found, key=lambda device: device.device.metadata.get("Discrete") == "1")
