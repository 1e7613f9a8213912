// SPDX-License-Identifier: MIT
// The main function of every test program; tests/CMakeLists.txt gives it its name.
#define BOOST_TEST_MODULE CHROMATID_TEST_MODULE
#include <boost/test/unit_test.hpp>
