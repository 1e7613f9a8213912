// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/backend.hpp>
#include <chromatid/backend/cpu/buffer.hpp>
#include <chromatid/backend/cpu/conv1d.hpp>
#include <chromatid/backend/cpu/conv_pool.hpp>
#include <chromatid/backend/cpu/conv_pool_training.hpp>
#include <chromatid/backend/cpu/dropout.hpp>
#include <chromatid/backend/cpu/gemm.hpp>
#include <chromatid/backend/cpu/linear_map.hpp>
#include <chromatid/backend/cpu/loss.hpp>
#include <chromatid/backend/cpu/lstm.hpp>
#include <chromatid/backend/cpu/lstm_training.hpp>
#include <chromatid/backend/cpu/optimizer.hpp>
#include <chromatid/backend/cpu/pool1d.hpp>
#include <chromatid/backend/cpu/rows.hpp>
#include <chromatid/backend/cpu/windows.hpp>
#include <chromatid/backend/fusion_policy.hpp>
#include <chromatid/core/math_policy.hpp>
#include <chromatid/core/parallel.hpp>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace chromatid {

/// The processor: kernels of our own for float, chosen for the processor at hand; Eigen and plain loops for double.
///
/// A context holds the threads; one context may serve any number of models and callers. Results do not depend on the number of threads.
///
/// \tparam S     float or double
/// \tparam Math  `ExactMath` (default) or `FastMath`: how exact tanh and the logistic function of LSTMs are
/// \tparam Runs  `Fused` (default) or `Unfused`; float alone is ever fused
template <class S = float, class Math = ExactMath, class Runs = Fused>
struct Cpu {
    using Scalar = S;
    /// Whether networks hand runs of layers to this backend as one, see `ConvPoolGeometry`.
    static constexpr bool fuses = std::is_same_v<S, float> && std::is_same_v<Runs, Fused>;
    static constexpr bool on_host = true;
    static constexpr Index windows_per_tile = 48;           ///< enough rows to keep a matrix kernel busy while its weights pass by
    static constexpr Index training_windows_per_tile = 32;  ///< so that every thread has a tile of a batch
    template <class T>
    using Buffer = cpu::Buffer<T>;
    template <class T>
    using Mirror = cpu::Buffer<T>;

    /// `Cpu<float>::Context on(8);` works with eight threads; without an argument with one, the caller's.
    using Context = ThreadPool;

    static constexpr std::string_view name() { return "cpu"; }

    template <class F>
    static void for_each_tile(Context& on, Index tiles, const F& f) { on.run(tiles, f); }
    template <class T>
    static void upload(Context&, Index n, const T* host, T* x) { std::copy_n(host, n, x); }
    template <class T>
    static void download(Context&, Index n, const T* x, T* host) { std::copy_n(x, n, host); }
    template <class T>
    static void zero(Context&, Index n, T* x) { std::fill_n(x, n, T{}); }
    static void synchronize(Context&) {}
    template <class F>
    static void repeat(Context&, std::uint64_t, const F& f) { f(); }

    template <bool TransposedA, bool TransposedB>
    static void gemm(Context&, Index m, Index n, Index k, const S* a, Index lda, const S* b, Index ldb, S beta, S* c, Index ldc) {
        cpu::gemm<TransposedA, TransposedB>(m, n, k, a, lda, b, ldb, beta, c, ldc);
    }

