// SPDX-License-Identifier: MIT
#include "evaluate.hpp"

#include <chromatid/core/error.hpp>
#include <chromatid/dataset/label_rule.hpp>
#include <chromatid/dataset/peak_labels.hpp>
#include <chromatid/dataset/peak_set.hpp>
#include <chromatid/io/bed.hpp>
#include <chromatid/io/output_file.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "aligned_table.hpp"
#include "bin_table.hpp"
#include "evaluation.hpp"
#include "output_check.hpp"
#include "text.hpp"

namespace factornet {

using namespace chromatid;

namespace {

/// What `factornet evaluate` is asked to do; the names are those of its options.
struct EvaluateOptions {
    std::filesystem::path predictions, peaks, relaxed, labels, bins, compare, blacklist, output;
    std::string cell;
    std::string rule = "factornet";
    std::vector<std::string> chromosomes;
    bool common = false;
    Index bootstrap = 0;
    std::uint64_t seed = 420;
    std::int64_t stretch = 0;
    Index reliability_bins = 10;
    Index threads = 0;
    bool quiet = false, json = false;
};

void check_together(const EvaluateOptions& o) {
    if (!o.peaks.empty() && !o.labels.empty()) throw UsageError("--peaks and --labels both say which bins are bound: give one of them");
    if (o.peaks.empty() && o.labels.empty() && o.compare.empty())
        throw UsageError("nothing to evaluate against: give --peaks (BED), --labels (table of B, U, A) or --compare (other scores)");
    if (o.rule == "challenge" && !o.peaks.empty() && o.relaxed.empty())
        throw UsageError("--rule challenge compares with relaxed peaks: give them with --relaxed");
    if (!o.relaxed.empty() && (o.peaks.empty() || o.rule != "challenge"))
        throw UsageError("--relaxed peaks play a part in --rule challenge with --peaks only");
    if (!o.cell.empty() && o.labels.empty()) throw UsageError("--cell names a column of --labels, which is missing");
    if (o.bootstrap > 0 && o.peaks.empty() && o.labels.empty()) throw UsageError("--bootstrap needs labels: give --peaks or --labels");
    if (!o.output.empty()) check_output(o.output, {o.predictions, o.peaks, o.relaxed, o.labels, o.bins, o.compare, o.blacklist});
}

std::string label_text(const EvaluateOptions& o) {
    if (!o.labels.empty()) return "labels of " + o.labels.string() + (o.cell.empty() ? "" : ", " + o.cell);
    if (o.peaks.empty()) return "";
    return "peaks of " + o.peaks.string() +
           (o.rule == "challenge" ? " and " + o.relaxed.string() + " by the challenge's rule" : " by FactorNet's rule");
}

void warn(const EvaluateOptions& o, const std::string& message) {
    if (!o.quiet) std::fprintf(stderr, "warning: %s\n", message.c_str());
}

PeakSet read_peaks(const std::filesystem::path& file) {
    const PeakSet peaks(read_bed(file));
    if (peaks.empty()) throw FormatError(file.string(), "", "there are no peaks in it");
    return peaks;
}

/// Peaks may leave out chromosomes, whose bins are then unbound; peaks with none of them were made with other names.
void check_chromosomes(const EvaluateOptions& o, const std::filesystem::path& file, const PeakSet& peaks, const BinTable& bins) {
    std::vector<std::string> without;
    for (const BinTable::Chromosome& c : bins.chromosomes)
        if (!peaks.has(c.name)) without.push_back(c.name);
    if (without.empty()) return;
    if (without.size() == bins.chromosomes.size()) {
        ChromSizes there;
        for (const std::string& name : peaks.chromosomes()) there.add(name, 0);
        throw UsageError(no_such_chromosome(without.front(), bins.file, file.string(), there));
    }
    warn(o, file.string() + " has no peak on [" + listed(without) + "]: every bin there counts as unbound");
}

template <LabelRule Rule>
BinTable label(const EvaluateOptions& o, const BinTable& bins) {
    PeakLabels<Rule> label_of{read_peaks(o.peaks), {}};
    check_chromosomes(o, o.peaks, label_of.conservative, bins);
    if (!o.relaxed.empty()) {
        label_of.relaxed = read_peaks(o.relaxed);
        check_chromosomes(o, o.relaxed, label_of.relaxed, bins);
    }
    BinTable labels = bins;
    for (BinTable::Chromosome& c : labels.chromosomes)
        for (std::size_t i = 0; i < c.size(); ++i) c.values[i] = static_cast<float>(label_of(c.name, c.starts[i], c.ends[i]));
    return labels;
}

/// Scores of a table, or of a bigWig over bins that other files name.
BinTable read_scores(const EvaluateOptions& o, const BinFilter& filter, const std::optional<BinTable>& labels) {
    const std::filesystem::path& file = o.predictions;
    if (!is_big_wig(file)) return read_bin_table(file, filter, true, o.quiet);
    if (!o.bins.empty()) return mean_signal(file, read_bin_table(o.bins, filter, false, o.quiet), o.quiet);
    if (labels) return mean_signal(file, *labels, o.quiet);
    throw UsageError(file.string() + ": a bigWig has no bins\n       give them with --bins (BED), or with --labels");
}

void align_with(const EvaluateOptions& o, BinTable& scores, BinTable& other) {
    if (const auto more = align(scores, other, o.common); !more.empty())
        warn(o, other.file + " has bins on [" + listed(more) + "] too, which are not evaluated");
}

EvaluationInput read_input(const EvaluateOptions& o) {
    BinFilter filter{o.chromosomes, {}};
    if (!o.blacklist.empty()) filter.masked = IntervalSet(read_bed(o.blacklist));
    EvaluationInput input;
    if (!o.labels.empty()) input.labels = read_label_table(o.labels, o.cell, filter, o.quiet);
    input.scores = read_scores(o, filter, input.labels);
    if (input.labels) align_with(o, input.scores, *input.labels);
    if (!o.compare.empty()) {
        input.others =
            is_big_wig(o.compare) ? mean_signal(o.compare, input.scores, o.quiet) : read_bin_table(o.compare, filter, true, o.quiet);
        align_with(o, input.scores, *input.others);
        if (input.labels) align(input.scores, *input.labels, true);
    }
    if (!o.peaks.empty())
        input.labels = o.rule == "challenge" ? label<ChallengeLabels>(o, input.scores) : label<FactorNetLabels>(o, input.scores);
    input.bootstrap = {o.bootstrap, o.seed};
    input.stretch = o.stretch;
    input.reliability_bins = o.reliability_bins;
    input.threads = o.threads > 0 ? o.threads : std::max<Index>(1, static_cast<Index>(std::thread::hardware_concurrency()));
    input.quiet = o.quiet;
    return input;
}

std::string four_digits(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.4f", value);
    return text;
}
template <class T, class F>
std::string or_dash(const std::optional<T>& found, const F& text) {
    return found ? text(*found) : "-";
}

/// The tables for people.
void print(const EvaluateOptions& o, const Evaluation& found, bool labelled) {
    std::vector<std::vector<std::string>> table(1);
    table[0] = {"chromosome", "bins"};
    if (labelled) {
        table[0].insert(table[0].end(), {"bound", "ambiguous"});
        for (const MeasureName& m : measures) table[0].push_back(m.heading);
        table[0].insert(table[0].end(), {"Brier", "ECE"});
    }
    if (!o.compare.empty()) table[0].insert(table[0].end(), {"Spearman", "Pearson"});
    for (const EvaluationRow& row : found.rows) {
        if (found.rows.size() == 2 && &row == &found.rows.back()) break;  // the only chromosome is all of them
        auto& line = table.emplace_back(std::vector<std::string>{row.name, with_commas(row.bins)});
        if (labelled) {
            line.insert(line.end(), {with_commas(row.bound), with_commas(row.ambiguous)});
            for (std::size_t m = 0; m < measures.size(); ++m)
                line.push_back(or_dash(row.values, [&](const auto& v) { return four_digits(v[m]); }));
            line.push_back(or_dash(row.calibration, [](const Calibration& c) { return four_digits(c.brier); }));
            line.push_back(or_dash(row.calibration, [](const Calibration& c) { return four_digits(c.expected_error); }));
        }
        if (!o.compare.empty()) line.insert(line.end(), {or_dash(row.spearman, four_digits), or_dash(row.pearson, four_digits)});
    }
    std::printf("%s", aligned_table(table).c_str());
    if (!labelled) return;

    const EvaluationRow& all = found.rows.back();
    if (all.intervals) {
        std::printf("\nAll chromosomes, 95 %% intervals: %s draws of %s stretches of %s bases\n", with_commas(o.bootstrap).c_str(),
                    with_commas(found.stretches).c_str(), with_commas(found.stretch).c_str());
        std::vector<std::vector<std::string>> lines{{"measure", "value", "from", "to", "std.err."}};
        for (std::size_t m = 0; m < measures.size(); ++m) {
            const ConfidenceInterval& i = (*all.intervals)[m];
            lines.push_back({measures[m].heading, four_digits((*all.values)[m]), four_digits(i.low), four_digits(i.high),
                             four_digits(i.standard_error)});
        }
        std::printf("%s", aligned_table(lines).c_str());
    }
    if (all.calibration) {
        std::vector<std::vector<std::string>> lines{{"score", "bins", "mean", "bound"}};
        for (const Calibration::Bin& b : all.calibration->bins)
            if (b.count > 0)
                lines.push_back({four_digits(b.lower) + "-" + four_digits(b.upper), with_commas(b.count), four_digits(b.mean_score),
                                 four_digits(b.positive_fraction)});
        std::printf("\nReliability: mean score and share of bound bins\n%s", aligned_table(lines).c_str());
    }
    std::printf(
        "\nauPR-DG: Davis-Goadrich interpolation, the DREAM challenge's; auPR-int: its integral; auPR-trap: straight lines; AP: average "
        "precision.\n"
        "R@c: recall at a false discovery rate of c, 0 where it is never reached. ECE: expected calibration error.\n");
}

/// A number as text that reads back as the same.
std::string exact(double value) {
    char text[40];
    return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

void write_tsv(const EvaluateOptions& o, const Evaluation& found) {
    OutputFile file(o.output);
    std::string line = "chromosome\tbins\tbound\tunbound\tambiguous";
    for (const MeasureName& m : measures) (line += '\t') += m.key;
    line += "\tbrier\texpected_calibration_error\tspearman\tpearson";
    for (const MeasureName& m : measures)
        for (const char* what : {"_low", "_high", "_standard_error"})
            if (o.bootstrap > 0) ((line += '\t') += m.key) += what;
    file.write(line + '\n');
    const auto text = [](bool there, auto value) { return there ? '\t' + exact(value()) : std::string("\tNA"); };
    for (const EvaluationRow& row : found.rows) {
        line = row.name;
        for (const std::int64_t n : {row.bins, row.bound, row.unbound, row.ambiguous}) line += '\t' + std::to_string(n);
        for (std::size_t m = 0; m < measures.size(); ++m) line += text(row.values.has_value(), [&] { return (*row.values)[m]; });
        line += text(row.calibration.has_value(), [&] { return row.calibration->brier; });
        line += text(row.calibration.has_value(), [&] { return row.calibration->expected_error; });
        line += text(row.spearman.has_value(), [&] { return *row.spearman; });
        line += text(row.pearson.has_value(), [&] { return *row.pearson; });
        for (std::size_t m = 0; m < measures.size() && o.bootstrap > 0; ++m)
            for (const auto part : {&ConfidenceInterval::low, &ConfidenceInterval::high, &ConfidenceInterval::standard_error})
                line += text(row.intervals.has_value(), [&] { return (*row.intervals)[m].*part; });
        file.write(line + '\n');
    }
    file.commit();
}

nlohmann::ordered_json as_json(const EvaluationRow& row, bool labelled) {
    nlohmann::ordered_json json{{"name", row.name}, {"bins", row.bins}};
    if (labelled) {
        json["bound"] = row.bound;
        json["unbound"] = row.unbound;
        json["ambiguous"] = row.ambiguous;
        for (std::size_t m = 0; m < measures.size(); ++m) {
            json[measures[m].key] = row.values ? nlohmann::ordered_json((*row.values)[m]) : nullptr;
            if (!row.intervals) continue;
            const ConfidenceInterval& i = (*row.intervals)[m];
            json["intervals"][measures[m].key] = {{"low", i.low}, {"high", i.high}, {"standard_error", i.standard_error}};
        }
        if (row.calibration) {
            json["brier"] = row.calibration->brier;
            json["expected_calibration_error"] = row.calibration->expected_error;
            for (const Calibration::Bin& b : row.calibration->bins)
                json["reliability"].push_back({{"lower", b.lower},
                                               {"upper", b.upper},
                                               {"bins", b.count},
                                               {"mean_score", b.mean_score},
                                               {"bound", b.positive_fraction}});
        }
    }
    if (row.spearman) json["spearman"] = *row.spearman;
    if (row.pearson) json["pearson"] = *row.pearson;
    return json;
}

void print_json(const EvaluateOptions& o, const Evaluation& found, bool labelled) {
    nlohmann::ordered_json json{{"predictions", o.predictions.string()}};
    if (!o.labels.empty()) json["labels"] = o.labels.string();
    if (!o.peaks.empty()) {
        json["peaks"] = o.peaks.string();
        json["rule"] = o.rule;
    }
    if (!o.compare.empty()) json["compare"] = o.compare.string();
    if (o.bootstrap > 0)
        json["bootstrap"] = {
            {"draws", o.bootstrap}, {"seed", o.seed}, {"level", 0.95}, {"stretch", found.stretch}, {"stretches", found.stretches}};
    json["all"] = as_json(found.rows.back(), labelled);
    for (std::size_t i = 0; i + 1 < found.rows.size(); ++i) json["chromosomes"].push_back(as_json(found.rows[i], labelled));
    std::printf("%s\n", json.dump(2).c_str());
}

void run(const EvaluateOptions& o) {
    check_together(o);
    const std::string against = label_text(o);
    if (!o.quiet)
        std::fprintf(stderr, "factornet evaluate: scores of %s%s%s%s\n", o.predictions.c_str(),
                     against.empty() ? "" : (" against " + against).c_str(),
                     o.compare.empty() ? "" : (" compared with " + o.compare.string()).c_str(),
                     o.chromosomes.empty() ? "" : (" on " + listed(o.chromosomes)).c_str());
    EvaluationInput input = read_input(o);
    if (!o.quiet)
        std::fprintf(stderr, "%s bins on %zu chromosome%s; %s\n", with_commas(input.scores.bins()).c_str(), input.scores.chromosomes.size(),
                     input.scores.chromosomes.size() == 1 ? "" : "s",
                     o.blacklist.empty() ? "no blacklist"
                                         : (with_commas(std::max(input.scores.masked, input.labels ? input.labels->masked : 0)) +
                                            " bins left out by " + o.blacklist.string())
                                               .c_str());
    const bool labelled = input.labels.has_value();
    const Evaluation found = evaluate(std::move(input));
    if (labelled && !found.rows.back().calibration)
        warn(o, "scores are not all between 0 and 1, so they are no probabilities: no calibration");
    if (o.bootstrap > 0 && found.stretches < 20)
        warn(o, "only " + std::to_string(found.stretches) +
                    " stretches of genome to draw from: intervals are rough; make them shorter with --stretch");
    if (!o.output.empty()) write_tsv(o, found);
    if (o.json) print_json(o, found, labelled);
    else print(o, found, labelled);
}

}  // namespace

void add_evaluate(CLI::App& app) {
    const auto options = std::make_shared<EvaluateOptions>();
    EvaluateOptions& o = *options;
    CLI::App* c = app.add_subcommand("evaluate", "Measure how well scores tell bound bins from unbound ones");
    c->footer(
        "Example, on what \"factornet simulate try --size 1e6 --cells A,B --factors 2\" makes: what the track alone tells\n"
        "  factornet evaluate -p try/cells/A/DGF.bw --labels try/labels/TF1.chr4.labels.tsv.gz --cell A\n"
        "and on predictions of your own, with peaks, with the challenge's labels, and ChIP fold change as the most that can be reached:\n"
        "  factornet evaluate -p MAX.K562.tsv.gz --peaks MAX.K562.narrowPeak.gz --chromosomes chr1,chr8,chr21 --bootstrap 1000\n"
        "  factornet evaluate -p MAX.K562.tsv.gz --labels MAX.train.labels.tsv.gz --cell K562 -o MAX.tsv\n"
        "  factornet evaluate -p MAX.K562.fold_change.bw --labels MAX.train.labels.tsv.gz --cell K562\n\n"
        "A bin is bound by FactorNet's rule where one peak covers at least 101 of its 200 bases. By the challenge's rule a conservative "
        "peak shares half of\n"
        "the bin or of itself with it; bins for which relaxed peaks say something else are ambiguous and left out.\n"
        "auPR is given by four interpolations, which differ; the DREAM challenge's is Davis-Goadrich. Equal scores enter a threshold "
        "together.\n"
        "Intervals come from a bootstrap of stretches of genome, since neighbouring bins are not independent.");
    const auto there = CLI::ExistingFile;
    c->add_option("-p,--predictions", o.predictions,
                  "Scores: what predict writes (score in column 4), or a bigWig, whose mean over each bin counts")
        ->required()
        ->check(there)
        ->group("Input");
    c->add_option("--peaks", o.peaks, "Bound regions: BED or narrowPeak, of conservative peaks for --rule challenge")
        ->check(there)
        ->group("Input");
    c->add_option("--relaxed", o.relaxed, "Relaxed peaks, for --rule challenge")->check(there)->group("Input");
    c->add_option("--rule", o.rule, "How peaks label a bin")
        ->check(CLI::IsMember({"factornet", "upstream", "challenge"}))
        ->capture_default_str()
        ->group("Input");
    c->add_option("--labels", o.labels, "Labels in the challenge's form: header \"chr start stop CELL...\", then B, U or A")
        ->check(there)
        ->group("Input");
    c->add_option("--cell", o.cell, "Column of --labels; may be left out where there is one")->group("Input");
    c->add_option("--bins", o.bins, "Bins for a bigWig of scores: BED (default: those of --labels)")->check(there)->group("Input");
    c->add_option("--compare", o.compare, "Other scores, table or bigWig: Spearman's and Pearson's correlation with them")
        ->check(there)
        ->group("Input");
    c->add_option("--chromosomes", o.chromosomes, "Only these, separated by commas (default: all)")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->group("Bins");
    c->add_option("--blacklist", o.blacklist, "Leave out bins that share a base with these regions: BED")->check(there)->group("Bins");
    c->add_flag("--common", o.common, "Pass over bins that only one file has; without it they are an error")->group("Bins");
    c->add_option("--bootstrap", o.bootstrap, "Draws for 95 % intervals; 1000 is usual, 0 for none")
        ->check(CLI::Range(0, 1000000))
        ->capture_default_str()
        ->group("Measures");
    c->add_option("--seed", o.seed, "Seed of the draws")->capture_default_str()->group("Measures");
    c->add_option("--stretch", o.stretch, "Bases drawn together (default: a 200th of the data, from 10 kb to 1 Mb)")
        ->check(CLI::Range(1, 1000000000))
        ->group("Measures");
    c->add_option("--reliability-bins", o.reliability_bins, "Bins of the reliability table")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str()
        ->group("Measures");
    c->add_option("-o,--output", o.output, "Write all numbers to this file, one line per chromosome, tab-separated")->group("Output");
    c->add_flag("--json", o.json, "Print JSON instead of tables")->group("Output");
    c->add_option("--threads", o.threads, "Threads of the bootstrap (default: all cores); results do not depend on them")
        ->check(CLI::Range(1, 1024))
        ->group("Run");
    c->add_flag("--quiet", o.quiet, "Say nothing but errors and the result")->group("Run");
    c->callback([options] { run(*options); });
}

}  // namespace factornet
