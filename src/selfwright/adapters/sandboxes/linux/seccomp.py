"""seccomp: which system calls this process and its descendants may make, for good.

The filter is classic BPF (https://docs.kernel.org/userspace-api/seccomp_filter.html), put together here because
libseccomp is no Python package and is missing on many machines. What is not named is allowed up to the newest call that
was looked at; what is newer answers ENOSYS, as on a kernel without it, so that the C library falls back to what it
knows.
"""

import ctypes
import errno
import os
import signal
import struct

from selfwright.adapters.sandboxes.linux import libc

_DENIED = """
acct add_key adjtimex bpf chroot clock_adjtime clock_settime delete_module fanotify_init finit_module fsconfig fsmount
fsopen fspick init_module inotify_add_watch inotify_init inotify_init1 io_uring_enter io_uring_register io_uring_setup
ioperm iopl ioprio_set kcmp kexec_file_load kexec_load keyctl lsm_set_self_attr mbind migrate_pages modify_ldt mount
mount_setattr move_mount move_pages mq_open mq_unlink msgctl msgget msgrcv msgsnd name_to_handle_at open_by_handle_at
open_tree open_tree_attr perf_event_open pidfd_getfd pivot_root process_madvise process_vm_readv process_vm_writev
ptrace quotactl quotactl_fd reboot request_key sched_setaffinity sched_setattr sched_setparam sched_setscheduler semctl
semget semop semtimedop set_mempolicy setdomainname sethostname setns setpriority settimeofday shmat shmctl shmget
swapoff swapon syslog umount2 unshare userfaultfd vhangup
"""
# Which pages of files are in memory would carry messages from box to box: nobody is told, or heard when he drops one.
# So would reads that only look (those of io_submit as well), and locks on files that all of them read.
_ABSENT = (  # ENOSYS, not EPERM: who calls them then does without
    "cachestat", "clone3", "flock", "io_cancel", "io_destroy", "io_getevents", "io_pgetevents", "io_setup", "io_submit",
    "memfd_secret", "mincore",
)  # fmt: skip
_IGNORED = ("fadvise64", "readahead")  # 0: advice need not be followed
_IGNORED_ADVICE = (20, 21)  # MADV_COLD, MADV_PAGEOUT
_NETWORK = ("accept", "accept4", "bind", "connect", "listen", "setsockopt", "socket")
_UNCOUNTED = ("memfd_create", "vmsplice")
_ATTRIBUTES = """
chmod chown fchmod fchmodat fchmodat2 fchown fchownat fremovexattr fsetxattr futimesat lchown lremovexattr lsetxattr
removexattr removexattrat setxattr setxattrat utime utimensat utimes
"""
_SESSIONS = ("setpgid", "setsid")
_SIGNALS = ("kill", "pidfd_send_signal", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "tgkill", "tkill")

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_DENY = _ERRNO | errno.EPERM
_NUMBER, _ARCHITECTURE = 0, 4  # offsets in struct seccomp_data
_X32 = 0x40000000
_AUDIT_ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_NEW_NAMESPACE = 0x7E020080  # every CLONE_NEW*, CLONE_NEWTIME included
_TERMINAL = (0x5412, 0x541C, 0x5423)  # TIOCSTI, TIOCLINUX, TIOCSETD
_AF_UNIX = 1
_DATAGRAMS = 0b1010  # bits that the types SOCK_STREAM and SOCK_SEQPACKET lack; a datagram may name its addressee
_ASKS = (5, 36, 1024, 1026)  # F_GETLK, F_OFD_GETLK, F_SETLEASE, F_NOTIFY: who else has the file
_QUERY = 0xFFFFFFFF
_SET_SECCOMP, _FILTER = 22, 2
_INSTRUCTION = struct.Struct("<HBBI")

Instruction = tuple[int, int, int, int]
"""Code, jump if true, jump if false, operand: struct sock_filter."""

_ALLOWED: Instruction = (_RETURN, 0, 0, _ALLOW)


