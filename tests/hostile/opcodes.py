"""Pickles that no data would need: gadgets, tricks with states and memo, and seeded programs of operations."""

import pickle
import struct
from random import Random
from typing import Any

from .case import Files
from .mutation import damaged

CALLS = (
    ("os", "system", b"Vtrue\n"), ("posix", "system", b"Vtrue\n"), ("builtins", "eval", b"V1\n"), ("builtins",
    "exec", b"V1\n"),
    ("subprocess", "Popen", b"Vtrue\n"), ("builtins", "getattr", b"Va\n"), ("builtins", "__import__", b"Vos\n"),
    ("operator", "attrgetter", b"Vsystem\n"), ("numpy", "load", b"V/etc/passwd\n"), ("numpy", "fromfile",
    b"V/dev/zero\n"),
    ("builtins", "bytearray", b"I10000000000\n"), ("numpy", "zeros", b"I1000000000\n"), ("numpy", "ndarray",
    b"(I100000000000\nt"),
    ("numpy.testing._private.utils", "runstring", b"V1\n"), ("types", "CodeType", b""), ("pickle", "loads", b"V1\n"),
    ("torch", "load", b"V/etc/passwd\n"), ("torch.hub", "load", b"Va\n"), ("runpy", "run_path", b"V/etc/passwd\n"),
    ("importlib", "import_module", b"Vantigravity\n"), ("joblib.numpy_pickle", "read_array", b"V1\n"),
    ("copyreg", "__newobj__", b"Va\n"),
    ("collections", "Counter", b"Vabc\n"), ("functools", "partial", b"Va\n"), ("numpy", "dtype", b"V2147483647V\n"),
)  # fmt: skip


def called(module: str, name: str, argument: bytes) -> bytes:
    """Return operations that call a global with one argument."""
    return f"c{module}\n{name}\n(".encode() + argument + b"tR"


