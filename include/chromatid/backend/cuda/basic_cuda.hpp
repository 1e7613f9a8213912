// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/backend.hpp>
#include <chromatid/backend/cuda/conv1d.hpp>
#include <chromatid/backend/cuda/conv_pool.hpp>
#include <chromatid/backend/cuda/dropout.hpp>
#include <chromatid/backend/cuda/elementwise.hpp>
#include <chromatid/backend/cuda/loss.hpp>
#include <chromatid/backend/cuda/lstm.hpp>
#include <chromatid/backend/cuda/mirror.hpp>
#include <chromatid/backend/cuda/optimizer.hpp>
#include <chromatid/backend/cuda/out_of_memory.hpp>
#include <chromatid/backend/cuda/pool1d.hpp>
#include <chromatid/backend/cuda/precision.hpp>
#include <chromatid/backend/cuda/rows.hpp>
#include <chromatid/backend/cuda/staging.hpp>
#include <chromatid/backend/cuda/sums.hpp>
#include <chromatid/backend/cuda/windows.hpp>
#include <chromatid/backend/fusion_policy.hpp>
#include <chromatid/core/math_policy.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace chromatid::cuda {

/// The CUDA backend over a device `E`: `Gpu`, which users know as `Cuda`, or `Emulator`, which runs the same kernels under tests on the
/// processor.
///
/// Everything is queued on the stream of a context and returns at once; pointers are to device memory. Nothing waits but `download` and
/// `synchronize`.
template <class E, class Precision, class Math, class Runs>
struct BasicCuda {
    using Scalar = float;
    using Device = E;
    static constexpr bool fuses = std::is_same_v<Runs, Fused>;
    static constexpr bool on_host = false;
    static constexpr Index windows_per_tile = 1024, training_windows_per_tile = 8192;

    template <class T>
    using Buffer = typename E::template Buffer<T>;
    template <class T>
    using Mirror = cuda::Mirror<E, T>;
    using Context = typename E::Context;
    using Staging = cuda::Staging<E>;
    using OutOfMemory = cuda::OutOfMemory;

    static constexpr std::string_view name() { return "cuda"; }

    // ---- memory and order

    template <class F>
    static void for_each_tile(Context&, Index tiles, const F& f) {
        for (Index tile = 0; tile < tiles; ++tile) f(tile);
    }
    template <class T>
    static void upload(Context& on, Index n, const T* host, T* device) {
        E::copy_to_device(on, static_cast<std::size_t>(n) * sizeof(T), host, device);
    }
    /// Waits until the numbers are there.
    template <class T>
    static void download(Context& on, Index n, const T* device, T* host) {
        E::copy_to_host(on, static_cast<std::size_t>(n) * sizeof(T), device, host);
        E::synchronize(on);
    }
    template <class T>
    static void zero(Context& on, Index n, T* x) { E::zero(on, static_cast<std::size_t>(n) * sizeof(T), x); }
    static void synchronize(Context& on) { E::synchronize(on); }
    /// Runs work that comes again and again as a graph, see `StepGraphs`.
    template <class F>
    static void repeat(Context& on, std::uint64_t key, const F& f) { on.graphs().run(on, key, f); }

    // ---- products

    template <bool TransposedA, bool TransposedB>
    static void gemm(Context& on, Index m, Index n, Index k, const float* a, Index lda, const float* b, Index ldb, float beta, float* c,
                     Index ldc) {
        E::template gemm<Precision, TransposedA, TransposedB>(on, m, n, k, a, lda, b, ldb, beta, c, ldc);
    }
    template <class F>
    static void linear_map(Context& on, Index rows, Index units, Index features, const float* x, const float* kernel, const float* bias,
                           float* y) {
        gemm<false, false>(on, rows, units, features, x, features, kernel, units, 0.0F, y, units);
        bias_activation<F>(on, rows, units, bias, y);
    }
    static void conv1d(Context& on, const Conv1DGeometry& g, const float* x, const float* kernel, float* y) {
        cuda::conv1d<E, Precision>(on, g, x, kernel, y);
    }
    static void conv1d_backward(Context& on, const Conv1DGeometry& g, const float* x, const float* kernel, const float* dy, float* dx,
                                float* dkernel) {
        cuda::conv1d_backward<E, Precision>(on, g, x, kernel, dy, dx, dkernel);
    }

    // ---- fused runs

