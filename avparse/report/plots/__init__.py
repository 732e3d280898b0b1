"""Plots as inline SVG: scores, timelines, attention."""
