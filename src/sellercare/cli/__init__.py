"""The command line, one module a command group. Nothing heavy is imported before a command needs it."""

from sellercare.cli.program import cli, main

__all__ = ["cli", "main"]
