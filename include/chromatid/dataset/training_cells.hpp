// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/core/index.hpp>
#include <chromatid/dataset/cell_directory.hpp>
#include <chromatid/genome/named_signal.hpp>
#include <chromatid/io/big_wig.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace chromatid {

namespace detail {

/// "Unique35, DGF"
inline std::string listed(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

}  // namespace detail

/// The cells that a network learns from: their directories, with signal tracks and metadata of the same names in the same order. A file
/// that several cells list, such as mappability, is one track.
class TrainingCells {
  public:
    /// What of a directory is read.
    struct Features {
        bool tracks = true;  ///< bigwig.txt
        bool meta = false;   ///< meta.txt
    };

    /// \param training    cells that give training windows
    /// \param validation  cells that give validation windows; the same as for training where empty
    /// \throws UsageError where tracks or metadata differ between cells, or there is no cell; FormatError, IoError as `CellDirectory`
    explicit TrainingCells(std::vector<CellDirectory> training, std::vector<CellDirectory> validation = {},
                           Features features = {true, false})
        : training_(static_cast<Index>(training.size())) {
        if (training.empty()) throw UsageError("no cell to train on: name at least one cell directory");
        separate_ = !validation.empty();
        for (auto* directories : {&training, &validation})
            for (CellDirectory& directory : *directories) add(std::move(directory), features);
    }

    /// Number of cells, first those of training, then those of validation alone.
    Index size() const { return static_cast<Index>(cells_.size()); }
    bool trains(Index cell) const { return cell < training_; }
    bool validates(Index cell) const { return !separate_ || cell >= training_; }

    const CellDirectory& directory(Index cell) const { return at(cell).directory; }
    /// Name of a cell: that of its directory.
    std::string name(Index cell) const {
        const auto path = std::filesystem::absolute(directory(cell).path()).lexically_normal();
        return (path.has_filename() ? path.filename() : path.parent_path().filename()).string();
    }

    /// Names of the tracks and of the metadata, in the order of a network's channels and side input.
    const std::vector<std::string>& track_names() const { return track_names_; }
    const std::vector<std::string>& meta_names() const { return meta_names_; }

    /// A cell's tracks as places in `files()`.
    std::span<const Index> tracks_of(Index cell) const { return at(cell).tracks; }
    /// A cell's metadata.
    std::span<const float> meta_of(Index cell) const { return at(cell).meta; }

    /// The bigWig files of all cells, each once, with the names of their tracks.
    const std::vector<CellDirectory::Track>& files() const { return files_; }
    /// Opens them, for a `GenomeStore`.
    /// \throws IoError, FormatError as `BigWig`
    std::vector<NamedSignal> open_tracks() const {
        std::vector<NamedSignal> tracks;
        for (const CellDirectory::Track& file : files_) tracks.emplace_back(file.name + " (" + file.file.string() + ")", BigWig(file.file));
        return tracks;
    }

    /// The peak files of a factor in a cell.
    /// \throws UsageError where chip.txt does not list the factor, with those it lists
    CellDirectory::Peaks peaks(Index cell, const std::string& factor) const {
        std::vector<std::string> factors;
        for (CellDirectory::Peaks& line : directory(cell).peaks()) {
            if (line.factor == factor) return std::move(line);
            factors.push_back(line.factor);
        }
        throw UsageError((directory(cell).path() / "chip.txt").string() + ": there is no factor \"" + factor + "\"; it lists [" +
                         detail::listed(factors) + "]");
    }

  private:
    struct Cell {
        CellDirectory directory;
        std::vector<Index> tracks;
        std::vector<float> meta;
    };

    const Cell& at(Index cell) const { return cells_[static_cast<std::size_t>(cell)]; }

    void add(CellDirectory directory, Features features) {
        Cell cell{std::move(directory), {}, {}};
        std::vector<std::string> track_names, meta_names;
        if (features.tracks)
            for (CellDirectory::Track& track : cell.directory.tracks()) {
                track_names.push_back(track.name);
                cell.tracks.push_back(place_of(std::move(track)));
            }
        if (features.meta)
            for (const CellDirectory::MetaValue& m : cell.directory.meta()) {
                if (!(std::abs(m.value) <= std::numeric_limits<float>::max()))
                    throw UsageError((cell.directory.path() / "meta.txt").string() + ": " + m.name +
                                     " is not a finite number that fits a float");
                meta_names.push_back(m.name);
                cell.meta.push_back(static_cast<float>(m.value));
            }
        if (cells_.empty()) {
            track_names_ = std::move(track_names);
            meta_names_ = std::move(meta_names);
        } else {
            expect(cell.directory, "bigwig.txt", "tracks", track_names_, track_names);
            expect(cell.directory, "meta.txt", "metadata", meta_names_, meta_names);
        }
        cells_.push_back(std::move(cell));
    }

    void expect(const CellDirectory& directory, const char* file, const char* what, const std::vector<std::string>& wanted,
                const std::vector<std::string>& found) const {
        if (wanted != found)
            throw UsageError(std::string("the cells differ in their ") + what + ": " + (cells_.front().directory.path() / file).string() +
                             " has [" + detail::listed(wanted) + "], " + (directory.path() / file).string() + " has [" +
                             detail::listed(found) + "]\n       list the same names in the same order in each cell");
    }

    Index place_of(CellDirectory::Track track) {
        std::error_code ignored;
        const auto same = [&](const CellDirectory::Track& other) {
            return other.file == track.file || std::filesystem::equivalent(other.file, track.file, ignored);
        };
        const auto found = std::find_if(files_.begin(), files_.end(), same);
        const auto place = static_cast<Index>(found - files_.begin());
        if (found == files_.end()) files_.push_back(std::move(track));
        return place;
    }

    Index training_;
    bool separate_ = false;
    std::vector<Cell> cells_;
    std::vector<std::string> track_names_, meta_names_;
    std::vector<CellDirectory::Track> files_;
};

}  // namespace chromatid
