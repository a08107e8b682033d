"""Messages and descriptors over a socket."""

from __future__ import annotations

import os
import resource
import socket

import pytest

from selfwright.adapters.sandboxes.zygote.message import End, Fork, Word, receive, send


def test_messages_keep_their_bounds_and_bring_descriptors() -> None:
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with near, far:
        reading, writing = os.pipe()
        send(near, Fork(), [writing])
        send(near, End(code=-9, cpu_s=0.25, switches=3, out_of_memory=False))
        os.close(writing)
        fork, [sent] = receive(far, Fork)
        assert (fork, os.get_inheritable(sent)) == (Fork(), False)
        os.write(sent, b"through")
        os.close(sent)
        assert os.read(reading, 10) == b"through"
        os.close(reading)
        assert receive(far, End) == (End(code=-9, cpu_s=0.25, switches=3, out_of_memory=False), [])
        near.close()
        assert receive(far, Word) == (None, [])


def test_descriptors_for_which_there_is_no_room_are_an_error_and_none_is_kept() -> None:
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with near, far:
        send(near, Fork(), [near.fileno()] * 3)
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        free = os.dup(near.fileno())
        os.close(free)
        resource.setrlimit(resource.RLIMIT_NOFILE, (free + 1, hard))
        try:
            with pytest.raises(OSError, match="Too many open files"):
                receive(far, Fork)
            os.close(os.dup(near.fileno()))
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