    template <class F>
    static void linear_map(Context& on, Index rows, Index units, Index features, const S* x, const S* kernel, const S* bias, S* y) {
        cpu::linear_map<F>(rows, units, features, x, kernel, bias, y);
        if constexpr (!cpu::fused_with_products<F, S>) activation<F>(on, rows * units, y, y);
    }
    template <class F>
    static void bias_activation(Context& on, Index rows, Index columns, const S* bias, S* y) {
        if (bias == nullptr) return activation<F>(on, rows * columns, y, y);
        const Index block = std::max(Index{1}, 4096 / columns);  // still in the first-level cache for the activation
        for (Index r = 0; r < rows; r += block) {
            const Index n = std::min(block, rows - r);
            cpu::add_row_to_rows(n, columns, bias, y + r * columns);
            activation<F>(on, n * columns, y + r * columns, y + r * columns);
        }
    }
    template <class F>
    static void activation(Context&, Index n, const S* x, S* y) { std::transform(x, x + n, y, [](S v) { return F::apply(v); }); }
    template <class F>
    static void activation_backward(Context&, Index n, const S* y, S* dy) {
        for (Index i = 0; i < n; ++i) dy[i] *= F::slope(y[i]);
    }
    static void add_column_sums(Context&, Index rows, Index columns, const S* x, S* out) { cpu::add_rows_to_row(rows, columns, x, out); }

    static void conv1d(Context&, const Conv1DGeometry& g, const S* x, const S* kernel, S* y) { cpu::conv1d(g, x, kernel, y); }
    static void conv1d_backward(Context&, const Conv1DGeometry& g, const S* x, const S* kernel, const S* dy, S* dx, S* dkernel) {
        cpu::conv1d_backward(g, x, kernel, dy, dx, dkernel);
    }
    static Index conv_pool_scratch(const ConvPoolGeometry& g) { return cpu::conv_pool_scratch(g); }
    static void conv_pool(Context&, const ConvPoolGeometry& g, const Windows<S>& x, const ConvPoolParameters<const S>& p, S* y,
                          S* scratch) {
        cpu::conv_pool(g, x, p, y, scratch);
    }
    static Index conv_pool_tape(const ConvPoolGeometry& g, Index rows) { return cpu::conv_pool_tape(g, rows); }
    static Index conv_pool_training_scratch(const ConvPoolGeometry& g) { return cpu::conv_pool_training_scratch(g); }
    static void conv_pool_forward(Context&, const ConvPoolGeometry& g, const Windows<S>& x, const Draws& draws, Index layer,
                                  const ConvPoolParameters<const S>& p, S* y, S* tape, S* scratch) {
        cpu::conv_pool_forward(g, x, draws, layer, p, y, tape, scratch);
    }
    static void conv_pool_backward(Context&, const ConvPoolGeometry& g, const Windows<S>& x, const Draws& draws, Index layer,
                                   const ConvPoolParameters<const S>& p, const S* y, const S* dy, S* dx,
                                   const ConvPoolParameters<S>& gradients, const S* tape, S* scratch) {
        cpu::conv_pool_backward(g, x, draws, layer, p, y, dy, dx, gradients, tape, scratch);
    }
    static void max_pool1d(Context&, const Pool1DGeometry& g, const S* x, S* y) { cpu::max_pool1d(g, x, y); }
    static void global_max_pool1d(Context&, Index batch, Index length, Index channels, const S* x, S* y) {
        for (Index b = 0; b < batch; ++b) cpu::max_of_rows(length, channels, x + b * length * channels, y + b * channels);
    }
    static void max_pool1d_backward(Context&, const Pool1DGeometry& g, const S* x, const S* y, const S* dy, S* dx) {
        cpu::max_pool1d_backward(g, x, y, dy, dx);
    }
    static void global_max_pool1d_backward(Context&, Index batch, Index length, Index channels, const S* x, const S* y, const S* dy,
                                           S* dx) {
        for (Index b = 0; b < batch; ++b)
            cpu::max_of_rows_backward<false>(length, channels, x + b * length * channels, y + b * channels, dy + b * channels,
                                             dx + b * length * channels);
    }
    template <class Gate>
    static void lstm(Context&, const LstmGeometry& g, const S* x, const S* kernel, const S* recurrent, const S* bias, S* y, S* scratch) {
        cpu::lstm<Gate, Math>(g, x, kernel, recurrent, bias, y, scratch);
    }

