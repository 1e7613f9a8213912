// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/serialize/kernel_convention.hpp>
#include <chromatid/tensor/tensor.hpp>

#include <nlohmann/json.hpp>

#include <array>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/hdf5_writer.hpp"
#include "tests/support/reference_factornet.hpp"

namespace chromatid::test {

/// How the files of a Keras 1 model are written.
struct Keras1FileOptions {
    bool full_model = false;       ///< with architecture and optimizer state, as `model.save` writes, or weights alone
    bool old_kernels = false;      ///< kernels in the shape from before Keras 1.1
    KernelConvention kernels = KernelConvention::theano;
    Hdf5Writer::Text text = Hdf5Writer::Text::fixed;
    std::string number = "1";      ///< that ends the names of arrays within a layer
};

/// A `ReferenceFactorNet` as Keras 1 would save it: the architecture as JSON and the weights as HDF5.
class Keras1File {
  public:
    using Arrays = std::vector<std::pair<std::string, Tensor<double>>>;

    explicit Keras1File(const ReferenceFactorNet& net, Keras1FileOptions options = {}) : options_(std::move(options)) {
        const FactorNetSizes& s = net.sizes;
        const nlohmann::json shape{nullptr, s.length, s.channels()};
        for (const char* input : {"input_1", "input_2"}) add("InputLayer", input, {{"batch_input_shape", shape}}, nlohmann::json::array());
        ends_ = {nlohmann::json{"input_1", 0, 0}, nlohmann::json{"input_2", 0, 0}};

        add_shared(
            "Convolution1D", "convolution1d_1",
            {{"activation", "relu"},
             {"bias", true},
             {"border_mode", "valid"},
             {"subsample_length", 1},
             {"nb_filter", s.filters},
             {"filter_length", s.width}},
            {{"convolution1d_" + options_.number + "_W", kernel(net.conv.w)}, {"convolution1d_" + options_.number + "_b", net.conv.b}});
        add_dropout("dropout_1", s.dropout.after_conv);
        add_shared("TimeDistributed", "timedistributed_1",
                   {{"layer", {{"class_name", "Dense"}, {"config", dense("dense_1", net.position_dense, "relu")}}}},
                   arrays("dense_1", net.position_dense));
        add_features(net);
        add_dense("dense_2", net.dense, "relu");
        add_dropout("dropout_3", s.dropout.after_dense);
        if (s.side > 0) {
            add("InputLayer", "input_3", {{"batch_input_shape", {nullptr, s.side}}}, nlohmann::json::array());
            for (std::size_t i = 0; i < 2; ++i) {
                const std::string name = "merge_" + std::to_string(i + 1);
                const nlohmann::json sources{ends_[i], {"input_3", 0, 0}};
                add("Merge", name, {{"mode", "concat"}, {"concat_axis", -1}}, nlohmann::json::array({sources}));
                ends_[i] = {name, 0, 0};
            }
            add_dropout("dropout_4", s.dropout.after_side);
            add_dense("dense_3", net.side_dense, "relu");
            add_dropout("dropout_5", s.dropout.after_second_dense);
        }
        add_dense("dense_4", net.output, "sigmoid");
        add("Merge", "merge_3", {{"mode", "ave"}, {"concat_axis", -1}},
            nlohmann::json::array({nlohmann::json::array({ends_[0], ends_[1]})}));
    }

    /// The architecture, to be changed by tests.
    nlohmann::json architecture() const {
        const nlohmann::json output = nlohmann::json::array({"merge_3", 0, 0});
        const nlohmann::json config{{"name", "model_1"}, {"layers", layers_}, {"output_layers", nlohmann::json::array({output})}};
        return {{"class_name", "Model"}, {"keras_version", "1.2.2"}, {"config", config}};
    }

    void write_architecture(const std::filesystem::path& path) const { std::ofstream(path) << architecture(); }

    void write_weights(const std::filesystem::path& path) const {
        Hdf5Writer file(path);
        if (options_.full_model) {
            file.text("/", "keras_version", "1.2.2", options_.text);
            file.text("/", "model_config", architecture().dump(), options_.text);
            file.group("/model_weights");
            file.group("/optimizer_weights");
        }
        const std::string root = options_.full_model ? "/model_weights" : "";
        std::vector<std::string> names;
        for (const nlohmann::json& layer : layers_) {
            names.push_back(layer.at("name").get<std::string>());
            const std::string group = root + "/" + names.back();
            file.group(group);
            std::vector<std::string> array_names;
            if (const auto found = weights_.find(names.back()); found != weights_.end())
                for (const auto& [name, values] : found->second) {
                    file.dataset(group + "/" + name, values);
                    array_names.push_back(name);
                }
            file.texts(group, "weight_names", array_names, options_.text);
        }
        file.texts(root.empty() ? "/" : root, "layer_names", names, options_.text);
    }

