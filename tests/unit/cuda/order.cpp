// SPDX-License-Identifier: MIT
// What must hold because a device runs calls later than they are made, and because calls may fail.
#include <chromatid/backend/cuda/emulated_cuda.hpp>
#include <chromatid/backend/cuda/kernel/for_each.hpp>
#include <chromatid/backend/cuda/resident_genome.hpp>
#include <chromatid/core/host_device.hpp>
#include <chromatid/network/staged_tiles.hpp>

#include "tests/support/two_ranks.hpp"
#include "tests/unit/train/small_run.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

using namespace chromatid;
using namespace chromatid::test;
using cuda::Emulator;
using cuda::StepMode;

namespace {

using Device = EmulatedCuda<>;

struct Fill {
    float value;
    float* x;
    CHROMATID_HOST_DEVICE void operator()(Index i) const { x[i] = value; }
};

struct AddLate {
    cuda::Late<float> value;
    float* x;
    CHROMATID_HOST_DEVICE void operator()(Index i) const { x[i] += value.get(); }
};

/// One of two ranks; the other one is left out. Takes note of how each sum is asked for.
struct OneOfTwo : test::OtherRankLikeOurs {
    Index own;
    std::vector<StepMode>* modes;

    Index rank() const { return own; }
    void sum(Emulator::Context& on, Index, float*) const { modes->push_back(on.graphs().mode()); }
};

/// Batches of as many windows as the list says, in memory for 16.
struct BatchesOf {
    std::vector<Index> sizes;

