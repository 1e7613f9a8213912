// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#ifdef FACTORNET_MPI
#include <chromatid/train/mpi_communicator.hpp>
#else
#include <chromatid/train/single_process.hpp>
#endif

#include <cstdlib>
#include <optional>

namespace factornet {

/// Processes that train together.
#ifdef FACTORNET_MPI
using Processes = chromatid::MpiCommunicator;
#else
using Processes = chromatid::SingleProcess;
#endif

/// Those that mpirun has started, this one among them; nothing where it has not.
/// \throws chromatid::UsageError where this build has no MPI
inline std::optional<Processes> started_by_mpirun() {
    bool by_mpirun = false;
    for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_RANK"}) by_mpirun = by_mpirun || std::getenv(name) != nullptr;
    if (!by_mpirun) return std::nullopt;
#ifdef FACTORNET_MPI
    return Processes();
#else
    throw chromatid::UsageError("mpirun started this factornet, which was built without MPI\n"
                                "       add the component mpi, see docs/howto/several-devices.md, or start it alone");
#endif
}

}  // namespace factornet
