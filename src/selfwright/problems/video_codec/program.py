"""The program as a place to hide clips in: both sides get the same text, so what is large in it is counted.

The text is parsed and never run.
"""

import ast
import zlib

from selfwright import InvalidCandidate

__all__ = ["excess_bytes"]

FREE_BYTES = 32 * 1024
"""What any honest codec may weigh."""

MOST_BYTES = 128 * 1024


def excess_bytes(source: bytes) -> int:
    """How many bytes of the program count as part of every bitstream.

    The program weighs what zlib makes of its syntax tree written out again, so neither comments nor docstrings count.

    Raises:
        InvalidCandidate: It is no Python, or weighs more than 128 KiB.
    """
    try:
        tree = ast.parse(source)
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                _drop_docstring(node)
        size = len(zlib.compress(ast.unparse(tree).encode(errors="surrogatepass"), 9))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise InvalidCandidate(f"codec.py can not be parsed: {type(error).__name__}") from error
    if size > MOST_BYTES:
        raise InvalidCandidate(f"codec.py weighs {size} bytes compressed, expected at most {MOST_BYTES}")
    return max(0, size - FREE_BYTES)


def _drop_docstring(node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    first = node.body[0] if node.body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        node.body[0] = ast.Pass()