class Filter:
    """A filter, put together once and loaded into many processes.

    Args:
        execute: Whether programs may be executed. Where not, nobody can let the kernel bury his children unasked, which
            counts for nobody what they used.
        network: Whether there are sockets.
        anonymous: Whether there is memory of no process (memfd, as JIT compilers use it), which only a cgroup counts.
        namespaced: Whether namespaces hold it in. Where not, modes, owners, times and extended attributes of files can
            not be changed, sessions and groups not be left.
        signals: Whether signals may be sent to others than oneself; False where no namespace holds them in.
    """

    def __init__(
        self, *, execute: bool = False, network: bool = False, anonymous: bool = False, namespaced: bool = True,
        signals: bool = True,
    ) -> None:  # fmt: skip
        if libc.MACHINE not in libc.MACHINES:
            raise OSError(errno.ENOSYS, f"seccomp: no table of system calls for {libc.MACHINE}")
        self._code: list[Instruction] = []
        self._check_architecture()
        self._answer(_DENIED.split(), _DENY)
        self._answer(_ABSENT, _ERRNO | errno.ENOSYS)
        self._answer(_IGNORED, _ERRNO)
        self._answer(() if execute else ("execve", "execveat"), _DENY)
        self._answer(() if network else _NETWORK, _DENY)
        self._answer(() if anonymous else _UNCOUNTED, _ERRNO | errno.ENOSYS)
        if not namespaced:
            self._answer([*_ATTRIBUTES.split(), *_SESSIONS], _DENY)
        if not execute:
            self._look("rt_sigaction", 0, [(_EQUAL, signal.SIGCHLD, _DENY)])
        if not network:
            self._look("socketpair", 1, [(_ANY_BIT, _DATAGRAMS, _DENY)])
        for name in ("preadv2", "pwritev2"):
            self._look(name, 5, [(_EQUAL, 0, _ALLOW)], otherwise=_ERRNO | errno.EOPNOTSUPP)
        self._look("madvise", 2, [(_EQUAL, advice, _ERRNO) for advice in _IGNORED_ADVICE])
        self._look("fcntl", 1, [(_EQUAL, command, _DENY) for command in _ASKS])
        self._look("prlimit64", 0, [(_EQUAL, 0, _ALLOW)], otherwise=_DENY)  # a box's first process has the same user
        self._look("clone", 0, [(_ANY_BIT, _NEW_NAMESPACE, _DENY)])
        self._look("ioctl", 1, [(_EQUAL, request, _DENY) for request in _TERMINAL])
        self._look("socketpair", 0, [(_EQUAL, _AF_UNIX, _ALLOW)], otherwise=_DENY)
        self._look("personality", 0, [(_EQUAL, _QUERY, _ALLOW), (_EQUAL, 0, _ALLOW)], otherwise=_DENY)
        # Ready to be handed over, since after a fork each page that is touched is copied.
        self._program = _packed([*self._code, _ALLOWED]) if signals else None

    def load(self) -> None:
        """Bind this process and its descendants. Needs ``gain_nothing`` before."""
        program = self._program or _packed([*self._code, *_own_signals(), _ALLOWED])
        pointer = struct.pack("@HxxxxxxP", len(program) // _INSTRUCTION.size, ctypes.addressof(program))
        libc.call("prctl", _SET_SECCOMP, _FILTER, pointer, 0, 0)

    def _check_architecture(self) -> None:
        """Kill who speaks another language: numbers of another architecture mean other calls."""
        self._add(_LOAD, _ARCHITECTURE)
        self._add(_EQUAL, _AUDIT_ARCHITECTURE[libc.MACHINE], 1, 0)
        self._add(_RETURN, _KILL)
        self._add(_LOAD, _NUMBER)
        if libc.MACHINE == "x86_64":
            self._add(_AT_LEAST, _X32, 0, 1)
            self._add(_RETURN, _KILL)
        self._add(_AT_LEAST, libc.NEWEST + 1, 0, 1)
        self._add(_RETURN, _ERRNO | errno.ENOSYS)

    def _answer(self, names: "list[str] | tuple[str, ...]", answer: int) -> None:
        for name in names:
            if name in libc.NUMBERS:
                self._add(_EQUAL, libc.NUMBERS[name], 0, 1)
                self._add(_RETURN, answer)

    def _look(
        self, name: str, argument: int, tests: list[tuple[int, int, int]], otherwise: int | None = None
    ) -> None:  # fmt: skip
        """Answer a call by its argument: what the first test that holds says, else ``otherwise``, else what follows."""
        self._code += _looked_at(name, argument, tests, otherwise)

    def _add(self, code: int, value: int, if_true: int = 0, if_false: int = 0) -> None:
        self._code.append((code, if_true, if_false, value))


def _own_signals() -> list[Instruction]:
    """Let this process alone signal itself; its number is in the filter."""
    body: list[Instruction] = []
    for name in _SIGNALS:
        tests = [] if name in ("tkill", "pidfd_send_signal") else [(_EQUAL, os.getpid(), _ALLOW)]
        body += _looked_at(name, 0, tests, _DENY)
    return body


def _looked_at(
    name: str, argument: int, tests: list[tuple[int, int, int]], otherwise: int | None
) -> list[Instruction]:  # fmt: skip
    body = [(_LOAD, 0, 0, 16 + 8 * argument)]
    for code, value, answer in tests:
        body += [(code, 0, 1, value), (_RETURN, 0, 0, answer)]
    body.append((_LOAD, 0, 0, _NUMBER) if otherwise is None else (_RETURN, 0, 0, otherwise))
    return [(_EQUAL, 0, len(body), libc.NUMBERS[name]), *body]


def _packed(code: list[Instruction]) -> "ctypes.Array[ctypes.c_char]":
    content = b"".join(_INSTRUCTION.pack(*instruction) for instruction in code)
    return ctypes.create_string_buffer(content, len(content))
