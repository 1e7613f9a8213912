// SPDX-License-Identifier: MIT
// Every component's headers are found and its library links.
#include <bigWig.h>
#include <hdf5.h>
#include <htslib/hts.h>
#include <zlib.h>

#include <nlohmann/json.hpp>
#include <xtensor/xtensor.hpp>

#include <cstddef>
#include <iostream>

int main() {
    unsigned major = 0, minor = 0, release = 0;
    if (H5get_libversion(&major, &minor, &release) < 0) return 1;
    if (bwInit(1 << 17) != 0) return 1;
    bwCleanup();
    const xt::xtensor<float, 2> ones({2, 3}, 1.0F);
    const nlohmann::json versions = {
        {"htslib", hts_version()}, {"hdf5", {major, minor, release}}, {"zlib", zlibVersion()}, {"xtensor elements", ones.size()}};
    std::cout << versions.dump() << '\n';
}
