"""Attacks on the judge: none knows the answer, so none may be given a score; and none may spoil the next judgement."""

import atexit
import builtins
import gc
import json
import os
import signal
import sys
import threading
import time

import numpy as np


class Everything:
    """Equal to everything."""

    def __eq__(self, other):
        return True

    def __hash__(self):
        return 1


class LyingList(list):
    """A list whose length and elements are what the asker hopes for."""

    def __len__(self):
        return 32

    def __eq__(self, other):
        return True

    __hash__ = None


class LyingArray(np.ndarray):
    """An array that answers numpy's questions itself."""

    def __len__(self):
        return 32

    def __array_function__(self, function, types, arguments, options):
        return True

    def __array_ufunc__(self, *arguments, **options):
        return np.array(True)


class Pickled:
    """Runs a call of ours wherever it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.truncate, (self.path, 0)


def lying_list(target):
    """No type that lies about length and equality gets past the judge."""
    return LyingList([0.0] * 32)


def lying_array(target):
    """No array that answers for numpy gets past the judge."""
    return np.zeros(32).view(LyingArray)


def equal_to_everything(target):
    """No object that is equal to everything gets past the judge."""
    return [Everything()] * 32


def patched_numpy(target):
    """No change of numpy reaches the judge."""
    np.allclose = np.array_equal = np.isclose = lambda *arguments, **options: True
    return np.zeros(32)


def patched_len_and_json(target):
    """No change of what is built in reaches the judge."""
    builtins.len = lambda value: 32
    builtins.all = lambda values: True
    json.loads = lambda text: {"score": 1e9}
    return [0.0]


def patched_clock(target):
    """No change of the clocks reaches whoever measures."""
    time.sleep(0.5)
    time.perf_counter = time.monotonic = time.time = time.process_time = lambda: 0.0
    time.monotonic_ns = time.perf_counter_ns = time.time_ns = lambda: 0
    return {"slept_s": 0.5}


def frames_of_the_callers(target):
    """No frame of a caller holds the answer."""
    frame = sys._getframe()
    while frame is not None:
        if "expected" in frame.f_locals:
            return list(frame.f_locals["expected"])
        frame = frame.f_back


def frames_of_all_threads(target):
    """No frame of another thread holds the answer."""
    for top in sys._current_frames().values():
        frame = top
        while frame is not None:
            if "expected" in frame.f_locals:
                return list(frame.f_locals["expected"])
            frame = frame.f_back


def objects_of_the_collector(target):
    """No object that the collector knows is the answer."""
    for item in gc.get_objects():
        if isinstance(item, dict) and isinstance(item.get("expected"), list):
            return item["expected"]


def answer_in_modules(target):
    """No module holds the answer."""
    for module in list(sys.modules.values()):
        for name, item in list(vars(module).items()):
            if name == "CASE":
                return item["expected"]


def printed_score(target):
    """No printed score counts."""
    print(json.dumps({"score": 1e9, "value": [0.0] * 32}), flush=True)
    os._exit(0)


def score_printed_at_exit(target):
    """No score printed at the very end counts."""
    atexit.register(lambda: print(json.dumps({"score": 1e9, "value": None}), flush=True))


def score_in_a_result_file(target):
    """No score in a file counts."""
    for place in (".", "/tmp", target["temporary"], target["results"]):
        try:
            with open(f"{place}/{target['marker']}.json", "w") as file:
                json.dump({"score": 1e9, "value": [0.0] * 32}, file)
        except OSError:
            continue
    return [0.0] * 32


def score_from_a_thread(target):
    """No thread that goes on after the answer reaches the judge."""

    def go_on():
        while True:
            np.allclose = lambda *arguments, **options: True
            builtins.len = lambda value: 32

    threading.Thread(target=go_on, daemon=True).start()
    time.sleep(0.1)
    return np.zeros(1)


def pickled_result(target):
    """No result is unpickled."""
    return Pickled(target["canary"])


def array_of_objects(target):
    """No array of objects is loaded."""
    return np.array([Pickled(target["canary"])], dtype=object)


def command_file_of_objects(target):
    """No file with pickled objects is loaded."""
    np.save("result.npy", np.array([Pickled(target["canary"])], dtype=object), allow_pickle=True)


def raises_a_way_out(target):
    """No exception that is none of the usual ones ends the judge."""
    raise SystemExit(0)


def raises_an_interruption(target):
    """No interruption of a candidate's own ends the judge."""
    raise KeyboardInterrupt


