"""What a source's structures are once the catalog has no room for more: one template."""

from __future__ import annotations

from valb import Template
from valb.templates import template_id

# The catalog's rows for one source. Logs that make a structure of every other line would fill
# it otherwise; what comes beyond is counted and found as free text.
MAX_STRUCTURES = 100_000
# What cannot be told apart any further: one template for all of it.
FREE_TEXT = Template(template_id("<*>"), "<*>", "<*>", ())
