// SPDX-License-Identifier: MIT
#include "bin_table.hpp"

#include <chromatid/core/error.hpp>
#include <chromatid/io/bed.hpp>
#include <chromatid/io/fields.hpp>
#include <chromatid/io/text_reader.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <limits>
#include <numeric>
#include <string_view>
#include <unordered_map>

#include "interrupt.hpp"
#include "progress.hpp"
#include "text.hpp"
#include "track_source.hpp"

namespace factornet {

using namespace chromatid;

namespace {

/// Shows how far the reading of a file has come.
class ReadProgress {
  public:
    ReadProgress(const std::filesystem::path& file, bool quiet)
        : progress_("bytes", static_cast<std::int64_t>(std::filesystem::file_size(file)), quiet) {}

    template <class Reader>
    void line(const Reader& reader) {
        if (++lines_ % 65536 != 0) return;
        check_interrupted();
        const std::int64_t now = reader.bytes_read();
        progress_.advance(now - bytes_);
        bytes_ = now;
    }
    template <class Reader>
    void end(const Reader& reader) {
        progress_.advance(reader.bytes_read() - bytes_);
        if (progress_.seconds() > 5) progress_.finish();
    }

  private:
    Progress progress_;
    std::int64_t lines_ = 0, bytes_ = 0;
};

/// Puts bins into a table, those that the filter wants.
class TableBuilder {
  public:
    TableBuilder(std::string file, const BinFilter& filter) : filter_(filter) { table_.file = std::move(file); }

    /// Whether bins of this chromosome are wanted; `add` then adds to it.
    bool enter(std::string_view chrom) {
        if (seen_.empty() || chrom != name_) {
            name_ = chrom;
            const auto [place, is_new] = seen_.emplace(name_, none);
            if (is_new && filter_.wants(name_)) {
                place->second = table_.chromosomes.size();
                table_.chromosomes.push_back({name_, {}, {}, {}});
            }
            current_ = place->second;
        }
        return current_ != none;
    }
    /// \param fail  called with what is wrong with the bin
    template <class Fail>
    void add(std::int64_t start, std::int64_t end, float value, const Fail& fail) {
        if (start >= end) fail("the bin " + to_string(Interval{name_, start, end}) + " holds no base");
        if (end > std::numeric_limits<std::uint32_t>::max())
            fail("end " + std::to_string(end) + " is beyond 4,294,967,295, the largest that can be evaluated");
        if (filter_.masked.any_overlap(name_, start, end)) {
            ++table_.masked;
            return;
        }
        BinTable::Chromosome& c = table_.chromosomes[current_];
        c.starts.push_back(static_cast<std::uint32_t>(start));
        c.ends.push_back(static_cast<std::uint32_t>(end));
        c.values.push_back(value);
    }

    BinTable finish() {
        if (seen_.empty()) throw FormatError(table_.file, "", "there are no bins in it");
        ChromSizes there;
        for (const auto& [name, place] : seen_) there.add(name, 0);
        for (const std::string& name : filter_.chromosomes)
            if (!there.contains(name)) {
                const auto meant = there.suggest(name);
                throw UsageError(table_.file + ": there is no bin on " + name + ", which --chromosomes names" +
                                 (meant ? "; did you mean " + *meant + "?" : ""));
            }
        std::erase_if(table_.chromosomes, [](const BinTable::Chromosome& c) { return c.size() == 0; });
        if (table_.chromosomes.empty()) throw UsageError(table_.file + ": every bin is masked by the blacklist");
        for (BinTable::Chromosome& c : table_.chromosomes) {
            c.starts.shrink_to_fit();
            c.ends.shrink_to_fit();
            c.values.shrink_to_fit();
            sort(c);
        }
        return std::move(table_);
    }

  private:
    static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();

    template <class T>
    static void reorder(std::vector<T>& values, const std::vector<std::uint32_t>& order) {
        std::vector<T> sorted(values.size());
        for (std::size_t i = 0; i < order.size(); ++i) sorted[i] = values[order[i]];
        values = std::move(sorted);
    }

    void sort(BinTable::Chromosome& c) const {
        std::size_t i = 1;
        while (i < c.size() && c.before(i - 1, c, i)) ++i;
        if (i >= c.size()) return;
        std::vector<std::uint32_t> order(c.size());
        std::iota(order.begin(), order.end(), 0U);
        std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return c.before(a, c, b); });
        reorder(c.starts, order);
        reorder(c.ends, order);
        reorder(c.values, order);
        for (std::size_t k = 1; k < c.size(); ++k)
            if (!c.before(k - 1, c, k)) throw FormatError(table_.file, "", "the bin " + to_string(c.bin(k)) + " is there twice");
    }

    const BinFilter& filter_;
    BinTable table_;
    std::unordered_map<std::string, std::size_t> seen_;  ///< places in the table; `none` for those that are not wanted
    std::string name_;
    std::size_t current_ = none;
};

