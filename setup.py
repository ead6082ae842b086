"""Builds every ``*.pyx`` of the engines as an extension; the rest is in pyproject.toml."""

import os
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

# -O3 without -march=native: a wheel or image built here must run on any machine of the
# architecture. It gained nothing over the noise of 5 % in scanning three corpus files (spark,
# nginx, PostgreSQL: 250 to 350 MB/s either way). Directives are set in each .pyx.
COMPILE_ARGS = ["-O3", "-g0"]
FOLDERS = ("parsers", "compression", "detectors")


def kernels() -> list[Extension]:
    """Return one extension for each ``.pyx``, named without its top folder."""
    if os.environ.get("SKIP_KERNELS"):  # scripts/setup.sh builds them beside the installation
        return []
    return [
        Extension(
            ".".join(path.with_suffix("").parts[1:]),
            [path.as_posix()],
            extra_compile_args=COMPILE_ARGS,
        )
        for folder in FOLDERS
        for path in sorted(Path(folder).rglob("*.pyx"))
    ]


class BuildExt(build_ext):  # type: ignore[misc]  # setuptools has no types
    """Puts a built module in its place in one step.

    A process that imports it meanwhile must not map half a file, which ends in a memory fault.
    """

    def copy_file(self, infile: str, outfile: str, **options: object) -> tuple[str, bool]:
        """Copy beside the target, then rename."""
        new = f"{outfile}.new"
        super().copy_file(infile, new, **options)
        Path(new).replace(outfile)
        return outfile, True


CORES = os.cpu_count() or 1

# C files go to build/, so that the source tree holds sources and the built modules only.
setup(
    ext_modules=cythonize(
        kernels(), build_dir="build/cython", language_level=3, nthreads=CORES
    ),
    cmdclass={"build_ext": BuildExt},
    options={"build_ext": {"parallel": CORES}},
)
