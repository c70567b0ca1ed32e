"""Recipe for Spack. In a clone:

    spack repo add tools/cluster/spack
    spack dev-build --source-path "$PWD" invado@main        # this clone
"""
from spack.package import *


class Invado(CMakePackage):
    """Stochastic agent-based simulator of 3D cell migration and invasion."""

    version("main")  # there is no public address yet: dev-build takes the clone

    variant("arch", default="x86-64-v3", description="processor level (-march)", values=("x86-64", "x86-64-v2", "x86-64-v3", "x86-64-v4"))

    depends_on("cmake@3.22:", type="build")
    depends_on("ninja", type="build")
    depends_on("git", type="build")
    depends_on("hdf5@1.10:~mpi")
    depends_on("yaml-cpp@0.7:")
    depends_on("fmt@9:")
    depends_on("cli11@2.1:", type="build")
    depends_on("nlohmann-json@3.11:", type="build")
    depends_on("xxhash@0.8:")
    depends_on("libdeflate@1.14:")
    conflicts("%gcc@:11", msg="needs a complete C++20 library")

    generator("ninja")

    def cmake_args(self):
        return [self.define("INVADO_TESTS", False), self.define_from_variant("INVADO_ARCH", "arch")]
