"""Attacks on time and size: none may outlive its deadline, or take more than it was given."""

import ctypes
import mmap
import os
import signal
import socket
import sys
import tempfile
import threading
import time

MIB = 1 << 20


def endless_loop(target):
    """No loop outlives the deadline."""
    while True:
        pass


def import_endless_loop(target):
    """No loop at import outlives the deadline."""
    while True:
        pass


def endless_sleep(target):
    """No sleep outlives the deadline."""
    while True:
        time.sleep(1000)


def every_signal_ignored(target):
    """No process outlives the deadline by ignoring what can be ignored."""
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            continue
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
    while True:
        time.sleep(1000)


def c_call_that_never_returns(target):
    """No call into C that keeps the interpreter's lock outlives the deadline."""
    while True:
        ctypes.PyDLL(None).pause()


def stops_itself(target):
    """A process that stops itself hangs nobody."""
    os.kill(os.getpid(), signal.SIGSTOP)


def stops_its_parent(target):
    """A process that stops its parent hangs nobody."""
    os.kill(os.getppid(), signal.SIGSTOP)


def fork_bomb(target):
    """No more processes than the limit says."""
    children = []
    try:
        for _ in range(6 * target["processes"]):
            pid = os.fork()
            if not pid:
                time.sleep(30)
                os._exit(0)
            children.append(pid)
    except OSError:
        pass
    return {"took": "processes", "amount": len(children), "most": target["processes"]}


def thread_bomb(target):
    """No more threads than the limit says."""
    alive = []
    try:
        for _ in range(6 * target["processes"]):
            alive.append(threading.Thread(target=time.sleep, args=(30,), daemon=True))
            alive[-1].start()
    except (RuntimeError, MemoryError):
        alive.pop()
    return {"took": "threads", "amount": len(alive), "most": target["processes"]}


def open_descriptors(target):
    """No flood of descriptors."""
    taken = []
    try:
        while len(taken) < 4 * target["descriptors"]:
            taken.append(os.dup(2))
    except OSError:
        pass
    for descriptor in taken:
        os.close(descriptor)
    return {"took": "descriptors", "amount": len(taken), "most": target["descriptors"]}


def inodes(target):
    """No flood of empty files."""
    made = 0
    for folder in folders(target):
        try:
            while made < 2 * target["inodes"]:
                os.mknod(f"{folder}/{target['marker']}-{made}")
                made += 1
        except OSError:
            continue
    return {"took": "inodes", "amount": made, "most": target["inodes"]}


def deep_folders(target):
    """No chain of folders that nobody can remove again."""
    for folder in folders(target):
        try:
            os.chdir(folder)
            for _ in range(3000):
                os.mkdir(target["marker"])
                os.chdir(target["marker"])
        except OSError:
            continue


def disk(target):
    """No more disk in many files than memory and file limit together."""
    written, block = 0, bytes(MIB)
    most = target["memory_mb"] + target["files_mb"]
    for folder in folders(target):
        try:
            while written < 2 * most:
                with open(f"{folder}/{target['marker']}-{written}", "wb") as file:
                    file.write(block)
                written += 1
        except OSError:
            continue
    return {"took": "MiB of disk", "amount": written, "most": most}


def one_large_file(target):
    """No file larger than the limit says."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    largest, most = 0, target["files_mb"]
    for folder in folders(target):
        try:
            with open(f"{folder}/{target['marker']}", "wb", buffering=0) as file:
                for size in range(1, 3 * most):
                    file.write(bytes(MIB))
                    largest = max(largest, size)
        except OSError:
            continue
    return {"took": "MiB in one file", "amount": largest, "most": most}


def memory_in_one_process(target):
    """No more memory than the limit says."""
    return took_memory(target, "in one process", lambda: bytearray(b"x") * (16 * MIB))


def memory_in_children(target):
    """No more memory over all children than the limit says."""
    return took_by_children(target, "children", left_alone=False)


def memory_in_memfd(target):
    """No more memory in anonymous files than the limit says."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    def one():
        descriptor = os.memfd_create("one")
        for _ in range(4):
            os.write(descriptor, bytes(MIB))
        return descriptor

    return took_memory(target, "in memfd", one, step_mb=4)


def command_memory_in_memfd(target):
    """No more memory in anonymous files of a command than the limit says."""
    return memory_in_memfd(target)


def memory_in_orphans(target):
    """No more memory over children that were left alone than the limit says."""
    return took_by_children(target, "orphans", left_alone=True)


def larger_socket_buffers(target):
    """No buffer of a socket is made larger than it comes: nothing counts it."""
    mine, _ = socket.socketpair()
    before = mine.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
    mine.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * MIB)
    if mine.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) > before:
        return {"got": "a larger buffer"}


def memory_in_shared_mappings(target):
    """No more memory in shared mappings than the limit says."""

    def one():
        mapping = mmap.mmap(-1, 16 * MIB)
        mapping.write(b"x" * (16 * MIB))
        return mapping

    return took_memory(target, "in shared mappings", one)


