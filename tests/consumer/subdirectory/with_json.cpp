// SPDX-License-Identifier: MIT
// The library behind a component is visible in the folder above the one that found it.
#include <chromatid/version.hpp>

#include <nlohmann/json.hpp>

#include <iostream>
#include <string>

int main() {
    const nlohmann::json about = {{"library", "chromatid"}, {"version", std::string(chromatid::version)}};
    std::cout << about.dump() << '\n';
}
