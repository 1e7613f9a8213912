// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>
#include <chromatid/dataset/batch_share.hpp>
#include <chromatid/dataset/encoded_windows.hpp>
#include <chromatid/tensor/tensor.hpp>
#include <chromatid/tensor/view.hpp>

#include <concepts>

namespace chromatid {

/// A target that takes no part in the loss: the window is neither bound nor unbound for this task.
inline constexpr float ambiguous = -1.0F;

/// A batch of windows for training. The arrays may have room for more windows than `size`; only the first `size` rows count.
///
/// The windows are dense rows in `x`, or base codes and tracks in `encoded`. Whoever trains or predicts with a batch asks for the second
/// with `prefers_encoded`; a source that has windows of a genome fills it then, every other fills `x`. Whoever computes a part of the batch
/// says so in `share`: a source that can leaves the other windows out, but gives side and targets of all.
struct Batch {
    Tensor<float> x{};          ///< (windows, length, channels); no extents where `encoded` is filled
    EncodedWindows encoded{};   ///< empty where `x` is filled
    bool prefers_encoded = false;
    Tensor<float> side{};       ///< (windows, side size); no extents where the network has no side input
    Tensor<float> targets{};    ///< (windows, tasks): 1 bound, 0 unbound, `ambiguous`
    Index size = 0;
    BatchShare share{};         ///< whose windows are wanted; rows of the others may hold anything

    bool is_encoded() const { return !encoded.empty(); }
    /// Windows that there is room for.
    Index room() const { return is_encoded() ? encoded.windows() : x.extents().empty() ? 0 : x.extent(0); }
    /// The windows that count.
    Windows<float> windows() const { return encoded.view(size); }
    /// The rows that count.
    View<const float> inputs() const { return x.view().rows(0, size); }
    View<const float> sides() const { return side.extents().empty() ? View<const float>{} : side.view().rows(0, size); }
    View<const float> labels() const { return targets.view().rows(0, size); }
};

/// Something that gives the batches of an epoch by number. Both calls are const, safe from any number of threads, and pure: the same epoch
/// and number give the same batch, whatever was asked for before, so batches can be made ahead and a run can begin again anywhere.
///
/// - `batches(epoch)`: how many the epoch has
/// - `load(epoch, number, batch)`: fills `batch`, in the memory that it has where that is large enough
template <class S>
concept BatchSource = requires(const S& source, Index epoch, Index number, Batch& batch) {
    { source.batches(epoch) } -> std::convertible_to<Index>;
    source.load(epoch, number, batch);
};

}  // namespace chromatid
