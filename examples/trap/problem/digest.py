"""A digest of a list of numbers."""


def digest(numbers):
    """Return the digest, and how many numbers there are."""
    total = 0
    count = 0
    for number in numbers:
        total = abs(total * 31 + number * number) % 1_000_003
        total = total ^ (number // 7) ^ (total >> 5)
        count += 1
    return [total, count]
