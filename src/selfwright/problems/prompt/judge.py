"""Gives the prompt to the reader, has it sort messages, and counts.

The reader is a multinomial naive Bayes classifier whose whole training text is the prompt (Manning, Raghavan, Schuetze:
Introduction to Information Retrieval, 2008, figure 13.2, with equal priors). It is a real reader of a small language,
stands in for no other, and answers the same every time.
"""

import math
import re
from collections import Counter

from messages import HOLDOUT, LABELS, PUBLIC

from selfwright import InvalidCandidate, Report

MOST_LETTERS = 40


def evaluate(candidate, stage):
    """Return accuracy and length; tell the proposer which public messages were misread."""
    text = candidate.read("prompt.txt")
    reader = Reader(text)
    wrong, messages = [], HOLDOUT if stage.holdout else PUBLIC
    for label, message in messages:
        answer = reader.answer(message)
        if answer != label:
            wrong.append(f"read as {answer}, is {label}: {message}")
    accuracy = 100 * (1 - len(wrong) / len(messages))
    return Report({"accuracy": accuracy, "prompt_bytes": len(text)}, feedback="\n".join(wrong))


class Reader:
    """Has read a prompt and nothing else.

    Raises:
        InvalidCandidate: It is no text, or a line of it is no order that a reader can follow.
    """

    def __init__(self, prompt):
        try:
            lines = prompt.decode().splitlines()
        except UnicodeDecodeError as error:
            raise InvalidCandidate(f"prompt.txt is not UTF-8: byte {error.start}") from error
        orders = [found.groups() for found in map(re.compile(r"\s*(\w+)\s*:(.*)").fullmatch, lines) if found]
        self._letters = MOST_LETTERS
        for name, said in orders:
            if name == "letters":
                self._letters = _number(said)
        self._ignored = {word for name, said in orders if name == "ignore" for word in self._words(said)}
        self._counts = {label: Counter() for label in LABELS}
        for name, said in orders:
            if name in LABELS:
                self._counts[name].update(self._kept(said))
        self._known = set().union(*self._counts.values())

    def answer(self, message):
        """Return the label that is most likely; of equal ones the first."""
        words = [word for word in self._kept(message) if word in self._known]
        return max(LABELS, key=lambda label: self._likelihood(label, words))

    def _likelihood(self, label, words):
        counts = self._counts[label]
        total = counts.total() + len(self._known)
        return math.fsum(math.log((counts[word] + 1) / total) for word in words)

    def _kept(self, text):
        return [word for word in self._words(text) if word not in self._ignored]

    def _words(self, text):
        return [word[: self._letters] for word in re.findall(r"[a-z0-9']+", text.lower())]


def _number(said):
    if not said.strip().isascii() or not said.strip().isdigit() or not 1 <= int(said) <= MOST_LETTERS:
        raise InvalidCandidate(f"letters: expected a number from 1 to {MOST_LETTERS}, got {said.strip()[:40]!r}")
    return int(said)
