// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/core/index.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace chromatid {

/// A chromosome (or contig) and its length in bases.
struct Chromosome {
    std::string name;
    std::int64_t size = 0;

    friend bool operator==(const Chromosome&, const Chromosome&) = default;
};

namespace detail {

/// What is left of a chromosome's name when habits of naming are taken off: "chr1", "Chr1" and "1" agree, so do "chrM", "M" and "MT".
inline std::string chromosome_stem(std::string_view name) {
    std::string stem;
    for (const char c : name) stem += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (stem.size() > 3 && stem.starts_with("chr")) stem.erase(0, 3);
    return stem == "mt" ? "m" : stem;
}

}  // namespace detail

/// The chromosomes of a genome or of a file, in their order there, with lookup by name.
class ChromSizes {
  public:
    ChromSizes() = default;

    /// \throws UsageError for a name given twice or a negative size
    explicit ChromSizes(std::vector<Chromosome> chromosomes) {
        for (Chromosome& c : chromosomes) add(std::move(c.name), c.size);
    }

    /// Appends a chromosome.
    /// \throws UsageError for a name that is there already or a negative size
    void add(std::string name, std::int64_t size) {
        if (size < 0) throw UsageError("chromosome \"" + name + "\" has the negative size " + std::to_string(size));
        if (!places_.emplace(name, this->size()).second) throw UsageError("chromosome \"" + name + "\" is there twice");
        chromosomes_.push_back({std::move(name), size});
    }

    /// Number of chromosomes.
    Index size() const { return static_cast<Index>(chromosomes_.size()); }
    bool empty() const { return chromosomes_.empty(); }
    auto begin() const { return chromosomes_.begin(); }
    auto end() const { return chromosomes_.end(); }

    /// The chromosome at a place of the list; `i` must be below `size()`.
    const Chromosome& operator[](Index i) const { return chromosomes_[static_cast<std::size_t>(i)]; }

    /// Place of a chromosome in the list, or nothing where it is absent.
    std::optional<Index> find(const std::string& name) const {
        const auto at = places_.find(name);
        return at == places_.end() ? std::nullopt : std::optional<Index>(at->second);
    }

    bool contains(const std::string& name) const { return places_.contains(name); }

    /// Place of a chromosome in the list.
    /// \param where  what is being searched (a file name), for the message
    /// \throws UsageError with the likely intended name where the chromosome is absent
    Index place_of(const std::string& name, const std::string& where = "chromosome sizes") const {
        if (const auto at = find(name)) return *at;
        std::string message = where + ": there is no chromosome \"" + name + "\"";
        if (const auto other = suggest(name)) message += "; did you mean \"" + *other + "\"?";
        throw UsageError(message);
    }

    /// Length of a chromosome in bases.
    /// \throws UsageError as `place_of`
    std::int64_t size_of(const std::string& name) const { return (*this)[place_of(name)].size; }

    /// The name that someone who wrote `name` probably meant: the first that differs only in the prefix "chr", in case, or in M against MT.
    std::optional<std::string> suggest(std::string_view name) const {
        const std::string stem = detail::chromosome_stem(name);
        for (const Chromosome& c : chromosomes_) {
            if (c.name != name && detail::chromosome_stem(c.name) == stem) return c.name;
        }
        return std::nullopt;
    }

    /// Bases of all chromosomes together.
    std::int64_t total_length() const {
        std::int64_t sum = 0;
        for (const Chromosome& c : chromosomes_) sum += c.size;
        return sum;
    }

    friend bool operator==(const ChromSizes& a, const ChromSizes& b) { return a.chromosomes_ == b.chromosomes_; }

  private:
    std::vector<Chromosome> chromosomes_;
    std::unordered_map<std::string, Index> places_;
};

}  // namespace chromatid
