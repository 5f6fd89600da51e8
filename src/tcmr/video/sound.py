"""The sound of a clip, carried over into the video that is made from it."""

import math
from collections.abc import Generator
from contextlib import ExitStack, suppress
from fractions import Fraction
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError

from tcmr.video.file import opened, start_of

# What the usual players take in an .mp4; anything else is converted to AAC.
_COPIED_CODECS = frozenset({"aac", "ac3", "alac", "eac3", "mp3", "opus"})
_AAC_RATES = frozenset({8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 88200, 96000})
# Samples a second that are converted. The converter's filter grows with the rate that it comes from, and what it
# makes grows with the ratio to the rate that it goes to.
_LOWEST_RATE, _HIGHEST_RATE = 4000, 768_000


class Sound:
    """The first audio stream of a file, written piece by piece in step with the pictures.

    Where the file breaks off, cannot be decoded or changes its rate, so does the sound; one of a rate that no
    recording has is left out. Where its clock goes back, what was already written is left out.
    """

    def __init__(self, path: Path, output: OutputContainer) -> None:
        """Open the file and add a stream to the output, unless the file has no sound.

        Raises:
            TcmrError: the file cannot be read.
        """
        self._output = output
        self._resources = ExitStack()
        source = self._resources.enter_context(opened(path))
        self._packets = _in_order(_packets(source, output))
        self._waiting = next(self._packets, None)

    def write_until(self, time_s: float) -> None:
        """Write what begins before `time_s`, in seconds since the start of the file."""
        while self._waiting is not None and _begin_s(self._waiting) < time_s:
            self._output.mux(self._waiting)
            self._waiting = next(self._packets, None)

    def close(self) -> None:
        """Close the file that the sound comes from."""
        self._packets.close()
        self._resources.close()


def _packets(source: InputContainer, output: OutputContainer) -> Generator[av.Packet]:
    stream = next(iter(source.streams.audio), None)
    if stream is None or stream.codec_context is None:  # no sound, or none that can be decoded
        return
    start_s = start_of(source)
    # PyAV's converter refuses a rate or layout that changes on the way with a ValueError.
    with suppress(FFmpegError, ValueError):
        codec = stream.codec_context.codec.canonical_name  # its decoder may be called "mp3float"
        if codec in _COPIED_CODECS:
            yield from _copied(source, stream, output.add_stream_from_template(stream), start_s)
        elif _LOWEST_RATE <= stream.rate <= _HIGHEST_RATE:
            rate = stream.rate if stream.rate in _AAC_RATES else 48_000
            yield from _converted(source, stream, output.add_stream("aac", rate=rate), start_s)


def _copied(
    source: InputContainer, stream: AudioStream, track: AudioStream, start_s: float
) -> Generator[av.Packet]:
    for packet in source.demux(stream):
        if packet.dts is None or packet.time_base is None:
            continue
        shift = round(start_s / packet.time_base)
        packet.dts -= shift
        packet.pts = packet.dts if packet.pts is None else packet.pts - shift
        packet.stream = track
        yield packet


def _converted(
    source: InputContainer, stream: AudioStream, track: AudioStream, start_s: float
) -> Generator[av.Packet]:
    for frame in source.decode(stream):
        if frame.pts is not None and frame.time_base is not None:
            # Told in samples: an AVI's clock ticks once a packet, too coarsely for AAC's shorter ones.
            frame.pts = round((frame.pts * frame.time_base - start_s) * frame.rate)
            frame.time_base = Fraction(1, frame.rate)
        yield from track.encode(frame)
    yield from track.encode(None)


def _in_order(packets: Generator[av.Packet]) -> Generator[av.Packet]:
    """Only what comes after all before it, as an .mp4 must have it."""
    last = -math.inf
    for packet in packets:
        if packet.dts is None or packet.dts > last:
            last = last if packet.dts is None else packet.dts
            yield packet


def _begin_s(packet: av.Packet) -> float:
    return float((packet.pts or 0) * packet.time_base) if packet.time_base else 0.0
