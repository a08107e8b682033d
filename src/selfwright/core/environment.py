"""What a candidate finds beside its program and the standard library."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What a problem declares in ``[environment]``.

    Attributes:
        modules: Importable top-level packages beyond the standard library.
        folders: Absolute paths of extra read-only folders of this machine, such as a toolchain.
    """

    modules: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()

    @property
    def search_path(self) -> tuple[str, ...]:
        """Where programs of the extra folders lie; before the system's own on ``PATH``."""
        return tuple(f"{folder.rstrip('/')}/bin" for folder in self.folders)


BARE = Environment()
"""Nothing but the standard library."""
