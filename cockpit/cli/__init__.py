"""The command line: parses, calls, prints. What a command needs is imported inside it."""

from cockpit.cli.program import cli, main

__all__ = ["cli", "main"]
