"""``python -m glad``."""

import sys

from glad.cli import main

sys.exit(main())
