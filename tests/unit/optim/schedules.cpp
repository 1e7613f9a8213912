// SPDX-License-Identifier: MIT
#include <chromatid/optim/cosine_decay.hpp>
#include <chromatid/optim/exponential_decay.hpp>
#include <chromatid/optim/step_decay.hpp>
#include <chromatid/optim/warmup.hpp>

#include <boost/test/unit_test.hpp>

#include <string>

using namespace chromatid;
namespace tt = boost::test_tools;

namespace {

double at(const RateSchedule& schedule, Index step, double epochs) {
    return schedule.factor({.step = step, .epoch = static_cast<Index>(epochs), .epochs = epochs});
}

struct Halved {
    double factor(const TrainingMoment&) const { return 0.5; }
    std::string to_text() const { return "halved"; }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(schedules)

BOOST_AUTO_TEST_CASE(no_schedule_leaves_the_rate_alone) { BOOST_TEST(at({}, 1000, 12.5) == 1.0); }

BOOST_AUTO_TEST_CASE(steps_come_after_whole_epochs) {
    const StepDecay schedule{.every = 10, .by = 0.5};
    BOOST_TEST(at(schedule, 0, 9.99) == 1.0);
    BOOST_TEST(at(schedule, 0, 10) == 0.5);
    BOOST_TEST(at(schedule, 0, 39) == 0.125);
}

BOOST_AUTO_TEST_CASE(exponential_decay_goes_on_within_an_epoch) {
    BOOST_TEST(at(ExponentialDecay{0.25}, 0, 0) == 1.0);
    BOOST_TEST(at(ExponentialDecay{0.25}, 0, 0.5) == 0.5, tt::tolerance(1e-15));
    BOOST_TEST(at(ExponentialDecay{0.25}, 0, 2) == 0.0625, tt::tolerance(1e-15));
}

BOOST_AUTO_TEST_CASE(cosine_ends_where_it_is_told) {
    const CosineDecay schedule{.epochs = 8, .last = 0.1};
    BOOST_TEST(at(schedule, 0, 0) == 1.0);
    BOOST_TEST(at(schedule, 0, 4) == 0.55, tt::tolerance(1e-14));
    BOOST_TEST(at(schedule, 0, 8) == 0.1, tt::tolerance(1e-14));
    BOOST_TEST(at(schedule, 0, 100) == 0.1, tt::tolerance(1e-14));
}

BOOST_AUTO_TEST_CASE(warmup_rises_and_hands_over) {
    const Warmup schedule{.steps = 4, .then = StepDecay{.every = 1, .by = 0.5}};
    BOOST_TEST(at(schedule, 0, 0) == 0.25);
    BOOST_TEST(at(schedule, 3, 0.5) == 1.0);
    BOOST_TEST(at(schedule, 9, 1) == 0.5);
    BOOST_TEST(RateSchedule(schedule).to_text() == "rising over 4 steps, then times 0.5 every 1 epochs");
}

BOOST_AUTO_TEST_CASE(a_schedule_of_ones_own_joins) {
    BOOST_TEST(at(Halved{}, 3, 1) == 0.5);
    BOOST_TEST(at(Warmup{.steps = 2, .then = Halved{}}, 0, 0) == 0.25);
}

BOOST_AUTO_TEST_SUITE_END()
