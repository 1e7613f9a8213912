// SPDX-License-Identifier: MIT
#include <chromatid/backend/cpu/windows.hpp>
#include <chromatid/core/error.hpp>
#include <chromatid/dataset/genome_walker.hpp>
#include <chromatid/dataset/window.hpp>
#include <chromatid/dataset/window_encoder.hpp>
#include <chromatid/genome/resident_sequence.hpp>
#include <chromatid/genome/resident_signal.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

using namespace chromatid;

namespace {

ResidentSequence six_bases() {
    ResidentSequence sequence;
    sequence.add("a", "ACGTNA");
    return sequence;
}

std::vector<ResidentSignal> two_tracks() {
    std::vector<ResidentSignal> tracks(2);
    tracks[0].add("a", {1, 2, NAN, 4, 5, 6});
    tracks[1].add("a", {-1, -2, -3, -4, -5, -6});
    return tracks;
}

/// A sequence that counts the bases read from it.
struct CountedSequence {
    ResidentSequence sequence;
    std::shared_ptr<std::int64_t> read = std::make_shared<std::int64_t>(0);

    const ChromSizes& chromosomes() const { return sequence.chromosomes(); }
    void fetch(const Interval& interval, std::span<std::uint8_t> codes) {
        *read += interval.length();
        sequence.fetch(interval, codes);
    }
    CountedSequence clone() const { return *this; }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(dataset_window)

BOOST_AUTO_TEST_CASE(windows_are_centred_on_the_floor_of_the_middle) {
    BOOST_TEST((centered_window({"a", 600, 800}, 1000) == Interval{"a", 200, 1200}));
    BOOST_TEST((centered_window({"a", 601, 800}, 1000) == Interval{"a", 200, 1200}));
    BOOST_TEST((centered_window({"a", 601, 801}, 1002) == Interval{"a", 200, 1202}));
    BOOST_TEST((centered_window({"a", -4, -1}, 2) == Interval{"a", -4, -2}));
    BOOST_TEST((centered_window({"a", 10, 12}, 5) == Interval{"a", 9, 14}));
    BOOST_TEST((centered_window({"a", 10, 12}, 1) == Interval{"a", 11, 12}));
}

BOOST_AUTO_TEST_CASE(rows_hold_bases_then_tracks) {
    auto sequence = six_bases();
    auto tracks = two_tracks();
    GenomePiece piece;
    piece.load({"a", 0, 6}, sequence, std::span(tracks));
    const WindowEncoder encoder(4, 2);
    BOOST_TEST(encoder.channels() == 6);
    std::vector<float> rows(static_cast<std::size_t>(encoder.size()), 9.0f);
    encoder.encode(piece, {"a", 1, 5}, std::span(rows));
    const std::vector<float> expected{0, 1, 0, 0, 2, -2,   //
                                      0, 0, 1, 0, 0, -3,   // NaN
                                      0, 0, 0, 1, 4, -4,   //
                                      0, 0, 0, 0, 5, -5};  // N
    BOOST_TEST(rows == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(rows_outside_the_piece_are_zero) {
    auto sequence = six_bases();
    auto tracks = two_tracks();
    GenomePiece piece;
    piece.load({"a", 1, 3}, sequence, std::span(tracks));
    const WindowEncoder encoder(4, 2);
    std::vector<double> rows(24, 9.0);
    encoder.encode(piece, {"a", -1, 3}, std::span(rows));
    std::vector<double> expected(24, 0.0);
    expected[13] = expected[20] = 1;
    expected[16] = 2;
    expected[17] = -2;
    expected[23] = -3;
    BOOST_TEST(rows == expected, boost::test_tools::per_element());
    for (const Interval& away : {Interval{"a", -9, -5}, Interval{"a", 100, 104}, Interval{"b", 0, 4}}) {
        rows.assign(24, 9.0);
        encoder.encode(piece, away, std::span(rows));
        BOOST_TEST(rows == std::vector<double>(24), boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(codes_and_tracks_are_the_same_window_as_rows) {
    const WindowEncoder encoder(9, 2);
    for (const Interval& held : {Interval{"a", 1, 6}, Interval{"a", 0, 2}, Interval{"b", 0, 0}})
        for (std::int64_t start = -10; start < 8; ++start) {
            GenomePiece piece{.interval = held, .codes = {}, .tracks = {{}, {}}};
            for (std::int64_t i = held.start; i < held.end; ++i) {
                piece.codes.push_back(static_cast<std::uint8_t>(i % 5));
                piece.tracks[0].push_back(i == 3 ? NAN : static_cast<float>(i));
                piece.tracks[1].push_back(static_cast<float>(-i));
            }
            const Interval window{"a", start, start + 9};
            std::vector<float> rows(9 * 6), expanded(9 * 6);
            encoder.encode(piece, window, std::span(rows));
            EncodedWindows encoded(2, 9, 2);
            for (Index row : {0, 1}) encoder.encode(piece, window, row, encoded);
            cpu::expand(encoded.view(2).part(1, 1), expanded.data());
            BOOST_TEST(expanded == rows, boost::test_tools::per_element());
        }
    EncodedWindows narrow(1, 9, 1);
    BOOST_CHECK_THROW(encoder.encode(GenomePiece{.interval = {"a", 0, 0}, .codes = {}, .tracks = {{}, {}}}, {"a", 0, 9}, 0, narrow),
                      ShapeError);
}

BOOST_AUTO_TEST_CASE(encoded_windows_point_at_their_own_memory_after_a_copy_or_a_move) {
    EncodedWindows a(2, 3, 1);
    a.codes(1)[2] = 3;
    a.track(1, 0)[0] = 0.5F;
    const EncodedWindows copy = a;
    a.codes(1)[2] = 1;
    BOOST_TEST(copy.view(2).codes[1][2] == 3);
    BOOST_TEST(copy.view(2).tracks[1][0] == 0.5F);
    const EncodedWindows moved = std::move(a);
    BOOST_TEST(moved.view(2).codes[1][2] == 1);
    BOOST_TEST(a.empty());
    a = copy;
    BOOST_TEST(a.view(2).codes[1][2] == 3);
}

BOOST_AUTO_TEST_CASE(wrong_sizes_are_shape_errors) {
    auto sequence = six_bases();
    auto tracks = two_tracks();
    GenomePiece piece;
    piece.load({"a", 0, 6}, sequence, std::span(tracks));
    std::vector<float> rows(24);
    BOOST_CHECK_THROW(WindowEncoder(5, 2).encode(piece, {"a", 0, 4}, std::span(rows)), ShapeError);
    BOOST_CHECK_THROW(WindowEncoder(4, 1).encode(piece, {"a", 0, 4}, std::span(rows)), ShapeError);
    BOOST_CHECK_THROW(WindowEncoder(4, 2).encode(piece, {"a", 0, 4}, std::span(rows).first(23)), ShapeError);
}

BOOST_AUTO_TEST_CASE(walking_in_pieces_gives_the_same_windows_and_reads_once) {
    std::mt19937 random(11);
    std::string letters(5000, ' ');
    for (char& c : letters) c = "ACGTN"[random() % 5];
    CountedSequence sequence;
    sequence.sequence.add("a", letters);
    std::vector<ResidentSignal> tracks(1);
    std::vector<float> values(5000);
    for (float& v : values) v = static_cast<float>(random() % 100);
    tracks[0].add("a", values);

    GenomePiece whole;
    whole.load({"a", 0, 5000}, sequence, std::span(tracks));
    const WindowEncoder encoder(100, 1);
    std::vector<float> expected(500), found(500);
    GenomeWalker walker(sequence.clone(), tracks, 700);
    *sequence.read = 0;
    for (std::int64_t start = -150; start < 5100; start += 50) {
        const Interval window{"a", start, start + 100};
        encoder.encode(whole, window, std::span(expected));
        encoder.encode(walker.around(window), window, std::span(found));
        BOOST_TEST_REQUIRE((found == expected));
    }
    BOOST_TEST(*sequence.read < 5000 + 8 * 100);
    const Interval longer_than_a_piece{"a", 1000, 3000};
    BOOST_TEST(walker.around(longer_than_a_piece).interval.length() == 2000);
    BOOST_CHECK_THROW(walker.around({"b", 0, 1}), UsageError);
}

BOOST_AUTO_TEST_SUITE_END()
