// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>

#if defined(_OPENMP) && !defined(EIGEN_DONT_PARALLELIZE)
#error "chromatid brings its own threads: define EIGEN_DONT_PARALLELIZE where OpenMP is on (the CMake target does), or results depend on the number of threads"
#endif

#include <Eigen/Core>

namespace chromatid::cpu {

/// C = A B + beta C for row-major arrays; with a transposed flag the factor is stored as its transpose.
///
/// Rows may overlap (`lda` smaller than a row): a convolution over channels-last arrays is a product with such an A.
/// The flags are template arguments because each combination costs the compiler a second: a program gets those it uses.
/// \param m, n, k  C is (m, n), and k is the length of the sums
/// \param beta     0 (C is overwritten, whatever it held) or 1
template <bool TransposedA, bool TransposedB, class T>
void gemm(Index m, Index n, Index k, const T* a, Index lda, const T* b, Index ldb, T beta, T* c, Index ldc) {
    using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    using In = Eigen::Map<const Matrix, Eigen::Unaligned, Eigen::OuterStride<>>;

    const In left(a, TransposedA ? k : m, TransposedA ? m : k, Eigen::OuterStride<>(lda));
    const In right(b, TransposedB ? n : k, TransposedB ? k : n, Eigen::OuterStride<>(ldb));
    Eigen::Map<Matrix, Eigen::Unaligned, Eigen::OuterStride<>> out(c, m, n, Eigen::OuterStride<>(ldc));
    if (beta == T{0}) out.setZero();
    if constexpr (TransposedA && TransposedB) out.noalias() += left.transpose() * right.transpose();
    else if constexpr (TransposedA) out.noalias() += left.transpose() * right;
    else if constexpr (TransposedB) out.noalias() += left * right.transpose();
    else out.noalias() += left * right;
}

}  // namespace chromatid::cpu
