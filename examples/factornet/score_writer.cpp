// SPDX-License-Identifier: MIT
#include "score_writer.hpp"

#include "score_table.hpp"

#include <chromatid/io/bgzip_writer.hpp>
#include <chromatid/io/big_wig_writer.hpp>
#include <chromatid/io/output_file.hpp>

#include <cstdio>
#include <filesystem>
#include <string_view>
#include <utility>

namespace factornet {

using namespace chromatid;

namespace {

void append_exponent_number(std::string& line, float value) {
    char text[32];
    line.append(text, static_cast<std::size_t>(std::snprintf(text, sizeof text, "%.3e", static_cast<double>(value))));
}

/// The input's columns with the score in column 4.
class TableWriter final : public ScoreWriter {
  public:
    using Append = void (*)(std::string&, float);

    TableWriter(const std::filesystem::path& path, Append append) : file_(path), append_(append) {}

    void write(const BedRecord& window, const std::string&, float score) override {
        score_.clear();
        append_(score_, score);
        set_table_line(line_, window, score_);
        file_.write(line_);
    }
    void commit() override { file_.commit(); }

  private:
    BgzipWriter file_;
    Append append_;
    std::string line_, score_;
};

/// bedGraph runs, plain, or bgzip where the name ends in .gz or .bgz.
template <class File>
class BedGraphFile {
  public:
    explicit BedGraphFile(const std::filesystem::path& path) : file_(path) {}
    void add(const std::string& chrom, std::int64_t start, std::int64_t end, float value) {
        line_ = chrom + '\t' + std::to_string(start) + '\t' + std::to_string(end) + '\t';
        append_number(line_, value);
        line_ += '\n';
        file_.write(line_);
    }
    void commit() { file_.commit(); }

  private:
    File file_;
    std::string line_;
};

/// Overlapping windows merged into disjoint runs.
template <class File>
class MergedWriter final : public ScoreWriter {
    struct Sink {
        File* file;
        void operator()(const std::string& chrom, std::int64_t start, std::int64_t end, float value) const {
            file->add(chrom, start, end, value);
        }
    };

  public:
    template <class... A>
    explicit MergedWriter(const ChromSizes& chromosomes, Overlap overlap, A&&... arguments)
        : chromosomes_(chromosomes), file_(std::forward<A>(arguments)...), merger_(overlap, Sink{&file_}) {}

    void write(const BedRecord& window, const std::string& chrom, float score) override {
        const std::int64_t size = chromosomes_.size_of(chrom);
        const Interval& w = window.interval;
        merger_.add({chrom, std::min(w.start, size), std::min(w.end, size)}, score);
    }
    void commit() override {
        merger_.finish();
        file_.commit();
    }

  private:
    ChromSizes chromosomes_;
    File file_;
    WindowMerger<Sink> merger_;
};

}  // namespace

std::unique_ptr<ScoreWriter> make_score_writer(const PredictOptions& options, const ChromSizes& chromosomes) {
    using Format = PredictOptions::Format;
    const Overlap overlap = options.overlap == "max" ? Overlap::max : Overlap::mean;
    switch (options.format) {
        case Format::table: return std::make_unique<TableWriter>(options.output, append_number);
        case Format::upstream: return std::make_unique<TableWriter>(options.output, append_exponent_number);
        case Format::bigwig: return std::make_unique<MergedWriter<BigWigWriter>>(chromosomes, overlap, options.output, chromosomes);
        case Format::bedgraph: break;
    }
    const std::string extension = options.output.extension().string();
    if (extension == ".gz" || extension == ".bgz")
        return std::make_unique<MergedWriter<BedGraphFile<BgzipWriter>>>(chromosomes, overlap, options.output);
    return std::make_unique<MergedWriter<BedGraphFile<OutputFile>>>(chromosomes, overlap, options.output);
}

}  // namespace factornet
