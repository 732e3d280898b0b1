"""The viewer: a page for each video that plays it above its timeline, and an index of them."""