/// The cell's column in the header of a label table.
std::size_t cell_column(const TextReader& reader, const std::vector<std::string_view>& header, const std::string& cell) {
    if (header.size() < 4 || header[0] != "chr" || header[1] != "start" || (header[2] != "stop" && header[2] != "end"))
        reader.fail("the header of a label table is \"chr start stop CELL...\"; for a BED file of peaks, use --peaks");
    const std::vector<std::string> cells(header.begin() + 3, header.end());
    if (cell.empty() && cells.size() > 1)
        throw UsageError(reader.file() + ": has labels of several cells, name one with --cell: [" + listed(cells) + "]");
    const auto found = cell.empty() ? cells.begin() : std::find(cells.begin(), cells.end(), cell);
    if (found == cells.end()) throw UsageError(reader.file() + ": there is no cell \"" + cell + "\": it has [" + listed(cells) + "]");
    return 3 + static_cast<std::size_t>(found - cells.begin());
}

}  // namespace

bool BinFilter::wants(const std::string& chrom) const {
    return chromosomes.empty() || std::find(chromosomes.begin(), chromosomes.end(), chrom) != chromosomes.end();
}

std::int64_t BinTable::bins() const {
    std::int64_t n = 0;
    for (const Chromosome& c : chromosomes) n += static_cast<std::int64_t>(c.size());
    return n;
}

const BinTable::Chromosome* BinTable::find(const std::string& name) const {
    const auto at = std::find_if(chromosomes.begin(), chromosomes.end(), [&](const Chromosome& c) { return c.name == name; });
    return at == chromosomes.end() ? nullptr : &*at;
}

ChromSizes BinTable::sizes() const {
    ChromSizes all;
    for (const Chromosome& c : chromosomes) all.add(c.name, c.ends.back());
    return all;
}

BinTable read_bin_table(const std::filesystem::path& file, const BinFilter& filter, bool scored, bool quiet) {
    BedReader reader(file, scored ? 4 : 3);
    TableBuilder table(file.string(), filter);
    ReadProgress progress(file, quiet);
    while (const BedRecord* record = reader.next()) {
        progress.line(reader);
        if (!table.enter(record->interval.chrom)) continue;
        const auto score = scored ? static_cast<float>(reader.number<double>(3, "score")) : 0.0F;
        if (std::isnan(score)) reader.fail("the score is NaN: give every bin a number, or leave the bin out");
        table.add(record->interval.start, record->interval.end, score, [&](const std::string& what) { reader.fail(what); });
    }
    progress.end(reader);
    return table.finish();
}

BinTable read_label_table(const std::filesystem::path& file, const std::string& cell, const BinFilter& filter, bool quiet) {
    TextReader reader(file);
    TableBuilder table(file.string(), filter);
    ReadProgress progress(file, quiet);
    std::vector<std::string_view> columns;
    const auto header = reader.next();
    if (!header) throw FormatError(file.string(), "", "is empty");
    detail::split_columns(*header, columns);
    const std::size_t column = cell_column(reader, columns, cell), width = columns.size();
    while (const auto line = reader.next()) {
        progress.line(reader);
        detail::split_columns(*line, columns);
        if (columns.empty() || (columns.size() == 1 && columns[0].empty())) continue;
        if (columns.size() != width) reader.fail("has " + std::to_string(columns.size()) + " columns, the header " + std::to_string(width));
        if (!table.enter(columns[0])) continue;
        const std::string_view label = columns[column];
        if (label != "B" && label != "U" && label != "A")
            reader.fail("the label \"" + std::string(label) + "\" is none of B (bound), U (unbound), A (ambiguous)");
        const auto start = detail::parse_number<std::int64_t>(reader, columns[1], "start");
        const auto end = detail::parse_number<std::int64_t>(reader, columns[2], "stop");
        if (start < 0) reader.fail("start " + std::to_string(start) + " is negative");
        table.add(start, end, label == "B" ? 1.0F : label == "U" ? 0.0F : -1.0F, [&](const std::string& what) { reader.fail(what); });
    }
    progress.end(reader);
    return table.finish();
}

