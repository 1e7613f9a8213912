// SPDX-License-Identifier: MIT
//
// Compares a genome scan with the same windows one by one, on real data: whether all outputs have the same bits, and how much faster the
// scan is.
//
//   scan_exactness GENOME TRACK.bw TRACK.bw CHROMOSOME START [WHOLE]
//
// For each network, window length and stride: windows from START on. With WHOLE, also every window of the whole genome at stride 50 with
// the small FactorNet. Prints Markdown. Exit code 1 where any bit differs. Processor time of one thread; the two take turns.

#include <benchmarks/scan_exactness/networks.hpp>

#include <chromatid/dataset/genome_piece.hpp>
#include <chromatid/io/big_wig.hpp>
#include <chromatid/io/sequence_file.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace benchmarks;

double processor_seconds() {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

struct Data {
    AnySequence genome;
    std::vector<BigWig> tracks;
    GenomePiece piece{};

    Windows<float> load(const Interval& interval, std::vector<const std::uint8_t*>& codes, std::vector<const float*>& values) {
        piece.load(interval, genome, std::span(tracks));
        codes = {piece.codes.data()};
        values.clear();
        for (auto& track : piece.tracks) {
            for (float& v : track) v = std::isnan(v) ? 0.0F : v;
            values.push_back(track.data());
        }
        return {.count = 1,
                .length = interval.length(),
                .channels = 4 + static_cast<Index>(tracks.size()),
                .codes = codes.data(),
                .tracks = values.data()};
    }
};

struct Outcome {
    Index windows = 0, different = 0;
    double scan = 0, each = 0;  // seconds
};

/// Scans `count` windows from `start` on, and runs each alone.
template <class M>
void compare(const M& model, Data& data, const std::string& chrom, std::int64_t start, Index stride, Index count, Outcome& outcome) {
    const Index length = model.input_shape().values()[0], outputs = model.output_shape().size();
    std::vector<const std::uint8_t*> codes;
    std::vector<const float*> values;
    const Windows<float> stretch = data.load({chrom, start, start + (count - 1) * stride + length}, codes, values);
    Tensor<float> a({count, outputs}), b({count, outputs});
    typename M::Context on;
    const double begin = processor_seconds();
    model.scan(on, stretch, stride, View<const float>{}, a);
    const double middle = processor_seconds();
    model.infer(on, StretchWindows<float>(stretch, stride, length, 0, count).view(), View<const float>{}, b);
    const double end = processor_seconds();
    outcome.windows += count;
    outcome.scan += middle - begin;
    outcome.each += end - middle;
    for (Index i = 0; i < a.size(); ++i) outcome.different += std::memcmp(a.data() + i, b.data() + i, sizeof(float)) != 0 ? 1 : 0;
}

bool all_equal = true;

void print(const char* name, Index length, Index stride, const Outcome& o) {
    all_equal = all_equal && o.different == 0;
    std::printf("| %s | %td | %td | %td | %s | %.1f | %.1f | %.2f |\n", name, length, stride, o.windows,
                o.different == 0 ? "all bits" : (std::to_string(o.different) + " DIFFER").c_str(),
                1e6 * o.scan / static_cast<double>(o.windows), 1e6 * o.each / static_cast<double>(o.windows), o.each / o.scan);
    std::fflush(stdout);
}

template <class Net, Index Length>
void run(const char* name, Data& data, const std::string& chrom, std::int64_t start, Index windows) {
    Model<Net, Shape<Length, 6>> model;
    model.initialize(420);
    for (const Index stride : {1, 13, 25, 50, 200}) {
        Outcome outcome;
        for (Index round = 0; round < 3; ++round) compare(model, data, chrom, start + round * 1000, stride, windows, outcome);
        print(name, Length, stride, outcome);
    }
}

template <class Net>
void run(const char* name, Data& data, const std::string& chrom, std::int64_t start, Index windows) {
    run<Net, 1000>(name, data, chrom, start, windows);
    run<Net, 1002>(name, data, chrom, start, windows);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 6) {
        std::fprintf(stderr, "usage: scan_exactness GENOME TRACK.bw TRACK.bw CHROMOSOME START [WHOLE]\n");
        return 2;
    }
    try {
        Data data{.genome = open_sequence(argv[1]), .tracks = {}};
        data.tracks.emplace_back(argv[2]);
        data.tracks.emplace_back(argv[3]);
        const std::string chrom = argv[4];
        const std::int64_t start = std::stoll(argv[5]);
        std::printf(
            "| network | L | stride | windows | equal | scan, us a window | per window, us | speed-up "
            "|\n|---|---:|---:|---:|---|---:|---:|---:|\n");
        run<FactorNet>("FactorNet, small", data, chrom, start, 768);
        run<BigFactorNet>("FactorNet, big", data, chrom, start, 256);
        run<DanQ>("DanQ", data, chrom, start, 144);
        run<DeepSea>("DeepSEA", data, chrom, start, 144);
        run<Basset>("Basset", data, chrom, start, 144);
        if (argc > 6) {
            Model<FactorNet, Shape<1000, 6>> model;
            model.initialize(420);
            Outcome outcome;
            for (const Chromosome& c : data.genome.chromosomes())
                for (std::int64_t first = 0; first + 1000 <= c.size; first += 50 * 4096)
                    compare(model, data, c.name, first, 50, std::min<Index>(4096, (c.size - 1000 - first) / 50 + 1), outcome);
            print("FactorNet, small, whole genome", 1000, 50, outcome);
        }
    } catch (const Error& error) {
        std::fprintf(stderr, "error: %s\n", error.what());
        return 1;
    }
    return all_equal ? 0 : 1;
}
