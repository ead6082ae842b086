"""The sections of a report: one module makes one or a few; `all` has them in order."""
