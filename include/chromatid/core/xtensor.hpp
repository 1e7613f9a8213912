// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>

// The parts of xtensor that chromatid speaks with, from where its version keeps them: up to 0.25 in one folder, from 0.26 on in several.
#if __has_include(<xtensor/containers/xarray.hpp>)
#include <xtensor/containers/xadapt.hpp>
#include <xtensor/containers/xarray.hpp>
#include <xtensor/containers/xtensor.hpp>
#include <xtensor/core/xnoalias.hpp>
#include <xtensor/io/xnpy.hpp>
#else
#include <xtensor/xadapt.hpp>
#include <xtensor/xarray.hpp>
#include <xtensor/xnoalias.hpp>
#include <xtensor/xnpy.hpp>
#include <xtensor/xtensor.hpp>
#endif

#include <concepts>
#include <cstddef>

namespace chromatid {

/// An xtensor container, adaptor, view or expression.
template <class E>
concept XtensorExpression = xt::is_xexpression<E>::value;

/// One whose elements lie in memory somewhere, with strides.
template <class E>
concept XtensorInMemory = XtensorExpression<E> && requires(const E& e) {
    { *e.data() } -> std::convertible_to<typename E::value_type>;
    e.strides();
    { e.data_offset() } -> std::convertible_to<std::size_t>;
};

/// Whether the elements lie row by row without gaps.
template <XtensorInMemory E>
bool is_row_major(const E& e) {
    Index expected = 1;
    for (std::size_t i = e.dimension(); i-- > 0;) {
        const auto extent = static_cast<Index>(e.shape()[i]);
        if (extent > 1 && static_cast<Index>(e.strides()[i]) != expected) return false;
        expected *= extent;
    }
    return true;
}

}  // namespace chromatid
