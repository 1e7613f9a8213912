// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/geometry.hpp>
#include <chromatid/backend/optimizer_step.hpp>
#include <chromatid/tensor/windows.hpp>
#include <chromatid/core/activation.hpp>
#include <chromatid/core/draws.hpp>
#include <chromatid/core/index.hpp>
#include <chromatid/core/strand_merge.hpp>
#include <chromatid/tensor/arena.hpp>
#include <chromatid/tensor/view.hpp>

#include <concepts>
#include <cstdint>
#include <string_view>

namespace chromatid {

namespace detail {

/// Work for the concept's sake; a lambda there is more than nvcc 13 can tell.
struct NoTile {
    void operator()(Index) const {}
    void operator()() const {}
};

}  // namespace detail

/// Where a network runs: a scalar type, a context (threads or a stream), storage, and this closed list of primitives on raw pointers.
///
/// Layers are written in terms of these calls and include no backend's headers. All arrays are row-major; `ld` arguments are distances
/// between rows. None of them allocates. A null bias means none; a null `dx` means that nobody needs it.
///
/// Pointers are to the backend's memory, which the host can touch where `on_host` is true; `partner` tables alone are the host's on every
/// backend. `Buffer<T>` is scratch in that memory, and `Mirror<T>` holds values that both sides want: `span()` on the host, `on(context)`
/// for primitives. Work may be queued:
///
/// | order and memory | does |
/// |---|---|
/// | `for_each_tile` | `f(tile)` for each of n tiles, side by side where the backend has threads |
/// | `upload`, `download` | copies from and to the host; the host's array may be used again at once, `download` waits until all before it is done |
/// | `zero`, `synchronize` | writes zeros; waits until all that was asked for is done |
/// | `repeat` | runs `f()`, work that comes again and again under one key: a backend may record it, see `cuda::StepGraphs` |
///
/// Networks run in tiles of at most `windows_per_tile` windows in inference, `training_windows_per_tile` in training.
///
/// | primitive | computes |
/// |---|---|
/// | `gemm<TransposedA, TransposedB>` | C = A B + beta C |
/// | `linear_map` | y = f(x W + bias), row by row |
/// | `bias_activation` | y = f(y + bias) by row, in place |
/// | `activation` | y = f(x); x may be y |
/// | `activation_backward` | dy *= f'(y) |
/// | `add_column_sums` | out += sum over rows |
/// | `conv1d`, `conv1d_backward` | see `Conv1DGeometry`; backward adds to the kernel's gradient and writes dx |
/// | `max_pool1d`, `global_max_pool1d` | see `Pool1DGeometry`; the largest value of each channel |
/// | `max_pool1d_backward`, `global_max_pool1d_backward` | dx = dy at the first maximum of each window, else 0; overlapping windows add up |
/// | `lstm` | one direction, see `LstmGeometry` and `BiLSTM` |
/// | `lstm_forward`, `lstm_backward` | the same in training, with masks and a tape; backward adds to the gradients of the parameters |
/// | `dropout` | y = x * mask / (1 - rate), see `Draws`; x may be y |
/// | `dropout_mask` | mask / (1 - rate) of elements [first, first + columns) of each row |
/// | `reverse_complement` | y[b, length - 1 - t, partner[c]] = x[b, t, c] |
/// | `merge_strands`, `merge_strands_backward` | y = merge(forward, reverse), element by element |
/// | `expand` | windows as dense rows, both strands where both are wanted, see `Windows` |
/// | `copy`, `copy_rows`, `add` | contiguous, and row by row between different widths; y += x |
/// | `copy_windows` | y[w, r, c] = x[w * window_step + r * row_step + c], y contiguous; steps may be negative |
/// | `sum_losses` | the sum of a loss over a batch of outputs, in double, and its slope |
/// | `adam`, `sgd` | one step over flat buffers, see `AdamStep` and `SgdStep` |
/// | `sum_squares` | sum of x^2, in double |
///
/// A backend whose `fuses` is true also has `conv_pool`, `conv_pool_forward` and `conv_pool_backward`, see `ConvPoolGeometry`: one call for
/// a run of layers. The forward pass in training keeps `conv_pool_tape(geometry, rows)` elements, and each call takes `conv_pool_scratch`
/// or `conv_pool_training_scratch`.
template <class B>
concept Backend = requires(typename B::Context& on, const typename B::Scalar* in, typename B::Scalar* out, const Index* partner,
                           Conv1DGeometry conv, Pool1DGeometry pool, LstmGeometry lstm, LstmMasks<typename B::Scalar> masks, Draws draws,
                           Windows<typename B::Scalar> windows, AdamStep<typename B::Scalar> adam, SgdStep<typename B::Scalar> sgd, Index n,
                           typename B::Scalar beta, double* sum, typename B::template Mirror<typename B::Scalar> mirror) {
    typename B::template Buffer<typename B::Scalar>;
    { B::name() } -> std::convertible_to<std::string_view>;
    { B::fuses } -> std::convertible_to<bool>;
    { B::on_host } -> std::convertible_to<bool>;
    { B::windows_per_tile } -> std::convertible_to<Index>;
    { B::training_windows_per_tile } -> std::convertible_to<Index>;
    { mirror.on(on) } -> std::same_as<typename B::Scalar*>;
    B::upload(on, n, in, out);
    B::download(on, n, in, out);
    B::zero(on, n, out);
    B::synchronize(on);
    B::repeat(on, std::uint64_t{}, detail::NoTile{});
    B::template gemm<false, false>(on, n, n, n, in, n, in, n, beta, out, n);
    B::template linear_map<ReLU>(on, n, n, n, in, in, in, out);
    B::template bias_activation<ReLU>(on, n, n, in, out);
    B::template activation<ReLU>(on, n, in, out);
    B::template activation_backward<ReLU>(on, n, in, out);
    B::add_column_sums(on, n, n, in, out);
    B::conv1d(on, conv, in, in, out);
    B::conv1d_backward(on, conv, in, in, in, out, out);
    B::max_pool1d(on, pool, in, out);
    B::global_max_pool1d(on, n, n, n, in, out);
    B::max_pool1d_backward(on, pool, in, in, in, out);
    B::global_max_pool1d_backward(on, n, n, n, in, in, in, out);
    B::template lstm<Sigmoid>(on, lstm, in, in, in, in, out, out);
    B::template lstm_forward<Sigmoid>(on, lstm, masks, in, in, in, in, out, out, out);
    B::template lstm_backward<Sigmoid>(on, lstm, masks, in, in, in, false, out, out, out, out, in, out);
    B::dropout(on, draws, n, n, n, 0.5F, in, out);
    B::dropout_mask(on, draws, n, n, n, n, 0.5F, out);
    B::reverse_complement(on, n, n, n, partner, in, out);
    B::template merge_strands<MeanOfStrands>(on, n, in, in, out);
    B::template merge_strands_backward<MeanOfStrands>(on, n, in, in, in, out, out);
    B::expand(on, windows, out);
    B::copy(on, n, in, out);
    B::add(on, n, in, out);
    B::copy_rows(on, n, n, in, n, n, out, n);
    B::copy_windows(on, n, n, n, in, n, n, out);
    B::adam(on, n, adam, in, out, out, out);
    B::sgd(on, n, sgd, in, out, out);
    B::sum_squares(on, n, in, sum);
    B::for_each_tile(on, n, detail::NoTile{});
};

/// What a layer sees of one run: the context, scratch memory, and the side input of the batch.
template <class B>
struct Run {
    using Scalar = typename B::Scalar;

    /// Sees the output of each layer as it is made; for inspection, not for the hot path.
    struct Observer {
        virtual void layer(Index number, View<const Scalar> output) = 0;

      protected:
        ~Observer() = default;
    };

    typename B::Context& on;
    Arena<Scalar>& arena;
    Draws draws{};                 ///< random numbers of a training batch
    /// (windows, features), where the network has a side input; row r of a layer's batch has side row r % windows
    View<const Scalar> side{};
    Observer* observer = nullptr;  ///< where set, told of each layer
    Index layer = 0;               ///< number of the layer that runs, in the order of the description
};

}  // namespace chromatid
