"""A video codec: hierarchical B pictures, quarter-sample motion, 8x8 integer DCT, mixed context models, arithmetic coding.

Pictures are coded in groups of eight: the anchor first, then the pictures between by halving. Each 16x16 block is predicted
from one earlier or later decoded picture, or the mean of both, interpolated by six taps. What the prediction leaves is
transformed (the HEVC 8-point integer matrix), quantised, and coded in diagonal groups over all blocks at once, so that numpy
does the modelling; only the binary arithmetic coder (carryless, as in lpaq by M. Mahoney) walks bit by bit. Decoding is
integer arithmetic throughout.
"""

import struct

import numpy as np

BASE_STEP = 19.0  # tune: 14.0..30.0
CHROMA_STEP = 110  # tune: 80..160
INTRA_STEP = 70  # tune: 50..110
LEVEL_STEP = 120  # tune: 100..140
RATE_LAMBDA = 0.13  # tune: 0.0..0.3
ROUNDING = 0.4
MOTION_LAMBDA = 3.0  # tune: 0.5..10.0
TABLE = 2048
RATE = 4
START_WEIGHT = 130
COUNT_LIMIT = 255

GROUP = 8
BIT_COST = 2.0 * np.log2(1.0 + np.arange(256))
AROUND = ((-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1))
SIZE = 16
SIZES = (SIZE, SIZE // 2, SIZE // 2)
PAD = 16
RANGE = 6
_ROWS = ((64, 64, 64, 64), (89, 75, 50, 18), (83, 36, -36, -83), (75, -18, -89, -50))
_ROWS += ((64, -64, -64, 64), (50, -89, 18, 75), (36, -83, 83, -36), (18, -50, 75, -89))
DCT = np.array([row + tuple(s * x for x in row[::-1]) for row, s in zip(_ROWS, (1, -1) * 4)], dtype=np.int32)
_PLACES = sorted(((r, c) for r in range(8) for c in range(8)), key=lambda p: (p[0] + p[1], p[0]))
ZIGZAG = np.array([8 * r + c for r, c in _PLACES])
BOUNDS = (0, 1, 3, 6, 10, 15, 21, 28, 36, 49, 64)
INDEX = {place: k for k, place in enumerate(_PLACES)}
PARENTS = np.array([[INDEX.get((r - 1, c), 64), INDEX.get((r, c - 1), 64), INDEX.get((r - 1, c - 1), 64)] for r, c in _PLACES])


def encode(y, u, v, fps, quality):
    """Compress planes of shape (n, h, w), (n, h/2, w/2) twice, uint8, to bytes."""
    n, h, w = y.shape
    base = round(16 * BASE_STEP * 2.0 ** ((3 - quality) / 2))
    coder = Writer()
    codec = Pictures(h, w, coder)
    for t, level, *refs in schedule(n):
        codec.picture(t, refs, steps_of(base, level, not refs), (y[t], u[t], v[t]))
    return struct.pack("<HHHH", n, h, w, base) + coder.finish()


def decode(bitstream):
    """The planes (y, u, v), uint8, from what encode returned."""
    n, h, w, base = struct.unpack_from("<HHHH", bitstream)
    codec = Pictures(h, w, Reader(bitstream[8:]))
    for t, level, *refs in schedule(n):
        codec.picture(t, refs, steps_of(base, level, not refs), None)
    return tuple(np.stack([codec.done[t][i] for t in range(n)]) for i in range(3))


def schedule(n):
    """Coding order as (picture, level, references...); anchors have level 0 and look back, the others look both ways."""
    order, last = [(0, 0)], 0
    while last < n - 1:
        anchor = min(last + GROUP, n - 1)
        order.append((anchor, 0, last))
        spans = [(last, anchor, 1)]
        while spans:
            a, b, level = spans.pop(0)
            if b - a > 1:
                half = (a + b) // 2
                order.append((half, level, a, b))
                spans += [(a, half, level + 1), (half, b, level + 1)]
        last = anchor
    return order


class Pictures:
    """Decoded pictures, and how the next one is made from them; the encoder and the decoder share it."""

    def __init__(self, h, w, coder):
        self.shapes = ((h, w), (h // 2, w // 2), (h // 2, w // 2))
        self.done, self.fine = {}, {}
        self.levels = Levels(self.shapes, coder)
        self.motion = Motion((h // SIZE, w // SIZE), coder)

    def picture(self, t, refs, steps, source):
        """Code picture t from the decoded pictures refs; source is None when decoding."""
        modes = vectors = levels = None
        if refs:
            if source is not None:
                modes, vectors = self.choose(source[0], refs)
            modes, vectors = self.motion.code(len(refs), modes, vectors)
        guess = predict([self.halves(r) for r in refs], modes, vectors, self.shapes)
        if source is not None:
            levels = np.concatenate([quantise(forward(s - g), q, not refs) for s, g, q in zip(source, guess, steps)])
        levels = self.levels.code(len(refs), levels)
        self.done[t] = rebuild(guess, np.split(levels, np.cumsum(self.levels.counts)[:-1]), steps)

    def halves(self, t):
        """All blocks of each plane of decoded picture t at half samples; made when first asked for, as half of them never are."""
        if t not in self.fine:
            self.fine[t] = [upsample(plane, size) for plane, size in zip(self.done[t], SIZES)]
        return self.fine[t]

    def choose(self, luma, refs):
        """The mode of each block (0: the first reference, 1: the second, 2: their mean), and vectors into each."""
        vectors, costs = zip(*(search(luma, self.done[r][0], self.halves(r)[0]) for r in refs))
        if len(refs) == 1:
            return None, vectors
        rows, columns = costs[0].shape
        blocks = luma.reshape(rows, SIZE, columns, SIZE).transpose(0, 2, 1, 3)[:, :, ::2].astype(np.int16)
        one, other = (fetch(self.halves(r)[0], v, 2).astype(np.int16) for r, v in zip(refs, vectors))
        bits = 1.0 + sum(vector_bits(v, middle(v)) for v in vectors)
        both = np.abs(((one + other + 1) >> 1) - blocks).sum(axis=(2, 3)) + MOTION_LAMBDA * bits
        modes = np.argmin(np.stack([*costs, both]), axis=0)
        return modes, [np.where((modes == 1 - s)[..., None], 0, v) for s, v in enumerate(vectors)]


def predict(fines, modes, vectors, shapes):
    """Prediction planes, int32: displaced blocks of one reference, or the mean of two; grey without any."""
    if not fines:
        return [np.full(shape, 128, np.int32) for shape in shapes]
    guess = []
    for i, (size, shape) in enumerate(zip(SIZES, shapes)):
        sides = [fetch(fine[i], v // (SIZE // size)).astype(np.int32) for fine, v in zip(fines, vectors)]
        blocks = sides[0]
        if len(sides) > 1:
            m = modes[:, :, None, None]
            blocks = np.where(m == 0, blocks, np.where(m == 1, sides[1], (blocks + sides[1] + 1) >> 1))
        guess.append(blocks.transpose(0, 2, 1, 3).reshape(shape))
    return guess


def steps_of(base, level, intra):
    """Quantiser steps of Y, U, V in 1/16, integers; finer where nothing predicts, coarser where nothing depends."""
    step = base * INTRA_STEP // 100 if intra else base
    for _ in range(level):
        step = step * LEVEL_STEP // 100
    step = max(8, step)
    return step, step * CHROMA_STEP // 100, step * CHROMA_STEP // 100


def rebuild(guess, levels, steps):
    """Decoded planes, uint8."""
    added = [plane + inverse(part, q, plane.shape) for plane, part, q in zip(guess, levels, steps)]
    return [np.clip(plane, 0, 255).astype(np.uint8) for plane in added]


def forward(plane):
    """DCT of each 8x8 block, shape (blocks, 64) in zigzag order, in units of one level."""
    h, w = plane.shape
    x = plane.reshape(h // 8, 8, w // 8, 8).transpose(0, 2, 1, 3).reshape(-1, 8).astype(np.float64)
    x = (x @ DCT.T).reshape(-1, 8, 8).transpose(0, 2, 1).reshape(-1, 8)
    x = (x @ DCT.T).reshape(-1, 8, 8).transpose(0, 2, 1).reshape(-1, 64)
    return x[:, ZIGZAG] / 32768.0


def quantise(coefficients, step, first):
    """Levels, int32; a lone level is dropped where its bits are worth more than its error (rate-distortion optimised).

    The bits of a level are estimated from how often its frequency and its block have levels at all.
    """
    scaled = np.abs(coefficients) * (16.0 / step)
    levels = np.floor(scaled + ROUNDING)
    for _ in range(2):
        some = levels > 0
        often = (some.sum(axis=0) + 0.5) / (len(some) + 1.0)
        busy = some.sum(axis=1, keepdims=True) + 0.3
        chance = np.clip(often * (busy / busy.mean()), 1e-4, 0.8)
        bits = np.log2(1.0 / chance - 1.0) + 1.5
        levels *= scaled > 0.5 + RATE_LAMBDA / 2 * bits
        levels[:, :first] = np.floor(scaled[:, :first] + 0.5)
    return (np.sign(coefficients) * levels).astype(np.int32)


def inverse(levels, step, shape):
    """Residual plane, int32, from levels of shape (blocks, 64) in zigzag order; each a 64th of a step nearer to zero."""
    out = np.zeros((len(levels), 64), np.int32)
    live = np.flatnonzero(levels.any(axis=1))
    if len(live):
        c = np.zeros((len(live), 64), np.int32)
        part = levels[live]
        c[:, ZIGZAG] = (part * (64 * step) - np.sign(part) * step) >> 6
        c = (c.reshape(-1, 8) @ DCT).reshape(-1, 8, 8).transpose(0, 2, 1)
        c = (np.ascontiguousarray(c).reshape(-1, 8) @ DCT).reshape(-1, 8, 8).transpose(0, 2, 1)
        out[live] = (c.reshape(-1, 64) + (1 << 18)) >> 19
    h, w = shape
    return out.reshape(h // 8, w // 8, 8, 8).transpose(0, 2, 1, 3).reshape(h, w)


def upsample(plane, size):
    """All blocks of the padded plane at half samples, shape (2, 2, y, x, size, size), a view.

    The six taps (1 -5 20 20 -5 1) are those of H.264 (clause 8.4.2.2.1).
    """
    p = np.pad(plane, PAD + 3, mode="edge").astype(np.int32)
    h, w = plane.shape[0] + 2 * PAD, plane.shape[1] + 2 * PAD
    across = (p[:, 2:-3] + p[:, 3:-2]) * 20 - (p[:, 1:-4] + p[:, 4:-1]) * 5 + p[:, :-5] + p[:, 5:]
    down = (p[2:-3] + p[3:-2]) * 20 - (p[1:-4] + p[4:-1]) * 5 + p[:-5] + p[5:]
    cross = (across[2:-3] + across[3:-2]) * 20 - (across[1:-4] + across[4:-1]) * 5 + across[:-5] + across[5:]
    fine = np.empty((2, 2, h, w), np.uint8)
    fine[0, 0] = p[3:-3, 3:-3]
    fine[0, 1] = np.clip((across[3:-3, 1:] + 16) >> 5, 0, 255)
    fine[1, 0] = np.clip((down[1:, 3:-3] + 16) >> 5, 0, 255)
    fine[1, 1] = np.clip((cross[1:, 1:] + 512) >> 10, 0, 255)
    return np.lib.stride_tricks.sliding_window_view(fine, (size, size), axis=(2, 3))


def fetch(fine, vectors, skip=1, quarter=True):
    """Blocks (rows, columns, size / skip, size) at vectors in quarter samples: the mean of two half samples."""
    rows, columns = vectors.shape[:2]
    height, width, size = fine.shape[2:5]
    down = np.arange(rows)[:, None] * size + PAD
    right = np.arange(columns) * size + PAD
    blocks = []
    for carry in range(1 + quarter):
        half = (vectors + carry) >> 1
        y = np.minimum(np.maximum(down + (half[..., 0] >> 1), 0), height - 1)
        x = np.minimum(np.maximum(right + (half[..., 1] >> 1), 0), width - 1)
        blocks.append(fine[:, :, :, :, ::skip][half[..., 0] & 1, half[..., 1] & 1, y, x])
    if not quarter:
        return blocks[0]
    a, b = blocks
    return (a | b) - ((a ^ b) >> 1)


def shrink(plane):
    """Mean of 4x4 samples, int16."""
    h, w = plane.shape
    return plane.reshape(h // 4, 4, w // 4, 4).sum(axis=(1, 3), dtype=np.int16) >> 4


def vector_bits(vectors, guess):
    """Cost of vectors against what they are predicted from, in the unit of absolute differences."""
    return BIT_COST[np.minimum(np.abs(vectors - guess), 255)].sum(axis=-1)


def middle(vectors):
    """Median of the neighbours left, above and above right: what a vector is expected to be."""
    p = np.pad(vectors, ((1, 0), (1, 1), (0, 0)), mode="edge")
    a, b, c = p[1:, :-2], p[:-1, 1:-1], p[:-1, 2:]
    return np.maximum(np.minimum(a, b), np.minimum(np.maximum(a, b), c))


def search(luma, before, fine):
    """Best vectors (rows, columns, 2) in quarter samples and their cost; halves the reach, asks neighbours between."""
    rows, columns = luma.shape[0] // SIZE, luma.shape[1] // SIZE
    blocks = luma.reshape(rows, SIZE, columns, SIZE).transpose(0, 2, 1, 3)[:, :, ::2].astype(np.int16)
    best = coarse(shrink(luma), shrink(before), rows, columns)
    cost = np.full((rows, columns), 1e9)
    best, cost = attempt(blocks, fine, [best, np.zeros_like(best)], best, cost, False)
    for reach in (8, 4, 2, 1):
        p = np.pad(best, ((1, 1), (1, 1), (0, 0)), mode="edge")
        moves = [p[1:-1, :-2], p[1:-1, 2:], p[:-2, 1:-1], p[2:, 1:-1]] if reach > 2 else []
        moves += [best + np.array(d) * reach for d in (AROUND[:4] if reach > 4 else AROUND)]
        best, cost = attempt(blocks, fine, moves, best, cost, reach < 2)
    return best, cost


def attempt(blocks, fine, moves, best, cost, quarter):
    """Take each move where it is cheaper, by the absolute differences of every second row and by its bits."""
    guess = middle(best)
    for move in moves:
        other = np.abs(fetch(fine, move, 2, quarter) - blocks).sum(axis=(2, 3), dtype=np.int32)
        other = other + MOTION_LAMBDA * vector_bits(move, guess)
        better = other < cost
        best, cost = np.where(better[..., None], move, best), np.where(better, other, cost)
    return best, cost


def coarse(tiny, small, rows, columns):
    """Full search on 4x smaller pictures, a row of shifts at once; vectors in quarter samples."""
    h, w = tiny.shape
    span = 2 * RANGE + 1
    shifted = np.lib.stride_tricks.sliding_window_view(np.pad(small, RANGE, mode="edge"), (h, w))
    sums = np.empty((span, span, rows, columns), np.int64)
    for dy in range(span):
        d = np.abs(shifted[dy] - tiny).reshape(span, rows, SIZE // 4, w).sum(axis=2, dtype=np.int16)
        sums[dy] = np.add.reduceat(d, np.arange(0, w, SIZE // 4), axis=2)
    far = np.abs(np.arange(span) - RANGE)
    sums = sums * 16 + 4 * np.add.outer(far, far)[:, :, None, None]
    place = sums.reshape(span * span, rows, columns).argmin(axis=0)
    return 16 * (np.stack([place // span, place % span], axis=-1) - RANGE)


class Motion:
    """Modes and vectors, block by block with their neighbours as context."""

    def __init__(self, grid, coder):
        self.grid, self.one = grid, coder.one
        self.chances, self.counts = [32768] * 512, [0] * 512

    def code(self, sides, modes, vectors):
        """Write modes (rows, columns) and vectors (rows, columns, 2) of each side, or read them when vectors is None."""
        rows, columns = self.grid
        fields = [[[(0, 0)] * (columns + 2) for _ in range(rows + 1)] for _ in range(sides)]
        plan = [[2] * (columns + 2) for _ in range(rows + 1)]
        given = None if vectors is None else [v.tolist() for v in vectors]
        chosen = None if modes is None else modes.tolist()
        for r in range(1, rows + 1):
            for c in range(1, columns + 1):
                mode = 0
                if sides == 2:
                    mode = self.mode(plan[r][c - 1], plan[r - 1][c], None if chosen is None else chosen[r - 1][c - 1])
                plan[r][c] = mode
                for s, field in enumerate(fields):
                    a, b, d = field[r][c - 1], field[r - 1][c], field[r - 1][c + 1]
                    guess = (sorted((a[0], b[0], d[0]))[1], sorted((a[1], b[1], d[1]))[1])
                    if sides == 2 and mode == 1 - s:
                        field[r][c] = guess
                        continue
                    spread = abs(a[0] - b[0]) + abs(a[1] - b[1])
                    value = None if given is None else given[s][r - 1][c - 1]
                    field[r][c] = self.vector(sides, guess, min(spread.bit_length(), 4), value)
        return np.array([row[1:-1] for row in plan[1:]]), [
            np.array([row[1:-1] for row in field[1:]], dtype=np.int64) for field in fields
        ]

    def mode(self, left, above, value):
        """0: the first reference, 1: the second, 2: the mean of both."""
        key = 400 + 3 * left + above
        if self.bit(key, None if value is None else value == 2):
            return 2
        return self.bit(9 + key, value)

    def vector(self, sides, guess, spread, value):
        """A vector, as its difference to the guess."""
        key = 5 * sides + spread
        if value is None:
            if self.bit(key, None):
                return guess
            return guess[0] + self.number(0, min(spread, 3), None), guess[1] + self.number(1, min(spread, 3), None)
        down, right = value[0] - guess[0], value[1] - guess[1]
        if not self.bit(key, down == right == 0):
            self.number(0, min(spread, 3), down)
            self.number(1, min(spread, 3), right)
        return tuple(value)

    def number(self, axis, spread, value):
        """A signed number: class of magnitude in unary, then its lower bits, then the sign."""
        size = -1 if value is None else abs(value).bit_length()
        base, k = 40 + 64 * axis + 16 * spread, 0
        while self.bit(base + k, None if value is None else size > k):
            k += 1
        magnitude = 1 if k else 0
        for i in range(k - 2, -1, -1):
            magnitude = 2 * magnitude + self.bit(168 + 16 * k + i, None if value is None else abs(value) >> i & 1)
        if magnitude == 0:
            return 0
        return -magnitude if self.bit(32 + axis, None if value is None else value < 0) else magnitude

    def bit(self, key, value):
        """One decision, and what its model learns from it."""
        p, n = self.chances[key], self.counts[key]
        value = self.one(p, value)
        self.chances[key] = p + 2 * ((65500 if value else 36) - p) // (2 * n + 3)
        if n < 40:
            self.counts[key] = n + 1
        return value


class Levels:
    """Quantised levels of a picture, group by group over all blocks at once."""

    def __init__(self, shapes, coder):
        self.coder = coder
        self.tables = {}
        kinds, around, parity, start = [], [], [], 0
        total = sum(h * w // 64 for h, w in shapes)
        for i, (h, w) in enumerate(shapes):
            rows, columns = h // 8, w // 8
            index = np.full((rows + 2, columns + 2), total)
            index[1:-1, 1:-1] = start + np.arange(rows * columns).reshape(rows, columns)
            sides = (index[:-2, 1:-1], index[2:, 1:-1], index[1:-1, :-2], index[1:-1, 2:])
            around.append(np.stack([s.ravel() for s in sides], axis=1))
            kinds.append(np.full(rows * columns, int(i > 0)))
            parity.append((np.add.outer(np.arange(rows), np.arange(columns)) & 1).ravel())
            start += rows * columns
        self.kinds, self.around, self.parity = map(np.concatenate, (kinds, around, parity))
        self.total = total
        self.columns = [w // 8 for _, w in shapes]
        self.counts = [h * w // 64 for h, w in shapes]
        self.before = np.zeros((total + 1, 65), np.int32)

    def code(self, picture, levels):
        """Write levels of shape (blocks, 64), int32, or read them when None; picture 0 is predicted from nothing."""
        writing = levels is not None
        if writing and picture == 0:
            levels = self.dc(levels, -1)
        out = np.zeros((self.total + 1, 65), np.int32)
        sizes = np.zeros((self.total + 1, 65), np.int32)
        ends = None
        if writing:
            tail = np.where(levels != 0, np.arange(1, 65), 0).max(axis=1)
            ends = np.searchsorted(BOUNDS, tail)
        live = self.flags(picture, ends)
        for g, (a, b) in enumerate(zip(BOUNDS, BOUNDS[1:])):
            if g:
                kind = self.kinds[live]
                own, near = sizes[live, :a].sum(axis=1), sizes[self.around[live], :a].sum(axis=(1, 2))
                recent, old = sizes[live, BOUNDS[g - 1] : a].sum(axis=1), self.before[live, a:].sum(axis=1)
                place = kind * 10 + g
                contexts = (
                    ((picture * 20 + place) * 4 + np.minimum(recent, 3)) * 3 + np.minimum(own - recent, 2),
                    (place * 8 + np.minimum(near // 2, 7)) * 3 + np.minimum(old, 2),
                    (place * 8 + log(own, 7)) * 4 + log(near, 6) // 2,
                )
                live = live[self.bits("more", kind, contexts, ends[live] > g if writing else None)]
            if not len(live):
                break
            self.group(picture, g, a, b, live, levels, out, sizes)
        self.before = np.minimum(sizes, 3)
        result = out[:-1, :64]
        return self.dc(result, 1) if picture == 0 else result

    def flags(self, picture, ends):
        """Blocks that have any level at all; half of them first, as context of the other half."""
        reach = np.minimum(self.before, 1).sum(axis=1)
        now = np.minimum(reach, 2)
        for phase in (0, 1):
            who = np.flatnonzero(self.parity == phase)
            kind, own = self.kinds[who], np.minimum(reach[who], 5)
            around = now[self.around[who]]
            near, wide = np.minimum(around, 1).sum(axis=1), around.sum(axis=1)
            place = (picture * 2 + kind) * 2 + phase
            contexts = (
                (place * 5 + near) * 3 + np.minimum(own, 2),
                ((kind * 2 + phase) * 9 + wide) * 6 + own,
                place,
            )
            now[who] = self.bits("some", kind, contexts, ends[who] > 0 if ends is not None else None) * 2
        return np.flatnonzero(now[:-1])

    def group(self, picture, g, a, b, live, levels, out, sizes):
        """Levels a..b of the live blocks: which are not zero, how large, which sign."""
        shape = (len(live), b - a)
        kind = np.broadcast_to(self.kinds[live, None], shape)
        parents = sizes[live[:, None, None], PARENTS[a:b]].sum(axis=2)
        own = np.broadcast_to(log(sizes[live, :a].sum(axis=1), 7)[:, None], shape)
        near = np.broadcast_to(log(sizes[self.around[live], :a].sum(axis=(1, 2)), 6)[:, None], shape)
        place = kind * 64 + np.arange(a, b)
        contexts = (
            (picture * 128 + place) * 3 + np.minimum(parents, 2),
            ((kind * 10 + g) * 8 + own) * 7 + near,
            (place * 3 + np.minimum(self.before[live, a:b], 2)) * 3 + np.minimum(own, 2),
        )
        given = levels[live, a:b].ravel() if levels is not None else None
        some = self.bits("level", kind.ravel(), [c.ravel() for c in contexts], given != 0 if given is not None else None)
        where = np.flatnonzero(some)
        size = np.ones(len(where), np.int32)
        parents, own, near, kind = (x.ravel()[where] for x in (parents, own, near, kind))
        target = np.abs(given[where]) if given is not None else None
        todo = np.arange(len(where))
        limit = 1
        while len(todo) and limit < 200:
            side = kind[todo]
            place = side * 15 + min(limit, 14)
            contexts = (
                (picture * 30 + place) * 9 + min(g, 8),
                place * 9 + np.minimum(parents[todo] // (1 + limit // 4), 8),
                (place * 9 + own[todo]) * 7 + near[todo],
            )
            todo = todo[self.bits("large", side, contexts, target[todo] > limit if target is not None else None)]
            size[todo] += 1
            limit += 1
        sign = self.coder.flat(len(where), given[where] < 0 if given is not None else None)
        flat = np.zeros(len(some), np.int32)
        flat[where] = np.where(sign, -size, size)
        out[live, a:b] = flat.reshape(shape)
        sizes[live, a:b] = np.abs(out[live, a:b])

    def bits(self, name, kind, contexts, values):
        """Binary decisions with several contexts each; mixes them, codes and learns, in slices that grow."""
        total, start, parts = len(kind), 0, []
        contexts = np.stack(contexts)
        if name not in self.tables:
            self.tables[name] = Mixer(len(contexts))
        table = self.tables[name]
        while start < total:
            stop = min(total, start + max(16, table.seen // 4))
            part, side = contexts[:, start:stop], kind[start:stop]
            places, inputs, p = table.predict(part, side)
            bit = self.coder.many(p, None if values is None else values[start:stop])
            table.learn(places, inputs, p, side, bit)
            parts.append(bit)
            start = stop
        return np.concatenate(parts) if parts else np.zeros(0, bool)

    def dc(self, levels, direction):
        """Differences of the first level along each plane's blocks (-1), or their sums (+1)."""
        levels = levels.copy()
        start = 0
        for count, columns in zip(self.counts, self.columns):
            part = levels[start : start + count, 0].reshape(-1, columns)
            if direction < 0:
                part[:, 1:] = np.diff(part, axis=1)
                part[1:, 0] = np.diff(part[:, 0])
            else:
                part[:, 0] = np.cumsum(part[:, 0])
                part[:] = np.cumsum(part, axis=1)
            levels[start : start + count, 0] = part.ravel()
            start += count
        return levels


def log(x, top):
    """0, 1, 2, 3-4, 5-8, ... as a small number."""
    return np.minimum(np.searchsorted((1, 2, 3, 5, 9, 17, 33), x, side="right"), top)


STRETCH = np.array([round(256 * np.log((i + 0.5) / (4095.5 - i))) for i in range(4096)], dtype=np.int64)
SQUASH = np.array([min(65500, max(36, round(65536 / (1 + np.exp(-i / 256))))) for i in range(-2600, 2601)], dtype=np.int64)


class Mixer:
    """Counts of zeros and ones for each context of each model, mixed by a small online logistic regression in integers.

    Logistic mixing is M. Mahoney's (paq7, 2005). One weight vector for luma and one for chroma; a slice is one step.
    """

    def __init__(self, models):
        self.ones = np.zeros(models * TABLE, np.int64)
        self.all = np.zeros(models * TABLE, np.int64)
        self.weights = np.full((2, models), START_WEIGHT * 65536 // (models * 100), np.int64)
        self.rows = TABLE * np.arange(models)[:, None]
        self.seen = 0

    def predict(self, contexts, kind):
        """Places in the tables, their stretched probabilities, and the mixed probability of a one in 1/65536; int64."""
        places = contexts + self.rows
        inputs = STRETCH[((self.ones[places] * 10 + 4) * 4095) // (self.all[places] * 10 + 8)]
        mixed = (inputs * self.weights[kind].T).sum(axis=0) >> 16
        return places, inputs, SQUASH[np.minimum(np.maximum(mixed, -2600), 2600) + 2600]

    def learn(self, places, inputs, p, kind, bits):
        """Count the bits, and move the weights down the gradient of the code length."""
        slopes = inputs * ((bits.astype(np.int64) << 16) - p)
        chroma, count = slopes @ kind, int(kind.sum())
        for k, slope, n in ((0, slopes.sum(axis=1) - chroma, len(kind) - count), (1, chroma, count)):
            self.weights[k] += slope * RATE // ((n + 60) << 12)
        size = len(self.all)
        self.all += np.bincount(places.ravel(), minlength=size)
        self.ones += np.bincount(places[:, bits].ravel(), minlength=size)
        full = np.flatnonzero(self.all > COUNT_LIMIT)
        if len(full):
            self.ones[full] = self.ones[full] * COUNT_LIMIT // self.all[full]
            self.all[full] = COUNT_LIMIT
        self.seen += len(bits)


class Writer:
    """Collects decisions and codes them at the end."""

    def __init__(self):
        self.p, self.bits = [], []

    def one(self, p, bit):
        self.p.append(p)
        self.bits.append(bit)
        return bit

    def many(self, p, bits):
        self.p += p.tolist()
        self.bits += bits.tolist()
        return bits

    def flat(self, count, bits):
        self.p += [32768] * count
        self.bits += bits.tolist()
        return bits

    def finish(self):
        low, high, out = 0, 0xFFFFFFFF, bytearray()
        for p, bit in zip(self.p, self.bits):
            middle = low + ((high - low) >> 16) * p
            if bit:
                high = middle
            else:
                low = middle + 1
            while (low ^ high) < 0x1000000:
                out.append(high >> 24)
                low = low << 8 & 0xFFFFFFFF
                high = high << 8 & 0xFFFFFFFF | 255
        out += bytes([(low >> 24) + 1]) if low >> 24 < 255 else b"\xff\xff"
        return bytes(out)


class Reader:
    """The same decisions, read."""

    def __init__(self, data):
        self.data = iter(data)
        self.low, self.high, self.code = 0, 0xFFFFFFFF, 0
        for _ in range(4):
            self.code = self.code << 8 | next(self.data, 0)

    def one(self, p, bit):
        low, high, code = self.low, self.high, self.code
        middle = low + ((high - low) >> 16) * p
        bit = code <= middle
        if bit:
            high = middle
        else:
            low = middle + 1
        while (low ^ high) < 0x1000000:
            low = low << 8 & 0xFFFFFFFF
            high = high << 8 & 0xFFFFFFFF | 255
            code = code << 8 & 0xFFFFFFFF | next(self.data, 0)
        self.low, self.high, self.code = low, high, code
        return bit

    def many(self, p, bits):
        return np.array(self.walk(p.tolist()), dtype=bool)

    def flat(self, count, bits):
        return np.array(self.walk([32768] * count), dtype=bool)

    def walk(self, ps):
        low, high, code, bits = self.low, self.high, self.code, []
        add = bits.append
        for p in ps:
            middle = low + ((high - low) >> 16) * p
            if code <= middle:
                high = middle
                add(True)
            else:
                low = middle + 1
                add(False)
            while (low ^ high) < 0x1000000:
                low = low << 8 & 0xFFFFFFFF
                high = high << 8 & 0xFFFFFFFF | 255
                code = code << 8 & 0xFFFFFFFF | next(self.data, 0)
        self.low, self.high, self.code = low, high, code
        return bits
