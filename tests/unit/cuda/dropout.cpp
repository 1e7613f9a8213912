// SPDX-License-Identifier: MIT
#include <chromatid/backend/cuda/dropout.hpp>

#include <tests/support/emulated_array.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <vector>

using namespace chromatid;
using test::EmulatedArray;

namespace {

using E = cuda::Emulator;
using Floats = std::vector<float>;

constexpr Draws draws{.seed = 0x0123456789ABCDEF, .step = 17, .first_window = 32, .windows = 3};

/// As `Draws` defines it, element by element.
Floats mask_of(const Draws& d, std::uint32_t layer, Index first, Index rows, Index columns, float rate) {
    Floats mask;
    for (Index r = 0; r < rows; ++r)
        for (Index e = first; e < first + columns; ++e)
            mask.push_back(draw_bits(d, layer, r, e) >= dropout_threshold(rate) ? 1.0F / (1.0F - rate) : 0.0F);
    return mask;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cuda_dropout)

BOOST_AUTO_TEST_CASE(masks_are_those_of_the_definition) {
    for (const Index columns : {1, 7, 16, 27, 128, 129, 401})
        for (const Index first : {0, 1, 100, 127, 128, 1000})
            for (const float rate : {0.0F, 0.1F, 0.5F, 0.99F}) {
                BOOST_TEST_INFO_SCOPE(columns << ' ' << first << ' ' << rate);
                E::Context on;
                const EmulatedArray<float> mask(7 * columns);
                cuda::dropout_mask<E>(on, draws, 9, first, 7, columns, rate, mask.data());
                BOOST_TEST((mask.on_host(on) == mask_of(draws, 9, first, 7, columns, rate)));
            }
}

BOOST_AUTO_TEST_CASE(elements_that_draw_the_border_itself_are_kept) {
    constexpr Index rows = 4, columns = 100'000;  // six draw 0 and six 1, of which the smallest rate drops the first alone
    E::Context on;
    const EmulatedArray<float> mask(rows * columns);
    cuda::dropout_mask<E>(on, draws, 9, 0, rows, columns, 1e-6F, mask.data());
    const Floats wanted = mask_of(draws, 9, 0, rows, columns, 1e-6F), got = mask.on_host(on);
    BOOST_TEST(std::ranges::count(wanted, 0.0F) > 0);
    BOOST_TEST((got == wanted));
}

BOOST_AUTO_TEST_CASE(numbers_are_multiplied_by_their_masks_in_place_or_elsewhere) {
    constexpr Index rows = 6, columns = 131;
    E::Context on;
    test::Draw draw(4);
    const Tensor<float> x = test::converted<float>(draw.array({rows, columns}));
    Floats wanted = mask_of(draws, 2, 0, rows, columns, 0.3F);
    BOOST_TEST(std::ranges::count(wanted, 0.0F) > 100);
    for (std::size_t i = 0; i < wanted.size(); ++i) wanted[i] *= x.span()[i];
    const EmulatedArray<float> on_x(on, x.span()), y(rows * columns);
    cuda::dropout<E>(on, draws, 2, rows, columns, 0.3F, on_x.data(), y.data());
    BOOST_TEST((y.on_host(on) == wanted));
    cuda::dropout<E>(on, draws, 2, rows, columns, 0.3F, on_x.data(), on_x.data());
    BOOST_TEST((on_x.on_host(on) == wanted));
}

BOOST_AUTO_TEST_CASE(each_run_of_a_recorded_step_has_its_own_numbers) {
    E::Context on;
    const EmulatedArray<float> mask(3 * 40);
    for (std::uint32_t step = 0; step < 4; ++step) {
        Draws d = draws;
        d.step = step;
        d.first_window = 5 * step;
        on.graphs().run(on, 1, [&] { cuda::dropout_mask<E>(on, d, 9, 0, 3, 40, 0.5F, mask.data()); });
        BOOST_TEST((mask.on_host(on) == mask_of(d, 9, 0, 3, 40, 0.5F)));
    }
}

BOOST_AUTO_TEST_SUITE_END()
