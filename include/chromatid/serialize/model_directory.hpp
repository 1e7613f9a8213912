// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/core/index.hpp>
#include <chromatid/genome/reverse_complement.hpp>
#include <chromatid/io/fields.hpp>
#include <chromatid/io/output_file.hpp>
#include <chromatid/io/text_reader.hpp>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chromatid {

/// The text files of a model directory in FactorNet's layout: what the numbers that go into a network and come out of it mean. One name a
/// line: chip.txt the transcription factors; feature.txt the kinds of input, "bigwig", "meta" and "gencode"; bigwig.txt the signal tracks;
/// meta.txt the values that describe a cell.
class ModelDirectory {
  public:
    static constexpr Index annotation_count = 6;  ///< CpG island, CDS, intron, promoter, 5' UTR, 3' UTR

    /// \throws IoError where the directory, chip.txt, feature.txt, or a list that feature.txt asks for is missing; FormatError with file
    ///         and line for an empty list, two words on a line, a name given twice or an unknown feature; UsageError for a stranded track
    ///         without its partner
    explicit ModelDirectory(std::filesystem::path path) : path_(std::move(path)) {
        if (!std::filesystem::exists(path_)) throw IoError(path_.string(), "cannot open the model directory", ENOENT);
        if (!std::filesystem::is_directory(path_)) throw IoError(path_.string(), "cannot open the model directory", ENOTDIR);
        tasks_ = names("chip.txt");
        const std::vector<std::string> features = names("feature.txt", {"bigwig", "meta", "gencode"});  // none: sequence alone
        const auto has = [&](const char* feature) { return std::find(features.begin(), features.end(), feature) != features.end(); };
        if (has("bigwig")) tracks_ = names("bigwig.txt");
        if (has("meta")) meta_ = names("meta.txt");
        has_annotations_ = has("gencode");
        find_swaps();
    }

    /// The same from names that are known already, whatever the directory holds; nothing is read or written.
    /// \throws UsageError for no factor, an empty name, one with blanks or one given twice, or a stranded track without its partner
    ModelDirectory(std::filesystem::path path, std::vector<std::string> tasks, std::vector<std::string> tracks,
                   std::vector<std::string> meta = {}, bool has_annotations = false)
        : path_(std::move(path)),
          tasks_(std::move(tasks)),
          tracks_(std::move(tracks)),
          meta_(std::move(meta)),
          has_annotations_(has_annotations) {
        if (tasks_.empty()) throw UsageError(path_.string() + ": a model needs the name of at least one factor");
        for (const auto* names : {&tasks_, &tracks_, &meta_})
            for (auto name = names->begin(); name != names->end(); ++name) {
                if (name->empty() || name->find_first_of(" \t\r\n") != std::string::npos)
                    throw UsageError(path_.string() + ": \"" + *name + "\" cannot be a name: the text files hold one word a line");
                if (std::find(names->begin(), name, *name) != name)
                    throw UsageError(path_.string() + ": \"" + *name + "\" is listed twice");
            }
        find_swaps();
    }

    /// Writes the text files into the directory, which must be there: chip.txt, feature.txt, and bigwig.txt and meta.txt where there are
    /// such names.
    /// \throws IoError
    void write() const {
        write_names("chip.txt", tasks_);
        if (!tracks_.empty()) write_names("bigwig.txt", tracks_);
        if (!meta_.empty()) write_names("meta.txt", meta_);
        std::vector<std::string> features;
        if (!tracks_.empty()) features.emplace_back("bigwig");
        if (!meta_.empty()) features.emplace_back("meta");
        if (has_annotations_) features.emplace_back("gencode");
        write_names("feature.txt", features);
    }

