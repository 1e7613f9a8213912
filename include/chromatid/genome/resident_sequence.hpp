// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/genome/base_code.hpp>
#include <chromatid/genome/chrom_sizes.hpp>
#include <chromatid/genome/interval.hpp>
#include <chromatid/genome/packed_bases.hpp>
#include <chromatid/genome/source_window.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chromatid {

/// A `SequenceSource` in memory, four bits per base. Copies share the bases; a chromosome added to one copy is not seen by the others.
class ResidentSequence {
  public:
    /// \param name  what messages call it, such as the file it came from
    explicit ResidentSequence(std::string name = "sequence in memory") : name_(std::move(name)) {}

    /// Adds a chromosome from letters.
    /// \throws UsageError for a chromosome that is there already
    void add(std::string chrom, std::string_view letters) {
        detail::PackedBases bases;
        bases.append(letters);
        add(std::move(chrom), std::move(bases));
    }

    /// Adds a chromosome from base codes.
    /// \throws UsageError for a chromosome that is there already, or a number that is no base code
    void add(std::string chrom, std::span<const std::uint8_t> codes) {
        detail::PackedBases bases;
        for (const std::uint8_t code : codes) {
            if (code > unknown_base) throw UsageError(name_ + ": " + chrom + ": " + std::to_string(code) + " is not a base code");
            bases.push_back(code);
        }
        add(std::move(chrom), std::move(bases));
    }

    /// Adds a chromosome that is packed already.
    /// \throws UsageError for a chromosome that is there already
    void add(std::string chrom, detail::PackedBases bases) {
        sizes_.add(std::move(chrom), static_cast<std::int64_t>(bases.size()));
        bases.shrink_to_fit();
        chromosomes_.push_back(std::make_shared<const detail::PackedBases>(std::move(bases)));
    }

    const ChromSizes& chromosomes() const { return sizes_; }

    void fetch(const Interval& interval, std::span<std::uint8_t> codes) const {
        const auto window = detail::source_window(sizes_, name_, interval, codes, unknown_base);
        chromosomes_[static_cast<std::size_t>(window.chromosome)]->copy(static_cast<std::size_t>(window.start), window.values);
    }

    ResidentSequence clone() const { return *this; }

  private:
    std::string name_;
    ChromSizes sizes_;
    std::vector<std::shared_ptr<const detail::PackedBases>> chromosomes_;
};

}  // namespace chromatid
