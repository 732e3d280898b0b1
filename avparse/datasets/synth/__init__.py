"""The bundled data set: clips made by code, with exact labels, easy enough for random features."""
