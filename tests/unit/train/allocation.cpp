// SPDX-License-Identifier: MIT
#include <chromatid/train/progress_bar.hpp>
#include <chromatid/train/stop_on_signal.hpp>

#include "tests/unit/network/count_allocations.hpp"
#include "tests/unit/train/small_run.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdio>

using namespace chromatid;
using namespace chromatid::test;

namespace {

/// Allocations between the end of one batch and the end of a later one.
struct Watch {
    Index from, to;
    long before = 0, after = 0;

    void batch_ended(TrainingRun& run) {
        if (run.step == from) before = allocations();
        if (run.step == to) after = allocations();
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(allocation)

BOOST_AUTO_TEST_CASE(training_steps_allocate_nothing_once_they_run) {
    const SmallWindows training{.seed = 1, .count = 60, .size = 35, .last = 35};
    for (const Index loading : {0, 2}) {
        SmallModel model = small_model();
        Trainer trainer(model, BinaryCrossEntropy{}, Adam{},
                        {.epochs = 1, .threads = 1, .loading_threads = loading, .batches_ahead = 3, .clip = ClipNorm{1}});
        Watch watch{20, 55};
        std::FILE* out = std::tmpfile();
        trainer.fit(training, ProgressBar{out, false}, watch, StopOnSignal{});
        std::fclose(out);
        BOOST_TEST(watch.after > 0);
        BOOST_TEST(watch.after == watch.before);
    }
}

BOOST_AUTO_TEST_SUITE_END()
