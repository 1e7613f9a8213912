// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/core/index.hpp>
#include <chromatid/dataset/annotations.hpp>
#include <chromatid/dataset/any_negatives.hpp>
#include <chromatid/dataset/batch.hpp>
#include <chromatid/dataset/data_draws.hpp>
#include <chromatid/dataset/data_options.hpp>
#include <chromatid/dataset/epoch_order.hpp>
#include <chromatid/dataset/genome_store.hpp>
#include <chromatid/dataset/reverse_complement_rows.hpp>
#include <chromatid/dataset/training_cells.hpp>
#include <chromatid/dataset/window.hpp>
#include <chromatid/dataset/window_set.hpp>
#include <chromatid/genome/reverse_complement.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace chromatid {

/// A `BatchSource` that cuts windows out of a `GenomeStore`: positives and negatives, shuffled and shifted by pure functions of seed, epoch
/// and index, with the tracks, metadata and annotations of their cell. `FactorNetData` makes it. The store must outlive it; copies share
/// everything else.
class WindowBatches {
  public:
    /// One window as an epoch shows it.
    struct Window {
        Bin bin;  ///< after the shift; its chromosome is a place in the store
        Index cell = 0;
        Index positive = -1;  ///< place among the positives, or -1
        bool reverse = false;
    };

    /// What training and validation have in different ways.
    struct Course {
        bool shuffled = true;
        bool moves = true;  ///< shifts and strands differ between epochs; else those of epoch 0 stay
        std::uint64_t seed = 420;
    };

    /// \param store  holds the chromosomes that `sizes` lists and the windows lie on; its tracks are `cells.files()`
    /// \throws UsageError for stranded tracks without partner, a window shorter than 1, or as `EpochOrder`
    WindowBatches(const GenomeStore& store, const ChromSizes& sizes, std::shared_ptr<const TrainingCells> cells,
                  std::shared_ptr<const WindowSet> windows, AnyNegatives negatives, const DataOptions& options, Course course)
        : store_(&store),
          cells_(std::move(cells)),
          windows_(std::move(windows)),
          negatives_(std::move(negatives)),
          options_(options),
          course_(course),
          partners_(track_partners(cells_->track_names())),
          order_([n = static_cast<Index>(windows_->positives.size()), all = negatives_](Index epoch) { return n + all.count(epoch); },
                 course.moves ? options.epoch_rule : EpochRule::whole, options.epochs, options.batch, course.shuffled, course.seed) {
        if (options.length < 1) throw UsageError("windows of " + std::to_string(options.length) + " bases: give at least 1");
        for (const Chromosome& c : sizes) places_.push_back(store.chromosomes().find(c.name).value_or(-1));
        for (const Index c : windows_->chromosomes) {
            const Index place = places_[static_cast<std::size_t>(c)];
            if (place < 0)
                throw UsageError("the genome store has no " + sizes[c].name +
                                 ", where windows lie: fill it with FactorNetData::chromosomes()");
            if (store.chromosomes()[place].size != sizes[c].size)
                throw UsageError(sizes[c].name + " has " + std::to_string(sizes[c].size) + " bases by the chromosome sizes and " +
                                 std::to_string(store.chromosomes()[place].size) +
                                 " in the genome\n       these are different assemblies: use the sizes of this genome");
        }
        if (store.tracks() != static_cast<Index>(cells_->files().size()))
            throw UsageError("the genome store has " + std::to_string(store.tracks()) + " tracks, the cells have " +
                             std::to_string(cells_->files().size()) + ": fill it with TrainingCells::open_tracks()");
    }

    Index batches(Index epoch) const { return order_.batches(epoch); }
    /// Windows of an epoch.
    Index windows(Index epoch) const { return order_.items(epoch); }

    Index length() const { return options_.length; }
    Index channels() const { return 4 + static_cast<Index>(partners_.size()); }
    Index tasks() const { return windows_->tasks; }
    /// Values of the side input: metadata, then six annotations where there are any.
    Index side_size() const {
        return static_cast<Index>(cells_->meta_names().size() + (options_.annotations ? Annotations::count : std::size_t{0}));
    }

    /// Fills `batch` with one of the epoch's batches; a pure function of the two numbers, safe from any thread.
    /// \throws UsageError for a number that the epoch does not have
    void load(Index epoch, Index number, Batch& batch) const {
        const Index first = number * options_.batch;
        const Index count = std::min(options_.batch, windows(epoch) - first);
        if (number < 0 || count <= 0)
            throw UsageError("epoch " + std::to_string(epoch) + " has " + std::to_string(batches(epoch)) + " batches, number " +
                             std::to_string(number) + " was asked for");
        const Index tracks = channels() - 4;
        if (!batch.prefers_encoded) {
            fit(batch.x, count, {length(), channels()});
            batch.encoded = {};
        } else if (batch.encoded.windows() < count || batch.encoded.length() != length() || batch.encoded.tracks() != tracks) {
            batch.encoded = EncodedWindows(options_.batch, length(), tracks);
            batch.x = {};
        }
        if (side_size() > 0) fit(batch.side, count, {side_size()});
        else batch.side = {};
        fit(batch.targets, count, {tasks()});
        batch.size = count;
        const EpochOrder::Stretch stretch = order_.stretch(epoch, first, count);
        const BatchShare::Range wanted = batch.share.own_windows(count);
        for (Index row = 0; row < count; ++row) {
            const Window window = shown(stretch[row]);
            if (wanted.first <= row && row < wanted.end) {
                if (batch.prefers_encoded) write_codes(window, row, batch.encoded);
                else write_rows(window, batch.x.view().rows(row, 1).span());
            }
            if (side_size() > 0) write_side(window, batch.side.data() + row * side_size());
            write_targets(window, batch.targets.data() + row * tasks());
        }
    }

