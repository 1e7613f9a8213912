// SPDX-License-Identifier: MIT
#include "demo.hpp"

#include "interrupt.hpp"
#include "model_file.hpp"

#include <chromatid/core/philox.hpp>
#include <chromatid/genome/chrom_sizes.hpp>
#include <chromatid/io/big_wig_writer.hpp>
#include <chromatid/io/output_file.hpp>
#include <chromatid/network/factornet.hpp>
#include <chromatid/serialize/keras1_export.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace factornet {

using namespace chromatid;

namespace {

constexpr std::string_view motif = "ACCGGAAGTG";  // an ETS site; not its own reverse complement, so strands can be told apart
constexpr std::int64_t window = 200, step = 50, spacing = 2000;

/// Random numbers by name: stream and counter.
class Numbers {
  public:
    explicit Numbers(std::uint64_t seed) : key_(Philox::key(seed)) {}
    float operator()(std::uint32_t stream, std::int64_t i) const {
        return Philox::uniform(Philox::block(key_, {static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(i >> 32), stream, 0})[0]);
    }

  private:
    Philox::Key key_;
};

struct DemoChromosome {
    std::string name;
    std::string bases;
    std::vector<float> signal;
};

char complement(char base) {
    switch (base) {
        case 'A': return 'T';
        case 'C': return 'G';
        case 'G': return 'C';
        default: return 'A';
    }
}

/// Random bases with a site every 2 kb, on alternating strands. Every other site, and some stretches without a site, are open chromatin.
DemoChromosome make_chromosome(const std::string& name, std::int64_t length, std::uint32_t stream, const Numbers& numbers) {
    DemoChromosome c{name, std::string(static_cast<std::size_t>(length), 'N'), std::vector<float>(static_cast<std::size_t>(length))};
    for (std::int64_t i = 0; i < length; ++i) {
        c.bases[static_cast<std::size_t>(i)] = "ACGT"[static_cast<int>(4 * numbers(stream, i))];
        c.signal[static_cast<std::size_t>(i)] = 0.2F * numbers(stream + 1, i);
    }
    std::string reverse(motif.rbegin(), motif.rend());
    std::transform(reverse.begin(), reverse.end(), reverse.begin(), complement);
    for (std::int64_t site = spacing / 2, n = 0; site + spacing / 2 < length; site += spacing, ++n) {
        if (n % 3 != 2) c.bases.replace(static_cast<std::size_t>(site), motif.size(), n % 2 == 0 ? std::string(motif) : reverse);
        if (n % 3 != 1)
            for (std::int64_t i = site - 60; i < site + 60; ++i) c.signal[static_cast<std::size_t>(i)] += 1.0F;
    }
    return c;
}

/// A network whose weights are set by hand: kernel 0 reads the motif, kernel 1 the signal, and a window scores high where both are there.
AnyModel<> make_model(const FactorNetSizes& sizes) {
    AnyModel<> model = make_factornet(sizes);
    model.visit_parameters([&](const std::string& name, const ParameterSpec& spec, std::span<float> values) {
        const Index columns = spec.extents().back();
        const auto at = [&](Index row, Index column) -> float& { return values[static_cast<std::size_t>(row * columns + column)]; };
        if (name == "conv1d_1.kernel") {
            for (Index tap = 0; tap < sizes.width; ++tap) {
                at(tap * sizes.channels() + static_cast<Index>(std::string_view("ACGT").find(motif[static_cast<std::size_t>(tap)])), 0) =
                    1.0F;
                at(tap * sizes.channels() + 4, 1) = 1.0F / static_cast<float>(sizes.width);
            }
        } else if (name == "conv1d_1.bias") {
            values[0] = -static_cast<float>(motif.size()) + 1.0F;  // 1 for the whole motif, 0 for less
        } else if (name == "time_distributed_dense_1.kernel") {
            at(0, 0) = at(1, 1) = 1.0F;
        } else if (name == "dense_1.kernel") {
            at(0, 0) = at(1, 1) = 1.0F;
        } else if (name == "dense_2.kernel") {
            values[0] = 6.0F;
            values[1] = 4.0F;
        } else if (name == "dense_2.bias") {
            values[0] = -7.0F;
        }
    });
    return model;
}

void write_text(const std::filesystem::path& path, std::string_view text) {
    OutputFile file(path);
    file.write(text);
    file.commit();
}

}  // namespace

void write_demo(const DemoOptions& options) {
    const std::filesystem::path& root = options.directory;
    for (const char* folder : {"cell", "model"}) std::filesystem::create_directories(root / folder);

    const Numbers numbers(options.seed);
    const std::array chromosomes{make_chromosome("chrA", 120000, 0, numbers), make_chromosome("chrB", 80000, 2, numbers)};
    std::string fasta, bed, sizes_text;
    ChromSizes sizes;
    for (const DemoChromosome& c : chromosomes) {
        const auto length = static_cast<std::int64_t>(c.bases.size());
        sizes.add(c.name, length);
        check_interrupted();
        sizes_text += c.name + '\t' + std::to_string(length) + '\n';
        fasta += '>' + c.name + '\n';
        for (std::size_t i = 0; i < c.bases.size(); i += 60) fasta += c.bases.substr(i, 60) + '\n';
        for (std::int64_t start = 0; start + window <= length; start += step)
            bed += c.name + '\t' + std::to_string(start) + '\t' + std::to_string(start + window) + '\n';
    }
    write_text(root / "genome.fa", fasta);
    write_text(root / "chrom.sizes", sizes_text);
    write_text(root / "windows.bed", bed);

    BigWigWriter track(root / "cell" / "DGF.bw", sizes);
    for (const DemoChromosome& c : chromosomes)
        for (std::size_t i = 0; i < c.signal.size(); ++i)
            track.add(c.name, static_cast<std::int64_t>(i), static_cast<std::int64_t>(i) + 1, c.signal[i]);
    track.commit();
    write_text(root / "cell" / "bigwig.txt", "DGF.bw\tDGF\n");

    const FactorNetSizes net{.structure = FactorNetSizes::Structure::global_max, .length = window, .tracks = 1, .filters = 8,
                             .width = static_cast<Index>(motif.size()), .position_units = 8, .dense_units = 8,
                             .dropout = {.after_conv = 0.1F, .after_features = 0.2F, .after_dense = 0.2F}};
    save_keras1(make_model(net), net, root / "model");
    write_text(root / "model" / "chip.txt", "DEMO\n");
    write_text(root / "model" / "feature.txt", "bigwig\n");
    write_text(root / "model" / "bigwig.txt", "DGF\n");
}

}  // namespace factornet
