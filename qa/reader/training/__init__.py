"""Trains the span reader: ``python -m qa.reader.training --help``."""
