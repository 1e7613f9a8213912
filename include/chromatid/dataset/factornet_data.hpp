// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/core/index.hpp>
#include <chromatid/dataset/any_negatives.hpp>
#include <chromatid/dataset/bin_places.hpp>
#include <chromatid/dataset/chromosome_split.hpp>
#include <chromatid/dataset/data_draws.hpp>
#include <chromatid/dataset/data_options.hpp>
#include <chromatid/dataset/fresh_negatives.hpp>
#include <chromatid/dataset/gc_matched_negatives.hpp>
#include <chromatid/dataset/genome_store.hpp>
#include <chromatid/dataset/label_rule.hpp>
#include <chromatid/dataset/labelled_bins.hpp>
#include <chromatid/dataset/negative_exclusion.hpp>
#include <chromatid/dataset/negative_places.hpp>
#include <chromatid/dataset/non_overlapping_negatives.hpp>
#include <chromatid/dataset/peak_file.hpp>
#include <chromatid/dataset/single_task_positives.hpp>
#include <chromatid/dataset/tiled_negatives.hpp>
#include <chromatid/dataset/training_cells.hpp>
#include <chromatid/dataset/window_batches.hpp>
#include <chromatid/dataset/window_count.hpp>
#include <chromatid/dataset/window_set.hpp>
#include <chromatid/genome/blacklist.hpp>
#include <chromatid/genome/chrom_sizes.hpp>
#include <chromatid/genome/interval_set.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace chromatid {

/// FactorNet's data sets: which windows of which cells a network is shown, with which labels. On any genome:
///
///     const ChromSizes sizes = read_chrom_sizes("hg19.chrom.sizes");
///     const IntervalSet blacklisted(read_bed("blacklist.bed.gz"));
///     const TrainingCells cells({CellDirectory("data/K562"), CellDirectory("data/HepG2")});
///
///     const auto data = FactorNetData::single_task("MAX", cells, sizes, blacklisted,
///                                                  {.validation = {"chr11"}, .test = {"chr1", "chr8", "chr21"}, .negatives = 3});
///     const GenomeStore store(open_sequence("hg19.fa"), data.cells().open_tracks(), data.chromosomes());
///     const WindowBatches training = data.training(store), validation = data.validation(store);
///
/// FactorNet's own choices are `NegativeRule::non_overlapping` (single task), `EpochRule::stream` and `AnnotationRule::peak`.
class FactorNetData {
  public:
    /// One factor in any number of cells: a bin for each conservative peak, moved while it shares 76 bases with it; no negative lies near a
    /// relaxed peak (a conservative one outside the mask where a cell has no relaxed ones). Validation windows stay where they are.
    /// \param blacklisted  raw regions; the mask is `blacklist(blacklisted, sizes, options.length)`
    /// \throws UsageError for a factor that a cell does not list, an empty peak file, chromosomes that `sizes` does not have, or no
    ///     positive left in training or in validation; IoError, FormatError as `BedReader`
    static FactorNetData single_task(const std::string& factor, TrainingCells cells, const ChromSizes& sizes,
                                     const IntervalSet& blacklisted, DataOptions options = {}) {
        FactorNetData data({factor}, std::move(cells), sizes, blacklisted, std::move(options));
        for (Index cell = 0; cell < data.cells_->size(); ++cell) data.add_single_task(cell);
        data.finish(0, false);
        return data;
    }

    /// Several factors: every bin of the grid that a label rule calls bound for at least one, with the labels of all; all windows are
    /// shifted by up to `options.shift`, those of validation always by the same. FactorNet takes one cell; with more, a factor that a cell
    /// does not list is `ambiguous` there.
    /// \param factors  in the order of the network's outputs; all that the first cell lists where empty
    /// \throws UsageError as `single_task`, and for a rule with relaxed peaks where a cell has none; IoError, FormatError as `BedReader`
    template <LabelRule Rule = FactorNetLabels>
    static FactorNetData multi_task(std::vector<std::string> factors, TrainingCells cells, const ChromSizes& sizes,
                                    const IntervalSet& blacklisted, DataOptions options = {}, const Rule& rule = {}) {
        if (factors.empty())
            for (const CellDirectory::Peaks& line : cells.directory(0).peaks()) factors.push_back(line.factor);
        FactorNetData data(std::move(factors), std::move(cells), sizes, blacklisted, std::move(options));
        data.negative_labels_.assign(static_cast<std::size_t>(data.cells_->size()) * data.factors_.size(), 0);
        for (Index cell = 0; cell < data.cells_->size(); ++cell) data.add_multi_task(cell, rule);
        data.finish(data.options_.shift, true);
        return data;
    }

