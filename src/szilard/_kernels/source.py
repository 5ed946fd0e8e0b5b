"""What the compiler sees of a user's scalar function: its arguments, what it reads, a stamp of its code."""

from __future__ import annotations

import dis
from collections.abc import Callable, Sequence
from inspect import CO_VARARGS, CO_VARKEYWORDS
from types import CodeType, ModuleType
from typing import Any

from ..errors import InputError


def refuse_captures(name: str, function: Callable[..., Any], arguments: Sequence[str]) -> None:
    """Raise InputError unless it is a plain function of these arguments that captures nothing.

    It may use the modules math and numpy; any other name from outside would be compiled in as it is now.
    """
    code = getattr(function, "__code__", None)
    more = code is not None and (code.co_kwonlyargcount or code.co_flags & (CO_VARARGS | CO_VARKEYWORDS))
    if code is None or code.co_argcount != len(arguments) or more:
        last = name.rsplit(".", 1)[-1]
        rule = f"must be a plain function of {', '.join(arguments)}"
        raise InputError(name, repr(function), rule, f"write def {last}({', '.join(arguments)})")
    if code.co_freevars:
        rule = f"must not capture variables, but captures {', '.join(code.co_freevars)}"
        raise InputError(name, function.__name__, rule, "pass numbers through parameters=(...)")
    for used in _global_names(code):
        value = function.__globals__.get(used)
        allowed = isinstance(value, ModuleType) and value.__name__ in ("math", "numpy")
        if value is not None and not allowed:
            rule = f"must use no global names but math and numpy, but uses {used}"
            raise InputError(name, function.__name__, rule, "pass numbers through parameters=(...)")


def reads(function: Callable[..., Any], index: int) -> bool:
    """Whether the function reads its argument number ``index``."""
    name = function.__code__.co_varnames[index]
    if name in function.__code__.co_cellvars:  # an inner function or a comprehension holds it
        return True
    for instruction in dis.get_instructions(function.__code__):
        value = instruction.argval
        read = value if isinstance(value, tuple) else (value,)
        if instruction.opname == "STORE_FAST_LOAD_FAST":
            read = read[1:]
        elif "FAST" not in instruction.opname or "STORE" in instruction.opname:
            continue
        if name in read:
            return True
    return False


def described(code: CodeType) -> bytes:
    """The bytes that differ where two functions do."""
    constants = [described(c) if isinstance(c, CodeType) else repr(c).encode() for c in code.co_consts]
    return b"\0".join([code.co_code, *constants, repr(code.co_names).encode(), repr(code.co_varnames).encode()])


def _global_names(code: CodeType) -> set[str]:
    found = {i.argval for i in dis.get_instructions(code) if i.opname in ("LOAD_GLOBAL", "LOAD_NAME")}
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            found |= _global_names(inner)
    return found
