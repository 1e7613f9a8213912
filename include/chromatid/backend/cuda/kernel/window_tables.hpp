// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/host_device.hpp>
#include <chromatid/core/index.hpp>

#include <cstdint>

// Tables of pointers as `Windows` has them, made where they are read: one thread writes those of one window, 8 (1 + tracks) bytes. Next to
// the network's work they are nothing, so there is nothing to be fast about.

namespace chromatid::cuda {

/// Windows that begin every `step` bases of one stretch, for `for_each`.
template <class T>
struct StepsOfStretch {
    const std::uint8_t* const* codes;  ///< of the stretch: one row
    const T* const* track_rows;        ///< its tracks
    const std::uint8_t** to_codes;     ///< (windows)
    const T** to_tracks;               ///< (windows, tracks)
    Index tracks, step;

    CHROMATID_HOST_DEVICE void operator()(Index w) const {
        to_codes[w] = codes[0] + w * step;
        for (Index t = 0; t < tracks; ++t) to_tracks[w * tracks + t] = track_rows[t] + w * step;
    }
};

/// Windows that begin at given places of a genome, whose tracks lie one after another, `bases` long each; for `for_each`.
template <class T>
struct PlacesInGenome {
    const std::uint8_t* codes;
    const T* values;
    const Index* starts;            ///< (windows)
    const std::uint8_t** to_codes;  ///< (windows)
    const T** to_tracks;            ///< (windows, tracks)
    Index bases, tracks;

    CHROMATID_HOST_DEVICE void operator()(Index w) const {
        to_codes[w] = codes + starts[w];
        for (Index t = 0; t < tracks; ++t) to_tracks[w * tracks + t] = values + t * bases + starts[w];
    }
};

}  // namespace chromatid::cuda
