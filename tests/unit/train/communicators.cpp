// SPDX-License-Identifier: MIT
#include <chromatid/train/communicator.hpp>
#include <chromatid/train/single_process.hpp>
#include <chromatid/train/thread_communicator.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

using namespace chromatid;
namespace tt = boost::test_tools;

namespace {

/// What each rank makes of `f`, by rank.
template <class T, class F>
std::vector<T> of_ranks(Index ranks, const F& f) {
    std::vector<T> results(static_cast<std::size_t>(ranks));
    ThreadCommunicator::run(ranks, [&](ThreadCommunicator all) { results[static_cast<std::size_t>(all.rank())] = f(all); });
    return results;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(communicators)

BOOST_AUTO_TEST_CASE(one_process_is_rank_zero_of_one) {
    SingleProcess alone;
    BOOST_TEST(alone.rank() == 0);
    BOOST_TEST(alone.size() == 1);
    BOOST_TEST(exchange(alone, 7.5) == std::vector{7.5}, tt::per_element());
    BOOST_TEST(sum_of_ranks(alone, 3) == 3);
    std::string text = "as it was";
    broadcast(alone, text);
    BOOST_TEST(text == "as it was");
}

BOOST_AUTO_TEST_CASE(every_rank_gets_the_first_ones_numbers_and_text) {
    const auto texts = of_ranks<std::string>(3, [](ThreadCommunicator& all) {
        std::array<int, 2> numbers{static_cast<int>(all.rank()), 40 + static_cast<int>(all.rank())};
        broadcast(all, std::span<int>(numbers));
        std::string text = all.rank() == 0 ? "from the first" : "something longer of one's own";
        broadcast(all, text);
        std::string last = "rank " + std::to_string(all.rank());
        broadcast(all, last, 2);
        return text + " " + std::to_string(numbers[1]) + " " + last;
    });
    for (const std::string& text : texts) BOOST_TEST(text == "from the first 40 rank 2");
}

BOOST_AUTO_TEST_CASE(exchanged_values_are_in_the_order_of_the_ranks) {
    const auto tens = [](ThreadCommunicator& all) { return exchange(all, 10 * static_cast<int>(all.rank())); };
    const auto lists = of_ranks<std::vector<int>>(5, tens);
    for (const auto& list : lists) BOOST_TEST(list == (std::vector{0, 10, 20, 30, 40}), tt::per_element());
}

BOOST_AUTO_TEST_CASE(sums_are_added_from_rank_to_rank) {
    // (1e16 + 1) + 1 loses both ones, 1e16 + (1 + 1) would not
    const auto sums = of_ranks<double>(3, [](ThreadCommunicator& all) { return sum_of_ranks(all, all.rank() == 0 ? 1e16 : 1.0); });
    for (const double sum : sums) BOOST_TEST(sum == 1e16);
}

BOOST_AUTO_TEST_CASE(messages_between_two_ranks_come_in_their_order) {
    const auto last = of_ranks<int>(3, [](ThreadCommunicator& all) {
        int number = 0;
        for (int i = 1; i <= 100; ++i) {
            if (all.rank() > 0) all.receive(std::as_writable_bytes(std::span(&number, 1)), all.rank() - 1);
            else number = i;
            if (number != i) return number;
            if (all.rank() < 2) all.send(std::as_bytes(std::span(&number, 1)), all.rank() + 1);
        }
        return number;
    });
    BOOST_TEST(last == (std::vector{100, 100, 100}), tt::per_element());
}

BOOST_AUTO_TEST_CASE(nobody_passes_a_barrier_before_all_have_come) {
    std::atomic<int> come = 0;
    const auto seen = of_ranks<bool>(4, [&](ThreadCommunicator& all) {
        bool complete = true;
        for (int round = 1; round <= 50; ++round) {
            ++come;
            all.barrier();
            complete = complete && come >= 4 * round;
            all.barrier();
        }
        return complete;
    });
    BOOST_TEST(std::ranges::count(seen, true) == 4);
}

BOOST_AUTO_TEST_CASE(a_rank_that_throws_ends_those_that_wait) {
    for (const Index failing : {0, 1, 2}) {
        std::atomic<int> aborted = 0;
        const auto work = [&](ThreadCommunicator all) {
            if (all.rank() == failing) throw std::runtime_error("DGF.bw: cannot read");
            try {
                if (all.rank() == (failing + 1) % 3) all.barrier();
                else {
                    int number = 0;
                    all.receive(std::as_writable_bytes(std::span(&number, 1)), failing);
                }
            } catch (const Aborted& error) {
                if (std::string(error.what()) == "DGF.bw: cannot read") ++aborted;
                throw;
            }
        };
        BOOST_CHECK_EXCEPTION(ThreadCommunicator::run(3, work), std::runtime_error,
                              [](const std::runtime_error& error) { return std::string(error.what()) == "DGF.bw: cannot read"; });
        BOOST_TEST(aborted == 2);
    }
}

BOOST_AUTO_TEST_CASE(what_is_done_together_ends_together) {
    const auto told = of_ranks<std::string>(3, [](ThreadCommunicator& all) {
        try {
            together(all, [&] {
                if (all.rank() == 1) throw Error("rank 1 has no memory left");
                all.barrier();
            });
        } catch (const Error& error) {
            return std::string(error.what());
        }
        return std::string("went on");
    });
    for (const std::string& text : told) BOOST_TEST(text == "rank 1 has no memory left");
}

BOOST_AUTO_TEST_CASE(lengths_that_differ_are_refused) {
    BOOST_CHECK_THROW(ThreadCommunicator::run(2,
                                              [](ThreadCommunicator all) {
                                                  std::vector<int> numbers(static_cast<std::size_t>(all.rank()) + 1);
                                                  broadcast(all, std::span(numbers));
                                              }),
                      Error);
    BOOST_CHECK_THROW(ThreadCommunicator::make(0), UsageError);
}

BOOST_AUTO_TEST_SUITE_END()
