"""Frozen dataclasses to plain JSON values and back, driven by their type hints.

It knows what the nouns are made of: dataclasses, enums, ``tuple[X, ...]``, ``Mapping[str, X]``, optionals, numbers,
text. What it does not know it refuses, so that an event can not lose anything in silence.
"""

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache

T = typing.TypeVar("T")

Plain: typing.TypeAlias = "bool | int | float | str | list[Plain] | dict[str, Plain] | None"


def to_plain(value: typing.Any) -> Plain:  # of an object the class has no hash, says mypy
    """Return ``value`` as JSON values; a dataclass becomes a mapping of its fields.

    Raises:
        TypeError: A part of it has no plain form.
    """
    return _writer(value.__class__)(value)


def from_plain(cls: type[T], data: object) -> T:
    """Return an instance of ``cls`` from what ``to_plain`` gave.

    Fields that ``data`` lacks take their default, so that an older journal can be read.

    Raises:
        ValueError: ``data`` does not fit ``cls``; the message names the field.
    """
    try:
        reader: Callable[[object], T] = _reader(typing.cast(typing.Any, cls))
        return reader(data)
    except (TypeError, KeyError, AttributeError, ValueError) as error:
        raise ValueError(f"{cls.__name__}: {error}") from error


@cache
def _writer(cls: type) -> Callable[[typing.Any], Plain]:
    """Return what makes plain the values of a class: looked up once, since an event has some thirty."""
    if issubclass(cls, Enum):
        return lambda value: str(value.value)
    if issubclass(cls, bool | int | float | str | types.NoneType):
        return _as_it_is
    if dataclasses.is_dataclass(cls):
        names = _field_names(cls)
        return lambda value: {name: to_plain(getattr(value, name)) for name in names}
    if issubclass(cls, Mapping):
        return lambda value: {str(key): to_plain(item) for key, item in value.items()}
    if issubclass(cls, tuple | list):
        return lambda value: [to_plain(item) for item in value]
    raise TypeError(f"{cls.__name__} has no plain form")


def _as_it_is(value: typing.Any) -> Plain:
    plain: Plain = value
    return plain


@cache
def _field_names(cls: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(cls))


@cache
def _reader(hint: typing.Any) -> Callable[[typing.Any], typing.Any]:  # a type hint has no type of its own
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if dataclasses.is_dataclass(hint):
        return _dataclass_reader(typing.cast(type, hint))
    if origin in (typing.Union, types.UnionType):
        inner = [_reader(arg) for arg in args if arg is not type(None)]
        if len(inner) != 1:
            raise TypeError(f"{hint} is ambiguous")
        return lambda data: None if data is None else inner[0](data)
    if origin is tuple:
        item = _reader(args[0])
        return lambda data: tuple(item(part) for part in data)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        item = _reader(args[1])
        return lambda data: {key: item(part) for key, part in data.items()}
    if hint is float:
        return float
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint
    if hint in (bool, int, str):
        return _exactly(hint)
    raise TypeError(f"no plain form of {hint}")


def _exactly(hint: type) -> Callable[[object], object]:
    def read(data: object) -> object:
        if type(data) is not hint:
            raise TypeError(f"expected {hint.__name__}, got {data!r}")
        return data

    return read


def _dataclass_reader(cls: type) -> Callable[[Mapping[str, object]], object]:
    hints = typing.get_type_hints(cls)
    readers = {name: _reader(hints[name]) for name in _field_names(cls)}

    def read(data: Mapping[str, object]) -> object:
        return cls(**{name: reader(data[name]) for name, reader in readers.items() if name in data})

    return read
