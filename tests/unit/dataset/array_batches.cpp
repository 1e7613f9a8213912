// SPDX-License-Identifier: MIT
#include <chromatid/dataset/array_batches.hpp>
#include <chromatid/tensor/xtensor.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstddef>
#include <tests/unit/io/scratch.hpp>
#include <utility>
#include <vector>

using namespace chromatid;
using chromatid::test::says;

namespace {

/// Seven rows of two positions and three channels; value r in row r, target 10 r.
struct Rows {
    Tensor<float> x{7, 2, 3}, targets{7, 1}, side{7, 2};
    Rows() {
        for (Index r = 0; r < 7; ++r) {
            std::ranges::fill(x.view().rows(r, 1).span(), static_cast<float>(r));
            std::ranges::fill(side.view().rows(r, 1).span(), static_cast<float>(-r));
            targets(r, 0) = static_cast<float>(10 * r);
        }
    }
};

std::vector<float> order_of(const ArrayBatches& source, Index epoch) {
    std::vector<float> rows;
    Batch batch;
    for (Index b = 0; b < source.batches(epoch); ++b) {
        source.load(epoch, b, batch);
        for (Index r = 0; r < batch.size; ++r) {
            rows.push_back(batch.x(r, 0, 0));
            BOOST_TEST(batch.x(r, 1, 2) == rows.back());
            BOOST_TEST(batch.labels()(r, 0) == 10 * rows.back());
            if (!batch.side.extents().empty()) BOOST_TEST(batch.sides()(r, 1) == -rows.back());
        }
    }
    return rows;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(dataset_array_batches)

BOOST_AUTO_TEST_CASE(each_epoch_shows_every_row_once_in_an_order_of_its_own) {
    const Rows rows;
    const ArrayBatches source(rows.x, rows.side, rows.targets, {.batch = 3, .seed = 5});
    BOOST_TEST(source.batches(0) == 3);
    const std::vector<float> all{0, 1, 2, 3, 4, 5, 6};
    auto first = order_of(source, 0), second = order_of(source, 1);
    BOOST_TEST((first != second));
    BOOST_TEST((first == order_of(source, 0)));
    std::ranges::sort(first);
    std::ranges::sort(second);
    BOOST_TEST((first == all));
    BOOST_TEST((second == all));
}

BOOST_AUTO_TEST_CASE(rows_may_stay_in_their_order) {
    const Rows rows;
    const ArrayBatches source(rows.x, rows.targets, {.batch = 3, .shuffle = false});
    BOOST_TEST(order_of(source, 4) == (std::vector<float>{0, 1, 2, 3, 4, 5, 6}), boost::test_tools::per_element());
    Batch batch;
    source.load(0, 2, batch);
    BOOST_TEST(batch.size == 1);
    BOOST_TEST(batch.sides().size() == 0);
    BOOST_CHECK_EXCEPTION(source.load(0, 3, batch), UsageError, says("there are 3 batches, number 3 was asked for"));
}

BOOST_AUTO_TEST_CASE(arrays_of_any_kind_are_taken) {
    xt::xtensor<double, 3> x = xt::zeros<double>({4, 2, 3});
    x(2, 1, 0) = 0.5;
    const xt::xtensor<int, 2> targets{{0}, {1}, {1}, {0}};
    const ArrayBatches source(x, targets, {.batch = 4, .shuffle = false});
    Batch batch;
    source.load(0, 0, batch);
    BOOST_TEST(batch.x(2, 1, 0) == 0.5F);
    BOOST_TEST(batch.targets(2, 0) == 1.0F);
    Tensor<float> moved{2, 3, 4};
    moved(1, 2, 3) = 7;
    const ArrayBatches owner(std::move(moved), Tensor<double>{2, 1}, {.shuffle = false});
    owner.load(0, 0, batch);
    BOOST_TEST(batch.size == 2);
    BOOST_TEST(batch.x(1, 2, 3) == 7.0F);
}

BOOST_AUTO_TEST_CASE(arrays_that_do_not_fit_are_refused) {
    const Rows rows;
    BOOST_CHECK_EXCEPTION(ArrayBatches(rows.x, Tensor<float>{6, 1}), ShapeError, says("targets of shape (6, 1) do not fit 7 rows"));
    BOOST_CHECK_EXCEPTION(ArrayBatches(rows.x, Tensor<float>{6, 2}, rows.targets, {}), ShapeError,
                          says("side input of shape (6, 2) do not fit 7 rows"));
    BOOST_CHECK_THROW(ArrayBatches(rows.x, Tensor<float>{7}), ShapeError);
    BOOST_CHECK_THROW(ArrayBatches(Tensor<float>{0, 3}, Tensor<float>{0, 1}), ShapeError);
    BOOST_CHECK_THROW(ArrayBatches(rows.x, rows.targets, {.batch = 0}), UsageError);
}

BOOST_AUTO_TEST_SUITE_END()
