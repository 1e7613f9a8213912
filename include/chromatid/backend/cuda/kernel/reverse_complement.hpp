// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/kernel/split.hpp>
#include <chromatid/core/host_device.hpp>
#include <chromatid/core/index.hpp>

#include <cstdint>

// The other strand: positions from the end to the start, channels at their partners' places. Copies only, bound by memory; no tile:
// neighbouring threads read neighbours, and write within the same few rows. The table of partners travels with the kernel where there are
// few channels, as in all networks on letters and a few tracks, and lies in device memory elsewhere.

namespace chromatid::cuda {

/// Partners of a few channels, by value.
struct FewPartners {
    static constexpr Index most = 64;
    std::uint8_t partner[most];
    CHROMATID_HOST_DEVICE Index operator()(Index channel) const { return static_cast<Index>(partner[channel]); }
};

/// Partners of any number of channels, in device memory.
struct ManyPartners {
    const Index* partner;
    CHROMATID_HOST_DEVICE Index operator()(Index channel) const { return partner[channel]; }
};

/// y[b, length - 1 - t, partner(c)] = x[b, t, c]: element i of x (batch, length, channels).
template <class Partners>
struct ReverseComplement {
    Partners partner;
    Index length, channels;
    const float* x;
    float* y;

    CHROMATID_HOST_DEVICE void operator()(Index i) const {
        const auto [row, c] = split(i, channels);
        const auto [b, t] = split(row, length);
        y[(b * length + length - 1 - t) * channels + partner(c)] = x[i];
    }
};

}  // namespace chromatid::cuda
