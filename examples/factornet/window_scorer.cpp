// SPDX-License-Identifier: MIT
#include "window_scorer.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace factornet {

using namespace chromatid;

WindowScorer::WindowScorer(const AnyModel<>& model, ScorerInputs inputs, Index threads, Index batch)
    : model_(model),
      inputs_(std::move(inputs)),
      threads_(threads),
      batch_(batch),
      walker_(inputs_.genome.clone(), inputs_.tracks),
      encoder_(model.input_shape()[0], static_cast<Index>(inputs_.tracks.size())),
      x_(batch_, model.input_shape()[0], static_cast<Index>(inputs_.tracks.size())),
      side_{batch_, model.side_size()},
      y_{batch_, model.output_shape()[0]} {}

bool WindowScorer::is_masked(const Interval& bin) const {
    return inputs_.masked.any_overlap(bin) || bin.end > inputs_.sizes.size_of(bin.chrom);
}

void WindowScorer::encode(const Interval& bin, Index row) {
    const Interval window = centered_window(bin, encoder_.length());
    encoder_.encode(walker_.around(window), window, row, x_);
    if (model_.side_size() == 0) return;
    float* side = std::copy(inputs_.meta.begin(), inputs_.meta.end(), side_.data() + row * model_.side_size());
    if (inputs_.annotations)
        for (const bool overlaps : inputs_.annotations->of(bin)) *side++ = overlaps ? 1.0F : 0.0F;
}

std::int64_t WindowScorer::score(std::span<const Interval> bins, std::span<float> scores,
                                 const std::function<void(std::int64_t)>& advance) {
    // In the order of the genome each stretch of it is decoded once, whatever the order of the bins.
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < bins.size(); ++i) {
        scores[i] = 0.0F;
        if (!is_masked(bins[i])) order.push_back(i);
    }
    const auto masked = static_cast<std::int64_t>(bins.size() - order.size());
    advance(masked);
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return bins[a] < bins[b]; });

    for (std::size_t first = 0; first < order.size(); first += static_cast<std::size_t>(batch_)) {
        const auto count = std::min<Index>(batch_, static_cast<Index>(order.size() - first));
        for (Index row = 0; row < count; ++row) encode(bins[order[first + static_cast<std::size_t>(row)]], row);
        const View<const float> side = model_.side_size() > 0 ? std::as_const(side_).view().rows(0, count) : View<const float>{};
        model_.infer(threads_, x_.view(count), side, y_.view().rows(0, count));
        for (Index row = 0; row < count; ++row) scores[order[first + static_cast<std::size_t>(row)]] = y_(row, inputs_.task);
        advance(count);
    }
    return masked;
}

}  // namespace factornet
