"""Typical simple loops for a virtual background, in a separate environment.

    python loop.py WAY FOLDER SECONDS

It uses nothing of SegCam. FOLDER contains a webcam's JPEG pictures, played at 30 Hz like a camera.
Everything else is as in usual examples: OpenCV decodes to BGR, MediaPipe's package finds the
person, the blur comes from MediaPipe's own example, and a virtual camera gets RGB.

common: blends in floating point with NumPy.
careful: blends with cv2.blendLinear, and blurs a quarter of the size.
"""

import json
import os
import sys
import time
from pathlib import Path

import cv2
import mediapipe as mp
import numpy as np

PERIOD_S = 1 / 30
WARM_UP_S = 1.0


def common(bgr, mask):
    """Blend like most examples."""
    background = cv2.GaussianBlur(bgr, (55, 55), 0)
    opacity = np.stack((mask,) * 3, axis=-1)
    return (opacity * bgr + (1 - opacity) * background).astype(np.uint8)


def careful(bgr, mask):
    """Blend in an optimised way."""
    height, width = bgr.shape[:2]
    small = cv2.resize(bgr, (width // 4, height // 4), interpolation=cv2.INTER_AREA)
    background = cv2.resize(cv2.GaussianBlur(small, (15, 15), 0), (width, height))
    return cv2.blendLinear(bgr, background, mask, 1 - mask)


def run(blend, pictures, seconds):
    """Milliseconds of processor time and of latency per frame, and the rate."""
    latencies, started, cpu = [], None, 0.0
    due = begin = time.monotonic()
    with mp.solutions.selfie_segmentation.SelfieSegmentation(model_selection=1) as network:
        index = 0
        while due < begin + WARM_UP_S + seconds:
            time.sleep(max(0.0, due - time.monotonic()))
            if started is None and due >= begin + WARM_UP_S:
                started, cpu = time.monotonic(), sum(os.times()[:2])
                latencies.clear()
            bgr = cv2.imdecode(pictures[index % len(pictures)], cv2.IMREAD_COLOR)
            mask = network.process(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)).segmentation_mask
            cv2.cvtColor(blend(bgr, mask), cv2.COLOR_BGR2RGB)
            now = time.monotonic()
            latencies.append(now - due)
            missed = max(1, int((now - due) / PERIOD_S))  # like a camera, skip to the newest frame
            due, index = due + missed * PERIOD_S, index + missed
    cpu, elapsed = sum(os.times()[:2]) - cpu, time.monotonic() - started
    p50, p95 = np.percentile(latencies, (50, 95)) * 1e3
    return {
        "cpu_ms": cpu * 1e3 / len(latencies),
        "rate_hz": len(latencies) / elapsed,
        "latency_p50_ms": p50,
        "latency_p95_ms": p95,
    }


if __name__ == "__main__":
    way, folder, seconds = sys.argv[1:]
    files = sorted(Path(folder).glob("*.jpg"))
    pictures = [np.frombuffer(file.read_bytes(), np.uint8) for file in files]
    print(json.dumps(run({"common": common, "careful": careful}[way], pictures, float(seconds))))