    const TrainingCells& cells() const { return *cells_; }
    const ChromosomeSplit& split() const { return split_; }
    const DataOptions& options() const { return options_; }
    /// Names of the tasks, in the order of the network's outputs.
    const std::vector<std::string>& factors() const { return factors_; }
    /// Bases that no positive and no negative touches.
    const IntervalSet& masked() const { return masked_; }
    /// Bases that no negative of a cell touches.
    const IntervalSet& excluded(Index cell) const { return excluded_[static_cast<std::size_t>(cell)]; }

    /// Chromosomes that training and validation read, for a `GenomeStore`.
    std::vector<std::string> chromosomes() const {
        std::vector<std::string> names;
        for (const Part part : {Part::training, Part::validation})
            for (const Index c : split_.places(part)) names.push_back(split_.sizes()[c].name);
        return names;
    }

    /// Batches for training.
    /// \throws UsageError as `WindowBatches`, and where no place is left for negatives
    WindowBatches training(const GenomeStore& store) const {
        return {store, split_.sizes(), cells_, training_, negatives(Part::training, store), options_, {true, true, options_.seed}};
    }
    /// Batches for validation: always the same windows, those of `NegativeRule` drawn once, in one order. None without validation
    /// chromosomes.
    WindowBatches validation(const GenomeStore& store) const {
        return {store,
                split_.sizes(),
                cells_,
                validation_,
                negatives(Part::validation, store),
                options_,
                {false, false, DataDraws{options_.seed, DataDraws::Purpose::cell}.seed_of(Index{1} << 40)}};
    }

    /// Positives of each cell on each chromosome, without those that have none.
    std::vector<WindowCount> counts() const {
        std::vector<WindowCount> all;
        for (const auto* part : {&training_, &validation_}) {
            std::map<std::pair<Index, Index>, Index> numbers;
            for (const WindowSet::Positive& p : (*part)->positives) ++numbers[{p.cell, p.bin.chromosome}];
            for (const auto& [where, n] : numbers)
                all.push_back({cells_->name(where.first), split_.sizes()[where.second].name,
                               part == &training_ ? Part::training : Part::validation, n});
        }
        return all;
    }
    /// Windows that a factor binds, of those of a part.
    Index bound(Index factor, Part part) const {
        const WindowSet& set = part == Part::training ? *training_ : *validation_;
        if (set.labels.empty()) return static_cast<Index>(set.positives.size());
        Index n = 0;
        for (auto i = static_cast<std::size_t>(factor); i < set.labels.size(); i += factors_.size()) n += set.labels[i] == 1 ? 1 : 0;
        return n;
    }
    Index positives(Part part) const { return static_cast<Index>((part == Part::training ? *training_ : *validation_).positives.size()); }
    /// Peaks (of a single task) that gave no positive: because of the mask, or on chromosomes that the sizes do not list.
    Index masked_peaks() const { return masked_peaks_; }
    Index peaks_elsewhere() const { return peaks_elsewhere_; }

  private:
    FactorNetData(std::vector<std::string> factors, TrainingCells cells, const ChromSizes& sizes, const IntervalSet& blacklisted,
                  DataOptions options)
        : factors_(std::move(factors)),
          cells_(std::make_shared<const TrainingCells>(std::move(cells))),
          options_(std::move(options)),
          split_(sizes, options_.validation, options_.test),
          training_(std::make_shared<WindowSet>()),
          validation_(std::make_shared<WindowSet>()) {
        check(options_);
        detail::expect_same_names("the blacklist", blacklisted.intervals(), sizes);
        masked_ = blacklist(blacklisted, sizes, options_.length);
    }

    static void check(const DataOptions& options) {
        const auto at_least = [](std::int64_t value, std::int64_t least, const char* what) {
            if (value < least)
                throw UsageError(std::string(what) + " must be at least " + std::to_string(least) + ", not " + std::to_string(value));
        };
        if (options.negatives == DataOptions::all_negatives && options.negative_rule != NegativeRule::tiled)
            throw UsageError(
                "all negatives of the genome can be asked for with the tiled rule only: give a number of negatives per positive");
        if (options.negatives != DataOptions::all_negatives) at_least(options.negatives, 0, "negatives per positive");
        at_least(options.length, 1, "the bases of a window");
        at_least(options.epochs, 1, "the number of epochs");
        at_least(options.batch, 1, "the windows of a batch");
        at_least(options.grid.width, 1, "the bases of a bin");
        at_least(options.grid.step, 1, "the bases from bin to bin");
        at_least(options.margin, 0, "the bases around a peak without negatives");
        at_least(options.shift, 0, "the bases by which windows move");
    }

