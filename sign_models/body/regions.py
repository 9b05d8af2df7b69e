"""Which colour goes where: the open body's own regions, or simple ones for a file that has none."""

import numpy as np
from numpy.typing import NDArray

from sign_models.body.file import BodyFile, Floats
from sign_models.skeleton import HANDS, INDEX

Amounts = tuple[tuple[str, ...], NDArray[np.float64], NDArray[np.float64]]


def regions_of(file: BodyFile, joints: Floats) -> Amounts:
    """Region names (r), how much of each shows at a vertex (v, r), and its shade (v), 1 for plain."""
    if file.is_open:
        names = tuple(str(name) for name in file.arrays["region_names"])
        amounts = file.arrays["regions"].astype(float)
        return names, amounts / amounts.sum(1, keepdims=True), file.arrays["shade"].astype(float)
    return _dressed(np.asarray(file.arrays["v_template"]), np.asarray(file.arrays["weights"]), joints)


def _dressed(points: Floats, weights: Floats, joints: Floats) -> Amounts:
    """A licensed body has no colours: a top to below the elbows, trousers, short hair and eyes are painted on it."""
    names = ("skin", "top", "trousers", "hair", "eye_white", "iris")
    strongest = weights.argmax(1)
    elbow, wrist = (joints[[INDEX[f"{side}_{name}"] for side in HANDS], 0] for name in ("elbow", "wrist"))
    sleeve = np.abs(elbow + 0.4 * (wrist - elbow)).mean()
    neck, hips = joints[INDEX["neck"]], joints[[INDEX[f"{side}_hip"] for side in HANDS], 1].mean()
    opening = np.linalg.norm((points - neck) / np.array([0.10, 0.07, 0.10]), axis=1) > 1
    head = np.isin(strongest, [INDEX["head"], INDEX["jaw"], INDEX["neck"]])
    region = np.zeros(len(points), int)
    region[(points[:, 1] > hips - 0.04) & (np.abs(points[:, 0]) < sleeve) & opening & ~head] = names.index("top")
    region[(points[:, 1] <= hips - 0.04) & (np.abs(points[:, 0]) < sleeve)] = names.index("trousers")
    eyes = joints[[INDEX[f"{side}_eye"] for side in HANDS]]
    middle = eyes.mean(0)
    slope = middle[1] + 0.055 - 1.1 * (middle[2] - 0.02 - points[:, 2]).clip(0)
    region[(strongest == INDEX["head"]) & (points[:, 1] > slope.clip(middle[1] - 0.05))] = names.index("hair")
    for side, centre in zip(HANDS, eyes, strict=True):
        ball = strongest == INDEX[f"{side}_eye"]
        region[ball] = names.index("eye_white")
        away = np.linalg.norm((points - centre)[:, :2], axis=1)
        region[ball & (points[:, 2] > centre[2]) & (away < 0.0058)] = names.index("iris")
    return names, np.eye(len(names))[region], np.ones(len(points))
