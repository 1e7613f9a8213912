// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/layer/scan_grid.hpp>
#include <chromatid/network/sequential.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <tuple>
#include <utility>

namespace chromatid {

namespace detail {

template <std::size_t First, std::size_t... I, class... L>
constexpr auto sub_tuple(const std::tuple<L...>& all, std::index_sequence<I...>) {
    return std::tuple<std::tuple_element_t<First + I, std::tuple<L...>>...>(std::get<First + I>(all)...);
}

template <std::size_t First, std::size_t... I, class... L>
constexpr auto sub_sequential(const std::tuple<L...>& all, std::index_sequence<I...>) {
    return Sequential<std::tuple_element_t<First + I, std::tuple<L...>>...>(std::get<First + I>(all)...);
}

template <class B, class... L>
inline constexpr bool has_shared_layers = [] {
    if constexpr (B::fuses) return Fusion<L...>::shared_layers > 0 && Fusion<L...>::shared_layers < sizeof...(L);
    else return false;
}();

/// Whether a bound layer says on which grid its outputs lie.
template <class Bound>
concept MovesGrid = requires(const Bound& bound, const ScanGrid& grid) { bound.grid(grid, Index{1}); };

}  // namespace detail

/// How a network runs over a stretch of a genome with windows every `stride` bases: its leading layers once for each place and strand, on a
/// `ScanGrid`, the others for each window. The outputs are those of each window alone, bit for bit: the same primitives see the same
/// numbers in the same order.
///
/// The other strand is the stretch turned round, so window i of n is window n - 1 - i there, and nothing else differs.
///
/// \tparam Net  a `Sequential` whose leading layers are fused runs; others have nothing to share
template <class Net, AnyShape In, Backend B>
class SharedScan {
  public:
    static constexpr bool available = false;
};

template <class... L, AnyShape In, Backend B>
    requires(detail::has_shared_layers<B, L...>)
class SharedScan<Sequential<L...>, In, B> {
    using T = typename B::Scalar;
    using Net = Sequential<L...>;
    static constexpr std::size_t shared_ = Fusion<L...>::shared_layers;

    static constexpr auto leading(const Net& net) {
        return detail::steps<B>(detail::sub_tuple<0>(net.layers(), std::make_index_sequence<shared_>{}));
    }
    static constexpr auto others(const Net& net) {
        return detail::sub_sequential<shared_>(net.layers(), std::make_index_sequence<sizeof...(L) - shared_>{});
    }
    using Leading = decltype(leading(std::declval<const Net&>()));
    static constexpr std::size_t steps_ = std::tuple_size_v<Leading>;
    using Shapes = decltype(chain_shapes(std::declval<const Leading&>(), std::declval<const In&>()));
    using Middle = std::tuple_element_t<steps_, Shapes>;
    template <std::size_t... I>
    static auto bound_types(std::index_sequence<I...>)
        -> std::tuple<BoundLayer<std::tuple_element_t<I, Leading>, std::tuple_element_t<I, Shapes>, B>...>;
    using Bound = decltype(bound_types(std::make_index_sequence<steps_>{}));
    using Rest = BoundLayer<decltype(others(std::declval<const Net&>())), Middle, B>;

    template <std::size_t I>
    static constexpr bool moves = detail::MovesGrid<std::tuple_element_t<I, Bound>>;

  public:
    static constexpr bool available = true;

    SharedScan(const Net& net, const In& in) : SharedScan(net, in, leading(net)) {}

    /// Whether sharing saves anything at this stride: at wide ones windows have few places in common.
    bool pays(Index stride) const {
        const auto grid = grids(stride, 1);
        Index shared = 0, alone = 0;
        for_each_index<steps_>([&](auto i) {
            if constexpr (moves<i>) {
                shared += std::get<i>(leading_).products_on_grid(grid[i], stride);
                alone += std::get<i>(leading_).products();
            }
        });
        return shared < alone;
    }

    /// Windows that run on one stretch at a time, a multiple of `at_once`. The windows at its end share less, so stretches should be long,
    /// but what the leading layers put out should still be near when the others read it.
    Index windows_per_tile(Index stride, Index strands, Index at_once) const {
        constexpr Index longest = 6, near = Index{1} << 21;
        Index n = 1;
        while (n < longest && map_size(grids(stride, (n + 1) * at_once), strands) <= near) ++n;
        return n * at_once;
    }

    /// Elements of scratch for `count` windows on `strands` strands, of which `at_once` go through the other layers at a time.
    Index memory(Index stride, Index count, Index strands, Index at_once) const {
        const auto grid = grids(stride, count);
        Index scratch = 0;
        for_each_index<steps_>([&](auto i) {
            if constexpr (moves<i>) scratch = std::max(scratch, std::get<i>(leading_).grid_scratch(grid[i], stride));
        });
        const Index rows = strands * at_once;
        const Index others = memory_of(rest_, rows).infer + arena_size(rows * middle().size()) + arena_size(rows * rest_.out.size());
        return std::max(scratch, others) + 2 * map_size(grid, strands);
    }

