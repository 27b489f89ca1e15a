"""Measurements that anyone can repeat: ``make bench``. They need the data sets named in ``docs/quality.md``."""
