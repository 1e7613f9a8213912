// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/conv_pool_geometry.hpp>
#include <chromatid/backend/cuda/conv1d.hpp>
#include <chromatid/backend/cuda/kernel/conv_pool_steps.hpp>
#include <chromatid/backend/cuda/kernel/for_each.hpp>
#include <chromatid/backend/cuda/sums.hpp>
#include <chromatid/backend/cuda/windows.hpp>
#include <chromatid/core/draws.hpp>
#include <chromatid/tensor/windows.hpp>

#include <algorithm>
#include <cstdint>
#include <utility>

// The fused run of `ConvPoolGeometry` for any sizes: expand, convolve, finish, dense layer, maxima, one after another through matrix
// products and small kernels, for as many windows at a time as the scratch holds. Backward computes the convolution again and keeps only
// the place of each maximum.

namespace chromatid::cuda {

namespace detail {

/// Where the run keeps its rows at work.
struct ConvPoolWork {
    float *x, *a, *z;  ///< (rows, length, channels), (rows, positions, filters), (rows, positions, units)
    float* da;         ///< as a; in training
};

/// Positions of the convolution that bins read.
constexpr Index conv_pool_positions(const ConvPoolGeometry& g) { return (g.out_length - 1) * g.stride + (g.window - 1) * g.spacing + 1; }

/// Lays out the scratch of `rows` rows from `at` on.
/// \return  where it ends
constexpr std::pair<ConvPoolWork, Index> conv_pool_work(const ConvPoolGeometry& g, Index rows, bool training, float* at) {
    Index size = 0;
    const auto take = [&](Index row_size) {
        const Index from = std::exchange(size, size + (rows * row_size + 63) / 64 * 64);
        return at == nullptr ? nullptr : at + from;
    };
    const Index positions = conv_pool_positions(g);
    float *const x = take(g.length * g.channels), *const a = take(positions * g.filters), *const z = take(positions * g.units);
    float* const da = take(training ? positions * g.filters : 0);
    return {{x, a, z, da}, size};
}

/// Rows at a time: what fills 64 MiB, at least both strands of a window, and no more than keep a device busy.
constexpr Index conv_pool_rows_at_work(const ConvPoolGeometry& g, bool training) {
    constexpr Index most_floats = Index{1} << 24, most_rows = 1024;
    return std::clamp(most_floats / conv_pool_work(g, 1, training, nullptr).second, Index{2}, most_rows);
}
constexpr Index conv_pool_work_size(const ConvPoolGeometry& g, bool training) {
    return conv_pool_work(g, conv_pool_rows_at_work(g, training), training, nullptr).second;
}

/// A run over the windows of one call.
template <class E, class Precision>
struct GeneralConvPool {
    typename E::Context& on;
    const ConvPoolGeometry& g;
    const Windows<float>& x;
    const ConvPoolParameters<const float>& p;
    ConvPoolDropout dropout{};

    const Index strands = x.partner == nullptr ? 1 : 2, positions = conv_pool_positions(g), features = g.features();

    bool relu() const { return g.units > 0 ? g.dense_relu : g.conv_relu; }
    Index blocks_of_row() const { return DropBlocks::blocks_of_row(0, positions * g.filters); }
    Conv1DGeometry convolution(Index rows) const {
        return {.batch = rows,
                .length = g.length,
                .channels = g.channels,
                .out_length = positions,
                .filters = g.filters,
                .width = g.width,
                .stride = g.step,
                .dilation = g.dilation};
    }

    void draw(const Draws& draws, Index layer) {
        const Late<Draws> late = on.late(draws);
        if (g.dropout > 0.0F) dropout = {late, static_cast<std::uint32_t>(layer), dropout_threshold(g.dropout), 1.0F / (1.0F - g.dropout)};
    }

    /// Calls `f(rows at work, their number, their input)` for one part of the windows after another.
    template <class F>
    void for_each_part(bool training, float* scratch, const F& f) const {
        const Index room = conv_pool_rows_at_work(g, training) / strands;
        for (Index first = 0; first < x.count; first += room) {
            const Index windows = std::min(room, x.count - first), n = strands * windows;
            const ConvPoolWork work = conv_pool_work(g, n, training, scratch).first;
            f(RowsAtWork{first, windows, x.count}, n, work);
        }
    }
    /// The rows as dense ones.
    const float* input(const RowsAtWork& rows, const ConvPoolWork& work) const {
        const Windows<float> part = x.part(rows.first, rows.windows);
        if (!x.encoded() && x.partner == nullptr) return part.dense;
        expand<E>(on, part, work.x);
        return work.x;
    }
    /// dropped(a), or the sums alone where the maxima come next and nothing is dropped: then bias and activation can wait.
    /// \return  whether bias and activation were done
    bool convolve(const RowsAtWork& rows, Index n, const float* from, float* a) const {
        conv1d<E, Precision>(on, convolution(n), from, p.kernel, a);
        if (g.units == 0 && dropout.threshold == 0) return false;
        for_each<E>(on, n * blocks_of_row(), FinishConvolution{rows, positions * g.filters, g.filters, g.conv_relu, p.bias, dropout, a});
        return true;
    }

