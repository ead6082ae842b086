"""Relational anomalies in logs, found without labels (GLAD, ICKG 2023)."""
