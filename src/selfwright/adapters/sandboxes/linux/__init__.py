"""The Linux kernel's means of confinement, one a file: namespaces, mounts, privileges, seccomp, Landlock, cgroups.

Over ctypes and the standard library alone, because most of it runs inside, between a fork and the first byte of a
candidate. Everything raises ``OSError`` when the kernel refuses; the caller decides what that means.
"""

__all__: list[str] = []
