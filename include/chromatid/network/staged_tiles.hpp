// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/tensor/view.hpp>
#include <chromatid/tensor/windows.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace chromatid {

/// Rows of what a tile reads.
template <class T>
constexpr View<const T> rows_of_tile(View<const T> x, Index first, Index count) { return x.rank() == 0 ? x : x.rows(first, count); }
template <class T>
constexpr Windows<T> rows_of_tile(const Windows<T>& x, Index first, Index count) { return x.part(first, count); }

/// Runs the tiles of a batch on a backend whose memory the host cannot touch, with arrays that may be the host's: while one tile is
/// computed the next one is packed and copied, in two stages that take turns. Allocates nothing once as large a tile has run before.
///
/// \tparam B  a backend on a device
template <class B>
class StagedTiles {
    using T = typename B::Scalar;
    using Context = typename B::Context;

  public:
    /// \param x     `View` or `Windows`, n rows
    /// \param side  n rows, or of rank 0
    /// \param f     `f(first, rows of x, rows of the side input, rows of y)`, all on the device
    template <class X, class F>
    void run(Context& on, Index n, Index per_tile, const X& x, View<const T> side, View<T> y, const F& f) {
        if (std::exchange(unfinished_, true)) {  // an exception ended the call before: its arrays may be gone, its work may still run
            B::synchronize(on);
            for (auto& stage : stages_) stage.forget();
        }
        for (Index tile = 0; tile * per_tile < n; ++tile) {
            const Index first = tile * per_tile, count = std::min(per_tile, n - first);
            auto& stage = stages_[static_cast<std::size_t>(tile % 2)];
            const X rows = rows_of_tile(x, first, count);
            const View<const T> sides = rows_of_tile(side, first, count);
            const View<T> outputs = y.rows(first, count);
            stage.finish();
            stage.open(on, stage.room(rows) + stage.room(sides) + stage.room(outputs));
            const X rows_there = stage.in(rows);
            const View<const T> sides_there = stage.in(sides);
            const View<T> outputs_there = stage.out(outputs);
            stage.send_ahead(on);
            f(first, rows_there, sides_there, outputs_there);
            stage.fetch(on);
        }
        for (auto& stage : stages_) stage.finish();
        unfinished_ = false;
    }

    /// A stretch of the host's on the device.
    Windows<T> bring(Context& on, const Windows<T>& stretch, Index windows) {
        stretch_.open(on, stretch_.room(stretch) + stretch_.room_every(stretch, windows));
        const Windows<T> there = stretch_.in(stretch);
        stretch_.send(on);
        return there;
    }
    /// `count` windows of it that begin every `step` bases; their length is the stretch's.
    Windows<T> every(Context& on, const Windows<T>& stretch, Index step, Index count) { return stretch_.every(on, stretch, step, count); }

  private:
    std::array<typename B::Staging, 2> stages_;
    typename B::Staging stretch_;
    bool unfinished_ = false;
};

}  // namespace chromatid
