// SPDX-License-Identifier: MIT
#include <chromatid/chromatid.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>
#include <vector>

using namespace chromatid;

namespace {

using Net = Sequential<Conv1D<2, 3, ReLU>, Flatten, Dense<1>>;
static_assert(Trainable<Net, Shape<8, 4>, Cpu<float>>);

/// A layer that can only infer.
struct Frozen {
    static constexpr std::string_view name() { return "Frozen"; }
    template <AnyShape In>
    constexpr auto output_shape(const In& in) const { return in; }
    template <AnyShape In, Backend B>
    struct Bound : Binding<Frozen, In> {
        using T = typename B::Scalar;
        using Binding<Frozen, In>::Binding;
        void infer(Run<B>& run, const T*, View<const T> x, View<T> y) const { B::copy(run.on, x.size(), x.data(), y.data()); }
    };
};
static_assert(!Trainable<Frozen, Shape<8, 4>, Cpu<float>>);
static_assert(!Trainable<Sequential<Conv1D<2, 3>, Frozen>, Shape<8, 4>, Cpu<float>>);
static_assert(!Trainable<Concat<Conv1D<2, 3>, Sequential<Conv1D<2, 3>, Frozen>>, Shape<8, 4>, Cpu<float>>);
static_assert(!Trainable<ReverseComplementSiamese<Frozen>, Shape<8, 4>, Cpu<float>>);

}  // namespace

BOOST_AUTO_TEST_SUITE(training_checks)

BOOST_AUTO_TEST_CASE(arrays_that_do_not_fit_are_refused_before_anything_is_written) {
    const Model<Net, Shape<8, 4>> model;
    Cpu<float>::Context on;
    Tape<Cpu<float>> tape = model.tape(2);
    const View<const float> none{};
    const Tensor<float> x{2, 8, 4}, three{3, 8, 4};
    Tensor<float> y{2, 1}, dy{2, 1}, y_of_three{3, 1}, dx{2, 8, 3};
    std::vector<float> gradients(model.parameters().size()), short_gradients(3);
    BOOST_CHECK_THROW(model.forward(on, three, none, y_of_three, tape), ShapeError);
    BOOST_CHECK_THROW(model.forward(on, x, none, y_of_three, tape), ShapeError);
    BOOST_CHECK_NO_THROW(model.forward(on, x, none, y, tape));
    BOOST_CHECK_THROW(model.backward(on, x, none, y, dy, dx, gradients, tape), ShapeError);
    BOOST_CHECK_THROW(model.backward(on, x, none, y, dy, View<float>{}, short_gradients, tape), ShapeError);
    BOOST_CHECK_THROW(model.backward(on, x, none, y_of_three, dy, View<float>{}, gradients, tape), ShapeError);
    BOOST_CHECK_NO_THROW(model.backward(on, x, none, y, dy, View<float>{}, gradients, tape));
}

BOOST_AUTO_TEST_CASE(a_network_that_cannot_be_trained_says_so_behind_any_model) {
    const AnyModel<> model = Model<Frozen, Shape<8, 4>>();
    Cpu<float>::Context on;
    Tape<Cpu<float>> tape = model.tape(1);
    const Tensor<float> x{1, 8, 4};
    Tensor<float> y{1, 8, 4};
    BOOST_CHECK_NO_THROW(model.predict(x));
    BOOST_CHECK_THROW(model.forward(on, x, View<const float>{}, y, tape), ModelError);
}

BOOST_AUTO_TEST_CASE(nan_does_not_become_a_number) {
    BOOST_TEST(std::isnan(ReLU::apply(std::numeric_limits<float>::quiet_NaN())));
    BOOST_TEST(std::isnan(HardSigmoid::apply(std::numeric_limits<float>::quiet_NaN())));
}

BOOST_AUTO_TEST_SUITE_END()
