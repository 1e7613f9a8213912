// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/grid.hpp>
#include <chromatid/backend/cuda/kernel/combine.hpp>
#include <chromatid/backend/cuda/kernel/sums.hpp>
#include <chromatid/core/index.hpp>

#include <algorithm>

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

/// *sum = sum of x^2, in double.
template <class E>
void sum_squares(typename E::Context& on, Index n, const float* x, double* sum) {
    sum_terms<E>(on, n, Square{x}, sum);
}

/// out[c] += sum over rows of x[r, c], in an order that the sizes alone decide; partial sums go through the workspace.
template <class E>
void add_column_sums(typename E::Context& on, Index rows, Index columns, const float* x, float* out) {
    constexpr Index rows_of_thread = 16, most_blocks = 1024;
    if (rows == 0 || columns == 0) return;
    const int width = columns_of_block(columns);
    const Index tiles = blocks_of(columns, width), room = on.workspace().size() / columns;
    const Index wanted = blocks_of(rows, rows_of_thread * (SumColumns::threads / width)), most = std::min(room, most_blocks / tiles);
    const Index slab_rows = blocks_of(rows, std::clamp(most, Index{1}, wanted)), slabs = blocks_of(rows, slab_rows);
    if (slabs == 1) return E::launch(on, Grid{tiles}, SumColumns{x, out, rows, columns, rows, width, true});
    float* const partial = on.workspace().data();
    E::launch(on, Grid{tiles, slabs}, SumColumns{x, partial, rows, columns, slab_rows, width, false});
    E::launch(on, Grid{tiles}, SumColumns{partial, out, slabs, columns, slabs, width, true});
}

}  // namespace chromatid::cuda
