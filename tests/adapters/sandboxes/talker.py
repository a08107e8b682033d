"""A guest that says on every pipe that it runs, before anybody asks."""

import os

WORDS = b"the guest runs"


def main() -> None:
    os.write(2, WORDS)
    os.write(4, bytes(8) + WORDS)  # an empty reply, and more than was asked for
    os.read(3, 1)


if __name__ == "__main__":
    main()
