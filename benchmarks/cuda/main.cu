// SPDX-License-Identifier: MIT
//
// Times the CUDA backend by events and writes JSON; run.sh sets the results beside PyTorch's.
//
//     cuda_benchmark OUT.json [--precision P]... [--batch N]... [--samples N] [--device N]     P: exact32, tf32, f16, bf16; default: all
#include <chromatid/core/error.hpp>
#include <chromatid/cuda.cuh>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "parts.hpp"

using namespace benchmark;

namespace {

using Measured = void (*)(Rows&, const Options&);
constexpr std::pair<const char*, Measured> precisions[] = {
    {"exact32", measure_exact32}, {"tf32", measure_tf32}, {"f16", measure_f16}, {"bf16", measure_bf16}};

void run(const std::vector<std::string>& words) {
    std::string out;
    Options options;
    std::vector<std::string> wanted;
    std::vector<chromatid::Index> batches;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (!words[i].starts_with("--")) {
            out = words[i];
            continue;
        }
        if (i + 1 == words.size()) throw chromatid::UsageError(words[i] + " needs a value");
        const std::string& value = words[++i];
        if (words[i - 1] == "--precision") wanted.push_back(value);
        else if (words[i - 1] == "--batch") batches.push_back(std::stol(value));
        else if (words[i - 1] == "--samples") options.samples = std::stoi(value);
        else if (words[i - 1] == "--device") options.device = std::stoi(value);
        else throw chromatid::UsageError("unknown option " + words[i - 1]);
    }
    if (out.empty()) throw chromatid::UsageError("cuda_benchmark OUT.json [--precision P]... [--batch N]... [--samples N] [--device N]");
    if (!batches.empty()) options.batches = batches;
    { const chromatid::cuda::Gpu::Context there(options.device); }
    Rows rows;
    for (const auto& [name, measured] : precisions) {
        bool is_wanted = wanted.empty();
        for (const std::string& one : wanted) is_wanted = is_wanted || one == name;
        if (is_wanted) measured(rows, options);
    }
    std::FILE* const file = std::fopen(out.c_str(), "w");
    if (file == nullptr) throw chromatid::Error(out + ": cannot be written");
    rows.write(file);
    std::fclose(file);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        run({argv + 1, argv + argc});
        return EXIT_SUCCESS;
    } catch (const chromatid::UsageError& error) {
        std::fprintf(stderr, "error: %s\n", error.what());
        return 2;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "error: %s\n", error.what());
        return EXIT_FAILURE;
    }
}
