"""``python -m selfwright``: the command line."""

from selfwright.cli import main

main()
