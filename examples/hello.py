"""Greets, and says what it runs on."""

import sys

version = ".".join(str(number) for number in sys.version_info[:3])
print(f"Hello from Python {version}, inside a sandbox on {sys.platform}.")