def command_memory_in_page_tables(target):
    """No more memory than the limit says in what the kernel needs for regions that were only looked at."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long)

    def one():
        region = libc.mmap(None, 4096 << 21, mmap.PROT_READ, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000, -1, 0)
        if region in (None, ctypes.c_void_p(-1).value):
            raise OSError
        for place in range(region, region + (4096 << 21), 1 << 21):
            ctypes.string_at(place, 1)

    return took_memory(target, "in page tables", one)


def memory_in_shm(target):
    """No more memory in /dev/shm than the limit says."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    names = iter(range(10_000))

    def one():
        with open(f"/dev/shm/{target['marker']}-{next(names)}", "wb", buffering=0) as file:
            for _ in range(4):
                file.write(bytes(MIB))

    return took_memory(target, "in /dev/shm", one, step_mb=4)


def memory_in_sysv_segments(target):
    """No more memory in System V segments than the limit says."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.shmat.restype = ctypes.c_void_p

    def one():
        segment = libc.shmget(0, 16 * MIB, 0o600 | 0o1000)
        address = libc.shmat(segment, None, 0)
        if segment < 0 or address in (None, ctypes.c_void_p(-1).value):
            raise OSError
        ctypes.memset(address, 1, 16 * MIB)
        libc.shmdt(ctypes.c_void_p(address))

    return took_memory(target, "in System V segments", one)


def memory_in_pipes(target):
    """No more pipes full of bytes than descriptors allow, and none of it outlives the call."""

    def one():
        _, writer = os.pipe()
        os.set_blocking(writer, False)
        ctypes.CDLL(None).fcntl(writer, 1031, MIB)
        os.write(writer, bytes(MIB))

    return took_memory(target, "in pipes", one, step_mb=1)


def flood_of_output(target):
    """No flood of output reaches the supervisor's memory or log."""
    for _ in range(32):
        os.write(1, b"flood " * (MIB // 6))
        os.write(2, b"flood " * (MIB // 6))


def stack_overflow_in_c(target):
    """No overflow of the C stack takes the supervisor along."""
    compare = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
    libc = ctypes.CDLL(None)
    sys.setrecursionlimit(1 << 30)

    @compare
    def deeper(left, right):
        libc.qsort((ctypes.c_int * 2)(2, 1), 2, 4, deeper)
        return 0

    deeper(None, None)


def segmentation_fault(target):
    """No crash in C takes the supervisor along."""
    ctypes.string_at(0)


def leaves_at_once(target):
    """No exit code of a candidate's own takes the supervisor along, or passes for a result."""
    os._exit(0)


def daemon(target):
    """No daemon outlives the call."""
    if not os.fork():
        os.setsid()
        if os.fork():
            os._exit(0)
        os.chdir("/")
        for descriptor in range(64):
            try:
                os.close(descriptor)
            except OSError:
                continue
        time.sleep(600)
        os._exit(0)


def daemon_that_holds_pipes(target):
    """No grandchild that keeps the pipes open hangs anybody."""
    if not os.fork():
        os.setsid()
        signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
        time.sleep(600)
        os._exit(0)
    os._exit(0)


def endless_result(target):
    """No result larger than the limit says."""
    return b"x" * (4 * target["output_mb"] * MIB)


def endless_frame(target):
    """No reply that announces more than there is, or never ends, fills the supervisor's memory."""
    for descriptor in (4, 1):
        try:
            os.write(descriptor, (1 << 62).to_bytes(8, "big"))
            for _ in range(64):
                os.write(descriptor, b"V" * MIB)
        except OSError:
            continue


def command_endless_output(target):
    """No output of a command fills the supervisor's memory."""
    for _ in range(64):
        os.write(1, b"x" * MIB)


def command_sparse_result(target):
    """No file with a hole of a terabyte is read."""
    with open("result.bin", "wb") as file:
        file.truncate(1 << 40)


def command_fifo_result(target):
    """No pipe in the place of a result hangs the reader."""
    os.mkfifo("result.bin")


def command_that_leaves_a_daemon(target):
    """No process of a command outlives it."""
    daemon(target)


def folders(target):
    """Where a program might be able to write."""
    return dict.fromkeys([tempfile.gettempdir(), os.getcwd(), os.path.expanduser("~"), *target["writable"]])


def took_by_children(target, whose, left_alone):
    """Have eight children take a quarter of the limit each, once their parent has ended where they are left alone."""
    (arrived, arrival), share = os.pipe(), target["memory_mb"] // 4
    if not left_alone or not os.fork():
        for _ in range(8):
            parent = os.getpid()
            if not os.fork():
                while left_alone and os.getppid() == parent:
                    time.sleep(0.01)
                kept = bytearray(b"x") * (share * MIB)
                os.write(arrival, b"x")
                time.sleep(30)
                os._exit(len(kept) & 1)
        if left_alone:
            os._exit(0)
    os.close(arrival)
    amount = sum(len(os.read(arrived, 1)) for _ in range(8)) * share
    return {"took": f"MiB in {whose}", "amount": amount, "most": target["memory_mb"]}


def took_memory(target, where, one, step_mb=16):
    """Keep what ``one`` returns until three times the limit is taken, or no more is given."""
    kept, amount = [], 0
    try:
        while amount < 3 * target["memory_mb"]:
            kept.append(one())
            amount += step_mb
    except (MemoryError, OSError):
        pass
    return {"took": f"MiB {where}", "amount": amount, "most": target["memory_mb"]}


if __name__ == "__main__":
    import json

    print(json.dumps(globals()[sys.argv[1]](json.load(sys.stdin))))
