"""The exponent of a tilted backward equation to third order in the tilt."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .course import Course
from .gaussian_backward import Exponent, apart, force_at, solved
from .gaussian_collocation import AGREE, LARGEST, State, Step, halved, on_both_sides, radau, stages
from .gaussian_control import Moving

Array = NDArray[np.float64]
ORDERS = 3


def expanded(course: Course, tilt: Array, phi: Exponent) -> Exponent:
    r"""The first three orders in s of ``tilted`` for the tilt s n: each linear, with sources from those below.

    With A = M K, b = M k, B_k and a_k of order s^k (n at first order only), backwards in time:
    dP_k = -(A^T B_k + B_k^T A) - 2 sum_j B_j^T D B_{k-j},  dq_k = -A^T a_k - B_k^T b - 2 sum_j B_j^T D a_{k-j},
    dr_k = b.a_k - tr(D B_k) + sum_j a_j.D a_{k-j}.
    """
    n = course.process.dim
    for piece in reversed(course.pieces()):
        along = Moving(course.process, piece)
        if n > LARGEST:
            phi = apart(solved(along, _motion(along, np.diag(tilt)), phi), n, ORDERS)
            continue

        P, q, r = halved(
            _stepper(along, np.diag(tilt)), 0.0, along.end - along.start, _gross(phi), _judge(along, tilt, phi)
        )
        phi = P, q, r[:ORDERS]
    return phi


def _gross(phi: Exponent) -> State:
    """r and, behind it, the sum of the absolute values that make it up."""
    return phi[0], phi[1], np.concatenate([phi[2], np.abs(phi[2])])


def _stepper(along: Moving, N: Array) -> Step:
    return lambda start, end, phi: _step(along, N, start, end, phi)


def _step(along: Moving, N: Array, start: float, end: float, phi: State) -> State:
    nodes, weights, _ = radau()
    n, length = along.n, end - start
    H, h, _, G, g = along.forces(along.end - (start + length * nodes))
    K, k, D = H - G, h + g, along.D
    A, b = along.M @ K, k @ along.M
    back = A.transpose(0, 2, 1)
    pair, one = length * on_both_sides(back), length * back
    S, s, t = (np.zeros((ORDERS, nodes.size, *shape)) for shape in ((n, n), (n,), ()))
    pulled = back @ N @ K
    S[0], s[0] = pulled + pulled.transpose(0, 2, 1), _of(back @ N, k)
    B: list[Array] = []
    a: list[Array] = []
    last: tuple[list[Array], list[Array]] = [], []
    r = phi[2].copy()
    for order in range(ORDERS):
        for i in range(order):
            j = order - 1 - i
            S[order] -= 2.0 * B[i].transpose(0, 2, 1) @ D @ B[j]
            s[order] -= 2.0 * _of(B[i].transpose(0, 2, 1) @ D, a[j])
            t[order] += np.sum(a[i] @ D * a[j], axis=1)
        P = stages(pair, length * S[order].reshape(-1, n * n), phi[0][order].ravel()).reshape(-1, n, n)
        P = 0.5 * (P + P.transpose(0, 2, 1))
        B.append(P - N @ K if order == 0 else P)
        q = stages(one, length * (s[order] - _of(B[order].transpose(0, 2, 1), b)), phi[1][order])
        a.append(q - k @ N if order == 0 else q)
        rate = np.sum(b * a[order], axis=1) - np.sum(D * B[order], axis=(1, 2)) + t[order]
        r[order] += length * float(weights @ rate)
        spent = np.sum(np.abs(b * a[order]), axis=1) + np.sum(np.abs(D * P), axis=(1, 2)) + np.abs(t[order])
        r[ORDERS + order] += length * float(weights @ spent)
        last[0].append(P[-1])
        last[1].append(q[-1])
    return np.array(last[0]), np.array(last[1]), r


def _judge(along: Moving, tilt: Array, phi: Exponent) -> Callable[[State, State], bool]:
    """Whether two answers agree in every order of P, q and r: to its size now, at first, or of what drives it.

    That is n K, n (k + sqrt(T K)) and n T in the first order, n T times more in every further one.
    """
    H, h, _, G, g = along.seen
    n, T = np.abs(tilt).max(), along.process.temperature.max()
    each, K = n * (n * T) ** np.arange(ORDERS), np.abs(H - G).max()
    floor = (each * K, each * (np.abs(h + g).max() + np.sqrt(K * T)), each * T)
    floor = floor[0] + _largest(phi[0]), floor[1] + _largest(phi[1]), floor[2] + np.abs(phi[2])

    def agree(whole: State, halves: State) -> bool:
        sizes = floor[0] + _largest(halves[0]), floor[1] + _largest(halves[1]), floor[2] + halves[2][ORDERS:]
        apart = whole[0] - halves[0], whole[1] - halves[1], (whole[2] - halves[2])[:ORDERS]
        return all(np.all(_largest(gap) <= AGREE * size) for gap, size in zip(apart, sizes, strict=True))

    return agree


def _largest(part: Array) -> Array:
    return np.asarray(np.abs(part).reshape(ORDERS, -1).max(axis=1))


def _motion(along: Moving, N: Array) -> Callable[[float, Array], Array]:
    n = along.n
    M, D = along.M, along.D

    def motion(back: float, y: Array) -> Array:
        (K, k), (B, a, _) = force_at(along, back), apart(y.copy(), n, ORDERS)
        B[0] -= N @ K
        a[0] -= N @ k
        noise, pulled = B.transpose(0, 2, 1) @ D, K.T @ M @ B
        dP = -(pulled + pulled.transpose(0, 2, 1))
        dq = -(a @ (M @ K) + (M @ k) @ B)
        dr = a @ (M @ k) - np.sum(D * B, axis=(1, 2))
        for order in range(ORDERS):
            for i in range(order):
                j = order - 1 - i
                dP[order] -= 2.0 * noise[i] @ B[j]
                dq[order] -= 2.0 * noise[i] @ a[j]
                dr[order] += a[i] @ D @ a[j]
        return np.concatenate([dP.ravel(), dq.ravel(), dr])

    return motion


def _of(matrices: Array, vectors: Array) -> Array:
    return np.asarray(np.einsum("tij,tj->ti", matrices, vectors))
