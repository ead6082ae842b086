"""``python -m logzip``: the command of `logzip.cli`."""

import sys

from logzip.cli import main

sys.exit(main())
