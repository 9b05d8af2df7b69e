"""Short hair: columns of hair that run from the crown to a shaped hairline, ridged and streaked like strands."""

from dataclasses import replace

import numpy as np
from scipy.interpolate import PchipInterpolator

from train.open_body.source import Array
from train.open_body.surface import Surface, normals, onto, paint, triangles

CENTRE = np.array([0.0, 0.868, 0.028])
"""Inside the skull, metres."""
CROWN = np.array([0.0, 0.90, -0.43])
"""Direction from the centre to the whorl, where all columns begin."""
HAIRLINE = (
    (0.000, 0.922, 0.130), (0.030, 0.921, 0.120), (0.052, 0.905, 0.103), (0.064, 0.880, 0.083), (0.070, 0.858, 0.067),
    (0.073, 0.843, 0.056), (0.0745, 0.858, 0.046), (0.075, 0.870, 0.032), (0.075, 0.868, 0.008),
    (0.073, 0.848, -0.009), (0.069, 0.818, -0.020), (0.061, 0.790, -0.030), (0.045, 0.768, -0.040),
    (0.000, 0.760, -0.046),
)  # fmt: skip
"""The left half of the hairline from forehead to nape; only the directions from the centre count."""
COLUMNS, ROWS = 144, 20


def hair(skin: Surface, seed: int = 7) -> Surface:
    """The hair of a head of skin."""
    random = np.random.default_rng(seed)
    azimuth = np.linspace(-np.pi, np.pi, COLUMNS, endpoint=False)
    end = _hairline(azimuth) + 0.012 * _ripple(random, COLUMNS, 40)
    along = (np.arange(ROWS) / (ROWS - 1)) ** 0.9
    polar = along[:, None] * end[None]  # (rows, columns)
    swirl = azimuth[None] + 0.35 * (1 - along[:, None]) ** 2  # the whorl
    directions = _direction(polar, swirl)
    scalp = _cast(skin, directions.reshape(-1, 3)).reshape(ROWS, COLUMNS, 3)
    strand = _ripple(random, COLUMNS, 62)
    wave = 0.6 + 0.4 * np.sin(along[:, None] * 5 + 3 * _ripple(random, COLUMNS, 9)[None])
    lift = _thickness(directions, along) * (1 + 0.16 * strand[None] * wave * np.clip(along * 4, 0, 1)[:, None])
    lift[-1] = -0.003  # the last row dips under the skin
    points = scalp + lift[..., None] * _away(directions)
    k = np.arange(ROWS * COLUMNS).reshape(ROWS, COLUMNS)
    right = np.roll(k, -1, axis=1)
    quads = np.stack([k[:-1], k[1:], right[1:], right[:-1]], -1).reshape(-1, 4)
    faces = triangles(quads)
    points = points.reshape(-1, 3)
    if ((normals(points, faces) * (points - CENTRE)).sum(1)).mean() < 0:
        faces = faces[:, ::-1]
    streak = 1 + 0.20 * strand[None] * wave + 0.10 * _ripple(random, COLUMNS, 140)[None]
    root = 1 - 0.35 * along[:, None] ** 6  # darker where it meets the skin
    grown = paint(onto(skin, points, faces), "hair")
    return replace(grown, shade=(streak * root).clip(0.4, 1.35).ravel())


def _axes() -> tuple[Array, Array, Array]:
    pole = CROWN / np.linalg.norm(CROWN)
    side = np.array([1.0, 0.0, 0.0])
    return pole, np.cross(side, pole), side


def _direction(polar: Array, azimuth: Array) -> Array:
    """Unit vectors from the skull's centre; azimuth 0 is the front, positive the signer's left."""
    pole, front, side = _axes()
    around = np.cos(azimuth)[..., None] * front + np.sin(azimuth)[..., None] * side
    return np.cos(polar)[..., None] * pole + np.sin(polar)[..., None] * around


def _hairline(azimuth: Array) -> Array:
    """Polar angle of the hairline at each azimuth."""
    pole, front, side = _axes()
    towards = np.array(HAIRLINE) - CENTRE
    towards /= np.linalg.norm(towards, axis=1, keepdims=True)
    angle, polar = np.arctan2(towards @ side, towards @ front), np.arccos(towards @ pole)
    angle[-1] = np.pi
    return PchipInterpolator(angle, polar)(np.abs(azimuth))


def _thickness(directions: Array, along: Array) -> Array:
    """Metres of hair off the scalp: full on top, brushed up at the front, close at the sides and the nape."""
    up, ahead, aside = directions[..., 1], directions[..., 2], np.abs(directions[..., 0])
    top = np.clip((up - 0.25) / 0.6, 0, 1)
    full = 0.008 + 0.010 * top + 0.007 * np.clip(ahead, 0, 1) * top + 0.003 * np.clip(-ahead, 0, 1)
    full = full - 0.0035 * np.clip((aside - 0.75) / 0.25, 0, 1)
    parting = np.exp(-(((directions[..., 0] - 0.30) / 0.035) ** 2)) * np.clip((ahead + 0.15) / 0.3, 0, 1) * top
    edge = np.clip((1 - along[:, None]) / 0.16, 0, 1) ** 0.5
    return full * (0.25 + 0.75 * edge) - 0.006 * parting


def _away(directions: Array) -> Array:
    """Hair leaves the scalp outwards and a little upwards at the front."""
    tilt = directions + np.array([0.0, 0.25, 0.0]) * np.clip(directions[..., 2:3], 0, 1)
    return tilt / np.linalg.norm(tilt, axis=-1, keepdims=True)


def _ripple(random: np.random.Generator, count: int, waves: int) -> Array:
    """(count) smooth periodic noise of about unit size with up to ``waves`` waves in one turn."""
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
    low = max(2, waves // 3)
    orders = np.arange(low, waves + 1)
    phase, size = random.uniform(0, 2 * np.pi, len(orders)), random.uniform(0.3, 1, len(orders))
    noise = (size[:, None] * np.sin(orders[:, None] * turn + phase[:, None])).sum(0)
    return noise / np.abs(noise).max()


def _cast(skin: Surface, directions: Array) -> Array:
    """(n, 3): where rays from the skull's centre first meet the skin: the scalp, not the ear in front of it."""
    far = np.linalg.norm(skin.points - CENTRE, axis=1) < 0.2
    faces = skin.faces[far[skin.faces].all(1)]
    a, b, c = (skin.points[faces[:, k]] - CENTRE for k in range(3))
    edge1, edge2 = b - a, c - a
    reach = np.zeros(len(directions))
    for start in range(0, len(directions), 256):
        d = directions[start : start + 256, None]  # (n, 1, 3) against (1, f, 3)
        p = np.cross(d, edge2[None])
        size = (p * edge1[None]).sum(-1)
        inverse = 1 / np.where(np.abs(size) < 1e-14, 1e-14, size)
        u = -(p * a[None]).sum(-1) * inverse
        q = np.cross(-a, edge1)[None]
        v = (q * d).sum(-1) * inverse
        t = (q * edge2[None]).sum(-1) * inverse
        hit = (u >= -1e-6) & (v >= -1e-6) & (u + v <= 1 + 1e-6) & (t > 0.05)
        reach[start : start + 256] = np.where(hit, t, np.inf).min(1)
    return CENTRE + reach[:, None] * directions
