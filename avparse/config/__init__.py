"""Settings: types, defaults, and reading and writing YAML files."""
