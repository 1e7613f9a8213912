// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/layer/bilstm.hpp>
#include <chromatid/layer/conv1d.hpp>
#include <chromatid/layer/dense.hpp>
#include <chromatid/layer/dropout.hpp>
#include <chromatid/layer/flatten.hpp>
#include <chromatid/layer/global_max_pool1d.hpp>
#include <chromatid/layer/max_pool1d.hpp>
#include <chromatid/layer/side_input.hpp>
#include <chromatid/layer/time_distributed_dense.hpp>
#include <chromatid/network/any_model.hpp>
#include <chromatid/network/factornet_sizes.hpp>
#include <chromatid/network/model.hpp>
#include <chromatid/network/reverse_complement_siamese.hpp>
#include <chromatid/network/sequential.hpp>

#include <utility>
#include <vector>

namespace chromatid {

/// FactorNet with its sizes in the type: Quang and Xie 2019, figure 1, without metadata.
///
///     using PublishedMax = StaticFactorNet<64, 34, 17, 32, 64>;
///     Model<PublishedMax, Shape<1002, 6>> model;
///
/// In  (length, 4 + tracks), out (Tasks), probabilities, the mean of both strands.
///
/// \tparam Filters   kernels of the convolution, and outputs of the dense layer at each position
/// \tparam Width     positions that each kernel reads
/// \tparam Pool      positions in each pooling window
/// \tparam Units     state of each direction of the LSTM
/// \tparam Features  outputs of the dense layer
/// \tparam Tasks     probabilities per window
/// \tparam Gates     `HardSigmoidGates` (what Keras 1 trained) or `LogisticGates`
template <Index Filters, Index Width, Index Pool, Index Units, Index Features, Index Tasks = 1, class Gates = HardSigmoidGates>
using StaticFactorNet =
    ReverseComplementSiamese<Sequential<Conv1D<Filters, Width, ReLU>, Dropout, TimeDistributedDense<Filters, ReLU>, MaxPool1D<Pool>,
                                        BiLSTM<Units, Gates>, Dropout, Flatten, Dense<Features, ReLU>, Dropout, Dense<Tasks, Sigmoid>>>;

/// FactorNet with sizes and structure known at run time: one of eight networks of `dyn` layers. Parameters are zero until they are loaded
/// or initialized.
///
/// In  (length, 4 + tracks), and where `sizes.side` > 0 a side input (side); out (tasks), probabilities, the mean of both strands.
///
/// \param swapped_tracks  pairs of track numbers that change places under reverse complement: {0, 1, 3, 4} swaps 0 with 1 and 3 with 4
/// \throws ShapeError for sizes that do not fit together
template <Backend B = Cpu<float>>
AnyModel<B> make_factornet(const FactorNetSizes& sizes, std::vector<Index> swapped_tracks = {}) {
    using Structure = FactorNetSizes::Structure;
    const FactorNetSizes::Dropout& rates = sizes.dropout;

    const auto model_of = [&](auto... layers) -> AnyModel<B> {
        using Net = ReverseComplementSiamese<Sequential<decltype(layers)...>, SwapTracks<dyn>>;
        return Model<Net, Shape<dyn, dyn>, B>(Net(Sequential(layers...), std::move(swapped_tracks)),
                                              Shape<dyn, dyn>(sizes.length, sizes.channels()));
    };
    const auto with_head = [&](auto... layers) {
        const Dense<dyn, Sigmoid> output(sizes.tasks);
        if (sizes.side == 0) return model_of(layers..., Dense<dyn, ReLU>(sizes.dense_units), Dropout(rates.after_dense), output);
        return model_of(layers..., Dense<dyn, ReLU>(sizes.dense_units), Dropout(rates.after_dense), SideInput<dyn>(sizes.side),
                        Dropout(rates.after_side), Dense<dyn, ReLU>(sizes.side_dense_units), Dropout(rates.after_second_dense), output);
    };
    const auto with_body = [&](auto... layers) {
        return with_head(Conv1D<dyn, dyn, ReLU>(sizes.filters, sizes.width), Dropout(rates.after_conv),
                         TimeDistributedDense<dyn, ReLU>(sizes.position_units), layers...);
    };

    const Dropout dropout(rates.after_features);
    if (sizes.structure == Structure::global_max) return with_body(GlobalMaxPool1D{}, dropout);
    const MaxPool1D<dyn> pool(sizes.pool);
    if (sizes.structure == Structure::pooled) return with_body(pool, dropout, Flatten{});
    const LstmDropout within{.input = rates.lstm_input, .state = rates.lstm_state};
    if (sizes.gates == FactorNetSizes::Gates::logistic)
        return with_body(pool, BiLSTM<dyn, LogisticGates>(sizes.lstm_units, within), dropout, Flatten{});
    return with_body(pool, BiLSTM<dyn, HardSigmoidGates>(sizes.lstm_units, within), dropout, Flatten{});
}

}  // namespace chromatid
