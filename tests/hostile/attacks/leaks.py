"""Leaks from one box to the next: what ``_then`` returns must not hold the message that the first one was given.

Each pair is an encoder and a decoder that agree on a hiding place. The encoder gets the message, the decoder does not.
"""

import ctypes
import encodings
import fcntl
import glob
import mmap
import os
import socket
import sys
import time

libc = ctypes.CDLL(None, use_errno=True)
BITS = 13 * 8  # of a message
PLACES = ("/tmp", "/dev/shm", "/var/tmp", "/run", "/dev/mqueue", ".", "..", os.path.expanduser("~"), "/")


def in_memory(target):
    """No module keeps a message."""
    sys.message = target["message"]


def in_memory_then(target):
    return getattr(sys, "message", None)


def in_libraries(target):
    """No library that was loaded before keeps a message."""
    import numpy as np

    np.message = target["message"]
    socket.message = target["message"]


def in_libraries_then(target):
    import numpy as np

    return [getattr(np, "message", None), getattr(socket, "message", None)]


def in_files(target):
    """No file keeps a message."""
    for place in (*PLACES, target["temporary"]):
        try:
            with open(f"{place}/{target['marker']}", "w") as file:
                file.write(target["message"])
        except OSError:
            continue


def in_files_then(target):
    found = []
    for place in (*PLACES, target["temporary"]):
        try:
            with open(f"{place}/{target['marker']}") as file:
                found.append(file.read())
        except OSError:
            continue
    return found


def in_its_own_source(target):
    """No program that rewrites itself is what the next box runs."""
    os.chmod(os.path.dirname(__file__), 0o777)
    os.chmod(__file__, 0o666)
    with open(__file__, "a") as file:
        file.write(f"\n# {target['message']}\n")


def in_its_own_source_then(target):
    with open(__file__) as file:
        return file.read()[-200:]


def beside_its_source(target):
    """No file beside the program is there in the next box."""
    os.chmod(os.path.dirname(__file__), 0o777)
    with open(os.path.dirname(__file__) + "/sitecustomize.py", "w") as file:
        file.write(f"MESSAGE = {target['message']!r}\n")


def beside_its_source_then(target):
    with open(os.path.dirname(__file__) + "/sitecustomize.py") as file:
        return file.read()


def in_folders_of_others(target):
    """No folder of another box is there to be searched."""
    with open(os.path.join(os.environ.get("TMPDIR", "/tmp"), f"{target['marker']}-note"), "w") as file:
        file.write(target["message"])
    if not os.fork():  # it keeps the box from being cleaned up, where it can
        os.setsid()
        time.sleep(60)


def in_folders_of_others_then(target):
    found = []
    places = ("/tmp", "/tmp/*", "/tmp/*/tmp", target["temporary"], target["temporary"] + "/*/tmp")
    for path in [path for place in places for path in glob.glob(f"{place}/{target['marker']}-note")]:
        with open(path) as file:
            found.append(file.read())
    return found


def in_a_process(target):
    """No process that stays tells a message by its name."""
    if not os.fork():
        os.setsid()
        libc.prctl(15, target["message"][:15].encode(), 0, 0, 0)
        time.sleep(60)
    time.sleep(0.1)


def in_a_process_then(target):
    names = []
    for path in glob.glob("/proc/[0-9]*/comm"):
        with open(path) as file:
            names.append(file.read())
    return names


def by_an_abstract_socket(target):
    """No process that stays answers on a socket."""
    server = socket.socket(socket.AF_UNIX)
    server.bind("\0" + target["marker"])
    server.listen()
    if not os.fork():
        os.setsid()
        server.settimeout(60)
        server.accept()[0].sendall(target["message"].encode())
        os._exit(0)


def by_an_abstract_socket_then(target):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect("\0" + target["marker"])
        return client.recv(100)


def in_a_sysv_segment(target):
    """No System V segment keeps a message."""
    libc.shmat.restype = ctypes.c_void_p
    address = libc.shmat(libc.shmget(target["sysv_key"], 4096, 0o666 | 0o1000), None, 0)
    ctypes.memmove(address, target["message"].encode(), len(target["message"]))


def in_a_sysv_segment_then(target):
    libc.shmat.restype = ctypes.c_void_p
    segment = libc.shmget(target["sysv_key"], 4096, 0o666)
    return ctypes.string_at(libc.shmat(segment, None, 0), 64) if segment >= 0 else None


def in_a_message_queue(target):
    """No POSIX message queue keeps a message."""
    queue = libc.mq_open(b"/" + target["marker"].encode(), os.O_CREAT | os.O_RDWR, 0o666, None)
    libc.mq_send(queue, target["message"].encode(), len(target["message"]), 0)


def in_a_message_queue_then(target):
    queue = libc.mq_open(b"/" + target["marker"].encode(), os.O_RDWR | os.O_NONBLOCK, 0o666, None)
    content = ctypes.create_string_buffer(8192)
    libc.mq_receive(queue, content, 8192, None)
    return content.value


