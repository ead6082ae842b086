"""``python -m adaptivelog``."""

import sys

from adaptivelog.cli import main

sys.exit(main())
