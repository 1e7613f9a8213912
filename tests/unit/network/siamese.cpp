// SPDX-License-Identifier: MIT
#include <chromatid/layer/global_max_pool1d.hpp>

#include "tests/support/compare.hpp"
#include "tests/support/factornet.hpp"
#include "tests/support/run_layer.hpp"

#include <map>
#include <string>

using namespace chromatid;
using namespace chromatid::test;

namespace {

/// Reverse complement by the book: position length - 1 - t, A with T, C with G, and tracks as `partner` says.
Tensor<double> reverse_complement(const Tensor<double>& x, const std::map<Index, Index>& partner = {}) {
    Tensor<double> y(x.extents());
    for (Index b = 0; b < x.extent(0); ++b)
        for (Index t = 0; t < x.extent(1); ++t)
            for (Index c = 0; c < x.extent(2); ++c) {
                const Index to = c < 4 ? 3 - c : partner.contains(c - 4) ? 4 + partner.at(c - 4) : c;
                y(b, x.extent(1) - 1 - t, to) = x(b, t, c);
            }
    return y;
}

/// What each strand puts out: the rows of the last layer, forward strands first.
template <class M>
std::pair<Tensor<double>, Tensor<double>> strands(const M& model, const Tensor<double>& x) {
    Tensor<double> y({x.extent(0), 1}), forward(y), reverse(y);
    model.trace(x, View<const double>{}, y, [&](const LayerDescription&, View<const double> output) {
        if (output.rank() != 2 || output.extent(1) != 1) return;
        std::copy_n(output.data(), x.extent(0), forward.data());
        std::copy_n(output.data() + x.extent(0), x.extent(0), reverse.data());
    });
    return {forward, reverse};
}

using Strand = Sequential<Conv1D<6, 4, ReLU>, MaxPool1D<3>, BiLSTM<4>, Flatten, Dense<1, Sigmoid>>;

template <class Net>
auto random_model(const Net& net, std::uint64_t seed) {
    Draw draw(seed);
    return model_of<double>(net, Shape<22, 8>{}, draw.array({2000}, 0.5));
}

/// The forward strand of rc(x) is the reverse strand of x, and the network's output is the same for both.
template <class Net>
void check_symmetry(const Net& net, const std::map<Index, Index>& partner) {
    const auto model = random_model(net, 1);
    const Tensor<double> x = random_windows(2, 19, 22, 8), rc = reverse_complement(x, partner);
    const auto [forward, reverse] = strands(model, x);
    const auto [forward_of_rc, reverse_of_rc] = strands(model, rc);
    BOOST_TEST(close(forward, reverse_of_rc, 1e-14));
    BOOST_TEST(close(reverse, forward_of_rc, 1e-14));
    BOOST_TEST(!close(forward, reverse, 1e-4));
    BOOST_TEST(close(model.predict(x), model.predict(rc), 1e-14));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(siamese)

BOOST_AUTO_TEST_CASE(the_other_strand_is_read_backwards_with_letters_paired) {
    // one convolution of width 1 that looks at letter A only: on the other strand it sees the Ts
    using Net = ReverseComplementSiamese<Sequential<Conv1D<1, 1, NoBias>, GlobalMaxPool1D>, MaxOfStrands>;
    Tensor<double> x({1, 3, 4}), p({4});
    p.data()[0] = 1;
    x(0, 2, 3) = 5;  // a T of weight 5 at the last position
    BOOST_TEST((run_layer<double>(Net{}, Shape<3, 4>{}, x, p)(0, 0)) == 5.0);
    using First = ReverseComplementSiamese<Sequential<Flatten, Dense<1, NoBias>>, MaxOfStrands>;
    Tensor<double> q({12});
    q.data()[0] = 1;  // A at the first position
    BOOST_TEST((run_layer<double>(First{}, Shape<3, 4>{}, x, q)(0, 0)) == 5.0);
}

BOOST_AUTO_TEST_CASE(both_strands_of_a_window_change_places_under_reverse_complement) {
    check_symmetry(ReverseComplementSiamese<Strand>{}, {});
}

BOOST_AUTO_TEST_CASE(stranded_tracks_change_places) {
    check_symmetry(ReverseComplementSiamese<Strand, SwapTracks<0, 1>>{}, {{0, 1}, {1, 0}});
    check_symmetry(ReverseComplementSiamese<Strand, SwapTracks<0, 3, 2, 1>>{}, {{0, 3}, {3, 0}, {1, 2}, {2, 1}});
}

BOOST_AUTO_TEST_CASE(stranded_tracks_may_be_given_at_run_time) {
    check_symmetry(ReverseComplementSiamese<Strand, SwapTracks<dyn>>(Strand{}, {0, 1}), {{0, 1}, {1, 0}});
    check_symmetry(ReverseComplementSiamese<Strand, SwapTracks<dyn>>(Strand{}, {}), {});
    const Tensor<double> x = random_windows(3, 5, 22, 8);
    BOOST_TEST(same_bits(random_model(ReverseComplementSiamese<Strand, SwapTracks<0, 1>>{}, 4).predict(x),
                         random_model(ReverseComplementSiamese<Strand, SwapTracks<dyn>>(Strand{}, {0, 1}), 4).predict(x)));
}

BOOST_AUTO_TEST_CASE(track_numbers_that_make_no_pairs_are_refused) {
    using Net = ReverseComplementSiamese<Strand, SwapTracks<dyn>>;
    const auto bind = [](std::vector<Index> tracks) { Model<Net, Shape<22, 8>>{Net(Strand{}, std::move(tracks))}; };
    BOOST_CHECK_NO_THROW(bind({0, 3}));
    BOOST_CHECK_THROW(bind({0}), ShapeError);
    BOOST_CHECK_THROW(bind({0, 4}), ShapeError);
    BOOST_CHECK_THROW(bind({-1, 0}), ShapeError);
    BOOST_CHECK_THROW(bind({0, 1, 1, 2}), ShapeError);
    using Fixed = ReverseComplementSiamese<Strand, SwapTracks<0, 4>>;
    BOOST_CHECK_THROW((Model<Fixed, Shape<22, dyn>>(Fixed{}, Shape<22, dyn>(8))), ShapeError);
}

namespace {
template <class Merge>
void check_merge() {
    const auto model = random_model(ReverseComplementSiamese<Strand, Merge>{}, 5);
    const Tensor<double> x = random_windows(6, 18, 22, 8), y = model.predict(x);
    const auto [forward, reverse] = strands(model, x);
    for (Index b = 0; b < 18; ++b)
        BOOST_TEST(y(b, 0) == Merge::apply(forward(b, 0), reverse(b, 0)), boost::test_tools::tolerance(1e-14));
}
}  // namespace

BOOST_AUTO_TEST_CASE(strands_are_merged_as_the_property_says) {
    check_merge<MeanOfStrands>();
    check_merge<MaxOfStrands>();
    check_merge<LogitMeanOfStrands>();
    const Tensor<double> x = random_windows(7, 3, 22, 8);
    BOOST_TEST(same_bits(random_model(ReverseComplementSiamese<Strand>{}, 8).predict(x),
                         random_model(ReverseComplementSiamese<Strand, MeanOfStrands>{}, 8).predict(x)));
}

BOOST_AUTO_TEST_CASE(both_strands_see_the_side_input_of_their_window) {
    // the output is the side input alone, through each strand
    using Net = ReverseComplementSiamese<Sequential<GlobalMaxPool1D, SideInput<1>, Dense<1, NoBias>>>;
    Model<Net, Shape<3, 4>, Cpu<double>> model;
    model.parameters()[4] = 1;
    const Index n = 37;
    Tensor<double> side({n, 1});
    for (Index b = 0; b < n; ++b) side(b, 0) = static_cast<double>(b);
    const Tensor<double> y = model.predict(random_windows(9, n, 3, 4), side);
    BOOST_TEST(same_bits(y, side));
}

BOOST_AUTO_TEST_CASE(a_window_has_its_value_wherever_it_stands_in_the_batch) {
    const auto model = random_model(ReverseComplementSiamese<Strand>{}, 10);
    const Tensor<double> x = random_windows(11, 35, 22, 8), y = model.predict(x);
    for (Index b = 0; b < 35; ++b) {
        const Tensor<double> one = model.predict(x.view().rows(b, 1));
        BOOST_TEST(one(0, 0) == y(b, 0), boost::test_tools::tolerance(1e-13));
    }
}

BOOST_AUTO_TEST_SUITE_END()
