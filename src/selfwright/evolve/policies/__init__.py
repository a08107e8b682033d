"""Parent policies: ways to say where the next change starts from. ``evolve.select`` learns which to follow."""

__all__: list[str] = []
