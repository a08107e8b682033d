import zlib

LEVEL = 1  # tune: 1..9


def pack(text):
    return zlib.compress(text, LEVEL)


def unpack(packed):
    return zlib.decompress(packed)
