// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/kernel/for_each.hpp>
#include <chromatid/backend/cuda/kernel/window_tables.hpp>
#include <chromatid/core/error.hpp>
#include <chromatid/core/index.hpp>
#include <chromatid/tensor/windows.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace chromatid::cuda {

/// A genome in device memory: base codes, one byte each, and tracks of floats, 1 + 4 tracks bytes a base. A batch of its windows is then a
/// list of places, 8 bytes each, and nothing else goes to the device.
///
///     ResidentGenome<Gpu> genome(on, bases, 2);
///     const Index chr1 = genome.add(on, codes, std::array{uniqueness, dgf});
///     ResidentGenome<Gpu>::Places places(on, genome, 1024);
///     model.infer(on, places.windows(on, std::array{chr1 + 10000, chr1 + 10050}, 1000), side, outputs);
///
/// \tparam E  `Gpu` or `Emulator`
template <class E>
class ResidentGenome {
    using Context = typename E::Context;

  public:
    class Places;

    /// \param bases  of all chromosomes together
    /// \throws OutOfMemory
    ResidentGenome(Context& on, Index bases, Index tracks) : bases_(bases), tracks_(tracks) {
        E::synchronize(on);  // makes its device the current one
        codes_ = typename E::template Buffer<std::uint8_t>(bases);
        values_ = typename E::template Buffer<float>(bases * tracks);
    }

    Index bases() const { return bases_; }
    Index tracks() const { return tracks_; }

    /// Puts a chromosome behind those that are there, and waits until it is. Returns the place of its first base.
    /// \param codes   see `Windows`
    /// \param tracks  one value for each base, none of them NaN
    /// \throws UsageError where there is no room for it, or tracks are missing or of another length
    Index add(Context& on, std::span<const std::uint8_t> codes, std::span<const std::span<const float>> tracks) {
        const auto length = static_cast<Index>(codes.size());
        if (length > bases_ - filled_)
            throw UsageError("a chromosome of " + std::to_string(length) + " bases where a resident genome has room for " +
                             std::to_string(bases_ - filled_));
        const bool fit = static_cast<Index>(tracks.size()) == tracks_ &&
                         std::ranges::all_of(tracks, [&](auto track) { return track.size() == codes.size(); });
        if (!fit)
            throw UsageError("a resident genome needs " + std::to_string(tracks_) + " tracks with a value for each base of a chromosome");
        E::copy_to_device(on, codes.size(), codes.data(), codes_.data() + filled_);
        for (Index t = 0; t < tracks_; ++t) {
            const std::span<const float> track = tracks[static_cast<std::size_t>(t)];
            E::copy_to_device(on, track.size_bytes(), track.data(), values_.data() + t * bases_ + filled_);
        }
        E::synchronize(on);
        const Index first = filled_;
        filled_ += length;
        return first;
    }

  private:
    Index bases_, tracks_, filled_ = 0;
    typename E::template Buffer<std::uint8_t> codes_;
    typename E::template Buffer<float> values_;  // (tracks, bases)
};

/// Windows of a resident genome, a batch at a time: the memory of their tables. For one context.
template <class E>
class ResidentGenome<E>::Places {
  public:
    /// \param most  windows of a batch
    Places(Context& on, const ResidentGenome& genome, Index most) : genome_(genome), host_(most) {
        E::synchronize(on);
        starts_ = typename E::template Buffer<Index>(most);
        codes_ = typename E::template Buffer<const std::uint8_t*>(most);
        tracks_ = typename E::template Buffer<const float*>(most * genome.tracks_);
    }

    /// Windows of `length` bases that begin at these places, on the device; good until the next call.
    /// \throws UsageError for more than `most`, or a window that leaves the genome
    Windows<float> windows(Context& on, std::span<const Index> starts, Index length) {
        const auto n = static_cast<Index>(starts.size());
        if (n > host_.size()) throw UsageError(std::to_string(n) + " windows where " + std::to_string(host_.size()) + " are the most");
        for (const Index start : starts)
            if (start < 0 || start > genome_.filled_ - length)
                throw UsageError("a window of " + std::to_string(length) + " bases at " + std::to_string(start) +
                                 " leaves a resident genome of " + std::to_string(genome_.filled_));
        E::wait(copied_);
        std::ranges::copy(starts, host_.data());
        E::copy_to_device(on, starts.size_bytes(), host_.data(), starts_.data());
        E::mark(on, copied_);
        for_each<E>(on, n,
                    PlacesInGenome<float>{genome_.codes_.data(), genome_.values_.data(), starts_.data(), codes_.data(), tracks_.data(),
                                          genome_.bases_, genome_.tracks_});
        return {.count = n,
                .length = length,
                .channels = Windows<float>::letters + genome_.tracks_,
                .codes = codes_.data(),
                .tracks = tracks_.data()};
    }

  private:
    const ResidentGenome& genome_;
    typename E::template PinnedBuffer<Index> host_;
    typename E::Event copied_;
    typename E::template Buffer<Index> starts_;
    typename E::template Buffer<const std::uint8_t*> codes_;
    typename E::template Buffer<const float*> tracks_;
};

}  // namespace chromatid::cuda
