// SPDX-License-Identifier: MIT
#include <chromatid/core/parallel.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <sys/resource.h>
#include <unistd.h>

using namespace chromatid;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#elif defined(__has_feature)
constexpr bool sanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool sanitized = false;
#endif

/// A limit on this process's address space, so many bytes above what it has; lifted at the end.
class AddressSpaceLimit {
  public:
    explicit AddressSpaceLimit(rlim_t more) {
        ::getrlimit(RLIMIT_AS, &before_);
        rlim_t pages = 0;
        std::ifstream("/proc/self/statm") >> pages;
        rlimit limit = before_;
        limit.rlim_cur = pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + more;
        ::setrlimit(RLIMIT_AS, &limit);
    }
    AddressSpaceLimit(const AddressSpaceLimit&) = delete;
    AddressSpaceLimit& operator=(const AddressSpaceLimit&) = delete;
    ~AddressSpaceLimit() { ::setrlimit(RLIMIT_AS, &before_); }

  private:
    rlimit before_{};
};

/// How often each tile of one call ran.
std::vector<int> runs_of_each_tile(ThreadPool& pool, Index tiles) {
    std::vector<std::atomic<int>> runs(static_cast<std::size_t>(tiles));
    pool.run(tiles, [&](Index tile) { ++runs[static_cast<std::size_t>(tile)]; });
    return {runs.begin(), runs.end()};
}

bool all_once(const std::vector<int>& runs) {
    return std::all_of(runs.begin(), runs.end(), [](int n) { return n == 1; });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(thread_pool)

BOOST_AUTO_TEST_CASE(each_tile_runs_once) {
    for (const Index threads : {1, 2, 7}) {
        ThreadPool pool(threads);
        BOOST_TEST(pool.threads() == threads);
        for (const Index tiles : {0, 1, 2, 6, 7, 8, 1000}) BOOST_TEST(all_once(runs_of_each_tile(pool, tiles)));
    }
}

BOOST_AUTO_TEST_CASE(a_pool_without_threads_of_its_own_runs_on_the_caller_in_order) {
    ThreadPool pool;
    std::vector<Index> order;
    const std::thread::id caller = std::this_thread::get_id();
    pool.run(4, [&](Index tile) {
        order.push_back(tile);
        BOOST_TEST((std::this_thread::get_id() == caller));
    });
    BOOST_TEST(order == (std::vector<Index>{0, 1, 2, 3}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(writes_of_the_tiles_are_seen_by_the_caller) {
    ThreadPool pool(4);
    std::vector<Index> squares(500);
    for (Index call = 0; call < 50; ++call) {
        pool.run(500, [&](Index tile) { squares[static_cast<std::size_t>(tile)] = tile * tile + call; });
        for (Index i = 0; i < 500; ++i) BOOST_REQUIRE(squares[static_cast<std::size_t>(i)] == i * i + call);
    }
}

BOOST_AUTO_TEST_CASE(many_short_calls_follow_each_other) {
    ThreadPool pool(3);
    std::atomic<Index> sum{0};
    for (int call = 0; call < 5000; ++call) pool.run(3, [&](Index tile) { sum += tile; });
    BOOST_TEST(sum.load() == 15000);
}

BOOST_AUTO_TEST_CASE(an_exception_of_a_tile_reaches_the_caller_and_the_pool_lives_on) {
    for (const Index threads : {1, 4}) {
        ThreadPool pool(threads);
        const auto fails_at_five = [](Index tile) {
            if (tile == 5) throw std::runtime_error("tile 5");
        };
        BOOST_CHECK_EXCEPTION(pool.run(100, fails_at_five), std::runtime_error,
                              [](const std::runtime_error& e) { return std::string(e.what()) == "tile 5"; });
        BOOST_TEST(all_once(runs_of_each_tile(pool, 100)));
    }
}

BOOST_AUTO_TEST_CASE(after_an_exception_no_further_tile_begins) {
    ThreadPool pool(2);
    std::atomic<int> begun{0};
    BOOST_CHECK_THROW(pool.run(100000, [&](Index) { ++begun; throw std::runtime_error("at once"); }), std::runtime_error);
    BOOST_TEST(begun.load() <= 2);
}

BOOST_AUTO_TEST_CASE(when_every_tile_throws_one_exception_arrives) {
    ThreadPool pool(4);
    for (int call = 0; call < 200; ++call)
        BOOST_CHECK_THROW(pool.run(8, [](Index tile) { throw std::runtime_error(std::to_string(tile)); }), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(callers_on_several_threads_take_turns) {
    ThreadPool pool(3);
    std::atomic<int> wrong{0};
    std::vector<std::thread> callers;
    for (int caller = 0; caller < 4; ++caller)
        callers.emplace_back([&] {
            for (int call = 0; call < 100; ++call)
                if (!all_once(runs_of_each_tile(pool, 17))) ++wrong;
        });
    for (std::thread& caller : callers) caller.join();
    BOOST_TEST(wrong.load() == 0);
}

BOOST_AUTO_TEST_CASE(a_tile_may_use_another_pool) {
    ThreadPool outer(2);
    std::atomic<Index> sum{0};
    outer.run(4, [&](Index) {
        ThreadPool inner(2);
        inner.run(10, [&](Index tile) { sum += tile; });
    });
    BOOST_TEST(sum.load() == 4 * 45);
}

BOOST_AUTO_TEST_CASE(a_pool_of_more_threads_than_the_system_gives_throws, *boost::unit_test::enable_if<!sanitized>()) {
    const AddressSpaceLimit limit(rlim_t{256} << 20);  // room for the stacks of some thirty threads
    BOOST_CHECK_THROW(ThreadPool(2000), std::system_error);
}

BOOST_AUTO_TEST_CASE(this_machine_runs_at_least_one_thread) { BOOST_TEST(hardware_threads() >= 1); }

BOOST_AUTO_TEST_SUITE_END()