BinTable mean_signal(const std::filesystem::path& track, const BinTable& bins, bool quiet) {
    TrackSource source(track);
    BinTable means = bins;
    means.file = track.string();
    Progress progress("bins", bins.bins(), quiet);
    std::vector<std::string> absent;
    std::vector<float> piece;
    for (BinTable::Chromosome& c : means.chromosomes) {
        if (!source.chromosomes().contains(c.name)) absent.push_back(c.name);
        constexpr std::int64_t piece_length = std::int64_t{1} << 23;
        std::int64_t from = 0;
        piece.clear();
        for (std::size_t i = 0; i < c.size(); ++i) {
            const std::int64_t start = c.starts[i], end = c.ends[i];
            if (end > from + static_cast<std::int64_t>(piece.size())) {
                check_interrupted();
                from = start;
                piece.resize(static_cast<std::size_t>(std::max(end - start, piece_length)));
                source.fetch({c.name, from, from + static_cast<std::int64_t>(piece.size())}, piece);
            }
            double sum = 0;
            for (std::int64_t base = start; base < end; ++base) sum += static_cast<double>(piece[static_cast<std::size_t>(base - from)]);
            c.values[i] = static_cast<float>(sum / static_cast<double>(end - start));
        }
        progress.advance(static_cast<std::int64_t>(c.size()));
    }
    if (absent.size() == means.chromosomes.size())
        throw UsageError(no_such_chromosome(absent.front(), bins.file, track.string(), source.chromosomes()));
    if (!absent.empty() && !quiet)
        std::fprintf(stderr, "warning: %s has no [%s]: it reads as 0 there\n", track.c_str(), listed(absent).c_str());
    if (progress.seconds() > 5) progress.finish();
    return means;
}

namespace {

/// Moves a bin to an earlier place of the same chromosome.
void move_bin(BinTable::Chromosome& c, std::size_t from, std::size_t to) {
    c.starts[to] = c.starts[from];
    c.ends[to] = c.ends[from];
    c.values[to] = c.values[from];
}

void cut(BinTable::Chromosome& c, std::size_t size) {
    c.starts.resize(size);
    c.ends.resize(size);
    c.values.resize(size);
}

/// Bins that one table has and the other lacks.
struct Unmatched {
    std::int64_t count = 0;
    std::string first;

    void add(const BinTable::Chromosome& c, std::size_t i) {
        if (count++ == 0) first = to_string(c.bin(i));
    }
    void refuse(const std::string& file, const std::string& other) const {
        if (count == 0) return;
        throw UsageError("bin " + first + (count > 1 ? " (and " + with_commas(count - 1) + " more)" : "") + " is in " + file +
                         " and not in " + other + "\n       use files of the same bins, or pass --common to evaluate those that both have");
    }
};

}  // namespace

std::vector<std::string> align(BinTable& a, BinTable& b, bool common) {
    Unmatched only_a, only_b;
    std::vector<BinTable::Chromosome> kept_a, kept_b;
    std::vector<std::string> passed_over;
    for (const BinTable::Chromosome& c : b.chromosomes)
        if (a.find(c.name) == nullptr) passed_over.push_back(c.name);
    const bool none = passed_over.size() == b.chromosomes.size();
    for (const BinTable::Chromosome& c : a.chromosomes)
        if (b.find(c.name) == nullptr && (!common || none)) throw UsageError(no_such_chromosome(c.name, a.file, b.file, b.sizes()));
    for (BinTable::Chromosome& x : a.chromosomes) {
        const auto found =
            std::find_if(b.chromosomes.begin(), b.chromosomes.end(), [&](const BinTable::Chromosome& c) { return c.name == x.name; });
        if (found == b.chromosomes.end()) continue;
        BinTable::Chromosome& y = *found;
        std::size_t i = 0, j = 0, both = 0;
        while (i < x.size() || j < y.size()) {
            if (j == y.size() || (i < x.size() && x.before(i, y, j))) only_a.add(x, i++);
            else if (i == x.size() || y.before(j, x, i)) only_b.add(y, j++);
            else {
                move_bin(x, i++, both);
                move_bin(y, j++, both++);
            }
        }
        cut(x, both);
        cut(y, both);
        if (both == 0) continue;
        kept_a.push_back(std::move(x));
        kept_b.push_back(std::move(y));
    }
    if (!common) {
        only_a.refuse(a.file, b.file);
        only_b.refuse(b.file, a.file);
    }
    if (kept_a.empty()) throw UsageError(a.file + " and " + b.file + " have no bin in common\n       use files of the same bins");
    a.chromosomes = std::move(kept_a);
    b.chromosomes = std::move(kept_b);
    return passed_over;
}

bool is_big_wig(const std::filesystem::path& file) {
    std::array<char, 4> head{};
    std::ifstream(file, std::ios::binary).read(head.data(), head.size());
    const std::string_view magic(head.data(), head.size());
    return magic == "\x26\xFC\x8F\x88" || magic == "\x88\x8F\xFC\x26";
}

std::string no_such_chromosome(const std::string& name, const std::string& file, const std::string& other_file, const ChromSizes& other) {
    if (const auto meant = other.suggest(name))
        return "chromosome names do not match: " + file + " says \"" + name + "\", " + other_file + " says \"" + *meant +
               "\"\n       rename one side";
    return other_file + ": has no chromosome \"" + name + "\" of " + file +
           "\n       leave it out with --chromosomes, or use files of the same genome";
}

}  // namespace factornet
