"""Attacks on files: every canary of the host stays as it was, and nothing new appears."""

import ctypes
import errno
import fcntl
import os
import signal
import site
import stat
import struct
import sys

libc = ctypes.CDLL(None, use_errno=True)


def overwrite(target):
    """No file of the host is written."""
    with open(target["canary"], "r+b") as file:
        file.write(b"overwritten")


def import_overwrite(target):
    """No file of the host is written at import."""
    overwrite(target)


def append(target):
    """No file of the host is appended to."""
    with open(target["canary"], "ab") as file:
        file.write(b"appended")


def truncate(target):
    """No file of the host is truncated."""
    os.truncate(target["canary"], 0)


def create(target):
    """No file is created in a folder of the host."""
    with open(target["canaries"] + "/new", "w") as file:
        file.write("new")


def remove(target):
    """No file of the host is removed."""
    os.unlink(target["canary"])


def rename(target):
    """No file of the host is renamed."""
    os.rename(target["canary"], target["canaries"] + "/renamed")


def replace(target):
    """No file of the host is replaced."""
    for folder in ("/tmp", ".", target["canaries"]):
        try:
            write(f"{folder}/{target['marker']}", "mine")
            os.replace(f"{folder}/{target['marker']}", target["canary"])
        except OSError:
            continue


def change_mode(target):
    """No mode of a file of the host is changed."""
    os.chmod(target["canary"], 0o4777)


def change_owner(target):
    """No owner of a file of the host is changed."""
    os.chown(target["canary"], os.getuid(), 12345)


def change_times(target):
    """No time of a file of the host is changed."""
    os.utime(target["canary"], (1, 1))


def change_times_of_devices(target):
    """No time of a device of the host is changed, which everybody may write to."""
    for device in target["devices"]:
        try:
            os.utime(device)
        except OSError:
            continue


def change_attributes(target):
    """No extended attribute of a file of the host is set."""
    os.setxattr(target["canary"], "user.hostile", b"1")


def change_flags(target):
    """No flag of a file of the host is set, which needs no open for writing."""
    flags = struct.pack("i", 0x40)  # nodump
    fcntl.ioctl(os.open(target["canary"], os.O_RDONLY), 0x40086602, flags)


def lock(target):
    """No file of the host is locked."""
    descriptor = os.open(target["canary"], os.O_RDONLY)
    if not os.fork():
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        import time

        time.sleep(30)
    fcntl.flock(descriptor, fcntl.LOCK_EX)


def hard_link(target):
    """No file of the host gets another name."""
    for place in ("/tmp", ".", target["canaries"]):
        try:
            os.link(target["canary"], f"{place}/{target['marker']}")
        except OSError:
            continue


def symbolic_link(target):
    """No link is laid in a folder of the host."""
    os.symlink("/etc/passwd", target["canaries"] + "/link")


def fifo(target):
    """No pipe is laid in a folder of the host."""
    os.mkfifo(target["canaries"] + "/fifo")


def folder(target):
    """No folder is made or removed on the host."""
    os.mkdir(target["canaries"] + "/folder")


def upwards(target):
    """No path with .. leads out."""
    with open("../" * 40 + target["canary"].lstrip("/"), "wb") as file:
        file.write(b"upwards")


def through_a_link_of_its_own(target):
    """No link of a candidate's own is a way to write outside."""
    for place in ("/tmp", "."):
        try:
            os.symlink(target["canaries"], f"{place}/{target['marker']}")
            write(f"{place}/{target['marker']}/canary", "through")
        except OSError:
            continue


def through_an_inherited_folder(target):
    """No folder that the supervisor has open is a way out."""
    descriptors = dict.fromkeys([target["folder_fd"], *range(3, 256)])
    for number in descriptors:
        try:
            os.close(os.open(target["marker"], os.O_CREAT | os.O_WRONLY, dir_fd=number))
        except OSError:
            continue


