"""Trains the adapter of the bundled encoder: ``python -m qa.encoder_training --help``."""
