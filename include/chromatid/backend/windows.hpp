// SPDX-License-Identifier: MIT
#pragma once
#include <chromatid/tensor/windows.hpp>
