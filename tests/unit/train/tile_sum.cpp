// SPDX-License-Identifier: MIT
#include <chromatid/backend/cpu/cpu.hpp>
#include <chromatid/dataset/batch_share.hpp>
#include <chromatid/train/thread_communicator.hpp>
#include <chromatid/train/tile_sum.hpp>

#include "tests/support/random_arrays.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

using namespace chromatid;
using namespace chromatid::test;
namespace tt = boost::test_tools;

namespace {

using B = Cpu<float>;

/// Random gradients of a batch's tiles, and losses, each of its own size so that the order of the sum shows.
struct Tiles {
    Tiles(Index count, Index parameters) {
        Draw draw(static_cast<std::uint64_t>(1 + count));
        for (Index t = 0; t < count; ++t) {
            gradients.emplace_back();
            for (Index i = 0; i < parameters; ++i)
                gradients.back().push_back(static_cast<float>(draw.number()) * static_cast<float>(1 + 7 * t));
            losses.push_back(draw.number() * static_cast<double>(1 + 7 * t));
        }
    }
    std::vector<std::vector<float>> gradients;
    std::vector<double> losses;
};

struct Sum {
    std::vector<float> gradients;
    double loss = -1;
};

/// The sum as rank `all.rank()` gets it; other ranks' tiles must not be asked for.
template <class C>
Sum sum_of(C all, const Tiles& tiles, Index windows, Index parameters, Index threads = 1) {
    const BatchShare share{.rank = all.rank(), .ranks = all.size()};
    const auto own = share.own_tiles(windows);
    B::Context on(threads);
    Sum sum{std::vector<float>(static_cast<std::size_t>(parameters), -1.0F)};
    const auto at = [&](Index tile) {
        if (tile < own.first || tile >= own.end) throw Error("a tile of another rank");
        return static_cast<std::size_t>(tile);
    };
    const auto gradients = [&](Index t) { return tiles.gradients[at(t)].data(); };
    const auto losses = [&](Index t) { return tiles.losses[at(t)]; };
    TileSum<B, C> add(all);
    sum.loss = add(on, share, windows, gradients, losses, std::span(sum.gradients));
    return sum;
}

/// By rank.
std::vector<Sum> sums_of(Index ranks, const Tiles& tiles, Index windows, Index parameters) {
    std::vector<Sum> sums(static_cast<std::size_t>(ranks));
    ThreadCommunicator::run(ranks, [&](ThreadCommunicator all) {
        sums[static_cast<std::size_t>(all.rank())] = sum_of(all, tiles, windows, parameters, 1 + all.rank() % 2);
    });
    return sums;
}

bool same_bits(const Sum& a, const Sum& b) {
    return a.gradients.size() == b.gradients.size() &&
           std::memcmp(a.gradients.data(), b.gradients.data(), a.gradients.size() * sizeof(float)) == 0 &&
           std::memcmp(&a.loss, &b.loss, sizeof a.loss) == 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tile_sum)

BOOST_AUTO_TEST_CASE(shares_are_whole_tiles_that_follow_one_another) {
    for (const Index windows : {1, 32, 33, 100, 401})
        for (const Index ranks : {1, 2, 3, 7}) {
            Index tile = 0, window = 0;
            for (Index r = 0; r < ranks; ++r) {
                const BatchShare share{.rank = r, .ranks = ranks};
                const auto own = share.own_tiles(windows);
                BOOST_TEST(own.first == tile);
                BOOST_TEST(own.size() <= share.most_tiles(windows));
                tile = own.end;
                if (own.size() == 0) {
                    BOOST_TEST(share.own_windows(windows).size() == 0);
                    continue;
                }
                BOOST_TEST(share.own_windows(windows).first == window);
                window = share.own_windows(windows).end;
            }
            BOOST_TEST(tile == BatchShare{}.tiles(windows));
            BOOST_TEST(window == windows);
        }
    BOOST_TEST(BatchShare{}.windows_of(1, 100).first == 25);  // four tiles
}

BOOST_AUTO_TEST_CASE(even_shares_give_each_rank_work) {
    const BatchShare second{.rank = 1, .ranks = 3, .windows_per_tile = 8192, .even = true};
    BOOST_TEST(second.tiles(100) == 3);
    BOOST_CHECK((second.own_windows(100) == BatchShare::Range{33, 66}));
    BOOST_TEST(second.tiles(30000) == 6);
    BOOST_TEST(second.own_tiles(30000).size() == 2);
}

BOOST_AUTO_TEST_CASE(tiles_are_added_in_their_order) {
    const Tiles tiles(4, 5);
    const Sum sum = sum_of(SingleProcess{}, tiles, 100, 5);
    for (std::size_t i = 0; i < 5; ++i)
        BOOST_TEST(sum.gradients[i] == ((tiles.gradients[0][i] + tiles.gradients[1][i]) + tiles.gradients[2][i]) + tiles.gradients[3][i]);
    BOOST_TEST(sum.loss == ((tiles.losses[0] + tiles.losses[1]) + tiles.losses[2]) + tiles.losses[3]);
}

BOOST_AUTO_TEST_CASE(any_number_of_ranks_gives_the_bits_of_one) {
    constexpr Index parameters = 300001;  // three pieces, the last one odd
    for (const Index windows : {1, 33, 100, 330}) {
        const Tiles tiles(BatchShare{}.tiles(windows), parameters);
        const Sum one = sum_of(SingleProcess{}, tiles, windows, parameters, 3);
        for (const Index ranks : {1, 2, 3, 5}) {
            for (const Sum& sum : sums_of(ranks, tiles, windows, parameters))
                BOOST_TEST(same_bits(sum, one), ranks << " ranks, " << windows << " windows");
        }
    }
}

BOOST_AUTO_TEST_CASE(no_tiles_sum_to_zero) {
    for (const Sum& sum : sums_of(2, Tiles(0, 0), 0, 3)) {
        BOOST_TEST(sum.gradients == std::vector<float>(3), tt::per_element());
        BOOST_TEST(sum.loss == 0.0);
    }
}

BOOST_AUTO_TEST_CASE(a_negative_zero_stays_one) {
    Tiles tiles(1, 1);
    tiles.gradients[0][0] = -0.0F;
    for (const Index ranks : {1, 2})
        for (const Sum& sum : sums_of(ranks, tiles, 5, 1)) BOOST_TEST(std::signbit(sum.gradients[0]));
}

BOOST_AUTO_TEST_SUITE_END()
