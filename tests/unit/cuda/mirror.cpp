// SPDX-License-Identifier: MIT
#include <chromatid/backend/cuda/emulator.hpp>
#include <chromatid/backend/cuda/kernel/for_each.hpp>
#include <chromatid/backend/cuda/mirror.hpp>

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <numeric>
#include <thread>
#include <utility>
#include <vector>

using namespace chromatid;

namespace {

/// Counts the copies there and back.
struct E : cuda::Emulator {
    static inline std::atomic<int> sent = 0, fetched = 0;
    static inline std::function<void()> before_waiting;

    static void copy_to_device(Context& on, std::size_t bytes, const void* host, void* device) {
        ++sent;
        Emulator::copy_to_device(on, bytes, host, device);
    }
    static void synchronize(Context& on) {
        if (before_waiting) before_waiting();
        Emulator::synchronize(on);
    }
    static void fetch(std::size_t bytes, const void* device, void* host) {
        ++fetched;
        Emulator::fetch(bytes, device, host);
    }
};
using Mirror = cuda::Mirror<E, float>;

struct Double {
    float* x;
    void operator()(Index i) const { x[i] *= 2.0F; }
};
struct Copy {
    const float* x;
    float* y;
    void operator()(Index i) const { y[i] = x[i]; }
};

/// What a kernel reads.
std::vector<float> read_on_device(E::Context& on, const Mirror& m) {
    std::vector<float> values(static_cast<std::size_t>(m.size()));
    const E::Buffer<float> copy(m.size());
    cuda::for_each<E>(on, m.size(), Copy{m.on(on), copy.data()});
    E::copy_to_host(on, values.size() * sizeof(float), copy.data(), values.data());
    return values;
}
void double_on_device(E::Context& on, Mirror& m) { cuda::for_each<E>(on, m.size(), Double{m.on(on)}); }
std::vector<float> read_on_host(const Mirror& m) { return {m.span().begin(), m.span().end()}; }

Mirror counting(Index size) {
    Mirror m(size);
    std::iota(m.span().begin(), m.span().end(), 1.0F);
    return m;
}

struct NoCopiesYet {
    NoCopiesYet() { E::sent = E::fetched = 0; }
    E::Context on;
};

using Values = std::vector<float>;

}  // namespace

#define CHECK_VALUES(a, ...) BOOST_TEST(a == (Values{__VA_ARGS__}), boost::test_tools::per_element())

BOOST_FIXTURE_TEST_SUITE(cuda_mirror, NoCopiesYet)

BOOST_AUTO_TEST_CASE(fresh_values_are_zero_on_both_sides) {
    const Mirror m(3);
    BOOST_TEST(m.size() == 3);
    CHECK_VALUES(read_on_host(m), 0, 0, 0);
    CHECK_VALUES(read_on_device(on, m), 0, 0, 0);
}

BOOST_AUTO_TEST_CASE(what_the_host_writes_the_device_reads) {
    Mirror m = counting(3);
    CHECK_VALUES(read_on_device(on, m), 1, 2, 3);
    m.data()[1] = 7;
    CHECK_VALUES(read_on_device(on, m), 1, 7, 3);
    m.span()[2] = 8;
    CHECK_VALUES(read_on_device(on, m), 1, 7, 8);
}

BOOST_AUTO_TEST_CASE(what_the_device_writes_the_host_reads) {
    Mirror m = counting(3);
    double_on_device(on, m);
    CHECK_VALUES(read_on_host(m), 2, 4, 6);
    double_on_device(on, m);
    BOOST_TEST(std::as_const(m).data()[2] == 12);
    double_on_device(on, m);
    m.data()[0] = 1;
    CHECK_VALUES(read_on_device(on, m), 1, 16, 24);
}

BOOST_AUTO_TEST_CASE(nothing_is_copied_twice) {
    Mirror m = counting(3);
    BOOST_TEST(E::sent == 0);
    read_on_device(on, m);
    read_on_host(m);
    read_on_device(on, m);
    BOOST_TEST(E::sent == 1);
    BOOST_TEST(E::fetched == 0);
    double_on_device(on, m);
    double_on_device(on, m);
    read_on_host(m);
    read_on_host(m);
    read_on_device(on, m);
    BOOST_TEST(E::sent == 1);
    BOOST_TEST(E::fetched == 1);
}

