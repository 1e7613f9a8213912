// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/network/factornet_sizes.hpp>
#include <chromatid/serialize/keras1_graph.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace chromatid::detail {

/// Reads the sizes of a FactorNet from the layers of a Keras 1 graph, in the order in which a strand passes them; a layer that does not
/// belong, or a setting that we do not have, is a ModelError that names it.
class Keras1Architecture {
  public:
    /// \param file  where the JSON text comes from, for messages
    /// \throws FormatError where the text is not the JSON of a Keras model, ModelError for one that is no FactorNet
    static Keras1Architecture parse(const std::string& file, const std::string& text) {
        try {
            return Keras1Architecture(Keras1Graph(file, text));
        } catch (const nlohmann::json::exception& error) {
            throw FormatError(file, "", std::string("this is not the architecture of a Keras 1 model: ") + error.what());
        }
    }

    const FactorNetSizes& sizes() const { return sizes_; }
    /// "1.1.1"; empty where the text does not say.
    const std::string& version() const { return version_; }

  private:
    explicit Keras1Architecture(const Keras1Graph& graph) : file_(graph.file()), version_(graph.version()), strand_(graph.strand()) {
        for (const Keras1Layer& layer : strand_.layers)
            if (std::ranges::find(known, layer.class_name()) == known.end())
                layer.fail("a layer of this class is not part of any FactorNet (" + all_known() + ")");
        input();
        convolution();
        position_dense();
        features();
        sizes_.dense_units = dense("relu");
        sizes_.dropout.after_dense = dropout();
        if (strand_.side) side_input();
        sizes_.tasks = dense("sigmoid");
        if (next_ != strand_.layers.size()) strand_.layers[next_].fail("follows the output layer, where nothing was expected");
    }

    static constexpr std::array<std::string_view, 10> known{
        "InputLayer",         "Convolution1D", "Dropout", "TimeDistributed", "MaxPooling1D",
        "GlobalMaxPooling1D", "Bidirectional", "Flatten", "Dense",           "Merge"};

    static std::string all_known() {
        std::string all;
        for (const std::string_view name : known) all += (all.empty() ? "" : ", ") + std::string(name);
        return all;
    }

    bool comes(std::string_view class_name) const {
        return next_ < strand_.layers.size() && strand_.layers[next_].class_name() == class_name;
    }

    const Keras1Layer& take(const std::string& class_name) {
        if (next_ == strand_.layers.size()) throw ModelError(file_ + ": the network ends where a " + class_name + " layer was expected");
        if (!comes(class_name)) strand_.layers[next_].fail("found where a " + class_name + " layer was expected");
        return strand_.layers[next_++];
    }

    float dropout() { return comes("Dropout") ? take("Dropout").rate("p") : 0.0F; }

    static Index linear_map(const Keras1Layer& layer, const char* activation) {
        layer.expect("activation", activation);
        layer.expect("bias", true);
        return layer.size("output_dim");
    }
    Index dense(const char* activation) { return linear_map(take("Dense"), activation); }

    void input() {
        const Keras1Layer& layer = take("InputLayer");
        sizes_.length = layer.input_extent(1, 3);
        sizes_.tracks = layer.input_extent(2, 3) - 4;
        if (sizes_.tracks < 0) layer.fail("has " + std::to_string(sizes_.channels()) + " channels, fewer than DNA has letters");
    }

    void convolution() {
        const Keras1Layer& layer = take("Convolution1D");
        layer.expect("activation", "relu");
        layer.expect("border_mode", "valid");
        layer.expect("subsample_length", 1);
        layer.expect("bias", true);
        sizes_.filters = layer.size("nb_filter");
        sizes_.width = layer.size("filter_length");
        sizes_.dropout.after_conv = dropout();
    }

    void position_dense() { sizes_.position_units = linear_map(take("TimeDistributed").wrapped("Dense"), "relu"); }

    void features() {
        using Structure = FactorNetSizes::Structure;
        if (comes("GlobalMaxPooling1D")) {
            take("GlobalMaxPooling1D");
            sizes_.structure = Structure::global_max;
            sizes_.dropout.after_features = dropout();
            return;
        }
        const Keras1Layer& pool = take("MaxPooling1D");
        sizes_.pool = pool.size("pool_length");
        pool.expect("border_mode", "valid");
        pool.expect("stride", sizes_.pool);
        sizes_.structure = comes("Bidirectional") ? Structure::recurrent : Structure::pooled;
        if (sizes_.structure == Structure::recurrent) lstm();
        sizes_.dropout.after_features = dropout();
        take("Flatten");
    }

    void lstm() {
        const Keras1Layer& both = take("Bidirectional");
        both.expect("merge_mode", "concat");
        const Keras1Layer layer = both.wrapped("LSTM");
        layer.expect("activation", "tanh");
        layer.expect("return_sequences", true);
        layer.expect("go_backwards", false);
        layer.expect("stateful", false);
        sizes_.lstm_units = layer.size("output_dim");
        sizes_.dropout.lstm_input = layer.rate("dropout_W");
        sizes_.dropout.lstm_state = layer.rate("dropout_U");
        const std::string gates = layer.text("inner_activation");
        if (gates != "hard_sigmoid" && gates != "sigmoid")
            layer.fail("inner_activation is \"" + gates + "\", supported are hard_sigmoid and sigmoid");
        sizes_.gates = gates == "sigmoid" ? FactorNetSizes::Gates::logistic : FactorNetSizes::Gates::hard_sigmoid;
    }

    void side_input() {
        take("Merge");
        sizes_.side = strand_.side->input_extent(1, 2);
        sizes_.dropout.after_side = dropout();
        sizes_.side_dense_units = dense("relu");
        sizes_.dropout.after_second_dense = dropout();
    }

    std::string file_, version_;
    Keras1Strand strand_;
    std::size_t next_ = 0;
    FactorNetSizes sizes_;
};

}  // namespace chromatid::detail
