"""The bundled data set: generated clips with exact labels, learnable from random features."""
