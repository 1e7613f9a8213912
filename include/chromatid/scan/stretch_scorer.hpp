// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/core/index.hpp>
#include <chromatid/core/parameter.hpp>
#include <chromatid/dataset/window.hpp>
#include <chromatid/genome/interval_set.hpp>
#include <chromatid/scan/scan_cutter.hpp>
#include <chromatid/scan/scan_model.hpp>
#include <chromatid/scan/scan_regions.hpp>
#include <chromatid/scan/scan_stretch.hpp>
#include <chromatid/tensor/view.hpp>
#include <chromatid/tensor/windows.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace chromatid::detail {

/// Scores the bins of a stretch that is in memory.
class StretchScorer {
  public:
    StretchScorer(std::vector<ScanModel> models, std::vector<ScanColumn> columns, Index tracks, IntervalSet masked)
        : models_(std::move(models)), columns_(std::move(columns)), tracks_(tracks), masked_(std::move(masked)) {
        check();
        length_ = models_.front().model->input_shape()[0];
    }

    std::int64_t length() const { return length_; }
    Index columns() const { return static_cast<Index>(columns_.size()); }
    /// Windows that keep every network busy.
    Index windows_at_once() const {
        Index most = 0;
        for (const ScanModel& m : models_) most = std::max(most, m.model->windows_at_once());
        return most;
    }

    /// Does one job. Safe from any number of threads for different jobs.
    /// \param scores  (rows of the stretch, columns)
    /// \param masked  for each tile of the stretch its masked bins
    void score(const ScanRegions& regions, const ScanStretch& stretch, ScanJob job, std::vector<float>& scores,
               std::vector<Index>& masked) const {
        const std::span tiles = std::span(stretch.tiles).subspan(job.first, job.tiles);
        std::vector<Bin> bins;
        for (const ScanTile& tile : tiles) {
            const std::size_t before = bins.size();
            add_unmasked(regions, tile, bins);
            masked[job.first++] = tile.bins.count - static_cast<Index>(bins.size() - before);
        }
        const Index first = tiles.front().row, rows = tiles.back().row + tiles.back().bins.count - first;
        std::fill_n(scores.begin() + first * columns(), rows * columns(), 0.0F);
        if (bins.empty()) return;
        const bool neighbours = job.tiles == 1 && tiles.front().bins.count >= ScanCutter::short_tile;
        if (neighbours) fill_gaps(regions, tiles.front(), bins);

        std::vector<std::vector<float>> outputs;
        if (neighbours) scan(stretch.pieces[tiles.front().piece], regions.bins().stride, bins, outputs);
        else infer(stretch, bins, outputs);
        for (std::size_t i = 0; i < bins.size(); ++i)
            if (!bins[i].masked)
                for (std::size_t c = 0; c < columns_.size(); ++c)
                    scores[static_cast<std::size_t>(bins[i].row * columns()) + c] = mean(columns_[c], outputs, i);
    }

  private:
    struct Bin {
        Interval interval;
        Index row;  // of the stretch
        std::size_t piece;
        bool masked = false;
    };

    void check() const {
        if (models_.empty() || columns_.empty()) throw ShapeError("GenomeScan: needs a network and a column");
        const std::vector<Index> shape = models_.front().model->input_shape();
        for (const ScanModel& m : models_) {
            const std::vector<Index> own = m.model->input_shape();
            if (own.size() != 2 || own != shape || own[1] != 4 + tracks_)
                throw ShapeError("GenomeScan: with " + std::to_string(tracks_) + " tracks all networks take windows of one length and " +
                                 std::to_string(4 + tracks_) + " channels, one takes " + to_string(std::span<const Index>(own)));
            if (m.model->output_shape().size() != 1) throw ShapeError("GenomeScan: a network must give one row of outputs for a window");
            if (m.model->side_size() > 0 && !m.side) throw ShapeError("GenomeScan: a network has a side input, and nobody writes it");
        }
        for (const ScanColumn& column : columns_) {
            if (column.empty()) throw ShapeError("GenomeScan: a column without an output");
            for (const ScanOutput& o : column)
                if (o.model < 0 || o.model >= static_cast<Index>(models_.size()) || o.task < 0 ||
                    o.task >= tasks(static_cast<std::size_t>(o.model)))
                    throw ShapeError("GenomeScan: there is no output " + std::to_string(o.task) + " of network " + std::to_string(o.model));
        }
    }

    Index tasks(std::size_t model) const { return models_[model].model->output_shape()[0]; }

    void add_unmasked(const ScanRegions& regions, const ScanTile& tile, std::vector<Bin>& bins) const {
        for (Index i = 0; i < tile.bins.count; ++i) {
            Interval bin = regions.bin(tile.bins, i);
            if (!masked_.any_overlap(bin)) bins.push_back({std::move(bin), tile.row + i, tile.piece});
        }
    }

