// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/eval/dream_measures.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace chromatid {

/// The ENCODE-DREAM challenge's ranking of several methods over several tasks (a factor in a cell).
///
/// In each task and fold, methods are ranked by each of the four measures (1 is best, equal ones share the mean rank), the logarithms of
/// rank / (methods + 1) are added up, and that sum is ranked again. A method's result is the second smallest of its ten ranks. Overall, a
/// method's score in a fold is the mean over tasks of min(0.5, rank / (methods + 1)), 0.5 where it gave nothing; methods are ranked by it
/// in each fold, and again the second smallest counts.
class DreamRanking {
  public:
    using Folds = std::array<DreamMeasures, DreamMeasures::folds>;
    /// What each method gave for a task; nothing where it gave none.
    using Task = std::vector<std::optional<Folds>>;

    /// How a method stands over all tasks.
    struct Standing {
        double rank = 0;                           ///< second smallest over folds
        double lowest = 0, mean = 0, highest = 0;  ///< its scores over folds; lower is better
    };

    /// \throws UsageError where there is no task or no method, or tasks have different numbers of methods
    explicit DreamRanking(const std::vector<Task>& tasks) {
        if (tasks.empty() || tasks.front().empty()) throw UsageError("a ranking needs at least one task and one method");
        const std::size_t methods = tasks.front().size();
        std::vector<std::vector<double>> scores(DreamMeasures::folds, std::vector<double>(methods));
        for (const Task& task : tasks) {
            if (task.size() != methods)
                throw UsageError("tasks with " + std::to_string(methods) + " and " + std::to_string(task.size()) +
                                 " methods: give an empty entry where a method has nothing");
            rank_task(task, scores, static_cast<double>(tasks.size()));
        }
        std::vector<std::vector<double>> ranks(methods);
        standings_.resize(methods);
        for (const std::vector<double>& fold : scores) {
            const std::vector<double> of_fold = ranked(fold);
            for (std::size_t m = 0; m < methods; ++m) ranks[m].push_back(of_fold[m]);
        }
        for (std::size_t m = 0; m < methods; ++m) {
            Standing& s = standings_[m];
            s = {second_smallest(ranks[m]), scores[0][m], 0, scores[0][m]};
            for (const std::vector<double>& fold : scores) {
                s.lowest = std::min(s.lowest, fold[m]);
                s.highest = std::max(s.highest, fold[m]);
                s.mean += fold[m] / static_cast<double>(DreamMeasures::folds);
            }
        }
    }

    /// Of each method, over all tasks.
    const std::vector<Standing>& overall() const { return standings_; }
    /// Rank of each method in each task; nothing where it gave none.
    const std::vector<std::vector<std::optional<double>>>& by_task() const { return by_task_; }

  private:
    /// Ranks, 1 for the smallest; equal values share the mean of theirs.
    static std::vector<double> ranked(const std::vector<double>& values) {
        std::vector<double> ranks;
        for (const double v : values) {
            const auto below = std::count_if(values.begin(), values.end(), [&](double w) { return w < v; });
            const auto equal = std::count(values.begin(), values.end(), v);
            ranks.push_back(static_cast<double>(below) + 0.5 * static_cast<double>(equal + 1));
        }
        return ranks;
    }

    static double second_smallest(std::vector<double> values) {
        std::nth_element(values.begin(), values.begin() + 1, values.end());
        return values[1];
    }

    void rank_task(const Task& task, std::vector<std::vector<double>>& scores, double tasks) {
        std::vector<std::size_t> there;
        for (std::size_t m = 0; m < task.size(); ++m)
            if (task[m]) there.push_back(m);
        std::vector<std::vector<double>> ranks(task.size());
        const double n = static_cast<double>(there.size());
        for (std::size_t fold = 0; fold < DreamMeasures::folds; ++fold) {
            std::vector<double> products(there.size(),
                                         1);  // of ranks: they order as the sums of logarithms do, and equal ones are equal to the bit
            for (const auto measure :
                 {&DreamMeasures::auroc, &DreamMeasures::auprc, &DreamMeasures::recall_at_10_fdr, &DreamMeasures::recall_at_50_fdr}) {
                std::vector<double> values;
                for (const std::size_t m : there) values.push_back(-((*task[m])[fold].*measure));
                const std::vector<double> of_measure = ranked(values);
                for (std::size_t i = 0; i < there.size(); ++i) products[i] *= of_measure[i];
            }
            const std::vector<double> of_product = ranked(products);
            for (std::size_t i = 0; i < there.size(); ++i) ranks[there[i]].push_back(of_product[i]);
            for (std::size_t m = 0; m < task.size(); ++m)
                scores[fold][m] += (task[m] ? std::min(0.5, ranks[m][fold] / (n + 1)) : 0.5) / tasks;
        }
        auto& results = by_task_.emplace_back(task.size());
        for (const std::size_t m : there) results[m] = second_smallest(ranks[m]);
    }

    std::vector<Standing> standings_;
    std::vector<std::vector<std::optional<double>>> by_task_;
};

}  // namespace chromatid
