"""``python -m valb``: the same as the command ``valb``."""

import sys

from valb.cli import main

sys.exit(main())