    void forward(bool training, float* y, std::int32_t* places, float* scratch) const {
        for_each_part(training, scratch, [&](const RowsAtWork& rows, Index n, const ConvPoolWork& work) {
            const bool finished = convolve(rows, n, input(rows, work), work.a);
            if (g.units > 0)
                E::template gemm<Precision, false, false>(on, n * positions, g.units, g.filters, work.a, g.filters, p.dense_kernel, g.units,
                                                          0.0F, work.z, g.units);
            const float* const bias = g.units > 0 ? p.dense_bias : finished ? nullptr : p.bias;
            for_each<E>(on, n * g.out_length * features,
                        PoolMaxima{rows, g, positions, features, relu(), g.units > 0 ? work.z : work.a, bias, y, places});
        });
    }

    void backward(const float* y, const float* dy, float* dx, const ConvPoolParameters<float>& gradients, const std::int32_t* places,
                  float* scratch) const {
        for_each_part(true, scratch, [&](const RowsAtWork& rows, Index n, const ConvPoolWork& work) {
            const float* const from = input(rows, work);
            float* const dz = g.units > 0 ? work.z : work.da;
            for_each<E>(on, n * positions * features, PoolBackward{rows, g, positions, features, relu(), y, dy, places, dz});
            if (g.units > 0) {
                convolve(rows, n, from, work.a);
                dense_backward(n, work, gradients);
            }
            if (g.units > 0 || dropout.threshold > 0)
                for_each<E>(
                    on, n * blocks_of_row(),
                    ConvolutionBackward{rows, positions * g.filters, g.units > 0 && g.conv_relu ? work.a : nullptr, dropout, work.da});
            if (gradients.bias != nullptr) add_column_sums<E>(on, n * positions, g.filters, work.da, gradients.bias);
            for (Index strand = 0; strand < strands; ++strand) {
                const Index row = strand * rows.windows, row_size = g.length * g.channels;
                conv1d_backward<E, Precision>(on, convolution(rows.windows), from + row * row_size, p.kernel,
                                              work.da + row * positions * g.filters,
                                              dx == nullptr ? nullptr : dx + (strand * x.count + rows.first) * row_size, gradients.kernel);
            }
        });
    }
    void dense_backward(Index n, const ConvPoolWork& work, const ConvPoolParameters<float>& gradients) const {
        const Index all = n * positions;
        if (gradients.dense_bias != nullptr) add_column_sums<E>(on, all, g.units, work.z, gradients.dense_bias);
        E::template gemm<Precision, true, false>(on, g.filters, g.units, all, work.a, g.filters, work.z, g.units, 1.0F,
                                                 gradients.dense_kernel, g.units);
        E::template gemm<Precision, false, true>(on, all, g.filters, g.units, work.z, g.units, p.dense_kernel, g.units, 0.0F, work.da,
                                                 g.filters);
    }
};

}  // namespace detail

/// Floats of scratch memory that `conv_pool_general` takes, however many windows.
constexpr Index conv_pool_general_scratch(const ConvPoolGeometry& g) { return detail::conv_pool_work_size(g, false); }
/// Floats of scratch memory that either pass in training takes, however many windows.
constexpr Index conv_pool_general_training_scratch(const ConvPoolGeometry& g) { return detail::conv_pool_work_size(g, true); }
/// Floats that `conv_pool_general_forward` keeps for `conv_pool_general_backward`: the place of each maximum within its bin.
constexpr Index conv_pool_general_tape(const ConvPoolGeometry& g, Index rows) { return rows * g.out_length * g.features(); }

/// The fused run of `ConvPoolGeometry` in inference: x (rows, length, channels), y (rows, out_length, features). The partner table of x
/// is the host's, all else lies on the device.
template <class E, class Precision>
void conv_pool_general(typename E::Context& on, const ConvPoolGeometry& g, const Windows<float>& x,
                       const ConvPoolParameters<const float>& parameters, float* y, float* scratch) {
    detail::GeneralConvPool<E, Precision>{on, g, x, parameters}.forward(false, y, nullptr, scratch);
}

/// The same in training. Element t * filters + f of `dropped(a)` of row r draws as element of layer `layer` and that row, see `Draws`.
/// \param tape  `conv_pool_general_tape` floats
template <class E, class Precision>
void conv_pool_general_forward(typename E::Context& on, const ConvPoolGeometry& g, const Windows<float>& x, const Draws& draws, Index layer,
                               const ConvPoolParameters<const float>& parameters, float* y, float* tape, float* scratch) {
    detail::GeneralConvPool<E, Precision> run{on, g, x, parameters};
    run.draw(draws, layer);
    run.forward(true, y, reinterpret_cast<std::int32_t*>(tape), scratch);
}

/// Adds to the gradients of all parameters, and writes dx (rows, length, channels) where it is not null: of each row as the row is read,
/// so that the other strand's is not turned back. The gradient of a maximum goes to the first one of its bin.
/// \param y, tape  what `conv_pool_general_forward` wrote for the same windows, draws and parameters
/// \param dy       (rows, out_length, features)
template <class E, class Precision>
void conv_pool_general_backward(typename E::Context& on, const ConvPoolGeometry& g, const Windows<float>& x, const Draws& draws,
                                Index layer, const ConvPoolParameters<const float>& parameters, const float* y, const float* dy, float* dx,
                                const ConvPoolParameters<float>& gradients, const float* tape, float* scratch) {
    detail::GeneralConvPool<E, Precision> run{on, g, x, parameters};
    run.draw(draws, layer);
    run.backward(y, dy, dx, gradients, reinterpret_cast<const std::int32_t*>(tape), scratch);
}

}  // namespace chromatid::cuda
