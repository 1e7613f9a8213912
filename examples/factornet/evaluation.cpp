// SPDX-License-Identifier: MIT
#include "evaluation.hpp"

#include <chromatid/core/error.hpp>
#include <chromatid/core/parallel.hpp>
#include <chromatid/eval/auprc.hpp>
#include <chromatid/eval/auroc.hpp>
#include <chromatid/eval/grouped_ranking.hpp>
#include <chromatid/eval/pearson.hpp>
#include <chromatid/eval/ranked_labels.hpp>
#include <chromatid/eval/recall_at_fdr.hpp>
#include <chromatid/eval/spearman.hpp>

#include <algorithm>
#include <mutex>
#include <span>
#include <utility>

#include "interrupt.hpp"
#include "progress.hpp"

namespace factornet {

using namespace chromatid;

namespace {

std::array<double, measures.size()> measure(const RankedLabels& ranked) {
    return {auroc(ranked),
            auprc(ranked, PrInterpolation::davis_goadrich),
            auprc(ranked, PrInterpolation::davis_goadrich_integral),
            auprc(ranked, PrInterpolation::trapezoid),
            auprc(ranked, PrInterpolation::average_precision),
            recall_at_fdr(ranked, 0.05),
            recall_at_fdr(ranked, 0.10),
            recall_at_fdr(ranked, 0.25),
            recall_at_fdr(ranked, 0.50)};
}

/// Bins of one or of all chromosomes.
struct Part {
    std::string name;
    std::span<const float> scores;
    std::span<const std::int8_t> labels;
    std::span<const float> others;
    std::span<const std::uint32_t> stretches;  ///< number of each bin's stretch of genome
};

/// All chromosomes in one row, cut into parts. Takes the tables apart, so that nothing is in memory twice.
class Columns {
  public:
    explicit Columns(EvaluationInput& input) : stretch(input.stretch) {
        std::int64_t span = 0;
        for (const BinTable::Chromosome& c : input.scores.chromosomes) span += std::int64_t{c.ends.back()} - std::int64_t{c.starts.front()};
        if (stretch == 0) stretch = std::clamp<std::int64_t>(span / 200, 10'000, 1'000'000);
        for (std::size_t k = 0; k < input.scores.chromosomes.size(); ++k) {
            BinTable::Chromosome& c = input.scores.chromosomes[k];
            ends_.push_back({c.name, scores_.size() + c.size()});
            scores_.insert(scores_.end(), c.values.begin(), c.values.end());
            if (input.others) take(input.others->chromosomes[k], [&](float score) { others_.push_back(score); });
            if (input.labels) take(input.labels->chromosomes[k], [&](float label) { labels_.push_back(static_cast<std::int8_t>(label)); });
            if (input.labels && input.bootstrap.replicates > 0) number_stretches(c);
            c = {};
        }
    }

    std::vector<Part> parts() const {
        std::vector<Part> all;
        std::size_t begin = 0;
        for (const auto& [name, end] : ends_) all.push_back(part(name, std::exchange(begin, end), end));
        all.push_back(part("all", 0, scores_.size()));
        return all;
    }

    std::int64_t stretch;
    Index stretches = 0;

  private:
    template <class F>
    static void take(BinTable::Chromosome& c, const F& f) {
        std::for_each(c.values.begin(), c.values.end(), f);
        c = {};
    }

    void number_stretches(const BinTable::Chromosome& c) {
        std::int64_t last = -1;
        for (const std::uint32_t start : c.starts) {
            if (const std::int64_t now = start / stretch; now != last) {
                last = now;
                ++stretches;
            }
            stretches_.push_back(static_cast<std::uint32_t>(stretches - 1));
        }
    }

    template <class T>
    static std::span<const T> piece(const std::vector<T>& all, std::size_t begin, std::size_t end) {
        return all.empty() ? std::span<const T>() : std::span(all).subspan(begin, end - begin);
    }
    Part part(const std::string& name, std::size_t begin, std::size_t end) const {
        return {name, piece(scores_, begin, end), piece(labels_, begin, end), piece(others_, begin, end), piece(stretches_, begin, end)};
    }

    std::vector<std::pair<std::string, std::size_t>> ends_;
    std::vector<float> scores_, others_;
    std::vector<std::int8_t> labels_;
    std::vector<std::uint32_t> stretches_;
};

/// The bootstrap's intervals for a part; none where it is a single stretch.
auto intervals(const Part& part, const EvaluationInput& input, ThreadPool& pool, Progress& progress) {
    std::optional<std::array<ConfidenceInterval, measures.size()>> result;
    const std::uint32_t first = part.stretches.front();
    if (part.stretches.back() == first) return result;
    std::vector<std::uint32_t> groups(part.stretches.begin(), part.stretches.end());
    for (std::uint32_t& g : groups) g -= first;
    const GroupedRanking ranking(part.scores, part.labels, groups);
    std::mutex one_at_a_time;
    result = input.bootstrap.intervals(ranking, measure, pool, [&](Index done) {
        const std::lock_guard lock(one_at_a_time);
        check_interrupted();
        progress.advance(done);
    });
    return result;
}

void correlate(const Part& part, EvaluationRow& row) {
    const auto unless_undefined = [](auto f) {
        try {
            return std::optional<double>(f());
        } catch (const UsageError&) {  // all scores equal, or a single bin
            return std::optional<double>();
        }
    };
    row.spearman = unless_undefined([&] { return spearman(part.scores, part.others); });
    row.pearson = unless_undefined([&] { return pearson(part.scores, part.others); });
}

}  // namespace

Evaluation evaluate(EvaluationInput input) {
    const Columns columns(input);
    const std::vector<Part> parts = columns.parts();
    Evaluation result{{}, columns.stretch, columns.stretches};
    ThreadPool pool(input.threads);
    Progress progress("draws", input.bootstrap.replicates * static_cast<std::int64_t>(parts.size()),
                      input.quiet || input.bootstrap.replicates == 0);
    const bool probabilities =
        std::all_of(parts.back().scores.begin(), parts.back().scores.end(), [](float s) { return s >= 0 && s <= 1; });
    for (const Part& part : parts) {
        check_interrupted();
        EvaluationRow row;
        row.name = part.name;
        row.bins = static_cast<std::int64_t>(part.scores.size());
        if (!part.others.empty()) correlate(part, row);
        if (!part.labels.empty()) {
            row.bound = std::count(part.labels.begin(), part.labels.end(), std::int8_t{1});
            row.unbound = std::count(part.labels.begin(), part.labels.end(), std::int8_t{0});
            row.ambiguous = row.bins - row.bound - row.unbound;
            if ((row.bound > 0 && row.unbound > 0) || &part == &parts.back()) {
                row.values = measure(RankedLabels(part.scores, part.labels));
                if (input.bootstrap.replicates > 0) row.intervals = intervals(part, input, pool, progress);
            }
            if (probabilities && row.bound + row.unbound > 0)
                row.calibration = Calibration::of(part.scores, part.labels, input.reliability_bins);
        }
        result.rows.push_back(std::move(row));
    }
    if (input.bootstrap.replicates > 0 && progress.seconds() > 5) progress.finish();
    return result;
}

}  // namespace factornet
