"""Inference with trained models, decision rules, prediction files and event timelines."""
