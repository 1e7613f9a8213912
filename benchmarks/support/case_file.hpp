// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>
#include <chromatid/serialize/safetensors_file.hpp>
#include <chromatid/tensor/tensor.hpp>
#include <chromatid/tensor/windows.hpp>

#include <cstdint>
#include <vector>

namespace bench {

/// The windows that all contestants of a run see, from the file that support/cases.py wrote: base codes and tracks, and the same as one
/// dense array.
struct CaseWindows {
    std::vector<std::uint8_t> codes;  ///< (n, length)
    chromatid::Tensor<float> tracks;  ///< (n, tracks, length)
    chromatid::Tensor<float> dense;   ///< (n, length, 4 + tracks)
    chromatid::Tensor<float> noise;   ///< of the same shape, no row of it one-hot
    std::vector<const std::uint8_t*> code_rows;
    std::vector<const float*> track_rows;

    explicit CaseWindows(const chromatid::SafetensorsFile& file)
        : tracks(file.read<float>("tracks")), dense(file.read<float>("dense")), noise(file.read<float>("noise")) {
        for (const chromatid::Tensor<float> letters = file.read<float>("codes"); const float letter : letters.span())
            codes.push_back(static_cast<std::uint8_t>(letter));
        for (chromatid::Index w = 0; w < count(); ++w) {
            code_rows.push_back(codes.data() + w * length());
            for (chromatid::Index t = 0; t < tracks.extent(1); ++t)
                track_rows.push_back(tracks.data() + (w * tracks.extent(1) + t) * length());
        }
    }

    chromatid::Index count() const { return dense.extent(0); }
    chromatid::Index length() const { return dense.extent(1); }
    chromatid::Index channels() const { return dense.extent(2); }
    /// Codes and tracks of all windows, one strand.
    chromatid::Windows<float> encoded() const {
        return {.count = count(), .length = length(), .channels = channels(), .codes = code_rows.data(), .tracks = track_rows.data()};
    }
};

}  // namespace bench