  private:
    void add(const char* class_name, const std::string& name, nlohmann::json config, const nlohmann::json& inbound) {
        config["name"] = name;
        layers_.push_back({{"class_name", class_name}, {"name", name}, {"config", config}, {"inbound_nodes", inbound}});
    }

    /// A layer that both strands pass.
    void add_shared(const char* class_name, const std::string& name, const nlohmann::json& config, Arrays weights = {}) {
        add(class_name, name, config, {nlohmann::json::array({ends_[0]}), nlohmann::json::array({ends_[1]})});
        for (std::size_t i = 0; i < 2; ++i) ends_[i] = {name, i, 0};
        if (!weights.empty()) weights_[name] = std::move(weights);
    }

    void add_dropout(const std::string& name, float rate) {
        if (rate > 0) add_shared("Dropout", name, {{"p", rate}});
    }

    static nlohmann::json dense(const std::string& name, const ReferenceFactorNet::Map& map, const char* activation) {
        return {{"name", name}, {"activation", activation}, {"bias", true}, {"output_dim", map.b.size()}};
    }
    Arrays arrays(const std::string& name, const ReferenceFactorNet::Map& map) const {
        const std::string stem = name + (options_.number == "1" ? "" : "_" + options_.number);
        return {{stem + "_W", map.w}, {stem + "_b", map.b}};
    }
    void add_dense(const std::string& name, const ReferenceFactorNet::Map& map, const char* activation) {
        add_shared("Dense", name, dense(name, map, activation), arrays(name, map));
    }

    void add_features(const ReferenceFactorNet& net) {
        const FactorNetSizes& s = net.sizes;
        const bool global = s.structure == FactorNetSizes::Structure::global_max;
        if (global) add_shared("GlobalMaxPooling1D", "globalmaxpooling1d_1", nlohmann::json::object());
        else add_shared("MaxPooling1D", "maxpooling1d_1", {{"pool_length", s.pool}, {"stride", s.pool}, {"border_mode", "valid"}});
        if (s.structure == FactorNetSizes::Structure::recurrent) add_lstm(net);
        add_dropout("dropout_2", s.dropout.after_features);
        if (!global) add_shared("Flatten", "flatten_1", nlohmann::json::object());
    }

    void add_lstm(const ReferenceFactorNet& net) {
        const bool logistic = net.sizes.gates == FactorNetSizes::Gates::logistic;
        const nlohmann::json config{{"name", "forward_lstm_1"},
                                    {"activation", "tanh"},
                                    {"inner_activation", logistic ? "sigmoid" : "hard_sigmoid"},
                                    {"return_sequences", true},
                                    {"go_backwards", false},
                                    {"stateful", false},
                                    {"dropout_W", net.sizes.dropout.lstm_input},
                                    {"dropout_U", net.sizes.dropout.lstm_state},
                                    {"output_dim", net.sizes.lstm_units}};
        Arrays weights;
        for (std::size_t direction = 0; direction < 2; ++direction)
            for (std::size_t gate = 0; gate < 4; ++gate) {
                const std::string stem = (direction == 0 ? "forward_lstm_" : "backward_lstm_") + options_.number;
                const ReferenceFactorNet::Gate& arrays = net.lstm[direction][gate];
                const std::string letter(1, "icfo"[gate]);
                weights.insert(weights.end(),
                               {{stem + "_W_" + letter, arrays.w}, {stem + "_U_" + letter, arrays.u}, {stem + "_b_" + letter, arrays.b}});
            }
        add_shared("Bidirectional", "bidirectional_1", {{"merge_mode", "concat"}, {"layer", {{"class_name", "LSTM"}, {"config", config}}}},
                   std::move(weights));
    }

    /// The kernel as the file stores it.
    Tensor<double> kernel(const Tensor<double>& w) const {
        const Index width = w.extent(0), inputs = w.extent(2), filters = w.extent(3);
        Tensor<double> stored = options_.old_kernels ? Tensor<double>({filters, inputs, width, 1}) : w;
        for (Index j = 0; j < width; ++j)
            for (Index c = 0; c < inputs; ++c)
                for (Index f = 0; f < filters; ++f) {
                    const double value = w(options_.kernels == KernelConvention::theano ? j : width - 1 - j, Index{0}, c, f);
                    (options_.old_kernels ? stored(f, c, j, Index{0}) : stored(j, Index{0}, c, f)) = value;
                }
        return stored;
    }

    Keras1FileOptions options_;
    nlohmann::json layers_ = nlohmann::json::array();
    std::array<nlohmann::json, 2> ends_;
    std::map<std::string, Arrays> weights_;
};

}  // namespace chromatid::test
