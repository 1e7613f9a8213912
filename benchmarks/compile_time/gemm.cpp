// SPDX-License-Identifier: MIT
// The matrix product alone: all that inference needs of Eigen's product kernels.
#include <chromatid/backend/cpu/gemm.hpp>

using chromatid::Index;

template void chromatid::cpu::gemm<false, false, float>(Index, Index, Index, const float*, Index, const float*, Index, float, float*,
                                                        Index);
