"""Motions as files of other programs: animated GLB, AMASS npz, BVH, .pose, captions and the timeline as JSON."""

from sign_models.export.npz import read_npz
from sign_models.export.pose import read_pose
from sign_models.export.rig import Rig
from sign_models.export.table import EXPORTERS, Exporter, exporter_for
from sign_models.export.timeline import timeline

__all__ = ["EXPORTERS", "Exporter", "Rig", "exporter_for", "read_npz", "read_pose", "timeline"]
