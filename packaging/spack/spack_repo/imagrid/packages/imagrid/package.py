"""imagrid for Spack 1.0 and later. In a checkout:

    spack repo add packaging/spack/spack_repo/imagrid
    spack dev-build imagrid@main
"""
from spack_repo.builtin.build_systems.meson import MesonPackage

from spack.package import *


class Imagrid(MesonPackage):
    """Parallel batch experiments on learned world models: grids over any number of MPI ranks into one HDF5 file that
    survives any failure of the job; statistics, figures and purchase plans."""

    license("MIT")
    # The checkout that dev-build is called in.
    version("main")

    variant("gnuplot", default=True, description="Figures")
    variant("tests", default=False, description="Build the tests")

    depends_on("c", type="build")
    depends_on("meson@1.0:", type="build")
    depends_on("python@3.7:", type="build")
    depends_on("mpi@3:")
    # Serial or parallel; a parallel one has the same MPI here.
    depends_on("hdf5@1.10:")
    depends_on("libyaml")
    depends_on("gsl@2.6:")
    depends_on("jansson")
    depends_on("xxhash@0.8:")
    depends_on("gnuplot", type="run", when="+gnuplot")
    depends_on("cmocka", type="build", when="+tests")

    def meson_args(self):
        return ["-Dtests=" + ("enabled" if self.spec.satisfies("+tests") else "disabled")]

    def setup_run_environment(self, env):
        env.prepend_path("PKG_CONFIG_PATH", self.prefix.share.pkgconfig)

    def test_version(self):
        """The program starts and knows its version."""
        which(self.prefix.bin.imagrid)("--version")
