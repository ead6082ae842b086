"""Migrations of the detection app."""
