// SPDX-License-Identifier: MIT
#include <chromatid/train/prefetcher.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <optional>
#include <stdexcept>

using namespace chromatid;

namespace {

/// Batches whose size says which they are.
void load(Index epoch, Index number, Batch& batch) { batch.size = 10 * epoch + number; }

/// Three batches an epoch, so many epochs.
Prefetcher::Following epochs_of_three(Index epochs) {
    return [epochs](const Prefetcher::Place& at) -> std::optional<Prefetcher::Place> {
        if (at.number < 2) return Prefetcher::Place{at.epoch, at.number + 1};
        if (at.epoch + 1 < epochs) return Prefetcher::Place{at.epoch + 1, 0};
        return std::nullopt;
    };
}

}  // namespace

BOOST_AUTO_TEST_SUITE(prefetcher)

BOOST_AUTO_TEST_CASE(batches_come_in_order_from_any_place_on) {
    for (const Index threads : {0, 1, 2, 7})
        for (const Index ahead : {1, 3}) {
            Prefetcher batches(load, epochs_of_three(100), {1, 1}, {threads, ahead});
            for (Index i = 4; i < 300; ++i) BOOST_REQUIRE(batches.next().size == 10 * (i / 3) + i % 3);
            BOOST_TEST(batches.waited() >= 0.0);
        }
}

BOOST_AUTO_TEST_CASE(no_more_are_made_than_may_lie_ready) {
    std::atomic<int> made{0};
    std::atomic<int> most{0};
    int taken = 0;
    {
        Prefetcher batches(
            [&](Index, Index, Batch&) {
                ++made;
            },
            epochs_of_three(1000), {}, {3, 4});
        for (; taken < 500; ++taken) {
            batches.next();
            most = std::max<int>(most, made - taken);
        }
    }
    BOOST_TEST(most <= 5);
    BOOST_TEST(made <= taken + 5);
}

BOOST_AUTO_TEST_CASE(a_batch_that_cannot_be_made_is_reported_in_its_place) {
    for (const Index threads : {0, 1, 4}) {
        Prefetcher batches(
            [](Index epoch, Index number, Batch& batch) {
                if (epoch == 1 && number == 1) throw std::runtime_error("gone");
                load(epoch, number, batch);
            },
            epochs_of_three(5), {}, {threads, 4});
        for (Index i = 0; i < 4; ++i) BOOST_TEST(batches.next().size == 10 * (i / 3) + i % 3);
        BOOST_CHECK_THROW(batches.next(), std::runtime_error);
    }
}

BOOST_AUTO_TEST_CASE(an_order_that_cannot_be_told_is_reported) {
    for (const Index threads : {0, 2}) {
        Prefetcher batches(
            load, [](const Prefetcher::Place& at) -> std::optional<Prefetcher::Place> {
                if (at.number == 2) throw std::runtime_error("gone");
                return Prefetcher::Place{0, at.number + 1};
            },
            {}, {threads, 4});
        for (Index i = 0; i < 3; ++i) BOOST_TEST(batches.next().size == i);
        BOOST_CHECK_THROW(batches.next(), std::runtime_error);
    }
}

BOOST_AUTO_TEST_CASE(one_that_is_not_read_to_its_end_goes_quietly) {
    for (int i = 0; i < 20; ++i) {
        Prefetcher batches(load, epochs_of_three(1000), {}, {3, 8});
        for (int n = 0; n < i; ++n) batches.next();
    }
}

BOOST_AUTO_TEST_SUITE_END()
