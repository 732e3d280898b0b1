"""The report: tables, curves and timelines on one self-contained HTML page."""
