"""cockpit: trading agents compete with paper money, watched from a full-screen terminal."""

__version__ = "0.1.0"
