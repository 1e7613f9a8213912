// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

namespace benchmark {

/// Sizes of the two networks that are measured: Conv1D(filters, 26), Dense(filters), MaxPool(13), BiLSTM(units), Dense(features).
struct Net {
    const char* name;
    chromatid::Index filters, units, features;
};
inline constexpr Net nets[] = {{"small", 32, 32, 128}, {"big", 128, 128, 256}};
inline constexpr chromatid::Index length = 1000, tracks = 2, width = 26, pool = 13, pooled = (length - width + 1) / pool;

/// What is asked for.
struct Options {
    int device = 0, samples = 50;
    std::vector<chromatid::Index> batches{100, 1024, 8192};
};

/// Milliseconds of one thing, or why there are none.
struct Row {
    std::string what, net;
    chromatid::Index batch;
    std::string form;                 ///< "f16", "f16 graph", "cudnn tf32"
    std::vector<float> milliseconds;  ///< sorted
    std::string problem;
};

/// Rows, written as JSON as report.py reads it.
class Rows {
  public:
    void add(Row row) {
        std::sort(row.milliseconds.begin(), row.milliseconds.end());
        std::fprintf(stderr, "%-24s %-6s %5td  %-18s ", row.what.c_str(), row.net.c_str(), row.batch, row.form.c_str());
        if (row.problem.empty()) std::fprintf(stderr, "%10.4f ms\n", static_cast<double>(quantile(row, 0.5)));
        else std::fprintf(stderr, "%s\n", row.problem.substr(0, row.problem.find('\n')).c_str());
        rows_.push_back(std::move(row));
    }

    void write(std::FILE* to) const {
        const char* between = "";
        std::fputs("[", to);
        for (const Row& row : rows_) {
            std::fprintf(to, "%s\n {\"program\": \"chromatid\", \"what\": \"%s\", \"net\": \"%s\", \"batch\": %td, \"form\": \"%s\", ",
                         between, row.what.c_str(), row.net.c_str(), row.batch, row.form.c_str());
            if (row.problem.empty())
                std::fprintf(to, "\"ms\": %.6g, \"low\": %.6g, \"high\": %.6g, \"samples\": %zu}", static_cast<double>(quantile(row, 0.5)),
                             static_cast<double>(quantile(row, 0.1)), static_cast<double>(quantile(row, 0.9)), row.milliseconds.size());
            else std::fprintf(to, "\"problem\": \"%s\"}", escaped(row.problem).c_str());
            between = ",";
        }
        std::fputs("\n]\n", to);
    }

  private:
    static float quantile(const Row& row, double share) {
        return row.milliseconds[static_cast<std::size_t>(share * static_cast<double>(row.milliseconds.size() - 1) + 0.5)];
    }
    static std::string escaped(const std::string& text) {
        std::string out;
        for (const char c : text) out += c == '\n' ? std::string("; ") : c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
        return out;
    }

    std::vector<Row> rows_;
};

}  // namespace benchmark