    Index batches(Index) const { return static_cast<Index>(sizes.size()); }
    void load(Index epoch, Index number, Batch& batch) const {
        SmallWindows{.seed = 5, .count = batches(epoch) + 1, .size = 16}.load(epoch, number, batch);
        batch.size = sizes[static_cast<std::size_t>(number)];
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(cuda_order)

BOOST_AUTO_TEST_CASE(an_emulated_device_runs_calls_as_late_as_a_device_may) {
    Device::Context on;
    const Emulator::Buffer<float> there(1);
    Emulator::PinnedBuffer<float> pinned(1);
    float plain = 1, here = 0;
    Emulator::Event copied;
    pinned.data()[0] = 1;
    Emulator::copy_to_device(on, sizeof(float), pinned.data(), there.data());
    Emulator::mark(on, copied);
    pinned.data()[0] = 2;  // too early, and seen
    Emulator::copy_to_host(on, sizeof(float), there.data(), &here);
    BOOST_TEST(here == 0.0F);
    Emulator::wait(copied);
    pinned.data()[0] = 3;
    BOOST_TEST(here == 0.0F);
    Emulator::synchronize(on);
    BOOST_TEST(here == 2.0F);
    Emulator::copy_to_device(on, sizeof(float), &plain, there.data());
    plain = 4;  // the driver has read it
    Emulator::fetch(sizeof(float), there.data(), &here);
    BOOST_TEST(here == 1.0F);
}

BOOST_AUTO_TEST_CASE(batches_of_the_host_go_to_a_device_one_after_another_and_nobody_waits) {
    Device::Context on;
    constexpr Index tiles = 7, calls = 3;
    StagedTiles<Device> staged;
    const Emulator::Buffer<float> y(calls * tiles);
    Tensor<float> x({tiles, 1}), got({calls * tiles, 1});
    for (Index call = 0; call < calls; ++call) {
        for (Index i = 0; i < tiles; ++i) x(i, 0) = static_cast<float>(call * tiles + i);
        staged.run(on, tiles, 1, std::as_const(x).view(), View<const float>{}, View<float>(y.data() + call * tiles, {tiles, 1}),
                   [&](Index, View<const float> in, auto, View<float> out) { Device::copy(on, 1, in.data(), out.data()); });
    }
    Device::download(on, y.size(), y.data(), got.data());
    for (Index i = 0; i < calls * tiles; ++i) BOOST_TEST(got(i, 0) == static_cast<float>(i));
}

BOOST_AUTO_TEST_CASE(places_of_the_next_batch_wait_until_those_before_are_read) {
    Device::Context on;
    constexpr Index bases = 6;
    cuda::ResidentGenome<Emulator> genome(on, bases, 0);
    constexpr std::array<std::uint8_t, bases> codes{0, 1, 2, 3, 0, 1};
    (void)genome.add(on, codes, {});
    cuda::ResidentGenome<Emulator>::Places places(on, genome, 1);
    const Emulator::Buffer<float> y(bases * 4);
    for (Index i = 0; i < bases; ++i) Device::expand(on, places.windows(on, std::array{i}, 1), y.data() + 4 * i);
    Tensor<float> got({bases, 4});
    Device::download(on, y.size(), y.data(), got.data());
    for (Index i = 0; i < bases; ++i) BOOST_TEST(got(i, static_cast<Index>(codes[static_cast<std::size_t>(i)])) == 1.0F);
}

BOOST_AUTO_TEST_CASE(numbers_of_a_recorded_step_wait_until_those_before_are_read) {
    Device::Context on;
    constexpr Index steps = 6;
    const Emulator::Buffer<float> y(2);
    Device::zero(on, 2, y.data());
    for (Index step = 1; step <= steps; ++step)
        on.graphs().run(on, 1, [&] {
            cuda::for_each<Emulator>(on, 1, AddLate{on.late(static_cast<float>(step)), y.data()});
            cuda::for_each<Emulator>(on, 1, AddLate{on.late(static_cast<float>(step * step)), y.data() + 1});
        });
    std::array<float, 2> got{};
    Device::download(on, 2, y.data(), got.data());
    BOOST_TEST(got[0] == 21.0F);
    BOOST_TEST(got[1] == 91.0F);
}

BOOST_AUTO_TEST_CASE(a_call_that_broke_off_leaves_nothing_that_the_next_one_would_write) {
    Device::Context on;
    StagedTiles<Device> tiles;
    const auto run = [&](Tensor<float>& y, Index last) {
        tiles.run(on, 3, 1, View<const float>{}, View<const float>{}, y.view(), [&](Index first, auto, auto, View<float> out) {
            if (first == last) throw DeviceError("no more");
            cuda::for_each<Emulator>(on, 1, Fill{1.0F, out.data()});
        });
    };
    Tensor<float> first({3, 1}), second({3, 1});
    BOOST_CHECK_THROW(run(first, 1), DeviceError);
    std::fill_n(first.data(), 3, 5.0F);
    run(second, 3);
    for (Index i = 0; i < 3; ++i) {
        BOOST_TEST(first(i, 0) == 5.0F);
        BOOST_TEST(second(i, 0) == 1.0F);
    }
}

BOOST_AUTO_TEST_CASE(a_step_whose_first_run_failed_is_not_recorded_next) {
    Device::Context on;
    BOOST_CHECK_THROW(on.graphs().run(on, 1, [] { throw DeviceError("no room"); }), DeviceError);
    std::vector<StepMode> modes;
    for (int i = 0; i < 3; ++i) on.graphs().run(on, 1, [&] { modes.push_back(on.graphs().mode()); });
    BOOST_TEST((modes == std::vector{StepMode::eager, StepMode::capturing, StepMode::replaying}));
}

BOOST_AUTO_TEST_CASE(a_step_with_more_numbers_than_can_be_kept_is_never_recorded) {
    Device::Context on;
    const Emulator::Buffer<float> there(1);
    Device::zero(on, 1, there.data());
    float here = 0;
    for (int run = 0; run < 4; ++run)
        Device::repeat(on, 1, [&] {
            BOOST_TEST((on.graphs().mode() == StepMode::eager));
            for (std::size_t i = 0; i <= cuda::StepCells::most; ++i)
                cuda::for_each<Emulator>(on, 1, AddLate{on.late(1.0F), there.data()});
        });
    Device::download(on, 1, there.data(), &here);
    BOOST_TEST(here == 4.0F * static_cast<float>(cuda::StepCells::most + 1));
}

BOOST_AUTO_TEST_CASE(a_table_that_a_recorded_step_is_refused_is_there_for_the_next_call) {
    Device::Context on;
    constexpr std::array<double, 2> table{1.5, 2.5};
    const auto ask = [&] { return on.constants().device(on, std::span<const double>(table)); };
    on.graphs().run(on, 1, [] {});
    BOOST_CHECK_THROW(on.graphs().run(on, 1, [&] { (void)ask(); }), DeviceError);
    const double* const there = ask();
    BOOST_REQUIRE(there != nullptr);
    std::array<double, 2> here{};
    Device::download(on, 2, there, here.data());
    BOOST_TEST(here == table, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(ranks_record_the_same_steps_whatever_their_shares) {
    std::array<std::vector<StepMode>, 2> modes;
    for (const Index rank : {0, 1}) {
        Model<SmallNet, Shape<12, 4>, Device> model(
            SmallNet(Conv1D<4, 3, ReLU>(), Dropout{0.0F}, Flatten(), Dense<8, ReLU>(), Dropout{0.0F}, Dense<2, Sigmoid>()));
        model.initialize(1);
        Device::Context on;
        Trainer trainer(on, model, BinaryCrossEntropy{}, Adam{}, TrainerOptions{.epochs = 1, .loading_threads = 0},
                        OneOfTwo{{}, rank, &modes[static_cast<std::size_t>(rank)]});
        // shares of 4 and 5 windows, then of 5 and 5: the second batch needs a larger block where the first one had 4
        trainer.fit(BatchesOf{{9, 10, 9, 10, 9, 16, 10, 9}});
    }
    BOOST_TEST(modes[0].size() == 8U);
    BOOST_TEST((modes[0] == modes[1]));
}

BOOST_AUTO_TEST_SUITE_END()
