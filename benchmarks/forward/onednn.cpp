// SPDX-License-Identifier: MIT
//
// A contestant of run.py: FactorNet's forward pass in oneDNN primitives, logistic gates. Both strands are one batch and stand ready before
// the time starts.
//
//     forward_onednn CASE small|big
//
// CASE holds weights and windows, see support/cases.py. What oneDNN leaves open is tried out: each entry is a layout of the convolutions'
// outputs ("any" is the library's choice) and the number of rows that pass through convolutions and pooling at once, so that what lies
// between them may stay in a cache.
#include <chromatid/serialize/safetensors_file.hpp>

#include <oneapi/dnnl/dnnl.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include <benchmarks/support/case_file.hpp>
#include <benchmarks/support/contestant.hpp>

namespace {

using chromatid::Index;
using dnnl::memory;
using Tag = memory::format_tag;
using Description = memory::desc;

Description floats(const memory::dims& extents, Tag tag) { return {extents, memory::data_type::f32, tag}; }

dnnl::primitive_attr then(dnnl::algorithm activation) {
    dnnl::post_ops after;
    after.append_eltwise(1.0F, activation, 0.0F, 0.0F);
    dnnl::primitive_attr attributes;
    attributes.set_post_ops(after);
    return attributes;
}

struct Sizes {
    Index filters, units, features, tasks, length = 1000, channels = 6, width = 26, pool = 13;

    Index positions() const { return length - width + 1; }
    Index bins() const { return positions() / pool; }
};

class Network {
  public:
    /// \param both  (rows, length, channels): the windows, then their other strands
    Network(const Sizes& s, const chromatid::SafetensorsFile& weights, std::span<const float> both, Tag layout, Index rows_at_once)
        : s_(s), weights_(weights), rows_(static_cast<Index>(both.size()) / (s.length * s.channels)) {
        const memory features(floats({s.bins(), rows_, s.filters}, Tag::tnc), engine_);
        add_front(both, layout, rows_at_once, features);
        add_head(add_lstm(features));
        merged.resize(static_cast<std::size_t>(rows_ / 2 * s.tasks));
    }

    void run() {
        for (const Step& step : steps_) step.primitive.execute(stream_, step.arguments);
        stream_.wait();
        const auto* y = static_cast<const float*>(probabilities_.get_data_handle());
        for (std::size_t i = 0; i < merged.size(); ++i) merged[i] = 0.5F * (y[i] + y[i + merged.size()]);
    }

    std::vector<float> merged;  ///< (windows, tasks)

  private:
    struct Step {
        dnnl::primitive primitive;
        std::unordered_map<int, memory> arguments;
    };

    /// An array of the file, or of two one behind the other, in the layout that a primitive wants.
    memory weights(const std::vector<std::string>& names, const Description& as_stored, const Description& wanted) {
        std::vector<float> values;
        for (const std::string& name : names) {
            const auto array = weights_.read<float>(name);
            values.insert(values.end(), array.data(), array.data() + array.size());
        }
        memory stored(as_stored, engine_, values.data()), ready(wanted, engine_);
        dnnl::reorder(stored, ready).execute(stream_, stored, ready);
        stream_.wait();
        return ready;
    }
    memory weights(const std::string& name, const Description& as_stored, const Description& wanted) {
        return weights(std::vector{name}, as_stored, wanted);
    }

