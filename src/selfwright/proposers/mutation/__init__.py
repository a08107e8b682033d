"""How programs are mutated: one kind of edit a file, each a function from a parsed source to the edits it offers.

An edit is right about syntax and may be wrong about everything else: the judge says what it is worth. The kinds that
make programs faster (comprehension, binding, membership, hoist, idiom, cache, vectorise) mean to keep what is computed.
"""

__all__: list[str] = []
