// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/cuda.cuh>

#include <chromatid/core/activation.hpp>
#include <chromatid/core/strand_merge.hpp>

namespace chromatid::test {

/// An entry of a loss that is as simple as can be.
struct SquaredEntry {
    CHROMATID_HOST_DEVICE bool takes_part(float) const { return true; }
    CHROMATID_HOST_DEVICE double value(double y, double target, Index) const { return (y - target) * (y - target); }
    CHROMATID_HOST_DEVICE double slope(double y, double target, Index) const { return 2 * (y - target); }
};

/// Primitives that are the same kernels for every precision.
template <class B>
void plain_primitives(typename B::Context& on, float* x, double* sum, const Index* partner, const Windows<float>& windows) {
    B::template bias_activation<ReLU>(on, 1, 1, x, x);
    B::template activation<Sigmoid>(on, 1, x, x);
    B::template activation_backward<Tanh>(on, 1, x, x);
    B::add_column_sums(on, 1, 1, x, x);
    B::max_pool1d(on, {1, 1, 1, 1, 1, 1}, x, x);
    B::max_pool1d_backward(on, {1, 1, 1, 1, 1, 1}, x, x, x, x);
    B::dropout(on, Draws{}, 1, 1, 1, 0.5F, x, x);
    B::dropout_mask(on, Draws{}, 1, 1, 1, 1, 0.5F, x);
    B::reverse_complement(on, 1, 1, 1, partner, x, x);
    B::template merge_strands<MeanOfStrands>(on, 1, x, x, x);
    B::template merge_strands_backward<MeanOfStrands>(on, 1, x, x, x, x, x);
    B::expand(on, windows, x);
    B::add(on, 1, x, x);
    B::copy_rows(on, 1, 1, x, 1, 1, x, 1);
    B::sum_losses(on, 1, 1, SquaredEntry{}, x, x, 1.0, x, sum);
    B::adam(on, 1, AdamStep<float>{}, x, x, x, x);
    B::sgd(on, 1, SgdStep<float>{}, x, x, x);
    B::sum_squares(on, 1, x, sum);
}

/// Those whose kernels depend on it. Never run: whatever a call may launch becomes a kernel of the program.
template <class B, class Gate>
void products_and_recurrences(typename B::Context& on, float* x, const Windows<float>& windows) {
    B::conv1d(on, {1, 1, 1, 1, 1, 1}, x, x, x);
    B::conv1d_backward(on, {1, 1, 1, 1, 1, 1}, x, x, x, x, x);
    const ConvPoolGeometry g{.length = 1, .channels = 4, .filters = 1, .width = 1, .out_length = 1};
    B::conv_pool(on, g, windows, {x, x, x, x}, x, x);
    B::conv_pool_forward(on, g, windows, Draws{}, 1, {x, x, x, x}, x, x, x);
    B::conv_pool_backward(on, g, windows, Draws{}, 1, {x, x, x, x}, x, x, x, {x, x, x, x}, x, x);
    const LstmGeometry l{1, 1, 1, 1, 1, 0, false};
    B::template lstm<Gate>(on, l, x, x, x, x, x, x);
    B::template lstm_forward<Gate>(on, l, {x, x}, x, x, x, x, x, x, x);
    B::template lstm_backward<Gate>(on, l, {x, x}, x, x, x, false, x, x, x, x, x, x);
}

}  // namespace chromatid::test