    void add_front(std::span<const float> both, Tag layout, Index n, const memory& features) {
        using dnnl::convolution_forward, dnnl::pooling_forward;
        const auto relu = then(dnnl::algorithm::eltwise_relu);
        const auto kind = dnnl::prop_kind::forward_inference;
        const Index k = s_.filters;
        const auto convolution = [&](const Description& from, Index channels, Index width) {
            return convolution_forward::primitive_desc({kind, dnnl::algorithm::convolution_direct, from, floats({k, channels, width}, Tag::any),
                                                        floats({k}, Tag::a), floats({n, k, s_.positions()}, layout), {1}, {0}, {0}},
                                                       relu, engine_);
        };
        const convolution_forward::primitive_desc conv = convolution(floats({n, s_.channels, s_.length}, Tag::nwc), s_.channels, s_.width);
        const convolution_forward::primitive_desc dense = convolution(conv.dst_desc(), k, 1);
        const pooling_forward::primitive_desc pool(
            {kind, dnnl::algorithm::pooling_max, dense.dst_desc(), floats({n, k, s_.bins()}, layout), {s_.pool}, {s_.pool}, {0}, {0}},
            engine_);
        const memory conv_kernel = weights("conv1d_1.kernel", floats({k, s_.channels, s_.width}, Tag::wio), conv.weights_desc());
        const memory conv_bias = weights("conv1d_1.bias", floats({k}, Tag::a), conv.bias_desc());
        const memory dense_kernel = weights("time_distributed_dense_1.kernel", floats({k, k, 1}, Tag::wio), dense.weights_desc());
        const memory dense_bias = weights("time_distributed_dense_1.bias", floats({k}, Tag::a), dense.bias_desc());
        const memory first(conv.dst_desc(), engine_), second(dense.dst_desc(), engine_), pooled(pool.dst_desc(), engine_);
        input_.assign(both.begin(), both.end());
        for (Index row = 0; row < rows_; row += n) {
            const memory x(conv.src_desc(), engine_, input_.data() + row * s_.length * s_.channels);
            const Description part({n, k, s_.bins()}, memory::data_type::f32, memory::dims{k, 1, rows_ * k});
            const memory y(part, engine_, static_cast<float*>(features.get_data_handle()) + row * k);
            steps_.push_back({convolution_forward(conv),
                              {{DNNL_ARG_SRC, x}, {DNNL_ARG_WEIGHTS, conv_kernel}, {DNNL_ARG_BIAS, conv_bias}, {DNNL_ARG_DST, first}}});
            steps_.push_back(
                {convolution_forward(dense),
                 {{DNNL_ARG_SRC, first}, {DNNL_ARG_WEIGHTS, dense_kernel}, {DNNL_ARG_BIAS, dense_bias}, {DNNL_ARG_DST, second}}});
            steps_.push_back({pooling_forward(pool), {{DNNL_ARG_SRC, second}, {DNNL_ARG_DST, pooled}}});
            steps_.push_back({dnnl::reorder(pooled, y), {{DNNL_ARG_FROM, pooled}, {DNNL_ARG_TO, y}}});
        }
    }

    /// \return (rows, bins, 2 units), forward direction first
    memory add_lstm(const memory& features) {
        const Index p = s_.bins(), n = rows_, k = s_.filters, r = s_.units;
        const dnnl::lstm_forward::primitive_desc lstm(
            {dnnl::prop_kind::forward_inference, dnnl::rnn_direction::bidirectional_concat, floats({p, n, k}, Tag::any), Description(),
             Description(), floats({1, 2, k, 4, r}, Tag::any), floats({1, 2, r, 4, r}, Tag::any), floats({1, 2, 4, r}, Tag::ldgo),
             floats({p, n, 2 * r}, Tag::any), Description(), Description()},
            engine_);
        const auto both = [&](const std::string& what, const Description& stored, const Description& wanted) {
            return weights({"bilstm_1.forward_" + what, "bilstm_1.backward_" + what}, stored, wanted);
        };
        memory x = features;
        if (lstm.src_layer_desc() != features.get_desc()) {
            x = memory(lstm.src_layer_desc(), engine_);
            steps_.push_back({dnnl::reorder(features, x), {{DNNL_ARG_FROM, features}, {DNNL_ARG_TO, x}}});
        }
        const memory h(lstm.dst_layer_desc(), engine_), flat(floats({n, p, 2 * r}, Tag::abc), engine_);
        steps_.push_back({dnnl::lstm_forward(lstm),
                          {{DNNL_ARG_SRC_LAYER, x},
                           {DNNL_ARG_WEIGHTS_LAYER, both("kernel", floats({1, 2, k, 4, r}, Tag::ldigo), lstm.weights_layer_desc())},
                           {DNNL_ARG_WEIGHTS_ITER, both("recurrent", floats({1, 2, r, 4, r}, Tag::ldigo), lstm.weights_iter_desc())},
                           {DNNL_ARG_BIAS, both("bias", floats({1, 2, 4, r}, Tag::ldgo), lstm.bias_desc())},
                           {DNNL_ARG_DST_LAYER, h}}});
        const memory by_step(flat.get_desc().permute_axes({1, 0, 2}), engine_, flat.get_data_handle());
        held_.push_back(flat);
        steps_.push_back({dnnl::reorder(h, by_step), {{DNNL_ARG_FROM, h}, {DNNL_ARG_TO, by_step}}});
        return flat;
    }

