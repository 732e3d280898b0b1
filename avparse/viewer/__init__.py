"""The viewer: an index of videos, and a page for each that plays it above its timeline."""
