from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tcmr.assets.cache import store


def test_writers_at_the_same_time_leave_one_whole_file(tmp_path: Path) -> None:
    contents = [bytes([number]) * 200_000 for number in range(8)]
    path = tmp_path / "file"
    store(contents[0], path)

    def write_and_read(content: bytes) -> bytes:
        store(content, path)
        return path.read_bytes()

    with ThreadPoolExecutor(8) as pool:
        assert all(seen in contents for seen in pool.map(write_and_read, contents * 5))
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]
