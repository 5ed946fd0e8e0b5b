"""How colours look to colour-blind eyes and in grey print, and how far apart two of them are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
RADIANS = np.pi / 180.0
VISIONS = {
    "normal": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
    "grey": [[0.2126, 0.7152, 0.0722]] * 3,
}
"""Matrices on linear sRGB: Machado, Oliveira and Fernandes, IEEE TVCG 15, 1291 (2009), severity 1; grey: luminance."""
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)


def linear(colour: str) -> Array:
    """Linear sRGB of #rrggbb."""
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255.0
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(a: str, b: str) -> float:
    """(L1 + 0.05) / (L2 + 0.05) of relative luminances (WCAG 2)."""
    low, high = sorted(float(linear(each) @ [0.2126, 0.7152, 0.0722]) for each in (a, b))
    return (high + 0.05) / (low + 0.05)


def seen(colour: str, vision: str) -> Array:
    """CIELAB (L, a, b) of a colour as these eyes see it; the white of sRGB is white."""
    rgb = np.clip(np.asarray(VISIONS[vision], dtype=np.float64) @ linear(colour), 0.0, 1.0)
    xyz, edge = TO_XYZ @ rgb / TO_XYZ.sum(axis=1), 6.0 / 29.0
    f = np.where(xyz > edge**3, np.cbrt(xyz), xyz / (3.0 * edge**2) + 4.0 / 29.0)
    return np.array([116.0 * f[1] - 16.0, 500.0 * (f[0] - f[1]), 200.0 * (f[1] - f[2])])


def distance(one: Array, other: Array) -> float:
    """CIEDE2000 of two colours (L, a, b): Sharma, Wu and Dalal, Color Res. Appl. 30, 21 (2005)."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean = 0.5 * (np.hypot(a1, b1) + np.hypot(a2, b2))
    stretch = 1.5 - 0.5 * np.sqrt(mean**7 / (mean**7 + 25.0**7))
    c1, c2 = np.hypot(stretch * a1, b1), np.hypot(stretch * a2, b2)
    h1, h2 = (np.arctan2(b, stretch * a) / RADIANS % 360.0 for a, b in ((a1, b1), (a2, b2)))
    turn = 0.0 if c1 * c2 == 0.0 else (h2 - h1 + 180.0) % 360.0 - 180.0
    hue = h1 + h2 if c1 * c2 == 0.0 else (h1 + 0.5 * turn) % 360.0
    dl, dc, dh = l2 - l1, c2 - c1, 2.0 * np.sqrt(c1 * c2) * np.sin(0.5 * turn * RADIANS)
    lightness, chroma = 0.5 * (l1 + l2), 0.5 * (c1 + c2)
    t = 1.0 - 0.17 * np.cos((hue - 30.0) * RADIANS) + 0.24 * np.cos(2.0 * hue * RADIANS)
    t += 0.32 * np.cos((3.0 * hue + 6.0) * RADIANS) - 0.20 * np.cos((4.0 * hue - 63.0) * RADIANS)
    s_l = 1.0 + 0.015 * (lightness - 50.0) ** 2 / np.sqrt(20.0 + (lightness - 50.0) ** 2)
    s_c, s_h = 1.0 + 0.045 * chroma, 1.0 + 0.015 * chroma * t
    bend = np.sin(60.0 * RADIANS * np.exp(-(((hue - 275.0) / 25.0) ** 2)))
    mixed = -2.0 * np.sqrt(chroma**7 / (chroma**7 + 25.0**7)) * bend
    terms = (dl / s_l, dc / s_c, dh / s_h)
    return float(np.sqrt(sum(x * x for x in terms) + mixed * terms[1] * terms[2]))
