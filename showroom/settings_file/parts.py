"""The parts of a settings file, by name."""

from enum import StrEnum


class Part(StrEnum):
    """A part of a file that can be applied alone."""

    SHOWROOMS = "showrooms"
    STAFF = "staff"
    DEALERS = "dealers"
    VEHICLES = "vehicles"
    ENDPOINTS = "endpoints"
