"""Class lists in their order; a class index means nothing without one of these."""

BUNDLED_CLASSES = ("Bell", "Siren", "Drum", "Whistle", "Engine", "Bird", "Buzzer", "Horn")
"""The eight classes of the bundled data set."""
