// SPDX-License-Identifier: MIT
#pragma once

/// Named arrays and a table of texts in one file, the format of huggingface/safetensors: 8 bytes with the length of the header, a JSON
/// header {name: {dtype, shape, data_offsets}, "__metadata__": {text: text}} padded with blanks to a multiple of 8, then the numbers,
/// little-endian.
#include <chromatid/serialize/safetensors_file.hpp>
#include <chromatid/serialize/safetensors_writer.hpp>
