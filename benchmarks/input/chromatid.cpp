// SPDX-License-Identifier: MIT
//
// A contestant of run.py: reads a chromosome and windows of 1,000 bases from files.
//
//     input_chromatid FASTA BIGWIG TWOBIT CHROMOSOME STARTS
//
// STARTS is a text of window starts. TWOBIT is written from FASTA where it is not there. Entries: "FORMAT/whole" and "FORMAT/windows" for
// bigwig, fasta, 2bit, and resident, a track in memory; "FORMAT/whole+means" and so on give the means of each 1,000 bases, to compare.
// Sequences come as codes.
#include <chromatid/genome/base_code.hpp>
#include <chromatid/genome/resident_signal.hpp>
#include <chromatid/io/big_wig.hpp>
#include <chromatid/io/fasta.hpp>
#include <chromatid/io/two_bit.hpp>
#include <chromatid/io/two_bit_writer.hpp>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <numeric>
#include <string>
#include <vector>

#include <benchmarks/support/contestant.hpp>

using namespace chromatid;

namespace {

constexpr std::int64_t window = 1000;

/// Entries that read from one source, and what they read.
template <class Source, class T>
struct Reader {
    Source source;
    std::string chromosome;
    std::vector<std::int64_t> starts;
    std::vector<T> whole, windows;
    std::vector<float> means;

    Reader(Source s, std::string c, std::vector<std::int64_t> at)
        : source(std::move(s)),
          chromosome(std::move(c)),
          starts(std::move(at)),
          whole(static_cast<std::size_t>(source.chromosomes()[source.chromosomes().place_of(chromosome, "")].size)),
          windows(starts.size() * static_cast<std::size_t>(window)) {}

    void read_whole() { source.fetch({chromosome, 0, static_cast<std::int64_t>(whole.size())}, whole); }
    void read_windows() {
        for (std::size_t i = 0; i < starts.size(); ++i)
            source.fetch({chromosome, starts[i], starts[i] + window}, std::span(windows).subspan(i * window, window));
    }
    void mean_of(const std::vector<T>& values) {
        for (std::size_t i = 0; i < means.size(); ++i) {
            const auto first = values.begin() + static_cast<std::ptrdiff_t>(i) * window;
            means[i] = static_cast<float>(std::accumulate(first, first + window, 0.0) / window);
        }
    }
    void enter(bench::Contestant& contestant, const std::string& format) {
        means.resize(std::min(whole.size() / window, starts.size()));
        contestant.add(format + "/whole", [this] { read_whole(); }, {});
        contestant.add(format + "/windows", [this] { read_windows(); }, {});
        contestant.add(
            format + "/whole+means", [this] { read_whole(), mean_of(whole); }, means);
        contestant.add(
            format + "/windows+means", [this] { read_windows(), mean_of(windows); }, means);
    }
};

void make_two_bit(const std::filesystem::path& path, const std::filesystem::path& from) {
    Fasta fasta(from);
    std::vector<TwoBitSequence> sequences;
    for (const Chromosome& c : fasta.chromosomes()) {
        std::vector<std::uint8_t> codes(static_cast<std::size_t>(c.size));
        fasta.fetch({c.name, 0, c.size}, codes);
        sequences.push_back({c.name, {}});
        for (const std::uint8_t code : codes) sequences.back().letters += base_letter(code);
    }
    write_two_bit(path, sequences);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 6) {
        std::fprintf(stderr, "usage: input_chromatid FASTA BIGWIG TWOBIT CHROMOSOME STARTS\n");
        return 2;
    }
    if (!std::filesystem::exists(argv[3])) make_two_bit(argv[3], argv[1]);
    std::ifstream list(argv[5]);
    const std::vector<std::int64_t> starts{std::istream_iterator<std::int64_t>(list), {}};
    Reader<BigWig, float> big_wig(BigWig(argv[2]), argv[4], starts);
    Reader<Fasta, std::uint8_t> fasta(Fasta(argv[1]), argv[4], starts);
    Reader<TwoBit, std::uint8_t> two_bit(TwoBit(argv[3]), argv[4], starts);
    ResidentSignal signal;
    signal.add(argv[4], BigWig(argv[2]).decode(argv[4]));
    Reader<ResidentSignal, float> resident(std::move(signal), argv[4], starts);
    bench::Contestant contestant;
    big_wig.enter(contestant, "bigwig");
    fasta.enter(contestant, "fasta");
    two_bit.enter(contestant, "2bit");
    resident.enter(contestant, "resident");
    return contestant.serve();
}
