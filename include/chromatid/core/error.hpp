// SPDX-License-Identifier: MIT
#pragma once

#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

namespace chromatid {

/// Base of everything chromatid throws. `what()` is one line that says what happened and where; further lines, if any, say what to do.
class Error : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// A layer cannot take the shape that reaches it, or an array does not have the shape a model expects.
class ShapeError : public Error {
  public:
    using Error::Error;
};

/// The content of a file is not what its format demands. The message begins with the file and the line or byte.
class FormatError : public Error {
  public:
    using Error::Error;
    /// \param file  path as the user gave it
    /// \param where "line 12", "byte 81204", or "" where no position applies
    FormatError(const std::string& file, const std::string& where, const std::string& what)
        : Error(where.empty() ? file + ": " + what : file + ": " + where + ": " + what) {}
};

/// The system could not open, read or write a file. The message holds the file and the system's text.
class IoError : public Error {
  public:
    using Error::Error;
    /// \param code  an `errno` value
    IoError(const std::string& file, const std::string& what, int code)
        : Error(file + ": " + what + ": " + std::generic_category().message(code)) {}
};

/// A model file asks for something that this build, or the network it is loaded into, does not have.
class ModelError : public Error {
  public:
    using Error::Error;
};

/// A device is absent, full or failed.
class DeviceError : public Error {
  public:
    using Error::Error;
};

/// The caller asked for something that makes no sense (a wrong option, tracks in the wrong order).
class UsageError : public Error {
  public:
    using Error::Error;
};

}  // namespace chromatid
