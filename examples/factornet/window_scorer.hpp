// SPDX-License-Identifier: MIT
#pragma once

#include "track_source.hpp"

#include <chromatid/dataset/annotations.hpp>
#include <chromatid/dataset/encoded_windows.hpp>
#include <chromatid/dataset/genome_walker.hpp>
#include <chromatid/dataset/window.hpp>
#include <chromatid/dataset/window_encoder.hpp>
#include <chromatid/genome/any_sequence.hpp>
#include <chromatid/genome/interval_set.hpp>
#include <chromatid/network/any_model.hpp>
#include <chromatid/tensor/tensor.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace factornet {

/// What a bin is scored with besides the model: the genome, the tracks of a cell, and what is known of both.
struct ScorerInputs {
    chromatid::AnySequence genome;
    std::vector<TrackSource> tracks;
    chromatid::ChromSizes sizes;
    chromatid::IntervalSet masked;                      ///< bins that meet it score 0
    std::vector<float> meta;                            ///< values of the cell, the same for every bin
    std::optional<chromatid::Annotations> annotations;  ///< where the model takes them, behind the metadata
    chromatid::Index task = 0;                          ///< column of the model's output
};

/// Scores bins: the window of the model's length around the middle of each, both strands, probabilities of one factor.
class WindowScorer {
  public:
    /// \param batch  bins run at a time: enough for all threads or a device, and few enough that an interrupt is soon seen
    WindowScorer(const chromatid::AnyModel<>& model, ScorerInputs inputs, chromatid::Index threads, chromatid::Index batch);

    /// \param advance  called with the number of bins done since the last call; may throw to stop the work
    /// \return the number of bins that score 0 without being looked at: they meet the mask or reach past the end of their chromosome
    std::int64_t score(std::span<const chromatid::Interval> bins, std::span<float> scores,
                       const std::function<void(std::int64_t)>& advance);

  private:
    bool is_masked(const chromatid::Interval& bin) const;
    void encode(const chromatid::Interval& bin, chromatid::Index row);

    const chromatid::AnyModel<>& model_;
    ScorerInputs inputs_;
    chromatid::Cpu<>::Context threads_;
    chromatid::Index batch_;
    chromatid::GenomeWalker<chromatid::AnySequence, TrackSource> walker_;
    chromatid::WindowEncoder encoder_;
    chromatid::EncodedWindows x_;
    chromatid::Tensor<float> side_, y_;
};

}  // namespace factornet