    static Index conv_pool_scratch(const ConvPoolGeometry& g) { return cuda::conv_pool_scratch<Precision>(g); }
    static void conv_pool(Context& on, const ConvPoolGeometry& g, const Windows<float>& x, const ConvPoolParameters<const float>& p,
                          float* y, float* scratch) {
        cuda::conv_pool<E, Precision>(on, g, x, p, y, scratch);
    }
    static Index conv_pool_tape(const ConvPoolGeometry& g, Index rows) { return cuda::conv_pool_tape<Precision>(g, rows); }
    static Index conv_pool_training_scratch(const ConvPoolGeometry& g) { return cuda::conv_pool_training_scratch<Precision>(g); }
    static void conv_pool_forward(Context& on, const ConvPoolGeometry& g, const Windows<float>& x, const Draws& draws, Index layer,
                                  const ConvPoolParameters<const float>& p, float* y, float* tape, float* scratch) {
        cuda::conv_pool_forward<E, Precision>(on, g, x, draws, layer, p, y, tape, scratch);
    }
    static void conv_pool_backward(Context& on, const ConvPoolGeometry& g, const Windows<float>& x, const Draws& draws, Index layer,
                                   const ConvPoolParameters<const float>& p, const float* y, const float* dy, float* dx,
                                   const ConvPoolParameters<float>& gradients, const float* tape, float* scratch) {
        cuda::conv_pool_backward<E, Precision>(on, g, x, draws, layer, p, y, dy, dx, gradients, tape, scratch);
    }

    // ---- recurrence

    template <class Gate>
    static void lstm(Context& on, const LstmGeometry& g, const float* x, const float* kernel, const float* recurrent, const float* bias,
                     float* y, float* scratch) {
        cuda::lstm<E, Precision, Gate, Math>(on, g, x, kernel, recurrent, bias, y, scratch);
    }
    template <class Gate>
    static void lstm_forward(Context& on, const LstmGeometry& g, const LstmMasks<float>& masks, const float* x, const float* kernel,
                             const float* recurrent, const float* bias, float* y, float* tape, float* scratch) {
        cuda::lstm_forward<E, Precision, Gate, Math>(on, g, masks, x, kernel, recurrent, bias, y, tape, scratch);
    }
    template <class Gate>
    static void lstm_backward(Context& on, const LstmGeometry& g, const LstmMasks<float>& masks, const float* kernel,
                              const float* recurrent, const float* dy, bool add, float* dx, float* dkernel, float* drecurrent, float* dbias,
                              const float* tape, float* scratch) {
        cuda::lstm_backward<E, Precision, Gate, Math>(on, g, masks, kernel, recurrent, dy, add, dx, dkernel, drecurrent, dbias, tape,
                                                      scratch);
    }

    template <class Gate>
    static void bilstm(Context& on, const LstmGeometry& g, const float* x, const BothLstms<LstmParameters<const float>>& p, float* y,
                       float* scratch) {
        cuda::bilstm<E, Precision, Gate, Math>(on, g, x, p, y, scratch);
    }
    template <class Gate>
    static void bilstm_forward(Context& on, const LstmGeometry& g, const BothLstms<LstmMasks<float>>& masks, const float* x,
                               const BothLstms<LstmParameters<const float>>& p, float* y, const BothLstms<float*>& tapes, float* scratch) {
        cuda::bilstm_forward<E, Precision, Gate, Math>(on, g, masks, x, p, y, tapes, scratch);
    }
    template <class Gate>
    static void bilstm_backward(Context& on, const LstmGeometry& g, const BothLstms<LstmMasks<float>>& masks,
                                const BothLstms<LstmParameters<const float>>& p, const float* dy, float* dx,
                                const BothLstms<LstmParameters<float>>& gradients, const BothLstms<const float*>& tapes, float* scratch) {
        cuda::bilstm_backward<E, Precision, Gate, Math>(on, g, masks, p, dy, dx, gradients, tapes, scratch);
    }

    // ---- element by element, row by row

