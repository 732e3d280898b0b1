"""The page people look at: tables, curves and timelines, in one file that opens offline."""
