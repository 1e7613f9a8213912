// SPDX-License-Identifier: MIT
//
// Writes a bigWig of scale * ln(1 + x): counts of cuts and fragments span orders of magnitude, and a network that sees them unscaled learns
// little else.
//
//     scale_track IN.bw OUT.bw SCALE
#include <chromatid/core/error.hpp>
#include <chromatid/io/big_wig.hpp>
#include <chromatid/io/big_wig_writer.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <vector>

using namespace chromatid;

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fprintf(stderr, "usage: scale_track IN.bw OUT.bw SCALE\n");
        return 2;
    }
    try {
        BigWig in(argv[1]);
        const float scale = std::strtof(argv[3], nullptr);
        BigWigWriter out(argv[2], in.chromosomes());
        std::vector<float> values;
        for (const Chromosome& c : in.chromosomes()) {
            constexpr std::int64_t piece = std::int64_t{1} << 20;
            for (std::int64_t start = 0; start < c.size; start += piece) {
                values.resize(static_cast<std::size_t>(std::min(piece, c.size - start)));
                in.fetch({c.name, start, start + static_cast<std::int64_t>(values.size())}, std::span(values));
                for (std::size_t i = 0, next; i < values.size(); i = next) {
                    for (next = i + 1; next < values.size() && values[next] == values[i]; ++next) {}
                    if (values[i] > 0)
                        out.add(c.name, start + static_cast<std::int64_t>(i), start + static_cast<std::int64_t>(next),
                                scale * std::log1p(values[i]));
                }
            }
        }
        out.commit();
    } catch (const Error& error) {
        std::fprintf(stderr, "error: %s\n", error.what());
        return 1;
    }
}
