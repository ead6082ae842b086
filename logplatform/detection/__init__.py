"""Judgements on stored lines: detectors by source and version, anomalies, verdicts."""
