"""Containers and codecs: the only folder that imports av."""
