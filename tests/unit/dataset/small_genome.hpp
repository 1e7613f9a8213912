// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/dataset/factornet_data.hpp>
#include <chromatid/dataset/genome_piece.hpp>
#include <chromatid/dataset/window_encoder.hpp>
#include <chromatid/genome/resident_sequence.hpp>
#include <chromatid/genome/resident_signal.hpp>
#include <chromatid/io/chrom_sizes_file.hpp>
#include <chromatid/io/sequence_file.hpp>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <tests/support/shared_data.hpp>
#include <tests/unit/io/scratch.hpp>
#include <vector>

namespace chromatid::test {

inline std::string bed(const std::vector<Interval>& intervals) {
    std::string text;
    for (const Interval& i : intervals) text += i.chrom + '\t' + std::to_string(i.start) + '\t' + std::to_string(i.end) + '\n';
    return text;
}

/// Three chromosomes of 20, 15 and 12 kb: t is for training, v for validation, h held out. Cells K562 and HepG2 with peaks of MAX and, in
/// K562, MYC.
struct SmallGenome {
    Scratch scratch;
    ChromSizes sizes{{{"t", 20'000}, {"v", 15'000}, {"h", 12'000}}};
    ResidentSequence sequence;
    std::vector<NamedSignal> tracks;  // of K562 forward and reverse, of HepG2 forward and reverse
    std::vector<Interval> max_k562{{"t", 3000, 3300}, {"t", 5000, 5101}, {"t", 7001, 7300}, {"v", 4000, 4200},
                                   {"h", 2000, 2300}, {"t", 100, 300},   {"x", 5, 9}};
    std::vector<Interval> max_hepg2{{"t", 12'000, 12'300}, {"v", 9000, 9300}};
    std::vector<Interval> myc_k562{{"t", 3100, 3400}, {"v", 6000, 6300}};

    SmallGenome() {
        std::mt19937 random(1);
        for (const Chromosome& c : sizes) {
            std::string letters(static_cast<std::size_t>(c.size), 'A');
            for (char& letter : letters) letter = "ACGTN"[random() % 5];
            sequence.add(c.name, letters);
        }
        for (const char* cell : {"K562", "HepG2"}) {
            std::filesystem::create_directory(scratch / cell);
            const std::string folder = std::string(cell) + "/";
            scratch.file(folder + "bigwig.txt", "f.bw DGF_fwd\nr.bw DGF_rev\n");
            scratch.file(folder + "meta.txt", folder[0] == 'K' ? "0.5 GEPC1\n-1 GEPC2\n" : "0.25 GEPC1\n2 GEPC2\n");
            for (const char* strand : {"fwd", "rev"}) {
                ResidentSignal signal;
                for (const Chromosome& c : sizes) {
                    std::vector<float> values(static_cast<std::size_t>(c.size));
                    for (float& v : values) v = static_cast<float>(random() % 50);
                    signal.add(c.name, values);
                }
                tracks.emplace_back(folder + strand, signal);
            }
        }
        write_peaks();
    }

    void write_peaks(bool relaxed = true) const {
        const std::string third = relaxed ? "\trelaxed.bed" : "";
        scratch.file("K562/chip.txt", "max.bed\tMAX" + third + "\nmyc.bed\tMYC\n");
        scratch.file("K562/max.bed", bed(max_k562));
        scratch.file("K562/myc.bed", bed(myc_k562));
        std::vector<Interval> more = max_k562;
        more.push_back({"t", 15'000, 15'200});
        scratch.file("K562/relaxed.bed", bed(more));
        scratch.file("HepG2/chip.txt", "max.bed MAX\n");
        scratch.file("HepG2/max.bed", bed(max_hepg2));
    }

    TrainingCells cells(bool both = true) const {
        std::vector<CellDirectory> directories{CellDirectory(scratch / "K562")};
        if (both) directories.emplace_back(scratch / "HepG2");
        return TrainingCells(std::move(directories), {}, {true, true});
    }

    DataOptions options() const { return {.length = 500, .validation = {"v"}, .test = {"h"}, .negatives = 3, .epochs = 4, .batch = 5}; }

    FactorNetData single_task(DataOptions options) const {
        return FactorNetData::single_task("MAX", cells(), sizes, IntervalSet({{"t", 7250, 7260}}), std::move(options));
    }

    GenomeStore store(const FactorNetData& data) const {
        return {sequence, {tracks.begin(), tracks.begin() + static_cast<std::ptrdiff_t>(data.cells().files().size())}, data.chromosomes()};
    }
};

inline std::vector<WindowBatches::Window> windows_of(const WindowBatches& source, Index epoch) {
    std::vector<WindowBatches::Window> all;
    for (Index i = 0; i < source.windows(epoch); ++i) all.push_back(source.window(epoch, i));
    return all;
}

inline std::vector<Bin> bins_of(const WindowBatches& source, Index epoch) {
    std::vector<Bin> all;
    for (const auto& w : windows_of(source, epoch)) all.push_back(w.bin);
    return all;
}

inline bool same(const Batch& a, const Batch& b) {
    return a.size == b.size && std::ranges::equal(a.inputs().span(), b.inputs().span()) &&
           std::ranges::equal(a.sides().span(), b.sides().span()) && std::ranges::equal(a.labels().span(), b.labels().span());
}

}  // namespace chromatid::test
