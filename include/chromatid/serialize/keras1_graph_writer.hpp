// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/network/factornet_sizes.hpp>
#include <chromatid/serialize/factornet_json.hpp>

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace chromatid::detail {

/// The architecture of a FactorNet as Keras 1.2.2 writes it to model.json: two inputs, one for each strand, through shared layers, and the
/// average of both outputs. Dropout layers of rate 0 are left out, as they are in the published files.
class Keras1GraphWriter {
    using Json = nlohmann::ordered_json;

  public:
    explicit Keras1GraphWriter(const FactorNetSizes& sizes) {
        using Structure = FactorNetSizes::Structure;
        for (const char* name : {"input_1", "input_2"}) input(name, {nullptr, sizes.length, sizes.channels()});
        last_ = {Json{"input_1", 0, 0}, Json{"input_2", 0, 0}};
        shared("Convolution1D", "convolution1d_1",
               {{"nb_filter", sizes.filters}, {"filter_length", sizes.width}, {"input_dim", sizes.channels()}, {"input_length", nullptr},
                {"activation", "relu"}, {"border_mode", "valid"}, {"subsample_length", 1}, {"init", "glorot_uniform"}, {"bias", true}});
        dropout(sizes.dropout.after_conv);
        shared("TimeDistributed", "timedistributed_1",
               {{"layer", {{"class_name", "Dense"}, {"config", dense_config(sizes.position_units, "relu")}}}});
        if (sizes.structure == Structure::global_max) shared("GlobalMaxPooling1D", "globalmaxpooling1d_1", Json::object());
        else shared("MaxPooling1D", "maxpooling1d_1", {{"pool_length", sizes.pool}, {"stride", sizes.pool}, {"border_mode", "valid"}});
        if (sizes.structure == Structure::recurrent) lstm(sizes);
        dropout(sizes.dropout.after_features);
        if (sizes.structure != Structure::global_max) shared("Flatten", "flatten_1", Json::object());
        dense(sizes.dense_units, "relu");
        dropout(sizes.dropout.after_dense);
        if (sizes.side > 0) side_input(sizes);
        dense(sizes.tasks, "sigmoid");
        layer("Merge", "merge_" + std::to_string(++merges_), merge_config("ave"), Json::array({Json::array({last_[0], last_[1]})}));
    }

    /// The text of model.json.
    std::string text() const {
        Json inputs = Json::array();
        for (const std::string& name : inputs_) inputs.push_back({name, 0, 0});
        return Json{{"class_name", "Model"},
                    {"keras_version", "1.2.2"},
                    {"config",
                     {{"name", "model_1"},
                      {"layers", layers_},
                      {"input_layers", inputs},
                      {"output_layers", Json::array({{"merge_" + std::to_string(merges_), 0, 0}})}}}}
            .dump(1);
    }
    /// Names of all layers, in the order of the graph.
    const std::vector<std::string>& layer_names() const { return names_; }
    /// Names of the layers that have weights, in that order.
    const std::vector<std::string>& weighted_names() const { return weighted_; }

  private:
    static Json merge_config(const char* mode) {
        return {{"mode", mode},   {"mode_type", "raw"},      {"concat_axis", -1},
                {"dot_axes", -1}, {"output_shape", nullptr}, {"output_shape_type", "raw"}};
    }
    Json dense_config(Index units, const char* activation) {
        return {{"name", "dense_" + std::to_string(++denses_)}, {"trainable", true}, {"output_dim", units}, {"input_dim", nullptr},
                {"activation", activation}, {"init", "glorot_uniform"}, {"bias", true}};
    }

    void layer(const char* class_name, const std::string& name, Json config, Json inbound) {
        config["name"] = name;
        layers_.push_back(
            {{"class_name", class_name}, {"name", name}, {"config", std::move(config)}, {"inbound_nodes", std::move(inbound)}});
        names_.push_back(name);
    }
    void input(const std::string& name, Json shape) {
        layer("InputLayer", name, {{"batch_input_shape", std::move(shape)}, {"input_dtype", "float32"}, {"sparse", false}}, Json::array());
        inputs_.push_back(name);
    }
    /// A layer that both strands pass.
    void shared(const char* class_name, const std::string& name, Json config) {
        config["trainable"] = true;
        layer(class_name, name, std::move(config), Json::array({Json::array({last_[0]}), Json::array({last_[1]})}));
        last_ = {Json{name, 0, 0}, Json{name, 1, 0}};
        const std::string kind(class_name);
        if (kind == "Convolution1D" || kind == "TimeDistributed" || kind == "Bidirectional" || kind == "Dense") weighted_.push_back(name);
    }
    void dropout(float rate) {
        if (rate == 0.0F) return;
        shared("Dropout", "dropout_" + std::to_string(++dropouts_), {{"p", decimal(rate)}});
    }
    void dense(Index units, const char* activation) {
        Json config = dense_config(units, activation);
        const std::string name = config["name"];
        shared("Dense", name, std::move(config));
    }
    void lstm(const FactorNetSizes& sizes) {
        const char* gates = sizes.gates == FactorNetSizes::Gates::logistic ? "sigmoid" : "hard_sigmoid";
        const Json config{{"name", "forward_lstm_1"},
                          {"output_dim", sizes.lstm_units},
                          {"input_dim", sizes.position_units},
                          {"input_length", nullptr},
                          {"activation", "tanh"},
                          {"inner_activation", gates},
                          {"return_sequences", true},
                          {"go_backwards", false},
                          {"stateful", false},
                          {"unroll", false},
                          {"consume_less", "cpu"},
                          {"init", "glorot_uniform"},
                          {"inner_init", "orthogonal"},
                          {"forget_bias_init", "one"},
                          {"dropout_W", decimal(sizes.dropout.lstm_input)},
                          {"dropout_U", decimal(sizes.dropout.lstm_state)},
                          {"trainable", true}};
        shared("Bidirectional", "bidirectional_1", {{"merge_mode", "concat"}, {"layer", {{"class_name", "LSTM"}, {"config", config}}}});
    }
    void side_input(const FactorNetSizes& sizes) {
        input("input_3", {nullptr, sizes.side});
        for (Json& strand : last_) {
            const std::string name = "merge_" + std::to_string(++merges_);
            layer("Merge", name, merge_config("concat"), Json::array({Json::array({strand, {"input_3", 0, 0}})}));
            strand = Json{name, 0, 0};
        }
        dropout(sizes.dropout.after_side);
        dense(sizes.side_dense_units, "relu");
        dropout(sizes.dropout.after_second_dense);
    }

    Json layers_ = Json::array();
    std::vector<Json> last_;  // what each strand has come to: [layer, use, 0]
    std::vector<std::string> names_, weighted_, inputs_;
    int denses_ = 0, dropouts_ = 0, merges_ = 0;
};

}  // namespace chromatid::detail
