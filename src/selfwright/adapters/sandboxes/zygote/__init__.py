"""The sandbox ``zygote``: a warm, confined process that forks one child for each box.

``sandbox`` and ``process`` are the host's side, ``server`` and ``child`` run inside, ``message`` is what they say to
each other, ``root`` what there is to see inside.
"""

__all__: list[str] = []
