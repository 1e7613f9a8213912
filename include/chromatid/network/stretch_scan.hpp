// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/network/reverse_complement_siamese.hpp>
#include <chromatid/network/shared_scan.hpp>

#include <vector>

namespace chromatid {

/// A whole network over a stretch of a genome, one strand or both, where `SharedScan` has something to share; what `Model::scan` runs.
template <class Net, AnyShape In, Backend B>
class StretchScan {
    using T = typename B::Scalar;
    using Shared = SharedScan<Net, In, B>;

  public:
    static constexpr bool available = Shared::available;

    StretchScan(const Net& net, const In& in) : shared_(net, in) {}
    bool pays(Index stride) const { return shared_.pays(stride); }
    Index windows_per_tile(Index stride, Index at_once) const { return shared_.windows_per_tile(stride, 1, at_once); }
    Index memory(Index stride, Index count, Index at_once) const { return shared_.memory(stride, count, 1, at_once); }

    /// Outputs of `count` windows of a stretch, see `SharedScan`; y is (count, output shape).
    void infer(Run<B>& run, const T* parameters, const Windows<T>& stretch, Index stride, Index count, Index at_once, T* y) const {
        shared_.infer(run, parameters, stretch, stride, count, at_once, [&](Index, Index, View<const T> outputs) {
            B::copy(run.on, outputs.size(), outputs.data(), y);
            y += outputs.size();
        });
    }

  private:
    Shared shared_;
};

template <class Net, class... P, AnyShape In, Backend B>
class StretchScan<ReverseComplementSiamese<Net, P...>, In, B> {
    using T = typename B::Scalar;
    using Siamese = ReverseComplementSiamese<Net, P...>;
    using Shared = SharedScan<Net, In, B>;

  public:
    static constexpr bool available = Shared::available;

    StretchScan(const Siamese& siamese, const In& in) : shared_(siamese.net(), in), partner_(siamese.partners(channels(in).value())) {}
    bool pays(Index stride) const { return shared_.pays(stride); }
    Index windows_per_tile(Index stride, Index at_once) const { return shared_.windows_per_tile(stride, 2, at_once); }
    Index memory(Index stride, Index count, Index at_once) const { return shared_.memory(stride, count, 2, at_once); }

    void infer(Run<B>& run, const T* parameters, Windows<T> stretch, Index stride, Index count, Index at_once, T* y) const {
        stretch.partner = partner_.data();
        shared_.infer(run, parameters, stretch, stride, count, at_once, [&](Index, Index, View<const T> outputs) {
            const Index n = outputs.size() / 2;
            B::template merge_strands<typename Siamese::Merge>(run.on, n, outputs.data(), outputs.data() + n, y);
            y += n;
        });
    }

  private:
    Shared shared_;
    std::vector<Index> partner_;
};

}  // namespace chromatid
