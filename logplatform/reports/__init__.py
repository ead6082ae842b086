"""Alerts, channels and reports: what the platform says by itself, and to whom."""
