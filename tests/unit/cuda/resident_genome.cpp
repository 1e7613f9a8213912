// SPDX-License-Identifier: MIT
#include <chromatid/backend/cuda/emulated_cuda.hpp>
#include <chromatid/backend/cuda/resident_genome.hpp>
#include <chromatid/layer/conv1d.hpp>
#include <chromatid/layer/dense.hpp>
#include <chromatid/layer/flatten.hpp>
#include <chromatid/network/model.hpp>
#include <chromatid/network/reverse_complement_siamese.hpp>

#include "tests/support/emulated_array.hpp"
#include "tests/support/random_windows.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <span>
#include <vector>

using namespace chromatid;
using namespace chromatid::test;

namespace {

using Device = EmulatedCuda<>;
using Genome = cuda::ResidentGenome<cuda::Emulator>;

std::span<const float> track(const RandomWindows& chromosome, Index number) {
    return {chromosome.track_of[static_cast<std::size_t>(number)], static_cast<std::size_t>(chromosome.length)};
}

Index put(Device::Context& on, Genome& genome, const RandomWindows& chromosome) {
    return genome.add(on, chromosome.codes, std::array{track(chromosome, 0), track(chromosome, 1)});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cuda_resident_genome)

BOOST_AUTO_TEST_CASE(a_base_and_a_track_by_hand) {
    Device::Context on;
    Genome genome(on, 5, 1);
    const std::array<std::uint8_t, 5> codes{0, 1, 2, 3, 9};
    const std::array<float, 5> values{0.5F, 1.5F, 2.5F, 3.5F, 4.5F};
    BOOST_TEST(genome.add(on, codes, std::array{std::span<const float>(values)}) == 0);
    Genome::Places places(on, genome, 2);
    const Windows<float> windows = places.windows(on, std::array<Index, 2>{3, 0}, 2);
    const EmulatedArray<float> rows(2 * 2 * 5);
    Device::expand(on, windows, rows.data());
    const std::vector<float> expected{0, 0, 0, 1, 3.5F, 0, 0, 0, 0, 4.5F, 1, 0, 0, 0, 0.5F, 0, 1, 0, 0, 1.5F};
    BOOST_TEST(rows.on_host(on) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(windows_of_two_chromosomes_are_those_of_the_host) {
    using Net = ReverseComplementSiamese<Sequential<Conv1D<4, 3, ReLU>, Flatten, Dense<1, Sigmoid>>>;
    Device::Context on;
    const RandomWindows first(1, 101, 6, 1), second(1, 57, 6, 2);
    Genome genome(on, 101 + 57, 2);
    const Index chr1 = put(on, genome, first), chr2 = put(on, genome, second);
    BOOST_TEST(chr1 == 0);
    BOOST_TEST(chr2 == 101);
    Model<Net, Shape<13, 6>, Device> model;
    model.initialize(3);
    Genome::Places places(on, genome, 4);
    for (int round = 0; round < 2; ++round) {
        const std::array<Index, 4> starts{chr1 + 7, chr1 + 88, chr2 + round, chr2 + 44};
        std::vector<const std::uint8_t*> codes;
        std::vector<const float*> tracks;
        for (const Index start : starts) {
            const RandomWindows& chromosome = start < chr2 ? first : second;
            const Index at = start < chr2 ? start : start - chr2;
            codes.push_back(chromosome.codes.data() + at);
            for (const Index t : {0, 1}) tracks.push_back(track(chromosome, t).data() + at);
        }
        const Windows<float> here{.count = 4, .length = 13, .channels = 6, .codes = codes.data(), .tracks = tracks.data()};
        Tensor<float> expected({4, 1}), y({4, 1});
        model.infer(on, here, View<const float>{}, expected);
        model.infer(on, places.windows(on, starts, 13), View<const float>{}, y);
        for (Index w = 0; w < 4; ++w) BOOST_TEST(y(w, 0) == expected(w, 0));
    }
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_refused) {
    Device::Context on;
    const RandomWindows chromosome(1, 20, 6, 1);
    Genome genome(on, 25, 2);
    BOOST_CHECK_THROW(genome.add(on, chromosome.codes, std::array{track(chromosome, 0)}), UsageError);
    put(on, genome, chromosome);
    BOOST_CHECK_THROW(put(on, genome, chromosome), UsageError);
    Genome::Places places(on, genome, 2);
    BOOST_TEST(places.windows(on, std::array<Index, 1>{10}, 10).count == 1);
    BOOST_CHECK_THROW(places.windows(on, std::array<Index, 1>{11}, 10), UsageError);
    BOOST_CHECK_THROW(places.windows(on, std::array<Index, 1>{-1}, 10), UsageError);
    BOOST_CHECK_THROW(places.windows(on, std::array<Index, 3>{0, 0, 0}, 10), UsageError);
}

BOOST_AUTO_TEST_SUITE_END()
