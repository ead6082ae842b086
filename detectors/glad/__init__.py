"""Relational anomalies in logs, found without labels (GLAD, ICKG 2023)."""

from glad.anomaly import (
    MAX_GRAPH_NODES,
    Anomaly,
    DetectorName,
    DetectorPart,
    EdgeHistory,
    EdgeState,
    Evidence,
    GraphEdge,
    GraphNode,
    NodeKind,
    Scores,
    alerts_per_day,
)
from glad.calibration import DEFAULT_TAIL
from glad.detector import ALERTS_PER_DAY, WARM_UP_UNITS, Detector, DetectorConfig
from glad.errors import BadCheckpoint, BadUnitRule, GladError, NoDevice, TooLittleHistory
from glad.events import Events, join_events, read_events, take_events
from glad.units import UnitRule, Units, choose_rule, group_units, labelled_units

__all__ = [
    "ALERTS_PER_DAY",
    "DEFAULT_TAIL",
    "MAX_GRAPH_NODES",
    "WARM_UP_UNITS",
    "Anomaly",
    "BadCheckpoint",
    "BadUnitRule",
    "Detector",
    "DetectorConfig",
    "DetectorName",
    "DetectorPart",
    "EdgeHistory",
    "EdgeState",
    "Events",
    "Evidence",
    "GladError",
    "GraphEdge",
    "GraphNode",
    "NoDevice",
    "NodeKind",
    "Scores",
    "TooLittleHistory",
    "UnitRule",
    "Units",
    "alerts_per_day",
    "choose_rule",
    "group_units",
    "join_events",
    "labelled_units",
    "read_events",
    "take_events",
]
