// SPDX-License-Identifier: MIT
#include "ensemble.hpp"

#include <chromatid/core/error.hpp>
#include <chromatid/eval/rank_average.hpp>
#include <chromatid/genome/interval.hpp>
#include <chromatid/io/bed.hpp>
#include <chromatid/io/bgzip_writer.hpp>
#include <chromatid/io/output_file.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "interrupt.hpp"
#include "output_check.hpp"
#include "progress.hpp"
#include "score_table.hpp"
#include "text.hpp"

namespace factornet {

using namespace chromatid;

namespace {

/// What `factornet ensemble` is asked to do; the names are those of its options.
struct EnsembleOptions {
    std::vector<std::filesystem::path> predictions;
    std::vector<double> weights;
    std::filesystem::path output;
    bool mean = false, quiet = false, json = false;
};

void check(const EnsembleOptions& o) {
    if (o.predictions.size() < 2) throw UsageError("an ensemble needs the predictions of at least 2 models");
    if (!o.weights.empty() && o.weights.size() != o.predictions.size())
        throw UsageError(std::to_string(o.weights.size()) + " weights for " + std::to_string(o.predictions.size()) +
                         " files: give one for each, in their order");
    for (const double weight : o.weights)
        if (!(weight > 0) || !std::isfinite(weight))
            throw UsageError("weights are numbers above 0; leave a model out instead of giving it none");
    check_output(o.output, o.predictions);
}

/// Reads the tables side by side, checking that they speak of the same windows.
/// \return the scores of each
std::vector<std::vector<float>> read_scores(const EnsembleOptions& o) {
    std::vector<std::unique_ptr<BedReader>> readers;
    for (const std::filesystem::path& file : o.predictions) readers.push_back(std::make_unique<BedReader>(file, 4));
    std::vector<std::vector<float>> scores(readers.size());
    const auto score_of = [](const BedReader& reader) {
        const auto score = static_cast<float>(reader.number<double>(3, "score"));
        if (!std::isfinite(score)) reader.fail("the score is not a finite number");
        return score;
    };
    Progress progress("bytes", static_cast<std::int64_t>(std::filesystem::file_size(o.predictions.front())), o.quiet);
    const BedReader& reader = *readers.front();
    std::int64_t bytes = 0;
    while (const BedRecord* record = readers.front()->next()) {
        scores.front().push_back(score_of(reader));
        for (std::size_t k = 1; k < readers.size(); ++k) {
            const BedRecord* other = readers[k]->next();
            const std::string here =
                o.predictions.front().string() + " has " + to_string(record->interval) + " in line " + std::to_string(reader.line_number());
            const std::string way_out = "\n       predict with all models on the same BED file";
            if (other == nullptr)
                throw FormatError(o.predictions[k].string(), "",
                                  "ends after " + with_commas(static_cast<std::int64_t>(scores[k].size())) + " windows; " + here + way_out);
            if (other->interval != record->interval) readers[k]->fail("is about " + to_string(other->interval) + "; " + here + way_out);
            scores[k].push_back(score_of(*readers[k]));
        }
        if (scores.front().size() % 65536 != 0) continue;
        check_interrupted();
        progress.advance(reader.bytes_read() - bytes);
        bytes = reader.bytes_read();
    }
    if (scores.front().empty()) throw FormatError(o.predictions.front().string(), "", "there are no windows in it");
    for (std::size_t k = 1; k < readers.size(); ++k)
        if (const BedRecord* other = readers[k]->next())
            readers[k]->fail("is about " + to_string(other->interval) + "; " + o.predictions.front().string() + " ends after " +
                             with_commas(static_cast<std::int64_t>(scores.front().size())) +
                             " windows\n       predict with all models on the same BED file");
    if (progress.seconds() > 5) progress.finish();
    return scores;
}

std::vector<float> mean_of(const std::vector<std::vector<float>>& scores, const std::vector<double>& weights) {
    std::vector<float> average(scores.front().size());
    double total = 0;
    for (const double weight : weights) total += weight;
    for (std::size_t i = 0; i < average.size(); ++i) {
        double sum = 0;
        for (std::size_t k = 0; k < scores.size(); ++k) sum += weights[k] / total * static_cast<double>(scores[k][i]);
        average[i] = static_cast<float>(sum);
    }
    return average;
}

std::vector<float> rank_average_of(std::vector<std::vector<float>>& scores, const std::vector<double>& weights) {
    RankAverage average;
    for (std::size_t k = 0; k < scores.size(); ++k) {
        check_interrupted();
        average.add(scores[k], weights[k]);
        std::vector<float>().swap(scores[k]);
    }
    return average.result();
}

/// The first table with other scores.
template <class File>
void write(const EnsembleOptions& o, const std::vector<float>& scores) {
    File file(o.output);
    BedReader reader(o.predictions.front(), 4);
    std::string line, score;
    std::size_t i = 0;
    for (const BedRecord* record; (record = reader.next()) != nullptr && i < scores.size(); ++i) {
        if (i % 65536 == 0) check_interrupted();
        score.clear();
        append_number(score, scores[i]);
        set_table_line(line, *record, score);
        file.write(line);
    }
    if (i != scores.size() || reader.next() != nullptr)
        throw FormatError(o.predictions.front().string(), "", "has changed while it was read");
    check_interrupted();
    file.commit();
}

void run(const EnsembleOptions& o) {
    check(o);
    std::vector<double> weights = o.weights;
    weights.resize(o.predictions.size(), 1.0);
    const std::string kind = o.mean ? "mean of the scores" : "mean of the ranks, scaled to 0 to 1";
    if (!o.quiet)
        std::fprintf(stderr, "factornet ensemble: %zu tables of predictions, %s%s\n", o.predictions.size(), kind.c_str(),
                     o.weights.empty() ? "" : ", weighted");
    std::vector<std::vector<float>> scores = read_scores(o);
    const auto windows = static_cast<std::int64_t>(scores.front().size());
    const std::vector<float> average = o.mean ? mean_of(scores, weights) : rank_average_of(scores, weights);
    const std::string extension = o.output.extension().string();
    if (extension == ".gz" || extension == ".bgz") write<BgzipWriter>(o, average);
    else write<OutputFile>(o, average);
    if (!o.quiet) std::fprintf(stderr, "%s windows; wrote %s\n", with_commas(windows).c_str(), o.output.c_str());
    if (!o.json) return;
    nlohmann::ordered_json json{{"output", o.output.string()}, {"windows", windows}, {"average", o.mean ? "mean" : "rank"}};
    for (std::size_t k = 0; k < o.predictions.size(); ++k)
        json["predictions"].push_back({{"file", o.predictions[k].string()}, {"weight", weights[k]}});
    std::printf("%s\n", json.dump().c_str());
}

}  // namespace

void add_ensemble(CLI::App& app) {
    const auto options = std::make_shared<EnsembleOptions>();
    EnsembleOptions& o = *options;
    CLI::App* c = app.add_subcommand("ensemble", "Average the predictions of several models");
    c->footer(
        "Example, on what \"factornet demo try\" makes, two models standing for themselves:\n"
        "  factornet predict -i try/cell -m try/model -b try/windows.bed --genome try/genome.fa -o try/a.tsv.gz && cp try/a.tsv.gz "
        "try/b.tsv.gz\n"
        "  factornet ensemble try/a.tsv.gz try/b.tsv.gz -o try/bagged.tsv.gz\n\n"
        "The score of a window is the mean over models of its rank among the model's scores, scaled so that 0 is the lowest and 1 the "
        "highest, as in the\n"
        "paper's bagging: models that spread their probabilities differently count alike. Equal scores share the mean of their ranks. Such "
        "a score\n"
        "orders windows and is no probability; --mean averages the probabilities themselves.\n"
        "All tables must have the same windows in the same order; other columns are those of the first.");
    c->add_option("predictions", o.predictions, "What predict wrote: the score in column 4; plain, gzip or bgzip")
        ->required()
        ->check(CLI::ExistingFile)
        ->group("Input");
    c->add_option("--weights", o.weights, "One number above 0 for each table, separated by commas (default: all 1)")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->group("Average");
    c->add_flag("--mean", o.mean, "Average the scores instead of their ranks")->group("Average");
    c->add_option("-o,--output", o.output, "File to write, bgzip if its name ends in .gz; it appears when it is whole")
        ->required()
        ->group("Output");
    c->add_flag("--quiet", o.quiet, "Say nothing but errors")->group("Run");
    c->add_flag("--json", o.json, "Print what was done as JSON on stdout")->group("Run");
    c->callback([options] { run(*options); });
}

}  // namespace factornet
