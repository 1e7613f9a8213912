// SPDX-License-Identifier: MIT
#include <chromatid/core/activation.hpp>
#include <chromatid/core/alphabet.hpp>
#include <chromatid/core/fixed_string.hpp>
#include <chromatid/core/property.hpp>
#include <chromatid/core/strand_merge.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <concepts>

using namespace chromatid;
namespace tt = boost::test_tools;

BOOST_AUTO_TEST_SUITE(properties)

BOOST_AUTO_TEST_CASE(a_property_is_found_in_any_order) {
    static_assert(std::same_as<property_or<kind::Activation, Linear, ReLU, Stride<2>>, ReLU>);
    static_assert(std::same_as<property_or<kind::Activation, Linear, Stride<2>, NoBias, ReLU>, ReLU>);
    static_assert(property_or<kind::Stride, Stride<1>, ReLU, Stride<2>>::value == 2);
}

BOOST_AUTO_TEST_CASE(the_default_stands_in_for_an_absent_property) {
    static_assert(std::same_as<property_or<kind::Activation, Linear>, Linear>);
    static_assert(std::same_as<property_or<kind::Activation, Linear, Stride<2>, NoBias>, Linear>);
}

BOOST_AUTO_TEST_CASE(a_layer_reads_its_name_and_bias_from_its_properties) {
    using Known = Takes<kind::Activation, kind::Bias, kind::Name>;
    static_assert(Properties<Known, ReLU, Name<"motifs">>::given_name() == "motifs");
    static_assert(Properties<Known, ReLU>::given_name().empty());
    static_assert(Properties<Known, ReLU>::has_bias && !Properties<Known, NoBias>::has_bias);
}

BOOST_AUTO_TEST_CASE(a_string_can_be_a_template_argument) {
    static_assert(FixedString("motifs").view() == "motifs" && FixedString("").view().empty());
    static_assert(std::same_as<Name<"a">, Name<"a">> && !std::same_as<Name<"a">, Name<"b">>);
}

BOOST_AUTO_TEST_CASE(hard_sigmoid_is_a_fifth_of_x_and_a_half_clipped) {
    static_assert(HardSigmoid::apply(0.0) == 0.5 && HardSigmoid::apply(2.5) == 1.0 && HardSigmoid::apply(-2.5) == 0.0);
    static_assert(HardSigmoid::apply(100.0F) == 1.0F && HardSigmoid::apply(-100.0F) == 0.0F);
    BOOST_TEST(HardSigmoid::apply(1.0) == 0.7, tt::tolerance(1e-15));
    BOOST_TEST(std::abs(HardSigmoid::apply(1.0) - (1.0 / 6.0 + 0.5)) > 0.03);
}

BOOST_AUTO_TEST_CASE(activations_have_the_values_of_their_equations) {
    static_assert(ReLU::apply(-1.0) == 0.0 && ReLU::apply(2.0) == 2.0 && Linear::apply(-3.0) == -3.0);
    BOOST_TEST(Sigmoid::apply(0.0) == 0.5);
    BOOST_TEST(Sigmoid::apply(2.0) == 0.88079707797788243, tt::tolerance(1e-15));
    BOOST_TEST(Sigmoid::apply(-1000.0) == 0.0);
    BOOST_TEST(Sigmoid::apply(1000.0F) == 1.0F);
    BOOST_TEST(Tanh::apply(0.5) == 0.46211715726000979, tt::tolerance(1e-15));
}

namespace {
template <class A>
void check_slope() {
    for (const double x : {-3.1, -0.7, 0.3, 1.9, 2.9}) {
        const double h = 1e-6, numeric = (A::apply(x + h) - A::apply(x - h)) / (2 * h);
        BOOST_TEST(std::abs(A::slope(A::apply(x)) - numeric) < 1e-9);
    }
}
}  // namespace

BOOST_AUTO_TEST_CASE(slopes_are_the_derivatives_in_terms_of_the_output) {
    check_slope<Linear>();
    check_slope<ReLU>();
    check_slope<Sigmoid>();
    check_slope<HardSigmoid>();
    check_slope<Tanh>();
    static_assert(ReLU::slope(ReLU::apply(0.0)) == 0.0, "the slope at 0 is 0");
}

BOOST_AUTO_TEST_CASE(strands_merge_as_mean_max_or_mean_of_logits) {
    static_assert(MeanOfStrands::apply(0.25, 0.75) == 0.5 && MaxOfStrands::apply(0.25, 0.75) == 0.75);
    BOOST_TEST(LogitMeanOfStrands::apply(0.25, 0.75) == 0.5, tt::tolerance(1e-12));
    BOOST_TEST(LogitMeanOfStrands::apply(0.9, 0.9) == 0.9, tt::tolerance(1e-12));
    BOOST_TEST(LogitMeanOfStrands::apply(0.5, 0.9) == 0.75, tt::tolerance(1e-12));  // logit 9 halved: odds of 3
    BOOST_TEST(LogitMeanOfStrands::apply(0.0, 1.0) == 0.5, tt::tolerance(1e-6));
    BOOST_TEST(LogitMeanOfStrands::apply(0.0F, 1.0F) == 0.5F, tt::tolerance(1e-6F));
    BOOST_TEST(std::isfinite(LogitMeanOfStrands::apply(1.0F, 1.0F)));
}

BOOST_AUTO_TEST_CASE(complement_pairs_a_with_t_and_c_with_g) {
    static_assert(ComplementedAlphabet<Dna> && !ComplementedAlphabet<AminoAcids>);
    for (Index i = 0; i < Dna::size; ++i) {
        const char letter = Dna::letters()[static_cast<std::size_t>(i)];
        const char partner = Dna::letters()[static_cast<std::size_t>(Dna::complement(i))];
        BOOST_TEST(partner == (letter == 'A' ? 'T' : letter == 'C' ? 'G' : letter == 'G' ? 'C' : 'A'));
    }
    static_assert(AminoAcids::letters().size() == AminoAcids::size);
}

BOOST_AUTO_TEST_SUITE_END()
