"""Attacks on the network: no listener of the host may hear anything, nobody may hear the candidate."""

import ctypes
import os
import socket
import struct
import time


def tcp(target):
    """No TCP connection reaches the host."""
    socket.create_connection(("127.0.0.1", target["tcp_port"]), 1).close()


def tcp_over_ipv6(target):
    """No TCP connection over IPv6 reaches the host."""
    socket.create_connection(("::1", target["tcp6_port"]), 1).close()


def import_tcp(target):
    """No connection at import reaches the host."""
    tcp(target)


def udp(target):
    """No datagram reaches the host."""
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", target["udp_port"]))


def dns(target):
    """No question for a name reaches a resolver."""
    question = struct.pack(">6H", 7, 0x100, 1, 0, 0, 0) + b"\x06secret\x07example\0" + struct.pack(">2H", 1, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as resolver:
        resolver.connect(("127.0.0.1", target["udp_port"]))
        resolver.send(question)


def unix_path(target):
    """No socket with a path on the host is reached."""
    socket.socket(socket.AF_UNIX).connect(target["unix_path"])


def unix_path_by_root_of_others(target):
    """No socket with a path is reached by way of another process."""
    for pid in (target["supervisor_pid"], 1, os.getppid()):
        try:
            socket.socket(socket.AF_UNIX).connect(f"/proc/{pid}/root{target['unix_path']}")
        except OSError:
            continue


def unix_abstract(target):
    """No abstract socket of the host is reached."""
    socket.socket(socket.AF_UNIX).connect("\0" + target["unix_name"])


def datagrams_of_a_pair(target):
    """No socket of a pair sends datagrams to a socket of the host."""
    for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
        for address in (target["datagram_path"], "\0" + target["datagram_name"]):
            try:
                socket.socketpair(socket.AF_UNIX, kind)[0].sendto(b"x", address)
            except OSError:
                continue


def inherited_socket(target):
    """No socket of the supervisor is inherited."""
    for descriptor in dict.fromkeys([target["socket_fd"], *range(5, 256)]):
        try:
            socket.socket(fileno=os.dup(descriptor)).send(b"x")
        except OSError:
            continue


def listening(target):
    """Nobody on the host can connect to a candidate."""
    with socket.create_server(("0.0.0.0", target["knocked_port"]), reuse_port=True) as server:
        server.settimeout(1)
        server.accept()


def listening_on_a_path(target):
    """Nobody on the host can connect to a candidate by a path or an abstract name."""
    server = socket.socket(socket.AF_UNIX)
    server.bind("\0" + target["knocked_name"])
    server.listen()
    server.settimeout(1)
    server.accept()


def netlink(target):
    """No netlink socket is given."""
    return family(socket.AF_NETLINK, socket.SOCK_RAW, "netlink")


def raw_packets(target):
    """No raw socket is given."""
    return family(socket.AF_PACKET, socket.SOCK_RAW, "packet") or family(socket.AF_INET, socket.SOCK_RAW, "raw IP", 1)


def virtual_machine_sockets(target):
    """No socket to the hypervisor is given."""
    return family(40, socket.SOCK_STREAM, "vsock")


def exotic_families(target):
    """No socket of any rare family is given."""
    names = [family(number, kind, f"family {number}") for number in range(3, 46) for kind in (1, 2, 3, 5)]
    known = [name for name in names if name]
    return {"got": f"sockets of {len(known)} kinds"} if known else None


def interfaces(target):
    """No interface of the host is seen."""
    seen = [name for _, name in socket.if_nameindex()] + os.listdir("/sys/class/net")
    found = sorted(set(seen) & set(target["interfaces"]))
    return {"got": f"interfaces {found}"} if found else None


def socket_by_old_system_call(target):
    """No socket is given to a call in the 32-bit way, which a filter may overlook."""
    if os.uname().machine != "x86_64":
        return {"lacks": "a 32-bit way in"}
    import mmap

    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    # push rbx; mov eax, 359 (socket); mov ebx, AF_INET; mov ecx, SOCK_DGRAM; xor edx, edx; int 0x80; pop rbx; ret
    page.write(bytes.fromhex("53 b867010000 bb02000000 b902000000 31d2 cd80 5b c3"))
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    descriptor = ctypes.CFUNCTYPE(ctypes.c_int)(address)()
    return {"got": "a socket by int 0x80"} if descriptor >= 0 else None


def family(number, kind, name, protocol=0):
    """What to say when the kernel gives such a socket."""
    try:
        socket.socket(number, kind, protocol).close()
    except OSError:
        return None
    return {"got": f"a socket: {name}"}


def holds_a_port(target):
    """No port of the host is taken, even for a while."""
    with socket.create_server(("127.0.0.1", target["knocked_port"])):
        time.sleep(0.5)
