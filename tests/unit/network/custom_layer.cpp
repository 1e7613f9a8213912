// SPDX-License-Identifier: MIT
#include <chromatid/layer/conv1d.hpp>
#include <chromatid/layer/dense.hpp>
#include <chromatid/layer/flatten.hpp>
#include <chromatid/network/sequential.hpp>

#include "tests/support/compare.hpp"
#include "tests/support/gradient_check.hpp"

using namespace chromatid;
using namespace chromatid::test;

namespace {

/// A user's own layer: each channel times a learned factor, y[t, c] = x[t, c] * scale[c].
struct Scale {
    static constexpr std::string_view name() { return "Scale"; }

    template <AnyShape In>
    constexpr auto output_shape(const In& in) const { return in; }

    template <AnyShape In>
    constexpr auto parameters(const In& in) const {
        return std::array{ParameterSpec("scale", Initializer::glorot_uniform(1, 1), channels(in).value())};
    }

    template <AnyShape In, Backend B>
    struct Bound : Binding<Scale, In> {
        using T = typename B::Scalar;
        using Binding<Scale, In>::Binding;

        void infer(Run<B>&, const T* scale, View<const T> x, View<T> y) const {
            const Index c = channels(this->in).value();
            for (Index i = 0; i < x.size(); ++i) y.data()[i] = x.data()[i] * scale[i % c];
        }
        void forward(Run<B>& run, const T* scale, View<const T> x, View<T> y, T*) const { infer(run, scale, x, y); }
        void backward(Run<B>&, const T* scale, View<const T> x, View<const T>, View<T> dy, View<T> dx, const T*, T* gradients) const {
            const Index c = channels(this->in).value();
            for (Index i = 0; i < x.size(); ++i) gradients[i % c] += dy.data()[i] * x.data()[i];
            if (dx.data() == nullptr) return;
            for (Index i = 0; i < x.size(); ++i) dx.data()[i] = dy.data()[i] * scale[i % c];
        }
    };
};

using Net = Sequential<Scale, Conv1D<5, 3, Tanh>, Scale, Flatten, Dense<2>>;

}  // namespace

BOOST_AUTO_TEST_SUITE(custom_layer)

BOOST_AUTO_TEST_CASE(it_satisfies_the_concepts) {
    static_assert(Layer<Scale, Shape<7, 3>> && Trainable<Scale, Shape<7, 3>, Cpu<float>>);
    static_assert(parameter_count(Net{}, Shape<7, 3>{}) == 3 + (3 * 3 + 1) * 5 + 5 + (5 * 5 + 1) * 2);
}

BOOST_AUTO_TEST_CASE(it_infers_within_a_network) {
    Model<Sequential<Scale, Scale>, Shape<2, 3>> model;
    std::ranges::copy(std::initializer_list<float>{1, 2, 3, 10, 100, 1000}, model.parameters().begin());
    Tensor<float> x({1, 2, 3});
    for (Index i = 0; i < 6; ++i) x.data()[i] = static_cast<float>(i);
    BOOST_TEST(model.predict(x).span() == (std::vector<float>{0, 200, 6000, 30, 800, 15000}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(it_is_named_and_described) {
    const Description description = describe(Net{}, Shape<7, 3>{});
    BOOST_TEST(description.layers()[2].name == "scale_2");
    BOOST_TEST(description.layers()[2].parameter_count() == 5);
}

BOOST_AUTO_TEST_CASE(it_trains_within_a_network) {
    BOOST_TEST((gradient_error(Net{}, Shape<7, 3>{}, 3)) < 1e-8);
    BOOST_TEST((gradient_error(Net{}, Shape<dyn, 3>(7), 1)) < 1e-8);

    GradientProblem problem(Net{}, Shape<7, 3>{}, 8, 2);
    const double before = problem.loss();
    Tensor<double> gradients({static_cast<Index>(problem.model.parameters().size())});
    problem.backpropagate(gradients.span(), {});
    for (std::size_t i = 0; i < gradients.span().size(); ++i) problem.model.parameters()[i] -= 1e-4 * gradients.span()[i];
    BOOST_TEST(problem.loss() < before);
}

BOOST_AUTO_TEST_SUITE_END()
