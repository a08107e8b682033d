"""A process that serves a model in a file by llama.cpp, as OpenAI does, on this machine alone; it ends with its parent.

``python -m selfwright.adapters.models.llama FILE WINDOW THREADS``: writes its address in a line, and ends when its
standard input does.
"""

import os
import sys


def serve(path: str, window: int, threads: int) -> None:
    """Serve a file until standard input ends.

    Args:
        window: Tokens of a prompt and its answer together.
    """
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = path
    parameters.n_ctx, parameters.n_parallel = window, 1
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = threads
    server = xllamacpp.Server(parameters)
    sys.stdout.write(f"{server.listening_address}\n")
    sys.stdout.flush()
    sys.stdin.read()
    os._exit(0)  # whatever it is in the middle of


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