    const std::filesystem::path& path() const { return path_; }
    /// Transcription factors, in the order of the network's outputs.
    const std::vector<std::string>& tasks() const { return tasks_; }
    /// Signal tracks, in the order of the channels behind the four letters.
    const std::vector<std::string>& tracks() const { return tracks_; }
    /// Values that describe the cell, in the order in which the side input begins.
    const std::vector<std::string>& meta() const { return meta_; }
    /// Whether the side input ends with the annotations that a window overlaps, 0 or 1 for each of `annotation_count`.
    bool has_annotations() const { return has_annotations_; }
    /// Channels of the input: letters and tracks.
    Index channels() const { return 4 + static_cast<Index>(tracks_.size()); }
    /// Width of the side input, 0 for none.
    Index side_size() const { return static_cast<Index>(meta_.size()) + (has_annotations_ ? annotation_count : 0); }
    /// Pairs of track numbers that change places under reverse complement: "X_fwd" with "X_rev".
    const std::vector<Index>& swapped_tracks() const { return swapped_tracks_; }
    /// Which output belongs to a transcription factor.
    /// \throws UsageError where the model was not trained for it
    Index task(const std::string& factor) const {
        const auto found = std::find(tasks_.begin(), tasks_.end(), factor);
        if (found == tasks_.end()) throw UsageError(path_.string() + ": the model predicts " + listed(tasks_) + ", not " + factor);
        return found - tasks_.begin();
    }

    /// Checks that a network takes and gives what the text files say.
    /// \throws ModelError
    template <class M>
    void check(const M& model) const {
        expect("bigwig.txt", "input channels, 4 letters and [" + listed(tracks_) + "]", channels(), extents_of(model.input_shape()).back());
        expect("feature.txt", "values of side input, [" + listed(meta_) + "]" + (has_annotations_ ? " and 6 annotations" : ""), side_size(),
               model.side_size());
        expect("chip.txt", "outputs, [" + listed(tasks_) + "]", static_cast<Index>(tasks_.size()),
               extents_of(model.output_shape()).front());
    }

  private:
    /// Extents of a shape, which an `AnyModel` gives as a vector.
    template <class S>
    static std::vector<Index> extents_of(const S& shape) {
        if constexpr (requires { shape.values(); }) return {shape.values().begin(), shape.values().end()};
        else return shape;
    }

    void expect(const char* file, const std::string& what, Index said, Index found) const {
        if (said != found)
            throw ModelError((path_ / file).string() + ": says " + std::to_string(said) + " " + what + "; the network has " +
                             std::to_string(found));
    }

    static std::string listed(const std::vector<std::string>& names) {
        std::string list;
        for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
        return list;
    }

    void write_names(const char* name, const std::vector<std::string>& names) const {
        OutputFile file(path_ / name);
        for (const std::string& line : names) file.write(line + "\n");
        file.commit();
    }

    /// The lines of a file; where `known` names any, none but those.
    std::vector<std::string> names(const char* file, const std::vector<std::string>& known = {}) const {
        TextReader reader(path_ / file);
        std::vector<std::string> lines;
        std::vector<std::string_view> words;
        while (const auto line = reader.next()) {
            detail::split_words(*line, words);
            if (words.empty()) continue;
            if (words.size() != 1) reader.fail("a line holds one name, this one has " + std::to_string(words.size()) + " words");
            std::string name(words.front());
            if (std::find(lines.begin(), lines.end(), name) != lines.end()) reader.fail("\"" + name + "\" is listed twice");
            if (!known.empty() && std::find(known.begin(), known.end(), name) == known.end())
                reader.fail("\"" + name + "\" is not one of " + listed(known));
            lines.push_back(std::move(name));
        }
        if (lines.empty() && known.empty()) throw FormatError(reader.file(), "", "lists nothing");
        return lines;
    }

    void find_swaps() {
        const std::vector<Index> partners = track_partners(tracks_);
        for (Index track = 0; const Index partner : partners) {
            if (track < partner) swapped_tracks_.insert(swapped_tracks_.end(), {track, partner});
            ++track;
        }
    }

    std::filesystem::path path_;
    std::vector<std::string> tasks_, tracks_, meta_;
    bool has_annotations_ = false;
    std::vector<Index> swapped_tracks_;
};

}  // namespace chromatid