    /// \param stretch  one row, (count - 1) * stride + length long; with `partner` set, outputs of the other strand come behind those of
    ///                 the first
    /// \param give     called as `give(first, n, outputs)` for windows [first, first + n), in order
    template <class F>
    void infer(Run<B>& run, const T* parameters, const Windows<T>& stretch, Index stride, Index count, Index at_once, const F& give) const {
        auto frame = run.arena.frame();
        const auto grid = grids(stride, count);
        const Index strands = stretch.rows(), size = map_size(grid, strands);
        T* const buffers[2] = {frame.take(size), frame.take(size)};
        const T* map = share(run, parameters, stretch, stride, grid, buffers);
        const ScanGrid& out = grid.back();
        const Index features = channels(middle()).value(), length = window_length(), step = stride / out.interval;
        const View<const T> side = run.side;
        for (Index first = 0; first < count; first += at_once) {
            const Index n = std::min(at_once, count - first);
            auto inner = run.arena.frame();
            const View<T> x(inner.take(strands * n * middle().size()), strands * n, middle());
            const View<T> y(inner.take(strands * n * rest_.out.size()), strands * n, rest_.out);
            const Index next = step * features, row = out.spacing() * features;
            B::copy_windows(run.on, n, length, features, map + first * next, next, row, x.data());
            if (strands == 2) {
                const T* const last = map + (out.positions + (count - 1 - first) * step) * features;
                B::copy_windows(run.on, n, length, features, last, -next, row, x.data() + n * middle().size());
            }
            if (side.rank() > 0) run.side = side.rows(first, n);
            rest_.infer(run, parameters + first_parameter_[steps_], x, y);
            give(first, n, y);
        }
        run.side = side;
    }

    /// Shape of one window's output.
    const auto& output_shape() const { return rest_.out; }

  private:
    using Grids = std::array<ScanGrid, steps_ + 1>;

    SharedScan(const Net& net, const In& in, const Leading& leading)
        : shapes_(chain_shapes(leading, in)),
          leading_(bind(leading, std::make_index_sequence<steps_>{})),
          rest_(others(net), std::get<steps_>(shapes_)) {
        for_each_index<steps_>([&](auto i) {
            first_parameter_[i + 1] = first_parameter_[i] + chromatid::parameter_count(std::get<i>(leading), std::get<i>(shapes_));
        });
    }
    template <std::size_t... I>
    Bound bind(const Leading& leading, std::index_sequence<I...>) const {
        return Bound(std::tuple_element_t<I, Bound>(std::get<I>(leading), std::get<I>(shapes_))...);
    }

    const Middle& middle() const { return std::get<steps_>(shapes_); }
    Index window_length() const { return length(middle()).value(); }

    /// The grids in front of each leading layer, and behind the last.
    Grids grids(Index stride, Index count) const {
        Grids grid{ScanGrid{.positions = (count - 1) * stride + length(std::get<0>(shapes_)).value()}};
        for_each_index<steps_>([&](auto i) {
            if constexpr (moves<i>) grid[i + 1] = std::get<i>(leading_).grid(grid[i], stride);
            else grid[i + 1] = grid[i];
        });
        return grid;
    }

    /// Elements of the largest output of a leading layer.
    Index map_size(const Grids& grid, Index strands) const {
        Index size = 0;
        for_each_index<steps_>([&](auto i) {
            size = std::max(size, arena_size(strands * grid[i + 1].positions * channels(std::get<i + 1>(shapes_)).value()));
        });
        return size;
    }

    /// Runs the leading layers and returns where their output lies.
    const T* share(Run<B>& run, const T* parameters, const Windows<T>& stretch, Index stride, const Grids& grid,
                   T* const (&buffers)[2]) const {
        Windows<T> x = stretch;
        T* at = nullptr;
        for_each_index<steps_>([&](auto i) {
            const Index features = channels(std::get<i + 1>(shapes_)).value();
            if constexpr (moves<i>) {
                T* const to = at == buffers[0] ? buffers[1] : buffers[0];
                std::get<i>(leading_).infer_on_grid(run, parameters + first_parameter_[i], grid[i], stride, x, to);
                at = to;
                x = {.count = stretch.rows(), .length = grid[i + 1].positions, .channels = features, .dense = to};
            } else {
                const View<T> same(at, {stretch.rows(), grid[i + 1].positions, features});
                std::get<i>(leading_).infer(run, parameters + first_parameter_[i], same, same);
            }
        });
        return at;
    }

    Shapes shapes_;
    Bound leading_;
    Rest rest_;
    std::array<Index, steps_ + 1> first_parameter_{};
};

}  // namespace chromatid
