// SPDX-License-Identifier: MIT
#include <chromatid/train/callback_list.hpp>

#include <boost/test/unit_test.hpp>

#include <optional>
#include <string>
#include <vector>

#include "tests/unit/train/small_run.hpp"

using namespace chromatid;
using namespace chromatid::test;

namespace {

/// Notes what it is called for, behind its name.
struct Noting {
    std::string name;
    std::vector<std::string>& notes;

    void restore(TrainingRun&) { notes.push_back(name + " restore"); }
    void begin(TrainingRun&) { notes.push_back(name + " begin"); }
    void batch_ended(TrainingRun&) { notes.push_back(name + " batch"); }
    void epoch_ended(TrainingRun&) { notes.push_back(name + " epoch"); }
    void keep(TrainingRun&) { notes.push_back(name + " keep"); }
    void ended(TrainingRun&) { notes.push_back(name + " ended"); }
};

/// Knows one of the calls.
struct OnlyEpochs {
    std::vector<std::string>& notes;
    void epoch_ended(TrainingRun&) const { notes.emplace_back("c epoch"); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(callback_list)

BOOST_AUTO_TEST_CASE(callbacks_in_a_list_are_called_as_if_they_were_given_one_by_one) {
    const auto notes_of = [](bool listed) {
        std::vector<std::string> notes;
        SmallModel model = small_model();
        Trainer trainer(model, BinaryCrossEntropy{}, Adam{}, {.seed = 3, .epochs = 2, .threads = 1});
        Noting a{"a", notes}, b{"b", notes};
        const OnlyEpochs c{notes};
        std::optional<Noting> none;
        const SmallWindows windows{.seed = 1, .count = 2};
        if (listed) trainer.fit(windows, CallbackList(a, none, b, c));
        else trainer.fit(windows, a, none, b, c);
        return notes;
    };
    const std::vector<std::string> notes = notes_of(true);
    BOOST_TEST(notes == notes_of(false), boost::test_tools::per_element());
    BOOST_REQUIRE_GE(notes.size(), 6U);
    const std::vector<std::string> first{notes.begin(), notes.begin() + 6};
    BOOST_TEST(first == (std::vector<std::string>{"a restore", "b restore", "a begin", "b begin", "a batch", "b batch"}),
               boost::test_tools::per_element());
    BOOST_TEST(notes.back() == "b ended");
}

BOOST_AUTO_TEST_SUITE_END()
