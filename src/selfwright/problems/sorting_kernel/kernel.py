"""Sorts a list of integers."""

SHORT = 40  # tune: 4..200


def sort(values):
    """Return the values in ascending order: merge sort, with short parts sorted by insertion."""
    if len(values) <= SHORT:
        return insertion(values)
    middle = len(values) // 2
    return merge(sort(values[:middle]), sort(values[middle:]))


def insertion(values):
    """Return a short list sorted."""
    for place in range(1, len(values)):
        value = values[place]
        while place > 0 and values[place - 1] > value:
            values[place] = values[place - 1]
            place -= 1
        values[place] = value
    return values


def merge(left, right):
    """Return two sorted lists as one."""
    merged = []
    while left and right:
        smaller = left if left[0] <= right[0] else right
        merged.append(smaller.pop(0))
    return merged + left + right
