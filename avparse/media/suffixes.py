"""File names that are taken for videos."""

_CONTAINERS = "3gp avi flv m4v mkv mov mp4 mpeg mpg mts ogv ts webm wmv"

SUFFIXES = frozenset(f".{name}" for name in _CONTAINERS.split())
"""In a raw folder, in lower case."""
