"""Attacks on the system: no process of others is touched, no right is gained, no rare door of the kernel is open."""

import ctypes
import errno
import fcntl
import os
import resource
import signal
import termios

libc = ctypes.CDLL(None, use_errno=True)


def ptrace(target):
    """No other process is traced."""
    for pid in (target["sentinel_pid"], target["supervisor_pid"]):
        if not libc.ptrace(16, pid, None, None):  # attach
            return {"got": "a traced process"}


def kill_everything(target):
    """No signal to everybody reaches another."""
    os.kill(-1, signal.SIGKILL)


def kill_a_sentinel(target):
    """No signal reaches another process."""
    os.kill(target["sentinel_pid"], signal.SIGKILL)


def kill_by_descriptor(target):
    """No signal reaches another process by its descriptor."""
    process = libc.syscall(target["nr"]["pidfd_open"], target["sentinel_pid"], 0)
    libc.syscall(target["nr"]["pidfd_send_signal"], process, signal.SIGKILL, None, 0)


def kill_the_supervisor(target):
    """No signal reaches the supervisor."""
    os.kill(target["supervisor_pid"], signal.SIGKILL)


def kill_its_parents(target):
    """No signal to parent or first process ends more than the candidate."""
    for pid in (os.getppid(), 1):
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError:
            continue


def kill_its_group(target):
    """No signal to its group reaches another."""
    os.kill(0, signal.SIGKILL)


def limits_of_others(target):
    """No limit of another process is changed."""
    resource.prlimit(target["sentinel_pid"], resource.RLIMIT_NOFILE, (7, 7))


def limits_of_the_first_process(target):
    """No limit of the process that buries its dead and carries its results out is changed."""
    resource.prlimit(1, resource.RLIMIT_FSIZE, resource.prlimit(1, resource.RLIMIT_FSIZE))
    return {"got": "the limits of process 1"}


def cores_of_others(target):
    """No other process is moved to other cores."""
    os.sched_setaffinity(target["sentinel_pid"], range(os.cpu_count()))


def priority_of_others(target):
    """No priority of another process is changed."""
    os.setpriority(os.PRIO_PROCESS, target["sentinel_pid"], 7)


def victim_for_lack_of_memory(target):
    """No other process becomes the one that dies when memory is short."""
    with open(f"/proc/{target['sentinel_pid']}/oom_score_adj", "w") as file:
        file.write("777")


def user_namespace(target):
    """No user namespace is given, in which it would be root."""
    return gained(libc.unshare(0x10000000) == 0, "a user namespace")


def other_namespaces(target):
    """No mount, network, process or other namespace is given."""
    flags = (0x20000, 0x40000000, 0x20000000, 0x8000000, 0x4000000, 0x2000000)
    given = [hex(flag) for flag in flags if not libc.unshare(flag)]
    return gained(given, f"namespaces {given}")


def namespace_by_clone(target):
    """No namespace is given by clone3, whose arguments a filter can not see."""
    arguments = (ctypes.c_uint64 * 8)(0x10000000, 0, 0, 0, signal.SIGCHLD, 0, 0, 0)
    pid = libc.syscall(target["nr"]["clone3"], arguments, 64)
    if not pid:
        os._exit(0)
    return gained(pid > 0, "a user namespace by clone3")


def namespaces_of_the_host(target):
    """No namespace of another process is entered."""
    entered = []
    for pid in dict.fromkeys([target["supervisor_pid"], target["sentinel_pid"], os.getppid(), 1]):
        for kind in ("mnt", "net", "pid", "uts", "ipc"):
            try:
                entered += [kind] if not libc.setns(os.open(f"/proc/{pid}/ns/{kind}", 0), 0) else []
            except OSError:
                continue
    return gained(entered, f"namespaces of others: {entered}")


def become_root(target):
    """Nobody becomes root, of what is outside."""
    for name in ("setgid", "setuid", "seteuid"):
        getattr(libc, name)(0)
    with open("/proc/self/uid_map") as file:  # root in a namespace of its own is nobody outside
        inside, outside, _ = map(int, file.readline().split())
    return gained(os.geteuid() == 0 and outside - inside == 0, "the user root")


def capabilities(target):
    """No capability is held, or can be had by executing."""
    with open("/proc/self/status") as file:
        held = dict(line.split(":\t", 1) for line in file if line.startswith("Cap"))
    found = [name for name in ("CapPrm", "CapEff", "CapInh", "CapAmb") if int(held[name], 16)]
    return gained(found, f"capabilities in {found}")


def new_privileges(target):
    """No execution gives new privileges."""
    return gained(libc.prctl(39, 0, 0, 0, 0) == 0, "execution with new privileges")


def setuid_program(target):
    """No program that changes its user reads for it what it may not."""
    import subprocess

    return subprocess.run([target["setuid_cat"], target["secret_path"]], capture_output=True, check=False).stdout


