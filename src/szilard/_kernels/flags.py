"""One set of compiler flags for every kernel: strict floating point, C division, no Python lock held."""

from __future__ import annotations

import hashlib
import os
import threading
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import llvmlite
import numba
import numpy as np
from numba.core.caching import FunctionCache, IndexDataCacheFile

NO, YES = np.bool_(False), np.bool_(True)
"""As arguments inside of kernels: for a literal, Numba compiles the function that takes it once more."""
KERNEL = {"error_model": "numpy", "nogil": True, "fastmath": False}
inline = numba.njit(error_model="numpy", nogil=True, fastmath=False, inline="always")


def cache_directory() -> Path:
    """Where compiled kernels are kept: $SZILARD_CACHE_DIR, else the user's cache directory."""
    chosen = os.environ.get("SZILARD_CACHE_DIR")
    if chosen:
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "szilard"


def source_stamp(*extra: bytes) -> str:
    """SHA-256 of every kernel source, the compiler's versions and whatever else shapes the machine code.

    Numba's own cache looks only at the file of the outermost function, so that an edit of an inlined
    function in another file would serve the OLD machine code; this stamp sees every file.
    """
    digest = hashlib.sha256(f"{numba.__version__} {llvmlite.__version__}".encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    for part in extra:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


class _CheckedFile(IndexDataCacheFile):  # type: ignore[misc]
    """Numba's cache file with a CRC after the machine code, so that a damaged file is never run."""

    def _save_data(self, name: str, data: Any) -> None:
        payload = self._dump(data)
        with self._open_for_write(self._data_path(name)) as stream:
            stream.write(payload + zlib.crc32(payload).to_bytes(4, "big"))

    def _load_data(self, name: str) -> Any:
        stored = Path(self._data_path(name)).read_bytes()
        if int.from_bytes(stored[-4:], "big") != zlib.crc32(stored[:-4]):
            raise ValueError("damaged machine code")
        return super()._load_data(name)


class _StampedCache(FunctionCache):  # type: ignore[misc]
    """Numba's on-disk cache, its files and keys named by our own stamp instead of a file's date."""

    def __init__(self, function: Callable[..., Any], stamp: str) -> None:
        super().__init__(function)
        self._stamp = stamp
        self._cache_path = str(cache_directory())
        name = f"{function.__name__}-{stamp[:24]}"
        base = self._impl.get_filename_base(name, "")
        self._cache_file = _CheckedFile(self._cache_path, base, stamp)
        self._impl.locator.ensure_cache_path = lambda: os.makedirs(self._cache_path, exist_ok=True)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The machine code, or None (compile anew) where the files are damaged in whatever way."""
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # a damaged pickle may raise anything
            self.flush()
            return None

    def _index_key(self, sig: Any, codegen: Any) -> Any:
        return (sig, codegen.magic_tuple(), self._stamp)


class Kernel:
    """A function that is compiled for its one signature, or read from the cache on disk, when it is first called."""

    def __init__(self, function: Callable[..., Any], signature: Any, extra: tuple[bytes, ...]) -> None:
        self._made = function, signature, extra
        self._lock = threading.Lock()
        self._code: Any = None

    def __call__(self, *arguments: Any) -> Any:
        return self.code(*arguments)

    @property
    def code(self) -> Any:
        """What other kernels may be given as a function."""
        if self._code is None:
            with self._lock:
                if self._code is None:
                    self._code = compile_now(self._made[0], self._made[1], *self._made[2])
        return self._code


def compile_kernel(function: Callable[..., Any], signature: Any, *extra: bytes) -> Kernel:
    """``compile_now``, but not before it is called."""
    return Kernel(function, signature, extra)


def compile_now(function: Callable[..., Any], signature: Any, *extra: bytes) -> Any:
    """Compile ``function`` for one signature, from the disk cache where its stamp is the same.

    Numba names machine code by qualified name and a counter of the process, so that two functions of one name
    that were cached by two processes would answer to the same symbol, and one be called for the other: the
    stamp is put into the name.
    """
    stamp = source_stamp(*extra)
    function.__qualname__ = f"{function.__name__}_{stamp[:24]}"
    dispatcher = numba.njit(**KERNEL)(function)
    try:
        os.makedirs(cache_directory(), exist_ok=True)
        dispatcher._cache = _StampedCache(function, stamp)
    except OSError:
        pass  # a read-only home: compile anew in each process
    dispatcher.compile(signature)
    dispatcher.disable_compile()
    return dispatcher
