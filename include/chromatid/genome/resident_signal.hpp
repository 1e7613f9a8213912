// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/genome/chrom_sizes.hpp>
#include <chromatid/genome/interval.hpp>
#include <chromatid/genome/source_window.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace chromatid {

/// A `SignalSource` in memory, one float per base, given back as they are. Copies share the values; a chromosome added to one copy is not
/// seen by the others.
class ResidentSignal {
  public:
    /// \param name  what messages call it, such as the file it came from
    explicit ResidentSignal(std::string name = "signal in memory") : name_(std::move(name)) {}

    /// Adds a chromosome with one value per base.
    /// \throws UsageError for a chromosome that is there already
    void add(std::string chrom, std::vector<float> values) {
        sizes_.add(std::move(chrom), static_cast<std::int64_t>(values.size()));
        chromosomes_.push_back(std::make_shared<const std::vector<float>>(std::move(values)));
    }

    const ChromSizes& chromosomes() const { return sizes_; }

    void fetch(const Interval& interval, std::span<float> values) const {
        const auto window = detail::source_window(sizes_, name_, interval, values, 0.0f);
        const std::vector<float>& all = *chromosomes_[static_cast<std::size_t>(window.chromosome)];
        std::copy_n(all.begin() + window.start, window.values.size(), window.values.begin());
    }

    ResidentSignal clone() const { return *this; }

  private:
    std::string name_;
    ChromSizes sizes_;
    std::vector<std::shared_ptr<const std::vector<float>>> chromosomes_;
};

}  // namespace chromatid