    /// The window at a place of an epoch, `index` in [0, windows(epoch)): for export, and to see what is shown.
    Window window(Index epoch, Index index) const { return shown(order_.stretch(epoch, index, 1)[0]); }
    /// Its targets, `tasks()` of them.
    void write_targets(const Window& window, float* to) const {
        const auto n = static_cast<std::size_t>(tasks());
        const bool bound = window.positive >= 0;
        const std::vector<std::int8_t>& labels = bound ? windows_->labels : windows_->negative_labels;
        if (labels.empty()) std::fill_n(to, n, bound ? 1.0F : 0.0F);
        else
            std::transform(labels.begin() + (bound ? window.positive : window.cell) * tasks(),
                           labels.begin() + ((bound ? window.positive : window.cell) + 1) * tasks(), to,
                           [](std::int8_t label) { return static_cast<float>(label); });
    }

  private:
    void fit(Tensor<float>& tensor, Index rows, std::initializer_list<Index> row) const {
        const std::span<const Index> have = tensor.extents();
        if (have.size() == row.size() + 1 && have[0] >= rows && std::equal(row.begin(), row.end(), have.begin() + 1)) return;
        std::vector<Index> extents{options_.batch};
        extents.insert(extents.end(), row.begin(), row.end());
        tensor = Tensor<float>(std::span<const Index>(extents));
    }

    Window shown(EpochOrder::Item item) const {
        const auto positives = static_cast<Index>(windows_->positives.size());
        const Index epoch = course_.moves ? item.epoch : 0;
        Window window;
        std::int64_t shift = windows_->negative_shift;
        if (item.number < positives) {
            const WindowSet::Positive& p = windows_->positives[static_cast<std::size_t>(item.number)];
            window = {p.bin, p.cell, item.number, false};
            shift = p.shift;
        } else {
            const Negative n = negatives_(epoch, item.number - positives);
            window = {n.bin, n.cell, -1, false};
        }
        window.bin.chromosome = places_[static_cast<std::size_t>(window.bin.chromosome)];
        if (shift > 0)
            window.bin.start += DataDraws{course_.seed, DataDraws::Purpose::shift}.below(2 * shift + 1, epoch, item.number) - shift;
        if (options_.reverse_complement && course_.moves)
            window.reverse = DataDraws{course_.seed, DataDraws::Purpose::strand}.below(2, epoch, item.number) == 1;
        return window;
    }

    Interval interval_of(const Window& window) const {
        return {store_->chromosomes()[window.bin.chromosome].name, window.bin.start, window.bin.start + windows_->width};
    }

    std::int64_t first_base(const Window& window) const {
        return centered_window({{}, window.bin.start, window.bin.start + windows_->width}, length()).start;
    }

    void write_codes(const Window& window, Index row, EncodedWindows& to) const {
        const std::int64_t start = first_base(window);
        const std::span<const Index> tracks = cells_->tracks_of(window.cell);
        store_->decode(window.bin.chromosome, start, to.codes(row));
        if (window.reverse) reverse_complement(to.codes(row));
        for (std::size_t t = 0; t < tracks.size(); ++t) {
            const std::span<float> values = to.track(row, window.reverse ? partners_[t] : static_cast<Index>(t));
            store_->decode(window.bin.chromosome, start, tracks[t], values);
            if (window.reverse) std::reverse(values.begin(), values.end());
        }
    }

    void write_rows(const Window& window, std::span<float> rows) const {
        const std::int64_t start = first_base(window);
        store_->encode(window.bin.chromosome, start, length(), cells_->tracks_of(window.cell), rows.data());
        if (window.reverse) reverse_complement_rows(rows, std::span<const Index>(partners_));
    }

    void write_side(const Window& window, float* to) const {
        const std::span<const float> meta = cells_->meta_of(window.cell);
        to = std::copy(meta.begin(), meta.end(), to);
        if (!options_.annotations) return;
        if (window.positive >= 0 && !windows_->annotations.empty()) {
            const unsigned bits = windows_->annotations[static_cast<std::size_t>(window.positive)];
            for (unsigned i = 0; i < Annotations::count; ++i) *to++ = (bits >> i & 1U) != 0 ? 1.0F : 0.0F;
        } else {
            for (const bool overlaps : options_.annotations->of(interval_of(window))) *to++ = overlaps ? 1.0F : 0.0F;
        }
    }

    const GenomeStore* store_;
    std::shared_ptr<const TrainingCells> cells_;
    std::shared_ptr<const WindowSet> windows_;
    AnyNegatives negatives_;
    DataOptions options_;
    Course course_;
    std::vector<Index> partners_;
    EpochOrder order_;
    std::vector<Index> places_;  // in the store, of each chromosome of the data set, or -1
};

static_assert(BatchSource<WindowBatches>);

}  // namespace chromatid
