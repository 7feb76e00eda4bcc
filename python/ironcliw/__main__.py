"""``python -m ironcliw`` is the command ``ironcliw``."""

from ironcliw.cli import main

if __name__ == "__main__":
    main()
