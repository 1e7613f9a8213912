// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/network/conv_pool.hpp>
#include <chromatid/network/fusion_part.hpp>

#include <array>
#include <cstddef>
#include <tuple>
#include <utility>

namespace chromatid {

/// Finds, in the types of a chain's layers, the runs that a backend offers as one primitive.
///
/// A run begins with a convolution without padding and takes what follows it as far as the primitive goes: an activation, dropout, a dense
/// layer at each position, its activation, a maximum. The layers of FactorNet's front are one run, each convolution and pool of DanQ,
/// DeepSEA and Basset another. All activations are ReLU or none.
///
/// \tparam L  the layers of the chain
template <class... L>
class Fusion {
    static constexpr std::size_t size_ = sizeof...(L);
    static constexpr std::array<FusionPart, size_> parts_{fusion_part<L>...};

    static constexpr FusionPart part(std::size_t i) { return i < size_ ? parts_[i] : FusionPart::other; }
    static constexpr bool is_pool(std::size_t i, bool global) {
        return part(i) == FusionPart::pool || (global && part(i) == FusionPart::global_pool);
    }
    static constexpr std::size_t past_relu(std::size_t i, FusionPart before) {
        const bool bare = before == FusionPart::linear_conv || before == FusionPart::linear_dense;
        return bare && part(i) == FusionPart::relu ? i + 1 : i;
    }

  public:
    /// Layers of the run that begins at layer `first`; 1 where none does.
    /// \param global  whether the maximum over the whole sequence may be part of it
    static constexpr std::size_t run_length(std::size_t first, bool global = true) {
        if (!begins_run(first)) return 1;
        std::size_t end = past_relu(first + 1, part(first));
        const std::size_t next = part(end) == FusionPart::dropout ? end + 1 : end;
        if (part(next) == FusionPart::dense || part(next) == FusionPart::linear_dense) {
            end = past_relu(next + 1, part(next));
            if (is_pool(end, global)) ++end;
        } else if (is_pool(next, global)) {
            end = next + 1;
        }
        return end - first;
    }
    static constexpr bool begins_run(std::size_t i) { return part(i) == FusionPart::conv || part(i) == FusionPart::linear_conv; }

    /// Leading layers that a genome scan can compute once for all windows: a run, further ones, and between them what works on each
    /// element alone.
    static constexpr std::size_t shared_layers = [] {
        std::size_t end = 0;
        for (std::size_t i = 0; i < size_;) {
            const bool between = part(i) == FusionPart::dropout || part(i) == FusionPart::relu;
            if (!begins_run(i) && (i == 0 || !between)) break;
            i += run_length(i, false);
            if (!between) end = i;
        }
        return end;
    }();

    /// The layers with each run of them as one `ConvPool`: a tuple.
    static constexpr auto fuse(const std::tuple<L...>& layers) { return fuse_from<0>(layers); }

  private:
    template <std::size_t First>
    static constexpr auto fuse_from(const std::tuple<L...>& layers) {
        if constexpr (First == size_) return std::tuple<>{};
        else {
            constexpr std::size_t n = run_length(First);
            return std::tuple_cat(step<First>(layers, std::make_index_sequence<n>{}), fuse_from<First + n>(layers));
        }
    }
    template <std::size_t First, std::size_t... I>
    static constexpr auto step(const std::tuple<L...>& layers, std::index_sequence<I...>) {
        if constexpr (begins_run(First))
            return std::tuple(ConvPool<std::tuple_element_t<First + I, std::tuple<L...>>...>(std::get<First + I>(layers)...));
        else return std::tuple<std::tuple_element_t<First, std::tuple<L...>>>(std::get<First>(layers));
    }
};

}  // namespace chromatid
