"""What a user can set of each model. Loads no torch, so that settings are checked early."""
