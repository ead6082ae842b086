"""A small model that answers, and knows when to ask a large one (AdaptiveLog, TOSEM 2025)."""
