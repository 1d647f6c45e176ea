"""Converts TensorFlow.js graph models to ONNX."""
