// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/tensor/tensor.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace chromatid::test {

/// Equal extents, and no element further apart than `tolerance`; NaN is never close.
template <class A, class B>
boost::test_tools::assertion_result close(const Tensor<A>& a, const Tensor<B>& b, double tolerance) {
    boost::test_tools::assertion_result result(true);
    if (!std::ranges::equal(a.extents(), b.extents())) {
        result = false;
        result.message() << "the extents differ";
        return result;
    }
    for (Index i = 0; i < a.size(); ++i)
        if (!(std::abs(static_cast<double>(a.data()[i]) - static_cast<double>(b.data()[i])) <= tolerance)) {
            result = false;
            result.message() << "element " << i << ": " << a.data()[i] << " and " << b.data()[i];
            return result;
        }
    return result;
}

/// Equal extents and equal bits.
template <class T>
boost::test_tools::assertion_result same_bits(const Tensor<T>& a, const Tensor<T>& b) {
    boost::test_tools::assertion_result result = close(a, b, 0.0);
    if (result && std::memcmp(a.data(), b.data(), a.span().size_bytes()) != 0) {
        result = false;
        result.message() << "equal values of different bits";
    }
    return result;
}

}  // namespace chromatid::test
