// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>
#include <chromatid/dataset/batch_share.hpp>
#include <chromatid/train/communicator.hpp>
#include <chromatid/train/single_process.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>

namespace chromatid {

/// Adds the gradients and losses of a batch's tiles, which lie on several ranks, in the order of the tiles:
///
///     sum = ((tile 0 + tile 1) + tile 2) + ...
///
/// on any number of ranks, so that each gets the bits that one alone would. A sum goes from rank to rank: each adds its tiles to what the
/// one before it sends, and the last one's result goes to all. It goes in pieces, so that all ranks add at the same time; each sends and
/// receives every number about twice, as in an all-reduce, however many tiles it has.
///
/// \tparam B  a backend in host memory
template <class B, Communicator C = SingleProcess>
class TileSum {
    using T = typename B::Scalar;

  public:
    explicit TileSum(C all = {}) : all_(std::move(all)) {}

    /// \param share      of this rank in a batch of so many windows
    /// \param gradients  `gradients(tile)`: points to as many numbers as `sum` has; asked for this rank's tiles only, as the next
    /// \param loss       `loss(tile)`
    /// \param sum        gets the gradients' sum, 0 where there is no tile
    /// \return the losses' sum
    template <class G, class L>
    double operator()(typename B::Context& on, const BatchShare& share, Index windows, const G& gradients, const L& loss,
                      std::span<T> sum) {
        const auto [first, end] = share.own_tiles(windows);
        const Index tiles = share.tiles(windows), n = static_cast<Index>(sum.size());
        const bool receives = first > 0, sends = end > 0 && all_.rank() + 1 < all_.size();
        double losses = 0;
        if (receives) take(std::span(&losses, 1));
        for (Index tile = first; tile < end; ++tile) losses += loss(tile);
        if (sends) pass_on(std::span<const double>(&losses, 1));

        const Index piece = all_.size() == 1 ? std::max<Index>(n, 1) : sent_at_once;
        for (Index begin = 0; begin < n; begin += piece) {
            const std::span<T> part = sum.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(std::min(piece, n - begin)));
            if (receives) take(part);
            add(on, first, end, gradients, begin, part);
            if (sends) pass_on(std::span<const T>(part));
        }
        if (tiles == 0 || all_.size() == 1) return losses;
        broadcast(all_, std::span(&losses, 1), all_.size() - 1);
        broadcast(all_, sum, all_.size() - 1);
        return losses;
    }

  private:
    static constexpr Index added_at_once = 16384, sent_at_once = 8 * added_at_once;  ///< parameters

    /// Adds tiles to what there is; the batch's first one begins.
    template <class G>
    static void add(typename B::Context& on, Index first_tile, Index end_tile, const G& gradients, Index begin, std::span<T> part) {
        const auto n = static_cast<Index>(part.size());
        B::for_each_tile(on, (n + added_at_once - 1) / added_at_once, [&](Index i) {
            const Index first = i * added_at_once, count = std::min(added_at_once, n - first);
            T* const to = part.data() + first;
            if (first_tile == 0 && end_tile == 0) std::fill_n(to, count, T{0});
            for (Index tile = first_tile; tile < end_tile; ++tile) {
                const T* const from = gradients(tile) + begin + first;
                if (tile == 0) B::copy(on, count, from, to);
                else B::add(on, count, from, to);
            }
        });
    }

    template <class N>
    void take(std::span<N> numbers) { all_.receive(std::as_writable_bytes(numbers), all_.rank() - 1); }
    template <class N>
    void pass_on(std::span<const N> numbers) { all_.send(std::as_bytes(numbers), all_.rank() + 1); }

    C all_;
};

}  // namespace chromatid
