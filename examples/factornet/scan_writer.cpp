// SPDX-License-Identifier: MIT
#include "scan_writer.hpp"

#include "score_table.hpp"

#include <chromatid/genome/window_merger.hpp>
#include <chromatid/io/bgzip_writer.hpp>
#include <chromatid/io/big_wig_writer.hpp>
#include <chromatid/io/output_file.hpp>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace factornet {

using namespace chromatid;

namespace {

constexpr std::string_view task_mark = "{task}";

std::string lower_case(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

bool is_bgzip(const std::filesystem::path& file) {
    const std::string end = lower_case(file.extension().string());
    return end == ".gz" || end == ".bgz";
}

/// A text file, plain or bgzip as its name says.
class TextOutput {
  public:
    TextOutput(const std::filesystem::path& path, int threads) {
        if (is_bgzip(path)) bgzip_.emplace(path, threads);
        else plain_.emplace(path);
    }
    void write(std::string_view text) {
        if (bgzip_) bgzip_->write(text);
        else plain_->write(text);
    }
    void commit() {
        if (bgzip_) bgzip_->commit();
        else plain_->commit();
    }

  private:
    std::optional<BgzipWriter> bgzip_;
    std::optional<OutputFile> plain_;
};

void append_place(std::string& line, const std::string& chrom, std::int64_t start, std::int64_t end) {
    char text[64];
    line += chrom;
    line += '\t';
    line.append(text, std::to_chars(text, text + sizeof text, start).ptr);
    line += '\t';
    line.append(text, std::to_chars(text, text + sizeof text, end).ptr);
}

class TableWriter final : public ScanWriter {
  public:
    TableWriter(const std::filesystem::path& file, const ScanRegions& regions, const std::vector<std::string>& factors, int threads)
        : regions_(regions), file_(file, threads) {
        std::string head = "#chrom\tstart\tend";
        for (const std::string& factor : factors) head += '\t' + factor;
        file_.write(head + '\n');
    }

    void write(const ScanRegions::Run& bins, View<const float> scores) override {
        const std::string& chrom = regions_.chromosomes()[bins.chromosome].name;
        lines_.clear();
        for (Index i = 0; i < bins.count; ++i) {
            const std::int64_t start = bins.first + i * regions_.bins().stride;
            append_place(lines_, chrom, start, start + regions_.bins().length);
            for (Index c = 0; c < scores.extent(1); ++c) {
                lines_ += '\t';
                append_number(lines_, scores(i, c));
            }
            lines_ += '\n';
        }
        file_.write(lines_);
    }
    void commit() override { file_.commit(); }

  private:
    const ScanRegions& regions_;
    TextOutput file_;
    std::string lines_;
};

/// bedGraph lines.
class BedGraphRuns {
  public:
    BedGraphRuns(const std::filesystem::path& path, int threads) : file_(path, threads) {}
    void add(const std::string& chrom, std::int64_t start, std::int64_t end, float value) {
        append_place(lines_, chrom, start, end);
        lines_ += '\t';
        append_number(lines_, value);
        lines_ += '\n';
        if (lines_.size() > full) flush();
    }
    void commit() {
        flush();
        file_.commit();
    }

  private:
    static constexpr std::size_t full = std::size_t{1} << 16;

    void flush() {
        file_.write(lines_);
        lines_.clear();
    }

    TextOutput file_;
    std::string lines_;
};

/// Runs on their way into a file: those of one value that touch become one, as on masked ground.
template <class File>
class JoinedRuns {
  public:
    template <class... A>
    explicit JoinedRuns(A&&... arguments) : file_(std::forward<A>(arguments)...) {}

    void add(const std::string& chrom, std::int64_t start, std::int64_t end, float value) {
        if (start == last_.end && value == value_ && chrom == last_.chrom) {
            last_.end = end;
            return;
        }
        flush();
        last_ = {chrom, start, end};
        value_ = value;
    }
    void commit() {
        flush();
        file_.commit();
    }

  private:
    void flush() {
        if (last_.length() > 0) file_.add(last_.chrom, last_.start, last_.end, value_);
    }

    File file_;
    Interval last_;
    float value_ = 0;
};

/// Bins merged into disjoint runs.
template <class File>
class MergedWriter final : public ScanWriter {
    struct Sink {
        JoinedRuns<File>* runs;
        void operator()(const std::string& chrom, std::int64_t start, std::int64_t end, float value) const {
            runs->add(chrom, start, end, value);
        }
    };

  public:
    template <class... A>
    MergedWriter(const ScanRegions& regions, Index column, bool largest, A&&... arguments)
        : regions_(regions),
          column_(column),
          runs_(std::forward<A>(arguments)...),
          merger_(largest ? Overlap::max : Overlap::mean, Sink{&runs_}) {}

    void write(const ScanRegions::Run& bins, View<const float> scores) override {
        Interval bin = regions_.bin(bins, 0);
        for (Index i = 0; i < bins.count; ++i) {
            merger_.add(bin, scores(i, column_));
            bin.start += regions_.bins().stride;
            bin.end += regions_.bins().stride;
        }
    }
    void commit() override {
        merger_.finish();
        runs_.commit();
    }

  private:
    const ScanRegions& regions_;
    Index column_;
    JoinedRuns<File> runs_;
    WindowMerger<Sink> merger_;
};

/// The chromosomes that have bins, in their order.
ChromSizes chromosomes_with_bins(const ScanRegions& regions) {
    ChromSizes some;
    for (const ScanRegions::Run& run : regions.runs()) {
        const Chromosome& c = regions.chromosomes()[run.chromosome];
        if (!some.contains(c.name)) some.add(c.name, c.size);
    }
    return some;
}

}  // namespace

ScanOptions::Format format_of(const ScanOptions& options) {
    using Format = ScanOptions::Format;
    if (options.format != Format::by_name) return options.format;
    const std::filesystem::path name = is_bgzip(options.output) ? options.output.stem() : options.output.filename();
    const std::string end = lower_case(name.extension().string());
    if (end == ".bw" || end == ".bigwig") return Format::bigwig;
    if (end == ".bedgraph" || end == ".bg" || end == ".bdg") return Format::bedgraph;
    return Format::table;
}

bool names_task(const std::filesystem::path& pattern) { return pattern.string().find(task_mark) != std::string::npos; }

std::filesystem::path file_for(const std::filesystem::path& pattern, const std::string& factor) {
    std::string name = pattern.string(), task = factor;
    std::ranges::replace(task, '/', '_');
    for (std::size_t at = name.find(task_mark); at != std::string::npos; at = name.find(task_mark, at + task.size()))
        name.replace(at, task_mark.size(), task);
    return name;
}

std::unique_ptr<ScanWriter> make_table_writer(const std::filesystem::path& file, const ScanRegions& regions,
                                              const std::vector<std::string>& factors, int threads) {
    return std::make_unique<TableWriter>(file, regions, factors, threads);
}

std::unique_ptr<ScanWriter> make_merged_writer(const std::filesystem::path& file, const ScanRegions& regions, Index column,
                                               ScanOptions::Format format, bool largest, int threads) {
    if (format == ScanOptions::Format::bigwig)
        return std::make_unique<MergedWriter<BigWigWriter>>(regions, column, largest, file, chromosomes_with_bins(regions));
    return std::make_unique<MergedWriter<BedGraphRuns>>(regions, column, largest, file, threads);
}

}  // namespace factornet