def _array(shape: bytes, dtype: bytes, data: bytes) -> bytes:
    """Return operations that build an array out of a state that need not agree with itself."""
    return (
        b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntVb\ntR(I1\n"
        + shape
        + dtype
        + b"I00\n"
        + data
        + b"tb"
    )


def _dtype(code: str, state: bytes = b"") -> bytes:
    return f"cnumpy\ndtype\n(V{code}\nI0\nI1\ntR".encode() + (b"(" + state + b"tb" if state else b"")


def _size(data: bytes) -> bytes:
    return pickle.BINBYTES + struct.pack("<I", len(data)) + data


_PLAIN = _dtype("f8", b"I3\nV<\nNNNI-1\nI-1\nI0\n")

# Programs without PROTO and STOP; those that put something harmful on the stack, or make the memory full.
PROGRAMS: tuple[bytes, ...] = (
    *(called(*call) for call in CALLS),
    b"(" + called("os", "system", b"Vtrue\n") + b"l" + called("builtins", "eval", b"V1\n"),
    b"(Vtrue\nios\nsystem\n",
    b"(cos\nsystem\nVtrue\no",
    b"\x82\x01", b"\x83\x01\x00", b"\x84\x01\x00\x00\x00", b"Pid\n", b"VX\nQ", b"\x97", b"Va\n\x98",
    b"\x8c\x05numpy\x8c\x0ef2py.os.getcwd\x93)R",
    b"\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85R",
    # arrays whose states lie
    _array(b"(I1000000\nt", _PLAIN, _size(b"12345678")),
    _array(b"(I1000\nt", _dtype("O"), b"(lI1\na"),
    _array(b"(I3\nt", _dtype("O"), _size(b"A" * 24)),
    _array(b"(I1000000000000\nt", _dtype("O"), b"]"),
    _array(b"(I-1\nt", _PLAIN, _size(b"12345678")),
    _array(b"(I1\nt", _dtype("f8", b"I3\nV<\nNNNI8000000\nI8\nI0\n"), _size(b"1" * 8)),
    _array(b"(I1\nt", _dtype("f8", b"I3\nV<\nNNNI8\nI8\nI63\n"), _size(b"A" * 8)),
    _array(b"(I1\nt", _dtype("V8", b"I3\nV|\nN(Va\nt}(Va\n(" + _dtype("O") + b"I4000\nttuI8\nI1\nI0\n"),
    _size(b"A" * 8)),
    _array(b"(I1\nt", _dtype("V8", b"I3\nV|\n(" + _dtype("f8") + b"(I1000000\nttNNI8\nI1\nI0\n"), _size(b"A" * 8)),
    b"cnumpy.core.multiarray\nscalar\n(" + _dtype("O") + _size(b"A" * 8) + b"tR",
    b"cnumpy.core.multiarray\nscalar\n(" + _dtype("f8") + _size(b"A") + b"tR",
    b"cnumpy.core.multiarray\nscalar\n(" + _dtype("V1000000") + _size(b"A") + b"tR",
    b"cnumpy._core.numeric\n_frombuffer\n(" + _size(b"A" * 8) + _dtype("O") + b"(I1\ntVC\ntR",
    b"cnumpy._core.numeric\n_frombuffer\n(" + _size(b"A" * 8) + _PLAIN + b"(I1000000\ntVC\ntR",
    # classes and functions given attributes
    b"cjoblib.numpy_pickle\nNumpyArrayWrapper\n(N}Vread\nI1\nstb",
    b"cchumpy.ch\nCh\n(N}Varray\ncnumpy\ndtype\nstb",
    b"c_codecs\nencode\n(N}V__defaults__\n(Va\ntstb",
    b"cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}(Vshape\n(I1000000000000\ntVorder\nVC\nVdtype\n" + _PLAIN
    + b"Vsubclass\nNub",
    b"cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}(Vshape\n(I-100\ntVorder\nVC\nVdtype\n" + _PLAIN
    + b"Vsubclass\nNub",
    b"ccopy_reg\n_reconstructor\n(cnumpy\nndarray\nc__builtin__\nobject\nNtR",
    # memo: what contains itself, and what is exponentially large when written out
    b"]q\x00h\x00a", b"}q\x00Va\nh\x00s",
    b"(K\x00K\x00tq\x00" + b"".join(b"(h%ch%ctq%c" % (n, n, n + 1) for n in range(60)),
    b"(K\x00K\x00tq\x00" + b"".join(b"(h%ch%ctq%c" % (n, n, n + 1) for n in range(60)) + b"}h\x3cK\x01s",
    b"(K\x00K\x00lq\x00" + b"".join(b"(h%ch%ch%ch%clq%c" % (n, n, n, n, n + 1) for n in range(40)),
    b"(K\x00K\x00tq\x00" + b"".join(b"(h%ch%ctq%c" % (n, n, n + 1) for n in range(60)) + b"\x8f(h\x3c\x90",
    b"X\x00\x00\x10\x00" + b"a" * (1 << 20) + b"q\x00(" + b"c_codecs\nencode\n(h\x00Vlatin1\ntR" * 2000 + b"l",
    b"]" * 50_000 + b"a" * 49_999,
    b"(" * 50_000 + b"l" * 50_000,
    # lengths that lie
    b"\x8e" + struct.pack("<Q", 1 << 40), b"\x8d" + struct.pack("<Q", 1 << 33), b"\x96" + struct.pack("<Q", 1 << 34),
    b"B" + struct.pack("<I", (1 << 32) - 1), b"T" + struct.pack("<i", -5), b"\x8b" + struct.pack("<i", 1 << 30),
    b"\x95" + struct.pack("<Q", 1 << 40), b"r" + struct.pack("<I", 1 << 31), b"I" + b"9" * 100_000 + b"\n",
    b"L" + b"9" * 5000 + b"L\n",
)  # fmt: skip

_PIECES: tuple[bytes, ...] = (
    b"(", b")", b"]", b"}", b"\x8f", b"N", b"\x88", b"\x89", b"K\x05", b"J\xff\xff\xff\xff",
    b"G?\xf0\0\0\0\0\0\0", b"Va\n", b"X\x01\0\0\0b",
    b"U\x02ab", b"C\x02ab", b"0", b"1", b"2", b"a", b"e", b"s", b"u", b"d", b"l", b"t", b"\x85", b"\x86",
    b"\x87", b"R", b"b", b"o", b"\x81",
    b"\x92", b"\x90", b"\x91", b"\x93", b"q\0", b"h\0", b"q\1", b"h\1", b"\x94", b"Q", b"cnumpy\nndarray\n",
    b"cnumpy\ndtype\n",
    b"cjoblib.numpy_pickle\nNumpyArrayWrapper\n", b"ccollections\nOrderedDict\n", b"c__builtin__\nset\n",
    b"cchumpy.ch\nCh\n",
    b"ccopy_reg\n_reconstructor\n", b"c__builtin__\nobject\n", b"c_codecs\nencode\n",
    b"ctorch._utils\n_rebuild_tensor_v2\n",
    b"cnumpy.core.multiarray\n_reconstruct\n", b"cnumpy.core.multiarray\nscalar\n",
    b"cscipy.sparse.csc\ncsc_matrix\n",
    b"ctorch.storage\n_load_from_bytes\n", b"cchumpy.reordering\nSelect\n",
)  # fmt: skip


def attacks() -> list[bytes]:
    """Return whole pickles, each a program by itself and within a dictionary, as data would have it."""
    return [
        whole
        for program in PROGRAMS
        for whole in (
            b"\x80\x02" + program + b".",
            b"\x80\x04}Vfeatures\n" + program + b"s.",
            b"}V1\n}Vv_template\n" + program + b"ss.",
        )
    ]


def damaged_pickle(rng: Random, files: Files) -> Files:
    """Damage a pickle: its bytes, or put programs and operations into it, or make it of operations alone."""
    name = rng.choice(sorted(files))
    content: Any = files[name]
    if not isinstance(content, bytes):
        return files
    match rng.randrange(5):
        case 0:
            place = rng.randrange(len(content) + 1)
            return {**files, name: content[:place] + rng.choice(PROGRAMS)[:5000] + content[place:]}
        case 1:
            program = b"".join(rng.choice(_PIECES) for _ in range(rng.randrange(3, 40)))
            return {**files, name: b"\x80\x04" + program + b"."}
        case 2:
            place = rng.randrange(len(content) + 1)
            piece = b"".join(rng.choice(_PIECES) for _ in range(rng.randrange(1, 6)))
            return {**files, name: content[:place] + piece + content[place:]}
        case _:
            return {**files, name: damaged(rng, content)}
