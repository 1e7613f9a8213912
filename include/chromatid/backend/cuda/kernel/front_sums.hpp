// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/kernel/front_backward.hpp>

namespace chromatid::cuda {

/// The largest |x[i]|: of each block in to[block], so that a second launch of one block over those is the end. A NaN does not count.
struct LargestMagnitude {
    static constexpr int threads = 256;
    struct Shared {
        float most[threads];
    };

    const float* x;
    Index n;
    float* to;

    template <class Block>
    CHROMATID_HOST_DEVICE void operator()(Block& block, Shared& shared) const {
        block.each([&](int thread) {
            float most = 0.0F;
            for (Index i = block.x() * threads + thread; i < n; i += block.blocks_x() * threads) {
                const float v = x[i] < 0.0F ? -x[i] : x[i];
                if (v > most) most = v;
            }
            shared.most[thread] = most;
        });
        for (int half = threads / 2; half > 0; half /= 2) {
            block.sync();
            block.each([&](int thread) {
                if (thread < half && shared.most[thread + half] > shared.most[thread]) shared.most[thread] = shared.most[thread + half];
            });
        }
        block.each([&](int thread) {
            if (thread == 0) to[block.x()] = shared.most[0];
        });
    }
};

/// Adds the sums of all blocks, in their order, to the gradients.
template <int Filters>
struct AddFrontSums {
    using Sums = FrontSums<Filters>;

    const float *kernel_sums, *dense_sums;
    Index blocks;
    int width, channels;
    float *kernel, *bias, *dense_kernel, *dense_bias;  ///< null biases for none

    static constexpr Index size() { return Sums::kernel_size + Sums::dense_size; }

    CHROMATID_HOST_DEVICE void operator()(Index i) const {
        if (i >= Sums::kernel_size) {
            const Index at = i - Sums::kernel_size;
            if (at < Sums::dense) add(dense_sums, Sums::dense_size, at, dense_kernel + at);
            else if (dense_bias != nullptr) add(dense_sums, Sums::dense_size, at, dense_bias + (at - Sums::dense));
        } else if (i >= Sums::kernel) {
            if (bias != nullptr) add(kernel_sums, Sums::kernel_size, i, bias + (i - Sums::kernel));
        } else {
            const Index row = i / Filters, tap = row / 8, channel = row % 8;
            if (tap < width && channel < channels)
                add(kernel_sums, Sums::kernel_size, i, kernel + (tap * channels + channel) * Filters + i % Filters);
        }
    }

  private:
    CHROMATID_HOST_DEVICE void add(const float* sums, Index size, Index at, float* to) const {
        float sum = 0.0F;
        for (Index b = 0; b < blocks; ++b) sum += sums[b * size + at];
        *to += sum;
    }
};

}  // namespace chromatid::cuda