    /// The sets that windows of a cell on a chromosome go to: training, validation, or none.
    WindowSet* set_of(Index cell, Index chromosome) const {
        const Part part = split_.of(chromosome);
        if (part == Part::training && cells_->trains(cell)) return training_.get();
        return part == Part::validation && cells_->validates(cell) ? validation_.get() : nullptr;
    }

    void add_single_task(Index cell) {
        const ChromSizes& sizes = split_.sizes();
        const CellDirectory::Peaks files = cells_->peaks(cell, factors_[0]);
        const std::vector<Interval> peaks = detail::read_peaks(files.file, sizes);
        const PeakBins found = single_task_positives(peaks, sizes, masked_, options_.grid.width, options_.least_overlap);
        masked_peaks_ += found.masked;
        peaks_elsewhere_ += found.elsewhere;
        for (const PeakBin& p : found.bins)
            if (WindowSet* set = set_of(cell, p.bin.chromosome)) {
                set->positives.push_back({p.bin, set == training_.get() ? p.shift : 0, cell});
                if (!options_.annotations || options_.annotation_rule != AnnotationRule::peak) continue;
                unsigned bits = 0;
                const auto features = options_.annotations->of({sizes[p.bin.chromosome].name, p.peak_start, p.peak_end});
                for (unsigned i = 0; i < Annotations::count; ++i) bits |= features[i] ? 1U << i : 0U;
                set->annotations.push_back(static_cast<std::uint8_t>(bits));
            }
        IntervalSet near;
        if (!files.relaxed.empty()) near = IntervalSet(detail::read_peaks(files.relaxed, sizes));
        else {
            std::vector<Interval> unmasked;
            std::copy_if(peaks.begin(), peaks.end(), std::back_inserter(unmasked),
                         [&](const Interval& p) { return !masked_.any_overlap(p); });
            near = IntervalSet(unmasked);
        }
        excluded_.push_back(negative_exclusion(near, sizes, masked_, options_.margin));
    }

    template <LabelRule Rule>
    void add_multi_task(Index cell, const Rule& rule) {
        const ChromSizes& sizes = split_.sizes();
        std::map<std::string, CellDirectory::Peaks> files;
        for (CellDirectory::Peaks& line : cells_->directory(cell).peaks()) files.emplace(line.factor, std::move(line));
        std::vector<FactorPeaks> peaks;
        std::vector<Interval> near;
        for (std::size_t t = 0; t < factors_.size(); ++t) {
            FactorPeaks& of_factor = peaks.emplace_back();
            of_factor.factor = factors_[t];
            const auto line = files.find(factors_[t]);
            if (line == files.end()) {
                if (cells_->size() == 1) static_cast<void>(cells_->peaks(cell, factors_[t]));  // throws, and says what there is
                negative_labels_[static_cast<std::size_t>(cell) * factors_.size() + t] = -1;
                continue;
            }
            of_factor.conservative = detail::read_peaks(line->second.file, sizes);
            if (!Rule::takes_relaxed) continue;
            if (line->second.relaxed.empty())
                throw UsageError((cells_->directory(cell).path() / "chip.txt").string() + ": the label rule needs relaxed peaks, " +
                                 factors_[t] + " has none\n       add a third column, or use FactorNet's rule");
            of_factor.relaxed = detail::read_peaks(line->second.relaxed, sizes);
            near.insert(near.end(), of_factor.relaxed.begin(), of_factor.relaxed.end());
        }
        const LabelledBins found = label_bins(rule, options_.grid, sizes, peaks, masked_);
        for (Index i = 0; i < static_cast<Index>(found.bins.size()); ++i) {
            const Bin& bin = found.bins[static_cast<std::size_t>(i)];
            WindowSet* set = set_of(cell, bin.chromosome);
            if (set == nullptr) continue;
            set->positives.push_back({bin, options_.shift, cell});
            for (std::size_t t = 0; t < factors_.size(); ++t)
                set->labels.push_back(negative_labels_[static_cast<std::size_t>(cell) * factors_.size() + t] < 0 ? std::int8_t{-1}
                                                                                                                 : found.of(i)[t]);
        }
        excluded_.push_back(negative_exclusion(peak_union(peaks, sizes).unite(IntervalSet(near)), sizes, masked_, options_.margin));
    }

