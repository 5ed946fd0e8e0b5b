"""log, exp, sin and cos as short polynomials that a compiler can vectorise and every machine rounds alike.

Coefficients are those of the Taylor series, cut where the next term is below 1e-17; the tests state the
measured errors. No libm call, no fused or reordered arithmetic: the same bits for any width of vector.
"""

from __future__ import annotations

from math import factorial, pi
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from .flags import inline

MANTISSA = np.uint64(0x000FFFFFFFFFFFFF)
ONE_BITS = np.uint64(0x3FF0000000000000)
MAGIC_BITS = np.uint64(0x4330000000000000)
SIGN_BIT = np.uint64(0x8000000000000000)
U1, U52, U62, U63 = (np.uint64(n) for n in (1, 52, 62, 63))
TWO_52 = 2.0**52
SHIFTER = 1.5 * 2.0**52
LN2_HIGH = float.fromhex("0x1.62e42fee00000p-1")
LN2_LOW = float.fromhex("0x1.a39ef35793c76p-33")
LOG2_E = 1.4426950408889634
SQRT2 = 1.4142135623730951
HALF_PI = pi / 2

L1, L2, L3, L4, L5, L6, L7, L8, L9, L10, L11 = (1.0 / (2 * n + 1) for n in range(1, 12))
E2, E3, E4, E5, E6, E7, E8, E9, E10, E11, E12, E13 = (1.0 / factorial(n) for n in range(2, 14))
S3, S5, S7, S9, S11, S13, S15 = ((-1) ** n / factorial(2 * n + 1) for n in range(1, 8))
C2, C4, C6, C8, C10, C12, C14, C16 = ((-1) ** n / factorial(2 * n) for n in range(1, 9))


@intrinsic
def to_bits(typing_context: Any, x: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.uint64(types.float64), codegen


@intrinsic
def from_bits(typing_context: Any, x: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(types.uint64), codegen


@inline
def log(x):
    """ln x = e ln 2 + 2 artanh((m-1)/(m+1)), x = m 2^e, m in [1/sqrt 2, sqrt 2); x positive and normal."""
    bits = to_bits(x)
    e = from_bits(MAGIC_BITS | (bits >> U52)) - TWO_52 - 1023.0
    m = from_bits((bits & MANTISSA) | ONE_BITS)
    high = m > SQRT2
    m = 0.5 * m if high else m
    e = e + 1.0 if high else e
    f = m - 1.0
    s = f / (2.0 + f)
    z = s * s
    p = L8 + z * (L9 + z * (L10 + z * L11))
    p = z * (L1 + z * (L2 + z * (L3 + z * (L4 + z * (L5 + z * (L6 + z * (L7 + z * p)))))))
    return e * LN2_HIGH + (2.0 * s + (2.0 * s * p + e * LN2_LOW))


@inline
def exp(x):
    """e^x = 2^n e^r, r = x - n ln 2, |r| <= ln 2 / 2; held at e^-708 and e^709 outside."""
    x = -708.0 if x < -708.0 else x
    x = 709.0 if x > 709.0 else x
    shifted = x * LOG2_E + SHIFTER
    n = shifted - SHIFTER
    r = (x - n * LN2_HIGH) - n * LN2_LOW
    p = E8 + r * (E9 + r * (E10 + r * (E11 + r * (E12 + r * E13))))
    p = E2 + r * (E3 + r * (E4 + r * (E5 + r * (E6 + r * (E7 + r * p)))))
    half = 0.5 * n
    low = (half + SHIFTER) - SHIFTER
    return ((1.0 + (r + r * r * p)) * _power_of_two(low)) * _power_of_two(n - low)


@inline
def _power_of_two(n):
    return from_bits((to_bits(n + (TWO_52 + 1023.0)) & MANTISSA) << U52)


@inline
def tanh(x):
    """tanh x = (1 - e^{-2|x|}) / (1 + e^{-2|x|}), with the sign of x."""
    e = exp(-2.0 * abs(x))
    t = (1.0 - e) / (1.0 + e)
    return -t if x < 0.0 else t


@inline
def sincos(turn, quadrant):
    """(sin, cos) of (pi/2)(quadrant + turn) for turn in [-1/2, 1/2] and an integer quadrant."""
    a = HALF_PI * turn
    z = a * a
    s = a + a * z * (S3 + z * (S5 + z * (S7 + z * (S9 + z * (S11 + z * (S13 + z * S15))))))
    c = 1.0 + z * (C2 + z * (C4 + z * (C6 + z * (C8 + z * (C10 + z * (C12 + z * (C14 + z * C16)))))))
    swap = (quadrant & U1) != np.uint64(0)
    sine = c if swap else s
    cosine = s if swap else c
    flip_sine = (quadrant << U62) & SIGN_BIT
    flip_cosine = ((quadrant << U63) ^ (quadrant << U62)) & SIGN_BIT
    return from_bits(to_bits(sine) ^ flip_sine), from_bits(to_bits(cosine) ^ flip_cosine)
