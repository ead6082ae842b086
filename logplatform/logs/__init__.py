"""Stored lines: sources, batches, segments, templates and search over them."""
