// SPDX-License-Identifier: MIT
#include <chromatid/backend/cuda/emulated_cuda.hpp>
#include <chromatid/backend/cuda/kernel/for_each.hpp>
#include <chromatid/core/host_device.hpp>
#include <chromatid/train/thread_communicator.hpp>

#include "tests/support/two_ranks.hpp"
#include "tests/support/watched.hpp"
#include "tests/unit/train/small_run.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

using namespace chromatid;
using namespace chromatid::test;

namespace {

using Device = EmulatedCuda<>;
using DeviceModel = Model<SmallNet, Shape<12, 4>, Device>;

const SmallWindows training{.seed = 1, .count = 4, .size = 9, .last = 1}, validation{.seed = 2, .count = 3, .size = 9, .last = 4};

DeviceModel device_model(float rate, std::uint64_t seed = 7) {
    DeviceModel model(SmallNet(Conv1D<4, 3, ReLU>(), Dropout{rate}, Flatten(), Dense<8, ReLU>(), Dropout{rate}, Dense<2, Sigmoid>()));
    model.initialize(seed);
    return model;
}

struct Doubled {
    float* numbers;
    CHROMATID_HOST_DEVICE void operator()(Index i) const { numbers[i] *= 2; }
};

/// Rank 0 of two, of which the other one has windows like ours: its gradients are the same, and the sum, in device memory, is twice our
/// own.
struct Twin : test::OtherRankLikeOurs {
    int* sums;  ///< counts calls

    static Index rank() { return 0; }
    void sum(cuda::Emulator::Context& on, Index n, float* numbers) const {
        ++*sums;
        cuda::for_each<cuda::Emulator>(on, n, Doubled{numbers});
    }
};
static_assert(DeviceCommunicator<Twin, Device> && !DeviceCommunicator<ThreadCommunicator, Device>);

/// Ten windows, the second half of which is the first once more.
struct Halves {
    Index batches(Index) const { return 5; }
    void load(Index epoch, Index number, Batch& batch) const {
        SmallWindows{.seed = 5, .count = 5, .size = 10, .last = 10}.load(epoch, number, batch);
        std::copy_n(batch.x.data(), 5 * 12 * 4, batch.x.data() + 5 * 12 * 4);
        std::copy_n(batch.targets.data(), 5 * 2, batch.targets.data() + 5 * 2);
    }
};

/// Batches of as many windows as the list says, in memory for no more than have been there before; nothing of the first one takes part.
struct SizedBatches {
    std::vector<Index> sizes;

    Index batches(Index) const { return static_cast<Index>(sizes.size()); }
    void load(Index epoch, Index number, Batch& batch) const {
        const Index size = sizes[static_cast<std::size_t>(number)];
        if (!batch.x.extents().empty() && batch.x.extent(0) < size) batch = {};
        SmallWindows{.seed = 5, .count = batches(epoch) + 1, .size = size}.load(epoch, number, batch);
        if (number == 0) std::fill_n(batch.targets.data(), batch.targets.size(), ambiguous);
    }
};

void check_near(const Bits& a, const Bits& b, double most = 1e-5) {
    BOOST_REQUIRE(a.size() == b.size());
    double square = 0, all = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        square += (static_cast<double>(a[i]) - b[i]) * (static_cast<double>(a[i]) - b[i]);
        all += static_cast<double>(b[i]) * b[i];
    }
    BOOST_TEST(std::sqrt(square / all) < most);
}

struct Result {
    Bits bits;
    History history;
};

template <class C, class S>
Result trained(DeviceModel model, const S& source, const TrainerOptions& options, C all) {
    Device::Context on;
    Trainer trainer(on, model, BinaryCrossEntropy{}, Adam{.rate = 0.02}, options, all);
    Result result;
    result.history = trainer.fit(source, validation);
    result.bits = bits_of(std::as_const(model));
    return result;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cuda_ranks)

BOOST_AUTO_TEST_CASE(devices_that_add_on_the_host_come_to_what_one_does) {
    const TrainerOptions options{.seed = 3, .epochs = 2, .loading_threads = 0};
    const Result one = trained(device_model(0.2F), training, options, SingleProcess{});
    for (const Index ranks : {2, 3}) {  // more of them than windows in the last batch
        std::vector<Result> results(static_cast<std::size_t>(ranks));
        ThreadCommunicator::run(ranks, [&](ThreadCommunicator all) {
            const auto r = static_cast<std::size_t>(all.rank());
            results[r] = trained(device_model(0.2F, 7 + r), training, options, all);
        });
        for (const Result& result : results) {
            check_near(result.bits, one.bits);
            BOOST_TEST(same_bits(result.bits, results.front().bits));
            BOOST_TEST(same_history(result.history, results.front().history));
            BOOST_TEST(std::abs(result.history.last().loss - one.history.last().loss) < 1e-5);
            BOOST_TEST(result.history.last().accuracy == one.history.last().accuracy);
        }
    }
}

BOOST_AUTO_TEST_CASE(ranks_record_the_same_steps_however_they_load) {
    // the first batch makes no step, but leaves memory that a rank may get the second one in
    const SizedBatches source{{16, 15, 15, 16, 15, 16}};
    std::vector<std::vector<cuda::StepMode>> modes(2);
    ThreadCommunicator::run(2, [&](ThreadCommunicator all) {
        DeviceModel model = device_model(0.0F);
        Device::Context on;
        const TrainerOptions options{.epochs = 1, .loading_threads = all.rank()};
        Trainer trainer(on, model, Watched{modes[static_cast<std::size_t>(all.rank())]}, Adam{}, options, all);
        trainer.fit(source);
    });
    BOOST_TEST(modes[0].size() == 5U);
    BOOST_TEST((modes[0] == modes[1]));
}

BOOST_AUTO_TEST_CASE(sums_on_the_device_are_part_of_the_recorded_step) {
    for (const bool clipped : {false, true}) {
        TrainerOptions options{.seed = 3, .epochs = 2, .loading_threads = 0};
        if (clipped) options.clip = ClipNorm{0.1};
        int sums = 0;
        const Result one = trained(device_model(0.0F), Halves{}, options, SingleProcess{});
        const Result twin = trained(device_model(0.0F), Halves{}, options, Twin{{}, &sums});
        BOOST_TEST(sums == 10);
        check_near(twin.bits, one.bits);
        for (std::size_t e = 0; e < 2; ++e) {
            BOOST_TEST(std::abs(twin.history.epochs[e].loss - one.history.epochs[e].loss) < 1e-5);
            BOOST_TEST(twin.history.epochs[e].accuracy == one.history.epochs[e].accuracy);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
