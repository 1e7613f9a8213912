// SPDX-License-Identifier: MIT
#pragma once

#include <boost/test/tree/decorator.hpp>
#include <boost/test/unit_test.hpp>

#include <filesystem>

namespace chromatid::test {

/// Folder with the real data that some tests read, as configured with CHROMATID_SHARED_DATA.
inline std::filesystem::path shared_data() { return CHROMATID_SHARED_DATA; }

/// For `* utf::precondition(shared_data_present)`: skips a test, with the reason, where that folder is absent.
inline boost::test_tools::assertion_result shared_data_present(boost::unit_test::test_unit_id) {
    boost::test_tools::assertion_result present(std::filesystem::is_directory(shared_data()));
    present.message() << "there is no folder " << shared_data().string() << " (set CHROMATID_SHARED_DATA)";
    return present;
}

}  // namespace chromatid::test