    /// Puts masked bins between others in again: a scan takes them along.
    static void fill_gaps(const ScanRegions& regions, const ScanTile& tile, std::vector<Bin>& bins) {
        const Index first = bins.front().row, count = bins.back().row - first + 1;
        if (static_cast<Index>(bins.size()) == count) return;
        std::vector<Bin> all;
        for (std::size_t i = 0; i < bins.size(); ++i) {
            for (Index row = first + static_cast<Index>(all.size()); row < bins[i].row; ++row)
                all.push_back({regions.bin(tile.bins, row - tile.row), row, tile.piece, true});
            all.push_back(std::move(bins[i]));
        }
        bins = std::move(all);
    }

    float mean(const ScanColumn& column, const std::vector<std::vector<float>>& outputs, std::size_t bin) const {
        const auto output = [&](const ScanOutput& o) {
            const auto model = static_cast<std::size_t>(o.model);
            return outputs[model][bin * static_cast<std::size_t>(tasks(model)) + static_cast<std::size_t>(o.task)];
        };
        if (column.size() == 1) return output(column.front());
        double sum = 0;
        for (const ScanOutput& o : column) sum += static_cast<double>(output(o));
        return static_cast<float>(sum / static_cast<double>(column.size()));
    }

    /// Calls `f(model, context, side input, outputs)` for each network; outputs is the view to write.
    template <class F>
    void each_model(const std::vector<Bin>& bins, std::vector<std::vector<float>>& outputs, const F& f) const {
        const auto count = static_cast<Index>(bins.size());
        outputs.resize(models_.size());
        Cpu<>::Context here;
        std::vector<float> sides;
        for (std::size_t m = 0; m < models_.size(); ++m) {
            const AnyModel<>& model = *models_[m].model;
            const Index width = model.side_size();
            sides.assign(static_cast<std::size_t>(count * width), 0.0F);
            for (Index i = 0; width > 0 && i < count; ++i)
                models_[m].side(bins[static_cast<std::size_t>(i)].interval, {sides.data() + i * width, static_cast<std::size_t>(width)});
            outputs[m].resize(static_cast<std::size_t>(count * tasks(m)));
            f(model, here, width > 0 ? View<const float>(sides.data(), {count, width}) : View<const float>{},
              View<float>(outputs[m].data(), {count, tasks(m)}));
        }
    }

    /// Neighbouring windows, together.
    void scan(const GenomePiece& piece, std::int64_t stride, const std::vector<Bin>& bins, std::vector<std::vector<float>>& outputs) const {
        const std::int64_t start = centered_window(bins.front().interval, length_).start;
        const std::int64_t length = static_cast<std::int64_t>(bins.size() - 1) * stride + length_;
        const std::int64_t offset = start - piece.interval.start;
        const std::uint8_t* const codes = piece.codes.data() + offset;
        std::vector<const float*> tracks;
        for (const std::vector<float>& track : piece.tracks) tracks.push_back(track.data() + offset);
        const Windows<float> stretch{.count = 1, .length = length, .channels = 4 + tracks_, .codes = &codes, .tracks = tracks.data()};
        each_model(bins, outputs, [&](const AnyModel<>& model, Cpu<>::Context& here, View<const float> side, View<float> y) {
            model.scan(here, stretch, stride, side, y);
        });
    }

    /// Windows here and there, as one batch.
    void infer(const ScanStretch& stretch, const std::vector<Bin>& bins, std::vector<std::vector<float>>& outputs) const {
        std::vector<const std::uint8_t*> codes;
        std::vector<const float*> tracks;
        for (const Bin& bin : bins) {
            const GenomePiece& piece = stretch.pieces[bin.piece];
            const std::int64_t offset = centered_window(bin.interval, length_).start - piece.interval.start;
            codes.push_back(piece.codes.data() + offset);
            for (const std::vector<float>& track : piece.tracks) tracks.push_back(track.data() + offset);
        }
        const Windows<float> windows{.count = static_cast<Index>(bins.size()), .length = length_, .channels = 4 + tracks_,
                                     .codes = codes.data(), .tracks = tracks.data()};
        each_model(bins, outputs, [&](const AnyModel<>& model, Cpu<>::Context& here, View<const float> side, View<float> y) {
            model.infer(here, windows, side, y);
        });
    }

    std::vector<ScanModel> models_;
    std::vector<ScanColumn> columns_;
    Index tracks_;
    IntervalSet masked_;
    std::int64_t length_ = 0;
};

}  // namespace chromatid::detail
