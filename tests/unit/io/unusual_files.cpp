// SPDX-License-Identifier: MIT
#include <tests/unit/io/scratch.hpp>

#include <chromatid/genome/resident_sequence.hpp>
#include <chromatid/io/bed.hpp>
#include <chromatid/io/output_file.hpp>
#include <chromatid/io/two_bit_writer.hpp>

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <sys/stat.h>

using namespace chromatid;
using namespace chromatid::test;
namespace fs = std::filesystem;

BOOST_AUTO_TEST_SUITE(unusual_files)

BOOST_AUTO_TEST_CASE(a_pipe_is_refused_instead_of_losing_its_first_bytes) {
    const Scratch scratch;
    const fs::path pipe = scratch / "pipe";
    BOOST_REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
    BOOST_CHECK_THROW(read_bed(pipe), IoError);
}

BOOST_AUTO_TEST_CASE(writing_to_a_link_writes_the_file_it_leads_to) {
    const Scratch scratch;
    const fs::path target = scratch / "target.txt", link = scratch / "link.txt";
    std::ofstream(target) << "old";
    fs::create_symlink(target, link);
    OutputFile file(link);
    file.write("new");
    file.commit();
    std::ifstream read(target);
    BOOST_TEST(std::string(std::istreambuf_iterator<char>(read), {}) == "new");
    BOOST_TEST(fs::is_symlink(link));
}

BOOST_AUTO_TEST_CASE(a_pipe_or_a_folder_is_not_replaced_by_a_file) {
    const Scratch scratch;
    const fs::path pipe = scratch / "pipe", folder = scratch / "folder";
    BOOST_REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
    fs::create_directory(folder);
    BOOST_CHECK_THROW(OutputFile{pipe}, IoError);
    BOOST_CHECK_THROW(OutputFile{folder}, IoError);
    BOOST_TEST(fs::is_fifo(pipe));
}

BOOST_AUTO_TEST_CASE(what_is_no_base_code_or_no_version_is_refused) {
    const Scratch scratch;
    ResidentSequence sequence;
    const std::vector<std::uint8_t> codes{0, 200};
    BOOST_CHECK_THROW(sequence.add("chr1", codes), UsageError);
    const std::vector<TwoBitSequence> sequences{{"chr1", "ACGT"}};
    BOOST_CHECK_THROW(write_two_bit(scratch / "x.2bit", sequences, {.version = 7}), UsageError);
    BOOST_TEST(!fs::exists(scratch / "x.2bit"));
}

BOOST_AUTO_TEST_SUITE_END()