    template <class F>
    static void bias_activation(Context& on, Index rows, Index columns, const float* bias, float* y) {
        cuda::bias_activation<E, F>(on, rows, columns, bias, y);
    }
    template <class F>
    static void activation(Context& on, Index n, const float* x, float* y) { cuda::activation<E, F>(on, n, x, y); }
    template <class F>
    static void activation_backward(Context& on, Index n, const float* y, float* dy) { cuda::activation_backward<E, F>(on, n, y, dy); }
    static void add_column_sums(Context& on, Index rows, Index columns, const float* x, float* out) {
        cuda::add_column_sums<E>(on, rows, columns, x, out);
    }
    static void max_pool1d(Context& on, const Pool1DGeometry& g, const float* x, float* y) { cuda::max_pool1d<E>(on, g, x, y); }
    static void global_max_pool1d(Context& on, Index batch, Index length, Index channels, const float* x, float* y) {
        max_pool1d(on, global(batch, length, channels), x, y);
    }
    static void max_pool1d_backward(Context& on, const Pool1DGeometry& g, const float* x, const float* y, const float* dy, float* dx) {
        cuda::max_pool1d_backward<E>(on, g, x, y, dy, dx);
    }
    static void global_max_pool1d_backward(Context& on, Index batch, Index length, Index channels, const float* x, const float* y,
                                           const float* dy, float* dx) {
        max_pool1d_backward(on, global(batch, length, channels), x, y, dy, dx);
    }
    static void dropout(Context& on, const Draws& draws, Index layer, Index rows, Index columns, float rate, const float* x, float* y) {
        cuda::dropout<E>(on, draws, static_cast<std::uint32_t>(layer), rows, columns, rate, x, y);
    }
    static void dropout_mask(Context& on, const Draws& draws, Index layer, Index first, Index rows, Index columns, float rate,
                             float* mask) {
        cuda::dropout_mask<E>(on, draws, static_cast<std::uint32_t>(layer), first, rows, columns, rate, mask);
    }
    static void reverse_complement(Context& on, Index batch, Index length, Index channels, const Index* partner, const float* x, float* y) {
        cuda::reverse_complement<E>(on, batch, length, channels, partner, x, y);
    }
    template <class Merge>
    static void merge_strands(Context& on, Index n, const float* forward, const float* reverse, float* y) {
        cuda::merge_strands<E, Merge>(on, n, forward, reverse, y);
    }
    template <class Merge>
    static void merge_strands_backward(Context& on, Index n, const float* forward, const float* reverse, const float* dy, float* dforward,
                                       float* dreverse) {
        cuda::merge_strands_backward<E, Merge>(on, n, forward, reverse, dy, dforward, dreverse);
    }
    static void expand(Context& on, const Windows<float>& x, float* y) { cuda::expand<E>(on, x, y); }
    static void copy(Context& on, Index n, const float* x, float* y) {
        E::copy_on_device(on, static_cast<std::size_t>(n) * sizeof(float), x, y);
    }
    static void add(Context& on, Index n, const float* x, float* y) { cuda::add<E>(on, n, x, y); }
    static void copy_rows(Context& on, Index rows, Index columns, const float* x, Index x_rows, Index ldx, float* y, Index ldy) {
        cuda::copy_rows<E>(on, rows, columns, x, x_rows, ldx, y, ldy);
    }
    static void copy_windows(Context& on, Index windows, Index rows, Index columns, const float* x, Index window_step, Index row_step,
                             float* y) {
        cuda::copy_windows<E>(on, windows, rows, columns, x, window_step, row_step, y);
    }

    // ---- losses and steps

    template <class Entry>
    static void sum_losses(Context& on, Index rows, Index columns, const Entry& loss, const float* y, const float* targets, double scale,
                           float* dy, double* sum) {
        cuda::sum_losses<E>(on, rows, columns, loss, y, targets, scale, dy, sum);
    }
    static void adam(Context& on, Index n, const AdamStep<float>& step, const float* gradient, float* parameters, float* first,
                     float* second) {
        cuda::adam<E>(on, n, step, gradient, parameters, first, second);
    }
    static void sgd(Context& on, Index n, const SgdStep<float>& step, const float* gradient, float* parameters, float* velocity) {
        cuda::sgd<E>(on, n, step, gradient, parameters, velocity);
    }
    static void sum_squares(Context& on, Index n, const float* x, double* sum) { cuda::sum_squares<E>(on, n, x, sum); }

  private:
    static constexpr Pool1DGeometry global(Index batch, Index length, Index channels) {
        return {.batch = batch, .length = length, .channels = channels, .out_length = 1, .window = length, .stride = length};
    }
};

}  // namespace chromatid::cuda
