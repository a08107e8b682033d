"""Assembles the recorded session of the video codec from the programs in this folder.

Run it as `python tools/codec_ladder/build_session.py`; it writes `src/selfwright/problems/video_codec/session.jsonl`. The file
says what was proposed and why, never how good it is: that is measured in each run.
"""

import json
from pathlib import Path

HERE = Path(__file__).resolve().parent
SESSION = HERE.parents[1] / "src/selfwright/problems/video_codec/session.jsonl"

STEPS = [
    (
        "x1_eight_levels.py",
        "v0 stands at 40 dB and the constraint is 34: keep three bits of each sample instead of five.",
    ),
    (
        "v1_temporal.py",
        "Dropping bits blindly broke the constraint at 27 dB. Predict each picture from the decoded one before it and "
        "quantise the difference in steps of 15: its error is bounded at about 35 dB and most levels are 0.",
    ),
    (
        "v2_dct.py",
        "v1 codes each sample of a smooth difference by itself. An 8x8 DCT packs a block into a few levels; with a dead zone "
        "and sorted by frequency the zeros stand in long runs, which suit bz2. The first picture, which all others inherit, "
        "takes a finer step.",
    ),
    (
        "x2_lzma.py",
        "v2 packs with bz2. lzma matches further back and its literal contexts usually win on small integers: same levels, "
        "lzma.",
    ),
    (
        "x2_blockwise.py",
        "lzma lost 6 % to bz2. Keep bz2, but write block after block: a block's low levels predict its high ones, and "
        "its trailing zeros join the next block's.",
    ),
    (
        "v3_motion.py",
        "v2 still pays for everything that moves. Predict 16x16 blocks from displaced ones: full search on 4x smaller "
        "pictures, then refinement to whole samples.",
    ),
    (
        "v4_quarter.py",
        "v3 helped carphone by a seventh but bigbuckbunny by 6 %; perhaps it moves by fractions of a sample. "
        "Interpolate with six taps and refine the vectors to quarter samples.",
    ),
    (
        "x4_unclipped.py",
        "Gathering blocks is the dearest part of v4's encoder, and it clips the row and the column of each. The reference is "
        "padded by 16 samples anyway, so drop the clipping.",
    ),
    (
        "v5_contexts.py",
        "The unclipped fetch of the last trial read past the picture where vectors leave it by more than the padding: keep "
        "the clip. v4's levels are mostly zeros that bz2 codes without knowing their neighbours. Same levels, arithmetic coding "
        "with adaptive contexts (frequency, levels around, the last picture), and the same for vectors against their median.",
    ),
    (
        "v6_bidirectional.py",
        "v5 codes each picture but the first at the same step from the one before. Hierarchical B pictures in groups of eight: "
        "the average of an earlier and a later picture predicts better, and errors in the leaves are inherited by nobody, "
        "so these take larger steps.",
    ),
    (
        "x6_large_blocks.py",
        "A seventh to a quarter of v6's bits are vectors and modes. 32x32 blocks have a quarter of them; sizes that do not "
        "divide are padded with their edge.",
    ),
    (
        "v7_mixing.py",
        "v6 looks at one context a decision. Mix three (the last picture, the neighbours, the block so far) by an online "
        "logistic regression in integers, as paq does. Its weights move once a slice, so slices grow half as fast.",
    ),
    (
        "v8_rate_distortion.py",
        "Four fifths of v7's bits on bigbuckbunny are levels. A lone 1 should cost more than a 1 among others, yet both "
        "are kept by the same dead zone. Estimate the bits of each level and drop those that are not worth their error; a finer "
        "step gives most of the quality back.",
    ),
    (
        "x9_dither.py",
        "v8 drops lone levels, so that flat areas show bands. Let the decoder add one level of noise after the loop, "
        "which costs no bit, and pay for it out of the margin of 0.9 dB.",
    ),
    (
        "v9_merge.py",
        "Back to v8 without the noise, which no two runs of a decoder draw alike. A seventh to a quarter of v8's bits are "
        "vectors and modes, though neighbours mostly move alike: offer the prediction itself and the neighbours as the last "
        "candidates, count what a non-zero difference costs, and let the bits of vectors weigh more.",
    ),
    (
        "v10_smoothing.py",
        "v9's prediction copies block borders from picture to picture. Soften the borders of coded blocks inside the loop "
        "as H.264 does; the quality gained is spent on a slightly larger step.",
    ),
]
"""Program and reason, in the order of the proposals; `vN_` are meant to be adopted, `xN_` are the mistakes after vN-1."""


def build() -> str:
    """The session as JSON Lines."""
    lines = []
    for name, reason in STEPS:
        proposal = {
            "files": {"codec.py": (HERE / name).read_text(encoding="utf-8")},
            "parent": "best",
            "reason": reason,
            "proposer": "recorded",
            "usd": 0.0,
            "tokens": {"in": 0, "out": 0},
        }
        lines.append(json.dumps(proposal, ensure_ascii=False))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    SESSION.write_text(build(), encoding="utf-8")
