"""Download the videos of data sets that distribute only YouTube ids."""
