// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/grid.hpp>
#include <chromatid/backend/cuda/kernel/for_each.hpp>
#include <chromatid/backend/cuda/kernel/sums.hpp>
#include <chromatid/core/error.hpp>

#include <algorithm>
#include <string>

namespace chromatid::cuda {

/// *sum = the sum of `term(i)` for i in [0, n), in double and in an order that n alone decides; partial sums go through the workspace.
template <class E, class Term>
void sum_terms(typename E::Context& on, Index n, const Term& term, double* sum) {
    using Kernel = SumTerms<Term>;
    const Index blocks = std::clamp(blocks_of(n, 4 * Kernel::threads), Index{1}, Kernel::most_blocks);
    if (blocks == 1) return E::launch(on, Grid{1}, Kernel{term, n, sum});
    auto* const partial = reinterpret_cast<double*>(on.workspace().data());
    E::launch(on, Grid{blocks}, Kernel{term, n, partial});
    E::launch(on, Grid{1}, SumTerms<Number>{{partial}, blocks, sum});
}

/// *sum = sum of x^2, in double
template <class E>
void sum_squares(typename E::Context& on, Index n, const float* x, double* sum) {
    sum_terms<E>(on, n, Square{x}, sum);
}

/// out[c] += sum over rows of x[r, c], in an order that the sizes alone decide
/// \throws DeviceError for rows that are longer than the workspace
template <class E>
void add_column_sums(typename E::Context& on, Index rows, Index columns, const float* x, float* out) {
    constexpr Index least_rows = 32, most_slabs = 256;
    if (rows == 0 || columns == 0) return;
    const Index room = on.workspace().size() / columns;
    if (room == 0) throw DeviceError("sums of " + std::to_string(columns) + " columns are more than the workspace holds");
    const Index slab_rows = std::max(least_rows, blocks_of(rows, std::min(most_slabs, room))), slabs = blocks_of(rows, slab_rows);
    float* const partial = on.workspace().data();
    E::launch(on, Grid{slabs, blocks_of(columns, SumColumnsOfSlab::width)}, SumColumnsOfSlab{x, partial, rows, columns, slab_rows});
    for_each<E>(on, columns, AddSlabs{partial, out, slabs, columns});
}

}  // namespace chromatid::cuda
