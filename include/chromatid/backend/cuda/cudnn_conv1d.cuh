// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/cudnn.cuh>
#include <chromatid/backend/geometry.hpp>
#include <chromatid/core/host_device.hpp>
#include <chromatid/core/index.hpp>

#include <cudnn.h>

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace chromatid::cuda {

/// The kernel of a convolution as cuDNN reads it: (filters, width, channels) from (width, channels, filters).
struct FiltersFirst {
    const float* kernel;
    float* packed;
    Index filters, per_filter;  ///< per_filter: width * channels
    CHROMATID_HOST_DEVICE void operator()(Index i) const { packed[i] = kernel[i % per_filter * filters + i / per_filter]; }
};

/// How cuDNN computes one convolution: an engine chosen once, always the same afterwards. Arrays are float32, channels last: cuDNN sees
/// pictures of height 1.
///
/// Of the engines that its heuristic offers, the first is taken that gives the same bits every time, needs no more workspace than there is
/// and keeps the promise of the precision: without tensor cores no factor is rounded, with them factors are rounded as TF32 does, which is
/// never less than F16 or BF16 ask for.
class CudnnConv1D {
  public:
    /// What a call is known by.
    struct Key {
        std::array<Index, 9> sizes;
        std::int64_t align_x, align_y;  ///< bytes
        bool tensor_cores;
        auto operator<=>(const Key&) const = default;
    };
    static Key key(const Conv1DGeometry& g, const float* x, const float* y, bool tensor_cores) {
        return {{g.batch, g.length, g.channels, g.out_length, g.filters, g.width, g.stride, g.dilation, g.padding},
                alignment(x),
                alignment(y),
                tensor_cores};
    }

    /// \return nothing where cuDNN has no such engine
    static std::optional<CudnnConv1D> make(cudnnHandle_t cudnn, const Conv1DGeometry& g, const Key& key, std::int64_t workspace_bytes) {
        const Index span = (g.width - 1) * g.dilation + 1,
                    after = std::max<Index>(0, (g.out_length - 1) * g.stride + span - g.length - g.padding);
        if ((g.length + g.padding + after - span) / g.stride + 1 != g.out_length) return std::nullopt;
        try {
            CudnnConv1D made;
            CudnnDescriptor device(CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR);
            device.set(CUDNN_ATTR_DEVICEPROP_HANDLE, CUDNN_TYPE_HANDLE, cudnn).finish();
            made.make_graph(g, after, key);
            for (CudnnDescriptor& configuration : offers(device, made.parts_.back())) {
                if (!keeps_promises(configuration, key.tensor_cores) || !made.make_plan(device, configuration, workspace_bytes)) continue;
                made.parts_.push_back(std::move(device));
                made.parts_.push_back(std::move(configuration));
                return made;
            }
        } catch (const CudnnError& error) {
            if (!error.unsupported()) throw;
        }
        return std::nullopt;
    }

    /// \param filters    as `FiltersFirst` packs them
    /// \param workspace  as many bytes as the plan was made for
    void run(cudnnHandle_t cudnn, const float* x, const float* filters, float* y, void* workspace) const {
        const std::array<const void*, 3> arrays{x, filters, y};
        CudnnDescriptor pack(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
        pack.set(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR, 3, arrays.data());
        pack.set(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, names).set(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, workspace).finish();
        CHROMATID_CUDA_CHECK(cudnnBackendExecute(cudnn, plan_.get(), pack.get()));
    }

  private:
    static constexpr std::array<std::int64_t, 3> names{'x', 'w', 'y'};

    CudnnConv1D() = default;

    static std::int64_t alignment(const void* p) {
        const auto address = reinterpret_cast<std::uintptr_t>(p);
        return address % 16 == 0 ? 16 : address % 8 == 0 ? 8 : 4;
    }

    /// (count, channels, 1, length), channels last.
    static CudnnDescriptor tensor(std::int64_t name, std::int64_t align, Index count, Index channels, Index length) {
        const std::array<std::int64_t, 4> extents{count, channels, 1, length}, strides{length * channels, 1, length * channels, channels};
        CudnnDescriptor t(CUDNN_BACKEND_TENSOR_DESCRIPTOR);
        t.set(CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, CUDNN_DATA_FLOAT).set(CUDNN_ATTR_TENSOR_DIMENSIONS, extents);
        return t.set(CUDNN_ATTR_TENSOR_STRIDES, strides)
            .set(CUDNN_ATTR_TENSOR_UNIQUE_ID, name)
            .set(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, align)
            .finish();
    }

    /// Makes the graph, the last of the parts.
    void make_graph(const Conv1DGeometry& g, Index after, const Key& key) {
        CudnnDescriptor x = tensor(names[0], key.align_x, g.batch, g.channels, g.length),
                        w = tensor(names[1], 16, g.filters, g.channels, g.width),
                        y = tensor(names[2], key.align_y, g.batch, g.filters, g.out_length);
        const std::array<std::int64_t, 2> pre{0, g.padding}, post{0, after}, dilation{1, g.dilation}, stride{1, g.stride};
        CudnnDescriptor convolution(CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);
        convolution.set(CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, CUDNN_DATA_FLOAT);
        convolution.set(CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE, CUDNN_CROSS_CORRELATION);
        convolution.set(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, 2)
            .set(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, pre)
            .set(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, post);
        convolution.set(CUDNN_ATTR_CONVOLUTION_DILATIONS, dilation).set(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, stride).finish();

        CudnnDescriptor forward(CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR);
        forward.set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X, x).set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W, w);
        forward.set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y, y).set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, convolution);
        forward.set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA, CUDNN_TYPE_FLOAT, 1.0F);
        forward.set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA, CUDNN_TYPE_FLOAT, 0.0F).finish();

        CudnnDescriptor graph(CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
        graph.set(CUDNN_ATTR_OPERATIONGRAPH_OPS, forward).finish();
        for (CudnnDescriptor* part : {&x, &w, &y, &convolution, &forward, &graph}) parts_.push_back(std::move(*part));
    }

    /// Configurations of engines, the best one first as cuDNN sees it.
    static std::vector<CudnnDescriptor> offers(const CudnnDescriptor& device, const CudnnDescriptor& graph) {
        const CudnnDescriptor heuristic = CudnnDescriptor(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR)
                                              .set(CUDNN_ATTR_ENGINEHEUR_DEVICEPROP, device)
                                              .set(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph)
                                              .set(CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, CUDNN_HEUR_MODE_A)
                                              .finish();
        std::vector<CudnnDescriptor> configurations;
        std::vector<cudnnBackendDescriptor_t> places;
        // all of them: those without tensor cores come last
        const std::int64_t most = heuristic.read(CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_TYPE_BACKEND_DESCRIPTOR, 0, nullptr);
        for (std::int64_t i = 0; i < most; ++i) places.push_back(configurations.emplace_back(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR).get());
        const std::int64_t found = heuristic.read(CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_TYPE_BACKEND_DESCRIPTOR, most, places.data());
        configurations.erase(configurations.begin() + std::min(found, most), configurations.end());
        return configurations;
    }

    static bool keeps_promises(const CudnnDescriptor& configuration, bool tensor_cores) {
        const CudnnDescriptor engine(CUDNN_BACKEND_ENGINE_DESCRIPTOR);
        cudnnBackendDescriptor_t place = engine.get();
        configuration.read(CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &place);
        std::array<cudnnBackendNumericalNote_t, CUDNN_NUMERICAL_NOTE_TYPE_COUNT> notes{};
        const std::int64_t count = engine.read(CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_TYPE_NUMERICAL_NOTE, notes.size(), notes.data());
        return std::all_of(notes.begin(), notes.begin() + count, [&](cudnnBackendNumericalNote_t note) {
            return note == CUDNN_NUMERICAL_NOTE_STRICT_NAN_PROP || (note == CUDNN_NUMERICAL_NOTE_TENSOR_CORE && tensor_cores);
        });
    }

    bool make_plan(const CudnnDescriptor& device, const CudnnDescriptor& configuration, std::int64_t workspace_bytes) {
        CudnnDescriptor plan(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
        plan.set(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, configuration).set(CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP, device);
        const cudnnStatus_t status = cudnnBackendFinalize(plan.get());
        if (CUDNN_STATUS_CATEGORY(status) == CUDNN_STATUS_NOT_SUPPORTED) return false;
        check(status, "cudnnBackendFinalize");
        std::int64_t needed = 0;
        plan.read(CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, CUDNN_TYPE_INT64, 1, &needed);
        if (needed > workspace_bytes) return false;
        plan_ = std::move(plan);
        return true;
    }

    std::vector<CudnnDescriptor> parts_;  ///< what the plan was made of, for as long as it lives
    CudnnDescriptor plan_{CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR};
};

/// Convolutions of one context by cuDNN; its library starts with the first one.
class CudnnConvolutions {
  public:
    /// The plan for a call, null where cuDNN has none; made at the first one like it.
    const CudnnConv1D* find(cudaStream_t stream, const Conv1DGeometry& g, const float* x, const float* y, bool tensor_cores,
                            std::int64_t workspace_bytes) {
        if (cudnn_ == nullptr) cudnn_ = make_cudnn(stream);
        const CudnnConv1D::Key key = CudnnConv1D::key(g, x, y, tensor_cores);
        auto found = plans_.find(key);
        if (found == plans_.end()) found = plans_.emplace(key, CudnnConv1D::make(cudnn_.get(), g, key, workspace_bytes)).first;
        return found->second ? &*found->second : nullptr;
    }
    cudnnHandle_t handle() const { return cudnn_.get(); }

  private:
    Cudnn cudnn_;
    std::map<CudnnConv1D::Key, std::optional<CudnnConv1D>> plans_;
};

}  // namespace chromatid::cuda