def through_the_root_of_others(target):
    """No root or folder of another process is a way out."""
    for pid in (target["supervisor_pid"], target["sentinel_pid"], os.getppid(), 1):
        for way in ("root", f"cwd/{'../' * 20}"):
            try:
                with open(f"/proc/{pid}/{way}/{target['canary']}", "wb") as file:
                    file.write(b"through")
            except OSError:
                continue


def change_of_root(target):
    """No chroot leads out."""
    for place in ("/tmp", "."):
        try:
            os.makedirs(f"{place}/{target['marker']}", exist_ok=True)
            os.chroot(f"{place}/{target['marker']}")
            for _ in range(64):
                os.chdir("..")
            os.chroot(".")
        except OSError:
            continue
        with open(target["canary"], "wb") as file:
            file.write(b"escaped")
        return {"got": "a new root"}


def mount(target):
    """Nothing is mounted."""
    return mounted(target, b"none", target["canaries"].encode(), b"tmpfs", 0)


def bind_mount(target):
    """No folder is bound elsewhere."""
    return mounted(target, b"/", target["canaries"].encode(), None, 4096)


def remount(target):
    """No read-only mount becomes writable."""
    changed = [
        place for place in (b"/", b"/proc", b"/sys", b"/dev") if not libc.mount(b"none", place, None, 4128, None)
    ]
    return {"got": f"remounted {changed}"} if changed else None


def unmount(target):
    """No mount is taken away."""
    if not libc.umount2(b"/dev/shm", 2):
        return {"got": "unmounted /dev/shm"}


def new_mount_interface(target):
    """No mount is made by the newer system calls."""
    descriptor = libc.syscall(target["nr"]["open_tree"], -100, b"/", 1)
    if descriptor >= 0:
        return {"got": "a copy of the mount tree"}


def device(target):
    """No device is made."""
    for place in ("/tmp", ".", target["canaries"]):
        try:
            os.mknod(f"{place}/{target['marker']}", stat.S_IFCHR | 0o666, os.makedev(1, 1))
        except OSError:
            continue
        return {"got": "the device of the machine's memory"}


def kernel_knobs(target):
    """No knob of the kernel can be turned."""
    knobs = ("kernel/core_pattern", "kernel/panic", "vm/overcommit_memory", "vm/drop_caches", "fs/file-max")
    return writable([f"/proc/sys/{knob}" for knob in knobs])


def more_kernel_knobs(target):
    """No knob outside of /proc/sys can be turned."""
    return writable(["/proc/sysrq-trigger", "/proc/irq/default_smp_affinity", "/sys/kernel/mm/ksm/run", "/dev/mem"])


def name_of_the_host(target):
    """The name of the host stays."""
    for way in (lambda: libc.sethostname(b"hostile", 7), lambda: write("/proc/sys/kernel/hostname", "hostile")):
        try:
            way()
        except OSError:
            continue


def control_group(target):
    """No control group is made or changed."""
    for place in target["cgroups"]:
        try:
            os.mkdir(f"{place}/{target['marker']}")
        except OSError:
            continue


def own_control_group(target):
    """No limit of a control group is raised."""
    files = ("memory.limit_in_bytes", "memory.max", "pids.max", "cgroup.procs", "tasks")
    return writable([f"{place}/{name}" for place in target["cgroups"] for name in files])


def poisoned_start_of_python(target):
    """No file that Python reads at its start is laid down."""
    for place in dict.fromkeys([*sys.path, *target["libraries"], *site.getsitepackages(), site.getusersitepackages()]):
        try:
            write(f"{place}/{target['marker']}.pth", "# hostile\n")
        except OSError:
            continue


def poisoned_cache(target):
    """No compiled module is laid beside a library."""
    for place in (*target["libraries"], os.path.dirname(os.__file__), os.path.dirname(__file__)):
        try:
            os.makedirs(f"{place}/__pycache__", exist_ok=True)
            write(f"{place}/__pycache__/{target['marker']}.cpython-311.pyc", "hostile")
        except OSError:
            continue


def beside_the_guest(target):
    """No module is laid beside the code that is trusted inside."""
    write(f"{target['guest_folder']}/{target['marker']}.py", "# hostile\n")