    template <class Gate>
    static void lstm_forward(Context&, const LstmGeometry& g, const LstmMasks<S>& masks, const S* x, const S* kernel, const S* recurrent,
                             const S* bias, S* y, S* tape, S* scratch) {
        cpu::lstm_forward<Gate, Math>(g, masks, x, kernel, recurrent, bias, y, tape, scratch);
    }
    template <class Gate>
    static void lstm_backward(Context&, const LstmGeometry& g, const LstmMasks<S>& masks, const S* kernel, const S* recurrent, const S* dy,
                              bool add, S* dx, S* dkernel, S* drecurrent, S* dbias, const S* tape, S* scratch) {
        cpu::lstm_backward<Gate, Math>(g, masks, kernel, recurrent, dy, add, dx, dkernel, drecurrent, dbias, tape, scratch);
    }

    static void dropout(Context&, const Draws& draws, Index layer, Index rows, Index columns, float rate, const S* x, S* y) {
        cpu::dropout(draws, static_cast<std::uint32_t>(layer), rows, columns, rate, x, y);
    }
    static void dropout_mask(Context&, const Draws& draws, Index layer, Index first, Index rows, Index columns, float rate, S* mask) {
        cpu::dropout_mask(draws, static_cast<std::uint32_t>(layer), first, rows, columns, rate, mask);
    }

    static void reverse_complement(Context&, Index batch, Index length, Index channels, const Index* partner, const S* x, S* y) {
        cpu::reverse_complement(batch, length, channels, partner, x, y);
    }
    template <class Merge>
    static void merge_strands(Context&, Index n, const S* forward, const S* reverse, S* y) {
        std::transform(forward, forward + n, reverse, y, [](S f, S r) { return Merge::apply(f, r); });
    }

    template <class Merge>
    static void merge_strands_backward(Context&, Index n, const S* forward, const S* reverse, const S* dy, S* dforward, S* dreverse) {
        for (Index i = 0; i < n; ++i) {
            const auto [f, r] = Merge::slopes(forward[i], reverse[i]);
            dforward[i] = dy[i] * f;
            dreverse[i] = dy[i] * r;
        }
    }

    static void expand(Context&, const Windows<S>& x, S* y) { cpu::expand(x, y); }

    static void copy(Context&, Index n, const S* x, S* y) { std::copy_n(x, n, y); }
    static void add(Context&, Index n, const S* x, S* y) {
        for (Index i = 0; i < n; ++i) y[i] += x[i];
    }
    /// \param x_rows  rows of x, repeated from the first on where there are more rows to write
    static void copy_rows(Context&, Index rows, Index columns, const S* x, Index x_rows, Index ldx, S* y, Index ldy) {
        for (Index r = 0; r < rows; ++r) std::copy_n(x + r % x_rows * ldx, columns, y + r * ldy);
    }
    static void copy_windows(Context&, Index windows, Index rows, Index columns, const S* x, Index window_step, Index row_step, S* y) {
        for (Index w = 0; w < windows; ++w)
            for (Index r = 0; r < rows; ++r, y += columns) std::copy_n(x + w * window_step + r * row_step, columns, y);
    }

    template <class Entry>
    static void sum_losses(Context&, Index rows, Index columns, const Entry& loss, const S* y, const float* targets, double scale, S* dy,
                           double* sum) {
        *sum = cpu::sum_losses(rows, columns, loss, y, targets, scale, dy);
    }
    static void adam(Context&, Index n, const AdamStep<S>& step, const S* gradient, S* parameters, S* first, S* second) {
        cpu::adam(n, step, gradient, parameters, first, second);
    }
    static void sgd(Context&, Index n, const SgdStep<S>& step, const S* gradient, S* parameters, S* velocity) {
        cpu::sgd(n, step, gradient, parameters, velocity);
    }
    static void sum_squares(Context&, Index n, const S* x, double* sum) { *sum = cpu::sum_squares(n, x); }
};

static_assert(Backend<Cpu<float>> && Backend<Cpu<double>>);

}  // namespace chromatid
