"""Who proposes: recordings, searches over numbers, several in turn. Each satisfies ``ports.proposer``.

Import the module that you need: ``selfwright.proposers.recorded``; the libraries behind them are heavy.
"""

__all__: list[str] = []