BOOST_AUTO_TEST_CASE(a_copy_has_the_newest_values_and_is_its_own) {
    Mirror m = counting(2);
    double_on_device(on, m);
    Mirror copy = m;
    double_on_device(on, copy);
    CHECK_VALUES(read_on_host(copy), 4, 8);
    CHECK_VALUES(read_on_host(m), 2, 4);
    double_on_device(on, copy);
    m = copy;
    CHECK_VALUES(read_on_device(on, m), 8, 16);
}

BOOST_AUTO_TEST_CASE(an_assignment_of_equal_size_keeps_the_place_on_the_device) {
    const Mirror other = counting(5);
    Mirror m(5), short_one(2);
    const float* const at = std::as_const(m).on(on);
    BOOST_TEST(E::is_device(at));
    m = other;
    BOOST_TEST(std::as_const(m).on(on) == at);
    std::as_const(short_one).on(on);
    short_one = other;
    CHECK_VALUES(read_on_device(on, short_one), 1, 2, 3, 4, 5);
}

BOOST_AUTO_TEST_CASE(a_move_takes_both_copies_along) {
    Mirror m = counting(2);
    double_on_device(on, m);
    Mirror to = std::move(m);
    CHECK_VALUES(read_on_host(to), 2, 4);
    double_on_device(on, to);
    Mirror assigned(7);
    assigned = std::move(to);
    CHECK_VALUES(read_on_device(on, assigned), 4, 8);
    BOOST_TEST(E::sent == 1);
}

BOOST_AUTO_TEST_CASE(an_empty_one_has_nothing_anywhere) {
    Mirror m(0);
    BOOST_TEST(m.on(on) == nullptr);
    BOOST_TEST(m.span().empty());
    BOOST_TEST(Mirror().size() == 0);
}

BOOST_AUTO_TEST_CASE(several_threads_read_at_once_and_one_of_them_fetches) {
    Mirror m = counting(1000);
    double_on_device(on, m);
    std::vector<float> sums(4);
    {
        std::vector<std::jthread> threads;
        for (float& sum : sums)
            threads.emplace_back([&sum, &m] { sum = std::reduce(std::as_const(m).span().begin(), std::as_const(m).span().end()); });
    }
    CHECK_VALUES(sums, 1001000, 1001000, 1001000, 1001000);
    BOOST_TEST(E::fetched == 1);
}

BOOST_AUTO_TEST_CASE(several_contexts_read_at_once_and_one_of_them_sends) {
    const Mirror m = counting(1000);
    std::vector<Values> seen(3);
    {
        std::vector<std::jthread> threads;
        for (Values& values : seen)
            threads.emplace_back([&values, &m] {
                E::Context of_thread;
                values = read_on_device(of_thread, m);
            });
    }
    for (const Values& values : seen) BOOST_TEST(values == read_on_host(m), boost::test_tools::per_element());
    BOOST_TEST(E::sent == 1);
}

BOOST_AUTO_TEST_CASE(a_recorded_step_cannot_send) {
    Mirror m = counting(2);
    const auto step = [&] { double_on_device(on, m); };
    const auto run = [&] { on.graphs().run(on, 1, step); };
    run();
    m.data()[0] = 5;
    BOOST_CHECK_THROW(run(), DeviceError);
    std::as_const(m).on(on);
    run();
    CHECK_VALUES(read_on_host(m), 10, 8);
}

BOOST_AUTO_TEST_CASE(of_two_devices_that_read_first_at_once_one_is_refused) {
    const Mirror m = counting(4);
    std::atomic<bool> sending = false;
    E::before_waiting = [&] {
        sending = true;
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    };
    std::thread first([&] {
        E::Context one(0);
        (void)m.on(one);
    });
    while (!sending) std::this_thread::yield();
    E::Context other(1);
    BOOST_CHECK_THROW((void)m.on(other), DeviceError);
    first.join();
    E::before_waiting = nullptr;
}

BOOST_AUTO_TEST_CASE(values_stay_on_the_device_they_first_went_to) {
    Mirror m = counting(2);
    double_on_device(on, m);
    E::Context another(1);
    BOOST_CHECK_THROW(m.on(another), DeviceError);
    Mirror copy = m;
    double_on_device(another, copy);
    CHECK_VALUES(read_on_host(copy), 4, 8);
    CHECK_VALUES(read_on_host(m), 2, 4);
}

BOOST_AUTO_TEST_SUITE_END()
