"""Posed meshes to pictures and video."""

from sign_models.render.cameras import CAMERAS as CAMERAS
from sign_models.render.lettering import Caption as Caption
from sign_models.render.look import Look as Look
from sign_models.render.panes import Reel as Reel
from sign_models.render.panes import captioned as captioned
from sign_models.render.panes import side_by_side as side_by_side
from sign_models.render.renderer import Renderer as Renderer
from sign_models.render.trial import probe as probe
from sign_models.render.video import each_frame as each_frame
from sign_models.render.video import encoders as encoders
from sign_models.render.video import read_frames as read_frames
from sign_models.render.video import read_video as read_video
from sign_models.render.video import video_length as video_length
from sign_models.render.video import write_video as write_video
