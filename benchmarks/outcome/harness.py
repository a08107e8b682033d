"""How the engines beside ours measure: the program is imported, called and scored in one process, as their examples do.

    python harness.py CORE PROGRAM SEED

Prints ``value: X``. Whoever starts it gives it a deadline and ends its process group, so that a crash or a hang of the
program costs one evaluation. It needs the standard library alone.
"""

import importlib.util
import sys


def load(path: str, name: str):
    """Import a file under a name."""
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    core = load(sys.argv[1], "core")
    program = load(sys.argv[2], "program")

    def call(name, *args):
        """Call a function of the program."""
        return getattr(program, name)(*args)

    values = [core.value(call, case, int(sys.argv[3])) for case in core.CASES]
    print(f"value: {sum(values) / len(values)!r}", flush=True)
