// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>
#include <chromatid/genome/interval.hpp>
#include <chromatid/network/any_model.hpp>

#include <functional>
#include <span>
#include <vector>

namespace chromatid {

/// A network that scans, with what it is told of a bin besides its window.
struct ScanModel {
    /// Writes the side input of a bin, `side_size()` values. Called from many threads at once.
    using Side = std::function<void(const Interval& bin, std::span<float> side)>;

    const AnyModel<>* model;  ///< must outlive the scan
    Side side{};              ///< needed where the network has a side input
};

/// One output of one of the networks of a scan.
struct ScanOutput {
    Index model = 0;  ///< place in the list of networks
    Index task = 0;   ///< column of its output
};

/// What a scan gives as one score: the mean of these outputs, and that output itself where there is one.
using ScanColumn = std::vector<ScanOutput>;

}  // namespace chromatid
