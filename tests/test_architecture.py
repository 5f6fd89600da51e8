"""Who may import whom: data flows one way, and so do imports."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "tcmr"
BASE = (
    "types", "joints", "rotations", "camera", "raster", "lowpass", "stretches", "errors", "requirements", "files",
    "arrays", "torch_files", "tensors", "compiled", "pickles", "device", "stages", "result", "plot_style",
)  # fmt: skip
ORDER = (
    "assets", "video", "people", "features", "body", "model", "smooth", "data", "synth", "train", "evaluate",
    "studies", "world", "export", "view", "heights", "options", "loading", "pipeline", "live", "job", "batch", "api",
    "commands", "cli",
)  # fmt: skip
FILES = sorted(SOURCE.rglob("*.py"))


def package_of(file: Path) -> str:
    """Return the first name below tcmr: the package, or the module where it stands by itself."""
    return file.relative_to(SOURCE).with_suffix("").parts[0]


def imported(file: Path) -> Iterator[str]:
    """Yield the first name below tcmr of everything that a file imports from there."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            if node.module == "tcmr":
                yield from (alias.name for alias in node.names)
            elif node.module and node.module.startswith("tcmr."):
                yield node.module.split(".")[1]
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith("tcmr."):
                    yield alias.name.split(".")[1]


def may_import(package: str, other: str) -> bool:
    if other == package or other in BASE:
        return True
    return package not in BASE and ORDER.index(other) < ORDER.index(package)


def test_every_module_has_its_place():
    outside = {"__init__", "__main__"}
    assert {package_of(file) for file in FILES} - outside <= {*BASE, *ORDER}


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(SOURCE)))
def test_imports_go_up_only(file):
    if package_of(file) in ("__init__", "__main__"):
        return
    wrong = [other for other in imported(file) if not may_import(package_of(file), other)]
    assert not wrong, f"{file.relative_to(SOURCE)} imports {', '.join(wrong)}, which stand below it"
