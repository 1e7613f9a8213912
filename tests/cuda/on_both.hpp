// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/emulator.hpp>
#include <chromatid/backend/cuda/gpu.cuh>
#include <chromatid/core/error.hpp>

#include <boost/test/unit_test.hpp>

namespace chromatid::test {

/// Whether this machine has a device.
inline bool device_is_there() {
    static const bool there = [] {
        try {
            return cuda::Gpu::devices() > 0;
        } catch (const cuda::NoDevice&) {
            return false;
        }
    }();
    return there;
}

inline boost::test_tools::assertion_result on_a_device(boost::unit_test::test_unit_id) {
    boost::test_tools::assertion_result result(device_is_there());
    if (!result) result.message() << "no CUDA device";
    return result;
}

}  // namespace chromatid::test

/// One case twice, its body a template over the device: `name` on a GPU, skipped where there is none, and `name_emulated` on the processor.
#define CHROMATID_CASE_ON_BOTH(name)  \
    template <class E>  \
    void name##_on();  \
    BOOST_AUTO_TEST_CASE(name, *boost::unit_test::precondition(chromatid::test::on_a_device)) { name##_on<chromatid::cuda::Gpu>(); }  \
    BOOST_AUTO_TEST_CASE(name##_emulated) { name##_on<chromatid::cuda::Emulator>(); }  \
    template <class E>  \
    void name##_on()