    void add_head(const memory& features) {
        const memory flat(floats({rows_, s_.bins() * 2 * s_.units}, Tag::nc), engine_, features.get_data_handle());
        const memory hidden = add_dense(flat, "dense_1", s_.features, dnnl::algorithm::eltwise_relu);
        probabilities_ = add_dense(hidden, "dense_2", s_.tasks, dnnl::algorithm::eltwise_logistic);
    }

    memory add_dense(const memory& x, const std::string& name, Index outputs, dnnl::algorithm activation) {
        const Index inputs = x.get_desc().dims()[1];
        const dnnl::inner_product_forward::primitive_desc dense(
            {dnnl::prop_kind::forward_inference, x.get_desc(), floats({outputs, inputs}, Tag::any), floats({outputs}, Tag::a),
             floats({rows_, outputs}, Tag::nc)},
            then(activation), engine_);
        const memory y(dense.dst_desc(), engine_);
        steps_.push_back({dnnl::inner_product_forward(dense),
                          {{DNNL_ARG_SRC, x},
                           {DNNL_ARG_WEIGHTS, weights(name + ".kernel", floats({outputs, inputs}, Tag::io), dense.weights_desc())},
                           {DNNL_ARG_BIAS, weights(name + ".bias", floats({outputs}, Tag::a), dense.bias_desc())},
                           {DNNL_ARG_DST, y}}});
        return y;
    }

    Sizes s_;
    const chromatid::SafetensorsFile& weights_;
    Index rows_;
    dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
    dnnl::stream stream_{engine_};
    std::vector<float> input_;
    std::vector<memory> held_;  // whose bytes others point into
    memory probabilities_;
    std::vector<Step> steps_;
};

/// (2 n, length, channels): windows, then their reverse complements; A, C, G, T are channels 0 to 3, and tracks keep their place.
std::vector<float> both_strands(const bench::CaseWindows& windows) {
    const Index n = windows.count(), length = windows.length(), channels = windows.channels();
    std::vector<float> both(windows.dense.data(), windows.dense.data() + windows.dense.size());
    both.resize(2 * both.size());
    for (Index w = 0; w < n; ++w)
        for (Index t = 0; t < length; ++t)
            for (Index c = 0; c < channels; ++c)
                both[static_cast<std::size_t>(((n + w) * length + t) * channels + c)] = windows.dense(w, length - 1 - t, c < 4 ? 3 - c : c);
    return both;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fprintf(stderr, "usage: forward_onednn CASE small|big\n");
        return 2;
    }
    const Sizes sizes = std::string(argv[2]) == "big" ? Sizes{128, 128, 256, 19} : Sizes{32, 32, 128, 1};
    const chromatid::SafetensorsFile file(argv[1]);
    const std::vector<float> both = both_strands(bench::CaseWindows(file));
    std::vector<std::unique_ptr<Network>> networks;
    bench::Contestant contestant;
    for (const auto& [layout, name] : {std::pair{Tag::any, "any"}, std::pair{Tag::nwc, "nwc"}})
        for (const Index rows : {200, 10, 4, 2, 1}) {
            networks.push_back(std::make_unique<Network>(sizes, file, both, layout, rows));
            Network& network = *networks.back();
            contestant.add(
                name + std::string("/") + std::to_string(rows), [&network] { network.run(); }, network.merged);
        }
    return contestant.serve();
}
