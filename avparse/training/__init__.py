"""Training: the loop that all models share, and label refinement."""