def higher_limits(target):
    """No limit of its own is raised."""
    raised = []
    for name in ("RLIMIT_NOFILE", "RLIMIT_FSIZE", "RLIMIT_NPROC", "RLIMIT_AS", "RLIMIT_CORE", "RLIMIT_MEMLOCK"):
        kind = getattr(resource, name)
        try:
            _, most = resource.getrlimit(kind)
            higher = most + 1 if most >= 0 else -1
            resource.setrlimit(kind, (higher, higher))
            raised += [name] if most >= 0 else []
        except (OSError, ValueError):
            continue
    if not raised and "SYS_RESOURCE" in target["lacking"]:
        return {"lacks": "the right to raise limits, for root too"}
    return gained(raised, f"raised {raised}")


def higher_priority(target):
    """No priority above the one that it was given."""
    return gained(not libc.setpriority(0, 0, -20), "priority -20")


def real_time(target):
    """No real-time scheduling."""
    return gained(not libc.sched_setscheduler(0, 1, ctypes.byref(ctypes.c_int(1))), "real-time scheduling")


def less_likely_victim(target):
    """No exemption from being the one that dies when memory is short."""
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("-1000")
    except OSError:
        return {"lacks": "the right to it, for root too"} if "SYS_RESOURCE" in target["lacking"] else None
    return {"got": "exemption from the killer"}


def terminal(target):
    """No byte is written to a terminal of the host."""
    os.write(os.open(target["terminal"], os.O_WRONLY | os.O_NOCTTY), b"\x1b]0;hostile\x07")


def terminal_input(target):
    """No byte is pushed into the input of a terminal."""
    for descriptor in dict.fromkeys([target["terminal_fd"], *range(64)]):
        try:
            fcntl.ioctl(descriptor, termios.TIOCSTI, b"x")
        except OSError:
            continue


def controlling_terminal(target):
    """No terminal of the host becomes its own."""
    if not os.fork():
        os.setsid()
        descriptor = os.open(target["terminal"], os.O_RDWR)
        fcntl.ioctl(descriptor, termios.TIOCSCTTY, 0)
        fcntl.ioctl(descriptor, termios.TIOCSTI, b"x")
        os._exit(0)
    os.wait()


def io_uring(target):
    """No ring, which goes round the filter of system calls."""
    return opened(target, "io_uring_setup", 1, ctypes.create_string_buffer(120))


def bpf(target):
    """No program is loaded into the kernel."""
    arguments = (ctypes.c_uint32 * 18)(2, 4, 4, 1)  # an array of one element
    return opened(target, "bpf", 0, arguments, 72)


def performance_events(target):
    """No counters of the machine."""
    arguments = (ctypes.c_uint32 * 30)(1, 120, 0, 0)  # the software clock
    return opened(target, "perf_event_open", arguments, 0, -1, -1, 0)


def user_faults(target):
    """No handling of page faults."""
    return opened(target, "userfaultfd", 1)


def kernel_keys(target):
    """No key stays in a keyring."""
    for ring in (-4, -5, -3):
        libc.syscall(target["nr"]["add_key"], b"user", target["marker"].encode(), b"hostile", 7, ring)


def kernel_module(target):
    """No module is loaded: the right to is missing, not only the module."""
    return reached(target, "init_module", b"", 0, b"")


def reboot(target):
    """No right to reboot: the call with numbers of no meaning fails for that reason."""
    return reached(target, "reboot", 0xFEE1DEAD, 672274793, 0x12345, None)


def clock(target):
    """No clock of the host is set."""
    now = (ctypes.c_int64 * 2)()
    libc.clock_gettime(0, now)
    return gained(not libc.clock_settime(0, now), "the right to set the clock")


def swap(target):
    """No right to switch swapping."""
    return reached(target, "swapoff", b"/nowhere")


def process_accounting(target):
    """No accounting of what others do."""
    return reached(target, "acct", b"/nowhere/at/all")


def ports_of_the_machine(target):
    """No right to the ports of the machine."""
    if os.uname().machine != "x86_64":
        return {"lacks": "ports"}
    given = not libc.ioperm(0x80, 1, 1)
    return (
        gained(given, "a port of the machine") if ctypes.get_errno() != errno.ENOSYS else {"lacks": "the call ioperm"}
    )


def gained(what, name):
    """The word of an attack that it got something; nothing else."""
    return {"got": name} if what else None


def opened(target, call, *arguments):
    """The word of an attack on a call that gives a descriptor."""
    return gained(libc.syscall(target["nr"][call], *arguments) >= 0, f"a descriptor of {call}")


def reached(target, call, *arguments):
    """The word of an attack on a call with wrong arguments, so that any refusal but for lack of rights is a gain."""
    result = libc.syscall(target["nr"][call], *arguments)
    if result < 0 and ctypes.get_errno() == errno.ENOSYS:
        return {"lacks": f"the call {call}"}
    refused = result < 0 and ctypes.get_errno() in (errno.EPERM, errno.EACCES)
    return gained(not refused, f"the right to {call}")
