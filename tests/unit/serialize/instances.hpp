// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/network/factornet.hpp>

#include <vector>

// The eight networks are compiled once for all files of this folder, in instances.cpp.
extern template chromatid::AnyModel<chromatid::Cpu<double>> chromatid::make_factornet(const chromatid::FactorNetSizes&,
                                                                                      std::vector<chromatid::Index>);
