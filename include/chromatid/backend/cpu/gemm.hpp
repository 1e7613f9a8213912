// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>

#include <Eigen/Core>

namespace chromatid::cpu {

/// C = op(A) op(B) + beta C for row-major arrays, where op transposes on request; op(A) is (m, k), op(B) is (k, n).
///
/// Rows may overlap (`lda` smaller than a row): a convolution over channels-last arrays is a product with such an A.
/// \param beta  0 (C is overwritten, whatever it held) or 1
template <class T>
void gemm(bool transpose_a, bool transpose_b, Index m, Index n, Index k, const T* a, Index lda, const T* b, Index ldb, T beta, T* c, Index ldc) {
    using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    using In = Eigen::Map<const Matrix, Eigen::Unaligned, Eigen::OuterStride<>>;
    using Out = Eigen::Map<Matrix, Eigen::Unaligned, Eigen::OuterStride<>>;

    const In left(a, transpose_a ? k : m, transpose_a ? m : k, Eigen::OuterStride<>(lda));
    const In right(b, transpose_b ? n : k, transpose_b ? k : n, Eigen::OuterStride<>(ldb));
    Out out(c, m, n, Eigen::OuterStride<>(ldc));
    if (beta == T{0}) out.setZero();
    if (!transpose_a && !transpose_b) out.noalias() += left * right;
    else if (transpose_a && !transpose_b) out.noalias() += left.transpose() * right;
    else if (!transpose_a) out.noalias() += left * right.transpose();
    else out.noalias() += left.transpose() * right.transpose();
}

}  // namespace chromatid::cpu
