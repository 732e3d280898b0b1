"""Settings: their types and defaults, and the YAML files they are read from."""
