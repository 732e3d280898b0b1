"""``python -m avparse``."""

from avparse.cli import main

if __name__ == "__main__":
    main()
