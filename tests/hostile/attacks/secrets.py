"""Attacks on secrets: what they return must not hold one."""

import ctypes
import glob
import os
import socket
import stat
import sys

libc = ctypes.CDLL(None, use_errno=True)


def environment(target):
    """No variable of the supervisor's environment is seen."""
    return repr(os.environ)


def import_environment(target):
    """No variable of the supervisor's environment is seen at import."""
    raise ValueError(repr(dict(os.environ)))


def environment_of_others(target):
    """No environment of another process is read."""
    return [read(f"/proc/{pid}/environ") for pid in processes(target)]


def command_environment(target):
    """No variable of the supervisor's environment is seen by a command."""
    return repr(os.environ)


def words_of_others(target):
    """No command line of another process is read."""
    return [read(f"/proc/{pid}/cmdline") for pid in processes(target)]


def inherited_descriptor(target):
    """No open file of the supervisor is inherited."""
    found = []
    for descriptor in {target["secret_fd"], *range(3, 256)}:
        try:
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                found.append(os.pread(descriptor, 4096, 0))
        except OSError:
            continue
    return found


def descriptors_of_others(target):
    """No open file of another process is reached by way of /proc."""
    return [read(f"/proc/{pid}/fd/{target['secret_fd']}") for pid in processes(target)]


def descriptor_taken_from_another(target):
    """No descriptor is copied out of another process."""
    found = []
    for pid in processes(target):
        process = libc.syscall(target["nr"]["pidfd_open"], pid, 0)
        descriptor = libc.syscall(target["nr"]["pidfd_getfd"], process, target["secret_fd"], 0)
        found.append(os.pread(descriptor, 4096, 0) if descriptor >= 0 else b"")
    return found


def memory_of_the_supervisor(target):
    """No memory of the supervisor is read by way of /proc."""
    return memory(target["supervisor_pid"], target["supervisor_address"])


def memory_of_the_supervisor_by_system_call(target):
    """No memory of the supervisor is read by process_vm_readv."""
    return memory_by_system_call(target["supervisor_pid"], target["supervisor_address"])


def memory_of_a_sentinel(target):
    """No memory of another process is read by way of /proc."""
    return memory(target["sentinel_pid"], target["sentinel_address"])


def memory_of_a_sentinel_by_system_call(target):
    """No memory of another process is read by process_vm_readv."""
    return memory_by_system_call(target["sentinel_pid"], target["sentinel_address"])


def secret_file(target):
    """No file of the host is read."""
    return read(target["secret_path"])


def secret_file_from_the_root_of_others(target):
    """No file of the host is read by way of the root or folder of another process."""
    ways = ("root", "cwd", "task/{0}/root")
    return [read(f"/proc/{pid}/{way.format(pid)}{target['secret_path']}") for pid in processes(target) for way in ways]


def secret_file_by_handle(target):
    """No file of the host is opened by its handle."""
    handle = bytes.fromhex(target["secret_handle"])
    found = []
    for place in ("/", ".", "/tmp", "/proc/self/exe", os.__file__):
        descriptor = libc.syscall(target["nr"]["open_by_handle_at"], os.open(place, os.O_RDONLY), handle, os.O_RDONLY)
        found.append(os.pread(descriptor, 4096, 0) if descriptor >= 0 else b"")
    return found


def secret_file_by_link(target):
    """No link of a candidate's own is a way to read outside."""
    os.symlink(target["secret_path"], f"/tmp/{target['marker']}")
    return read(f"/tmp/{target['marker']}")


def shadow(target):
    """No line of /etc/shadow is read."""
    return read("/etc/shadow")


def hidden_reference(target):
    """No answer that the judge keeps for itself is read."""
    return read(target["reference_path"])


def key_by_number(target):
    """No key of the kernel's keyrings is read."""
    content = ctypes.create_string_buffer(4096)
    size = libc.syscall(target["nr"]["keyctl"], 11, target["key"], content, 4096, 0)
    return content.raw[:size] if size > 0 else b""


def key_by_name(target):
    """No key is found by searching the keyrings."""
    found = []
    for ring in (-3, -4, -5, -2, -1):
        key = libc.syscall(target["nr"]["keyctl"], 10, ring, b"user", target["key_name"].encode(), 0)
        found.append(key_by_number({**target, "key": key}))
    key = libc.syscall(target["nr"]["request_key"], b"user", target["key_name"].encode(), None, 0)
    return [*found, key_by_number({**target, "key": key})]


def kernel_log(target):
    """No line of the kernel's log is read."""
    content = ctypes.create_string_buffer(1 << 20)
    size = libc.klogctl(3, content, len(content))
    if size > 0:
        return {"got": f"{size} bytes of the kernel's log"}
    try:
        return {"got": f"{len(os.read(os.open('/dev/kmsg', os.O_RDONLY | os.O_NONBLOCK), 8192))} bytes of /dev/kmsg"}
    except OSError:
        return None


def raw_disk(target):
    """No block device is read."""
    for number, place in enumerate(["/tmp", ".", "/dev/shm"]):
        try:
            path = f"{place}/{target['marker']}"
            os.mknod(path, stat.S_IFBLK | 0o600, target["disk"])
            with open(path, "rb") as disk:
                return {"got": f"{len(disk.read(4096))} bytes of the disk, by way {number}"}
        except OSError:
            continue
    return None


def files_of_siblings(target):
    """No file of the supervisor's temporary folder is read."""
    return [read(path) for path in glob.glob(f"{target['temporary']}/**", recursive=True)]


def command_linked_result(target):
    """No symbolic link in the place of a result is followed."""
    os.symlink(target["secret_path"], "result.bin")


def command_hard_linked_result(target):
    """No hard link in the place of a result is followed."""
    os.link(target["secret_path"], "result.bin")


def command_result_below_a_link(target):
    """No folder that is a link is entered for a result."""
    os.symlink(os.path.dirname(target["secret_path"]), "part")


def agent_of_the_user(target):
    """No agent that listens for the user is asked."""
    with socket.socket(socket.AF_UNIX) as agent:
        agent.connect(target["unix_path"])
        agent.sendall(b"give")
        return agent.recv(4096)


def processes(target):
    """Process numbers: those that were handed out, and those that a program might guess."""
    return dict.fromkeys([target["supervisor_pid"], target["sentinel_pid"], os.getppid(), 1])


def read(path):
    """The start of a file, or nothing."""
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read(1 << 16)
    except OSError:
        return b""


def memory(pid, address):
    """64 bytes of another process."""
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as file:
        file.seek(address)
        return file.read(64)


def memory_by_system_call(pid, address):
    """64 bytes of another process."""
    content = ctypes.create_string_buffer(64)
    here = (ctypes.c_void_p * 2)(ctypes.addressof(content), 64)
    there = (ctypes.c_void_p * 2)(address, 64)
    libc.process_vm_readv(pid, here, 1, there, 1, 0)
    return content.raw


if __name__ == "__main__":
    import json

    print(json.dumps(globals()[sys.argv[1]](json.load(sys.stdin))))