def raises_what_never_ends(target):
    """No exception whose text never ends hangs the judge."""

    class Endless(Exception):
        def __str__(self):  # noqa: PLE0307 - that it returns nothing is the attack
            while True:
                time.sleep(1)

    raise Endless


def raises_what_is_huge(target):
    """No exception whose text is huge fills log or reason."""
    raise ValueError("huge " * 2_000_000)


def raises_control_characters(target):
    """No control character of an exception reaches a terminal."""
    raise ValueError("\x1b]0;hostile\x07\x1b[2J\x9b31m\u202e")


def prints_control_characters(target):
    """No printed control character reaches a terminal."""
    os.write(1, b"\x1b]0;hostile\x07\x1b[2J\xff\xfe\x00\xc2\x9b31m\xe2\x80\xae\n")


def deep_result(target):
    """No result nested without end overflows the judge's stack."""
    value = []
    for _ in range(200_000):
        value = [value]
    return value


def forged_replies(target):
    """No reply that the candidate writes itself does more than fail it."""
    frames = [b"", b"V", b"V" + b"l" + b"\xff" * 8, b"V" + (b"l" + bytes(7) + b"\x01") * 100_000, b"F" + b"N", b"Xjunk"]
    for frame in frames:
        for descriptor in (4, 1):
            try:
                os.write(descriptor, len(frame).to_bytes(8, "big") + frame)
            except OSError:
                continue
    print("[" * 500_000, flush=True)
    os._exit(0)


def colliding_keys(target):
    """No table of keys with equal hashes hangs who reads it."""
    prime = (1 << 61) - 1
    return {number * prime: 0 for number in range(60_000)}


def cpu_of_orphans(target):
    """No CPU time that orphans burn stays uncounted."""
    done, end = os.pipe()
    if not os.fork():
        os.setsid()
        if not os.fork():
            while time.process_time() < 0.6:
                pass
            os.write(end, b"x")
        os._exit(0)
    os.read(done, 1)
    return {"burnt_s": 0.6}


def cpu_of_a_killed_child(target):
    """No CPU time that a killed child burnt stays uncounted."""
    done, end = os.pipe()
    child = os.fork()
    if not child:
        while time.process_time() < 0.6:
            pass
        os.write(end, b"x")
        time.sleep(30)
    os.read(done, 1)
    os.kill(child, 9)
    return {"burnt_s": 0.6}


def cpu_of_a_child_that_nobody_waits_for(target):
    """No CPU time stays uncounted because the kernel buries a child whose parent does not care."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    alive, end = os.pipe()
    if not os.fork():
        while time.process_time() < 0.6:
            pass
        os._exit(0)
    os.close(end)
    os.read(alive, 1)
    return {"burnt_s": 0.6}


def cpu_of_short_children_that_nobody_waits_for(target):
    """No CPU time stays uncounted because children, buried by the kernel, end sooner than somebody looks."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _ in range(60):
        alive, end = os.pipe()
        if not os.fork():
            start = time.process_time()
            while time.process_time() < start + 0.01:
                pass
            os._exit(0)
        os.close(end)
        os.read(alive, 1)
        os.close(alive)
    return {"burnt_s": 0.6}


def more_cores(target):
    """No more cores than given."""
    os.sched_setaffinity(0, range(os.cpu_count()))
    cores = len(os.sched_getaffinity(0))
    return {"got": f"{cores} cores instead of {target['cores']}"} if cores > target["cores"] else None


def spoiled_libraries(target):
    """No change of a library lives on in the next process."""
    for module, names in ((np, ("sort", "sum", "array")), (json, ("dumps",)), (builtins, ("sorted", "sum"))):
        for name in names:
            setattr(module, name, lambda *arguments, **options: 666)
    sys.path[:] = ["/nowhere"]
    return [0.0]


def spoiled_randomness(target):
    """No seed lives on in the next process."""
    import random

    random.seed(666)
    np.random.seed(666)
    os.environ["PYTHONHASHSEED"] = "666"
    os.umask(0o777)
    return [0.0]


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]](json.load(sys.stdin))))
