// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>
#include <chromatid/io/output_file.hpp>
#include <chromatid/scan/scan_regions.hpp>
#include <chromatid/tensor/view.hpp>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace factornet {

/// Scores of the chromosomes that a scan has finished, in a folder beside its output: one file for each, and scan.json, which says what
/// they depend on. A file is there when it is whole. Outputs are made from these files, and a scan that was stopped goes on behind them.
class ScanStore {
  public:
    /// \param identity  what scores depend on
    /// \param resume    whether scores that are there may be used
    /// \throws chromatid::UsageError where there are scores and they may not be used, or depend on something else; chromatid::IoError
    ScanStore(std::filesystem::path folder, const nlohmann::ordered_json& identity, chromatid::Index columns, bool resume);
    ScanStore(const ScanStore&) = delete;
    ScanStore& operator=(const ScanStore&) = delete;
    /// Removes the folder unless a chromosome is finished.
    ~ScanStore();

    const std::filesystem::path& folder() const { return folder_; }
    /// Whether the scores of a chromosome, by its place in the list of chromosomes, are there.
    bool has(chromatid::Index chromosome) const { return exists(file_of(chromosome)); }
    /// Number of chromosomes that are there.
    std::int64_t finished() const;

    /// Takes the scores of one chromosome, in the order of its bins.
    class Writer {
      public:
        void add(chromatid::View<const float> scores, chromatid::Index masked);
        /// Puts the file in place.
        void commit();

      private:
        friend class ScanStore;
        Writer(const std::filesystem::path& path, const std::string& head) : file_(path) { file_.write(head); }

        chromatid::OutputFile file_;
        std::int64_t masked_ = 0;
    };
    Writer begin(chromatid::Index chromosome) const { return Writer(file_of(chromosome), head_); }

    /// Gives the scores of all runs, in their order and in pieces: `see(bins, scores)` with a view (bins.count, columns). Safe from many
    /// threads.
    /// \return masked bins
    /// \throws chromatid::FormatError for a file that is damaged, chromatid::IoError
    using See = std::function<void(const chromatid::ScanRegions::Run& bins, chromatid::View<const float> scores)>;
    std::int64_t read(const chromatid::ScanRegions& regions, const See& see) const;

    /// Removes everything.
    void remove();

  private:
    std::filesystem::path file_of(chromatid::Index chromosome) const;

    std::filesystem::path folder_;
    chromatid::Index columns_;
    std::string head_;  ///< first line of each file
};

}  // namespace factornet
