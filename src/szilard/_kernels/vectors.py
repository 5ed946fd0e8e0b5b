"""A few lanes side by side in one value, <width x double>: sums that stay in registers, whatever the loop around them.

LLVM splits a vector that is wider than the processor's own. Arithmetic is lane by lane and strict, so that a lane has
the same bits in a vector of any width. Loads and stores are in the order written: no loop begins by looking whether its
arrays overlap, as the compiler's own vectors do.
"""

from __future__ import annotations

import operator
from typing import Any

from llvmlite import ir
from numba import types
from numba.core.cgutils import get_item_pointer, get_or_insert_function, unpack_tuple
from numba.core.datamodel.models import PrimitiveModel
from numba.extending import intrinsic, lower_builtin, register_model, type_callable


class Vector(types.Type):  # type: ignore[misc]
    """``width`` numbers, each of a lane of its own."""

    def __init__(self, width: int) -> None:
        self.width = width
        super().__init__(name=f"Vector({width})")


@register_model(Vector)
class _VectorModel(PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, vector: Any) -> None:
        super().__init__(manager, vector, ir.VectorType(ir.DoubleType(), vector.width))


def _zero(width: int) -> Any:
    @intrinsic
    def zero(typing_context: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return ir.Constant(ir.VectorType(ir.DoubleType(), width), None)

        return Vector(width)(), codegen

    return zero


eight_lanes, one_lane = _zero(8), _zero(1)
"""Zeros; their type says how many lanes a function takes at a time."""


def _index(place: Any) -> Any:
    return types.UniTuple(types.intp, place.count) if isinstance(place, types.BaseTuple) else types.intp


def _pointer(context: Any, builder: Any, kind: Any, values: Any, place: Any, vector: Any) -> Any:
    made = context.make_array(kind)(context, builder, values)
    indices = unpack_tuple(builder, place) if kind.ndim > 1 else [place]
    found = get_item_pointer(context, builder, kind, made, indices)
    return builder.bitcast(found, context.get_value_type(vector).as_pointer())


@intrinsic
def load(typing_context: Any, like: Any, array: Any, place: Any) -> Any:
    """array[place] and the numbers after it, as many as ``like`` has; the last axis is lanes side by side."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        _, values, where = arguments
        return builder.load(_pointer(context, builder, array, values, where, like), align=8)

    return like(like, array, _index(place)), codegen


@intrinsic
def store(typing_context: Any, vector: Any, array: Any, place: Any) -> Any:
    """array[place] and the numbers after it = vector."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        value, values, where = arguments
        builder.store(value, _pointer(context, builder, array, values, where, vector), align=8)
        return context.get_dummy_value()

    return types.void(vector, array, _index(place)), codegen


@intrinsic
def spread(typing_context: Any, like: Any, number: Any) -> Any:
    """One number for every lane."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _spread(builder, arguments[0].type, arguments[1])

    return like(like, types.float64), codegen


@intrinsic
def choose(typing_context: Any, test: Any, yes: Any, no: Any) -> Any:
    """yes where test is not 0, else no."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        asked, *answers = arguments
        return builder.select(builder.fcmp_unordered("!=", asked, ir.Constant(asked.type, None)), *answers)

    return test(test, test, test), codegen


def _spread(builder: Any, kind: Any, number: Any) -> Any:
    unset, index = ir.Constant(kind, ir.Undefined), ir.IntType(32)
    first = builder.insert_element(unset, number, index(0))
    return builder.shuffle_vector(first, unset, ir.Constant(ir.VectorType(index, kind.count), None))


def _type_of_two(context: Any) -> Any:
    return lambda x, y: x if isinstance(x, Vector) and x == y else None


type_callable(operator.add)(_type_of_two)
type_callable(operator.sub)(_type_of_two)


@lower_builtin(operator.add, Vector, Vector)
def _sum(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    return builder.fadd(*arguments)


@lower_builtin(operator.sub, Vector, Vector)
def _difference(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    return builder.fsub(*arguments)


@type_callable(operator.mul)
def _type_of_product(context: Any) -> Any:
    return lambda x, y: y if isinstance(y, Vector) and x in (y, types.float64) else None


@lower_builtin(operator.mul, types.Float, Vector)
def _multiple(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    number, vector = arguments
    return builder.fmul(_spread(builder, vector.type, number), vector)


@lower_builtin(operator.mul, Vector, Vector)
def _product(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    return builder.fmul(*arguments)


@type_callable(abs)
def _type_of_size(context: Any) -> Any:
    return lambda x: x if isinstance(x, Vector) else None


@lower_builtin(abs, Vector)
def _size(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    kind = arguments[0].type
    name = f"llvm.fabs.v{kind.count}f64"
    return builder.call(get_or_insert_function(builder.module, ir.FunctionType(kind, [kind]), name), arguments)
