"""Scores: the published metrics, what they are made of, and the numbers in the papers."""
