// SPDX-License-Identifier: MIT
#include <Eigen/Core>
