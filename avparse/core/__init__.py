"""Plumbing that every other folder builds on: errors, files, clips, events, HDF5, caching."""
