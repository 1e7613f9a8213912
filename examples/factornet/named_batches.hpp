// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/io/digest.hpp>
#include <chromatid/core/index.hpp>
#include <chromatid/dataset/batch.hpp>
#include <chromatid/dataset/window_batches.hpp>
#include <chromatid/serialize/safetensors_layout.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace factornet {

/// Batches of windows that say in a few words which they are, so that a run is not continued on peaks, chromosomes or tracks that have
/// changed meanwhile.
class NamedBatches {
  public:
    /// \param files  genome and tracks; their sizes count
    NamedBatches(chromatid::WindowBatches windows, const std::vector<std::string>& files)
        : windows_(std::move(windows)), text_(described(windows_, files)) {}

    chromatid::Index batches(chromatid::Index epoch) const { return windows_.batches(epoch); }
    chromatid::Index windows(chromatid::Index epoch) const { return windows_.windows(epoch); }
    void load(chromatid::Index epoch, chromatid::Index number, chromatid::Batch& batch) const { windows_.load(epoch, number, batch); }

    /// "1,188 windows fnv1a64:85944171f73967e8"
    const std::string& to_text() const { return text_; }

  private:
    static constexpr chromatid::Index most_looked_at = 100'000;  // of an epoch's windows, evenly spread

    static std::string described(const chromatid::WindowBatches& windows, const std::vector<std::string>& files) {
        chromatid::Digest digest;
        const auto add = [&](std::span<const std::int64_t> numbers) {
            digest.add({reinterpret_cast<const std::uint8_t*>(numbers.data()), numbers.size_bytes()});
        };
        const chromatid::Index all = windows.windows(0);
        for (chromatid::Index i = 0; i < all; i += std::max<chromatid::Index>(1, all / most_looked_at)) {
            const chromatid::WindowBatches::Window w = windows.window(0, i);
            add(std::array<std::int64_t, 5>{w.bin.chromosome, w.bin.start, w.cell, w.positive, w.reverse ? 1 : 0});
        }
        for (const std::string& file : files) {
            std::error_code unknown;
            add(std::array{static_cast<std::int64_t>(std::filesystem::file_size(file, unknown))});
        }
        return std::to_string(all) + " windows " + digest.text();
    }

    chromatid::WindowBatches windows_;
    std::string text_;
};

static_assert(chromatid::BatchSource<NamedBatches>);

}  // namespace factornet
