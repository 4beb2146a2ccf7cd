"""A declarative rules engine for government support policies: what a platform gets, from whom, by which clause."""

__version__ = "0.1.0"
