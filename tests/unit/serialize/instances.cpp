// SPDX-License-Identifier: MIT
#include "tests/unit/serialize/instances.hpp"

template chromatid::AnyModel<chromatid::Cpu<double>> chromatid::make_factornet(const chromatid::FactorNetSizes&,
                                                                               std::vector<chromatid::Index>);
