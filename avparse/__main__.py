"""``python -m avparse``."""

from avparse.cli import main

main()