def in_a_keyring(target):
    """No keyring keeps a message."""
    message = target["message"].encode()
    for ring in (-4, -5, -3):
        libc.syscall(target["nr"]["add_key"], b"user", target["marker"].encode(), message, len(message), ring)


def in_a_keyring_then(target):
    found = []
    for ring in (-4, -5, -3):
        key = libc.syscall(target["nr"]["keyctl"], 10, ring, b"user", target["marker"].encode(), 0)
        content = ctypes.create_string_buffer(100)
        libc.syscall(target["nr"]["keyctl"], 11, key, content, 100, 0)
        found.append(content.value)
    return found


def in_attributes_of_libraries(target):
    """No attribute of a file that both read keeps a message."""
    for path in (sys.executable, os.__file__, "/", "/usr", target["guest_folder"]):
        try:
            os.setxattr(path, "user." + target["marker"], target["message"].encode())
        except OSError:
            continue


def in_attributes_of_libraries_then(target):
    found = []
    for path in (sys.executable, os.__file__, "/", "/usr", target["guest_folder"]):
        try:
            found.append(os.getxattr(path, "user." + target["marker"]))
            os.removexattr(path, "user." + target["marker"])
        except OSError:
            continue
    return found


def in_the_name_of_the_host(target):
    """No name of a host keeps a message."""
    name = target["message"].encode()
    libc.sethostname(name, len(name))


def in_the_name_of_the_host_then(target):
    return socket.gethostname()


def in_the_control_group(target):
    """No control group keeps a message by its name."""
    for place in target["cgroups"]:
        try:
            os.mkdir(f"{place}/{target['marker']}-{target['message']}")
        except OSError:
            continue


def in_the_control_group_then(target):
    return [name for place in target["cgroups"] for name in glob.glob(f"{place}/{target['marker']}-*")]


def in_a_lock(target):
    """No lock on a file that both read tells a bit."""
    descriptor = os.open(os.__file__, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    if not os.fork():
        os.setsid()
        time.sleep(60)


def in_a_lock_then(target):
    try:
        fcntl.flock(os.open(os.__file__, os.O_RDONLY), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return {"got": "a bit by a lock"}


def in_pages_that_were_read(target):
    """No page that is in memory or not, for want of a read that would wait, keeps a message."""
    drop_by_bits(target, lambda file: os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED))


def in_pages_that_were_read_then(target):
    return by_bits(lambda file: os.preadv(file, [bytearray(1)], 0, os.RWF_NOWAIT))


def in_pages_that_were_paged_out(target):
    """No page that a mapping was told to give up keeps a message."""

    def page_out(file):
        mapping = mmap.mmap(file, 1, mmap.MAP_SHARED, mmap.PROT_READ)
        mapping[0]
        mapping.madvise(21)

    drop_by_bits(target, page_out)


def in_pages_that_were_paged_out_then(target):
    return in_pages_that_were_read_then(target)


def in_pages_of_a_mapping(target):
    """No page that a mapping is told to be in memory keeps a message."""
    in_pages_that_were_read(target)


def in_pages_of_a_mapping_then(target):
    def is_there(file):
        mapping, there = mmap.mmap(file, 1, access=mmap.ACCESS_COPY), ctypes.c_ubyte()
        byte = ctypes.c_char.from_buffer(mapping)
        return not libc.mincore(ctypes.c_void_p(ctypes.addressof(byte)), 1, ctypes.byref(there)) and there.value & 1

    return by_bits(is_there)


def in_pages_that_are_counted(target):
    """No page that the kernel counts as cached keeps a message."""
    in_pages_that_were_read(target)


def in_pages_that_are_counted_then(target):
    def is_there(file):
        whole, counts = (ctypes.c_uint64 * 2)(), (ctypes.c_uint64 * 5)()
        return not libc.syscall(target["nr"]["cachestat"], file, whole, counts, 0) and counts[0]

    return by_bits(is_there)


def drop_by_bits(target, drop):
    """Let a file that both can read be in memory for each bit of the message that is set, and not for the others."""
    message = int.from_bytes(target["message"].encode(), "big")
    for number, file in enumerate(files_that_nobody_maps()):
        os.pread(file, mmap.PAGESIZE, 0)
        if not message >> number & 1:
            drop(file)


def by_bits(is_there):
    """What the files in memory tell."""
    message = 0
    for number, file in enumerate(files_that_nobody_maps()):
        try:
            message |= bool(is_there(file)) << number
        except BlockingIOError:
            continue
    return message.to_bytes(BITS // 8, "big")


def files_that_nobody_maps():
    """Yield a descriptor for each bit of a message."""
    for path in sorted(glob.glob(f"{os.path.dirname(encodings.__file__)}/*.py"))[:BITS]:
        with open(path, "rb") as file:
            yield file.fileno()
