"""Messages and descriptors over a socket."""

from __future__ import annotations

import os
import socket

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
