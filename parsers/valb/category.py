"""The ten categories of a variable (VALB, ICSE 2023). How they are told apart is learned."""

from __future__ import annotations

from enum import StrEnum


class Category(StrEnum):
    """What the values of a variable mean; the order is that of the model's outputs."""

    OID = "OID"
    LOI = "LOI"
    OBN = "OBN"
    TID = "TID"
    SID = "SID"
    TDA = "TDA"
    CRS = "CRS"
    OBA = "OBA"
    STC = "STC"
    OTP = "OTP"

    @property
    def plain_name(self) -> str:
        """The name that people type in a query."""
        return _PLAIN_NAMES[self]


CATEGORIES = tuple(Category)

_PLAIN_NAMES = {
    Category.OID: "object_id",
    Category.LOI: "location",
    Category.OBN: "object_name",
    Category.TID: "type",
    Category.SID: "switch",
    Category.TDA: "duration",
    Category.CRS: "resource",
    Category.OBA: "amount",
    Category.STC: "status_code",
    Category.OTP: "other",
}