def into_the_temporary_folder(target):
    """No file appears in the supervisor's temporary folder."""
    for place in (target["temporary"], "/tmp", "/var/tmp", "/dev/shm", "/run", "/dev/mqueue"):
        try:
            write(f"{place}/{target['marker']}", "hostile")
        except OSError:
            continue


def odd_names(target):
    """No name, odd as it may be, stays behind or confuses whoever cleans up."""
    names = ["-rf", "new\nline", "\x1b[31m", "a" * 250, " ", "\udcff", "*", "$(touch x)", "..."]
    for place in ("/tmp", ".", target["temporary"]):
        for name in names:
            try:
                os.makedirs(os.fsencode(f"{place}/{target['marker']}{name}/{name}"))
                os.chmod(os.fsencode(f"{place}/{target['marker']}{name}"), 0)
            except OSError:
                continue


def message_queue(target):
    """No message queue stays behind."""
    libc.mq_open(b"/" + target["marker"].encode(), os.O_CREAT | os.O_RDWR, 0o666, None)


def watch_of_all_files(target):
    """No watch over the files of others is given."""
    if libc.fanotify_init(0, os.O_RDONLY) >= 0:
        return {"got": "a watch over all files"}


def locks(target):
    """No lock on a file that all boxes read tells those that live at the same time of each other."""
    file = os.open(os.__file__, os.O_RDONLY)
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return {"got": "a lock of a library"}


def locks_of_others(target):
    """Nobody is told who holds a lock on a file that all boxes read."""
    file = os.open(os.__file__, os.O_RDONLY)
    fcntl.fcntl(file, fcntl.F_GETLK, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 1, 0))
    return {"got": "news of the locks of a library"}


def queue_of_reads(target):
    """No queue of reads is given: it would tell what others have read, and the host has only so many."""
    if libc.syscall(target["nr"]["io_setup"], 128, ctypes.byref(ctypes.c_ulong())) >= 0:
        return {"got": "a queue of reads"}


def watch_of_one_file(target):
    """No watch tells when others open a file that both may read."""
    watch = libc.syscall(target["nr"]["inotify_init1"], 0)
    if libc.inotify_add_watch(watch, os.fsencode(os.__file__), 0x20) >= 0:
        return {"got": "a watch over a library"}


def watch_by_lease(target):
    """No lease tells when others open a file that both may read, or holds them up."""
    fcntl.fcntl(os.open(os.__file__, os.O_RDONLY), fcntl.F_SETLEASE, fcntl.F_RDLCK)
    return {"got": "a lease of a library"}


def watch_by_signal(target):
    """No signal tells when others open files of a folder that both may read."""
    signal.signal(signal.SIGIO, signal.SIG_IGN)
    fcntl.fcntl(os.open(os.path.dirname(os.__file__), os.O_RDONLY), fcntl.F_NOTIFY, fcntl.DN_ACCESS)
    return {"got": "a watch over a folder"}


def command_odd_result(target):
    """No folder in the place of a result, and no unreadable file, confuses who looks for it."""
    os.mkdir("result.bin")
    os.mkdir("result.bin/" + "deep")
    os.chmod("result.bin", 0)


def command_overwrite(target):
    """No file of the host is written by a command."""
    overwrite(target)


def mounted(target, source, place, kind, flags):
    """Mount, and say so where it went well; a mount that only it sees is none that it was given."""
    if libc.mount(source, place, kind, flags, None) and libc.mount(source, b"/tmp", kind, flags, None):
        return None
    return {"got": "a mount"}


def write(path, text):
    """Write a file."""
    with open(path, "w") as file:
        file.write(text)


def writable(paths):
    """Say which can be opened for writing; nothing is written."""
    found = []
    for path in paths:
        try:
            os.close(os.open(path, os.O_WRONLY))
            found.append(path)
        except OSError as error:
            if error.errno == errno.EINVAL:
                found.append(path)
    return {"got": f"open for writing: {' '.join(found)}"} if found else None


if __name__ == "__main__":
    import json

    print(json.dumps(globals()[sys.argv[1]](json.load(sys.stdin))))