    void finish(std::int64_t negative_shift, bool several) {
        for (const auto& [set, part] : {std::pair{training_.get(), Part::training}, std::pair{validation_.get(), Part::validation}}) {
            set->chromosomes = split_.places(part);
            set->negative_shift = negative_shift;
            set->negative_labels = negative_labels_;
            set->tasks = static_cast<Index>(factors_.size());
            set->width = options_.grid.width;
            if (!set->positives.empty() || set->chromosomes.empty()) continue;
            const bool trains = part == Part::training;
            std::vector<std::string> names;
            for (const Index c : set->chromosomes) names.push_back(split_.sizes()[c].name);
            throw UsageError(std::string("no positive is left for ") + (trains ? "training" : "validation") + ": no peak of " +
                             detail::listed(factors_) + " gives " + (several ? "a bound bin" : "a bin") + " outside the mask on [" +
                             detail::listed(names) + "]\n       choose other chromosomes" +
                             (trains ? ", or a shorter window, by which the blacklist grows" : " for validation"));
        }
    }

    AnyNegatives negatives(Part part, const GenomeStore& store) const {
        const WindowSet& set = part == Part::training ? *training_ : *validation_;
        if (options_.negatives == 0 || set.positives.empty()) return {};
        const DataDraws draws{options_.seed,
                              part == Part::training ? DataDraws::Purpose::negative : DataDraws::Purpose::validation_negative};
        const ChromSizes& sizes = split_.sizes();
        std::vector<std::vector<Bin>> positives(excluded_.size());
        for (const WindowSet::Positive& p : set.positives) positives[static_cast<std::size_t>(p.cell)].push_back(p.bin);
        const auto wanted = [&](std::size_t cell) { return options_.negatives * static_cast<Index>(positives[cell].size()); };
        if (options_.negative_rule == NegativeRule::non_overlapping) {
            std::vector<NonOverlappingNegatives::Cell> cells;
            for (std::size_t c = 0; c < excluded_.size(); ++c) cells.push_back({excluded_[c], wanted(c)});
            return NonOverlappingNegatives(sizes, set.chromosomes, cells, options_.grid.width, part == Part::training ? options_.epochs : 1,
                                           draws);
        }
        const bool tiled = options_.negative_rule == NegativeRule::tiled;
        NegativePlaces places;
        for (std::size_t c = 0; c < excluded_.size(); ++c) {
            BinPlaces free(sizes, set.chromosomes, excluded_[c], {options_.grid.width, tiled ? options_.grid.step : 1});
            const bool shown = !positives[c].empty();
            const Index count =
                options_.negatives == DataOptions::all_negatives ? (shown ? static_cast<Index>(free.size()) : 0) : wanted(c);
            places.add(std::move(free), count);
        }
        if (tiled) return TiledNegatives(std::move(places), draws);
        if (options_.negative_rule == NegativeRule::fresh) return FreshNegatives(std::move(places), draws);
        std::vector<Index> in_store;
        for (const Chromosome& c : sizes) in_store.push_back(store.chromosomes().find(c.name).value_or(-1));
        for (const Index c : set.chromosomes) static_cast<void>(store.chromosomes().place_of(sizes[c].name, "the genome store"));
        const auto content = [&store, in_store, length = options_.length, width = options_.grid.width](const Bin& bin) {
            const std::int64_t start = centered_window({{}, bin.start, bin.start + width}, length).start;
            return store.gc_content(in_store[static_cast<std::size_t>(bin.chromosome)], start, length);
        };
        return GcMatchedNegatives(std::move(places), positives, content, draws);
    }

    std::vector<std::string> factors_;
    std::shared_ptr<const TrainingCells> cells_;
    DataOptions options_;
    ChromosomeSplit split_;
    IntervalSet masked_;
    std::vector<IntervalSet> excluded_;
    std::shared_ptr<WindowSet> training_, validation_;
    std::vector<std::int8_t> negative_labels_;
    Index masked_peaks_ = 0, peaks_elsewhere_ = 0;
};

}  // namespace chromatid
