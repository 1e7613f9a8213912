// SPDX-License-Identifier: MIT
#include <chromatid/core/error.hpp>
#include <chromatid/io/bgzip_writer.hpp>
#include <chromatid/io/output_file.hpp>
#include <chromatid/io/text_reader.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <tests/unit/io/scratch.hpp>

using namespace chromatid;
using chromatid::test::content_of;
using chromatid::test::FileSizeLimit;
using chromatid::test::says;
using chromatid::test::Scratch;

namespace {

template <class Writer>
void write_much(const std::filesystem::path& path) {
    Writer writer(path);
    std::string noise(1 << 20, ' ');
    unsigned x = 1;
    for (char& c : noise) c = static_cast<char>((x = x * 1664525u + 1013904223u) >> 24);
    writer.write(noise);
    writer.commit();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(io_output)

BOOST_AUTO_TEST_CASE(a_committed_file_has_its_content_and_leaves_no_other) {
    const Scratch scratch;
    scratch.file("x", "old");
    {
        OutputFile file(scratch / "x");
        file.write("new");
        BOOST_TEST(content_of(scratch / "x") == "old");
        file.write(" text\n");
        file.commit();
    }
    BOOST_TEST(content_of(scratch / "x") == "new text\n");
    BOOST_TEST(scratch.files() == 1);
}

BOOST_AUTO_TEST_CASE(without_commit_nothing_is_left) {
    const Scratch scratch;
    {
        OutputFile file(scratch / "x");
        file.write("half");
        BgzipWriter compressed(scratch / "y");
        compressed.write("half");
    }
    BOOST_TEST(scratch.files() == 0);
}

BOOST_AUTO_TEST_CASE(a_folder_that_is_not_there_is_an_io_error) {
    const Scratch scratch;
    BOOST_CHECK_EXCEPTION(OutputFile(scratch / "none/x"), IoError, says("none/x: cannot write: No such file or directory"));
    BOOST_CHECK_THROW(BgzipWriter(scratch / "none/x"), IoError);
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_an_io_error_and_leaves_nothing) {
    const Scratch scratch;
    {
        const FileSizeLimit limit(300'000);
        BOOST_CHECK_THROW(write_much<OutputFile>(scratch / "x"), IoError);
        BOOST_CHECK_THROW(write_much<BgzipWriter>(scratch / "y"), IoError);
    }
    BOOST_TEST(scratch.files() == 0);
}

BOOST_AUTO_TEST_CASE(bgzip_reads_back_with_any_number_of_threads) {
    const Scratch scratch;
    std::string text;
    for (int i = 0; i < 50000; ++i) text += std::to_string(i) + "\n";
    for (const int threads : {0, 2}) {
        BgzipWriter writer(scratch / "x.gz", threads);
        for (std::size_t at = 0; at < text.size(); at += 1000) writer.write(std::string_view(text).substr(at, 1000));
        writer.commit();
        TextReader reader(scratch / "x.gz");
        std::string back;
        while (const auto line = reader.next()) back.append(*line).append("\n");
        BOOST_TEST((back == text));
    }
}

BOOST_AUTO_TEST_SUITE_END()
