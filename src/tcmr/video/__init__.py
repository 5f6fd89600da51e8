"""Pictures in, out of any video file or folder of images, and pictures out into an .mp4 with the sound."""

from tcmr.video.read import ClipReader, open_clip
from tcmr.video.write import VideoWriter

__all__ = ["ClipReader", "VideoWriter", "open_clip"]
