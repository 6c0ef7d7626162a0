// Typed errors. Every error is one line: which op, what was expected, what came, what to do.
#pragma once

#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>

namespace lydia {

// Base of everything lydia throws; Python sees RuntimeError.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A value or shape that the op cannot take; Python sees ValueError.
class ValueError : public Error {
 public:
  using Error::Error;
};

// A dtype or kind of argument that the op cannot take; Python sees TypeError.
class TypeError : public Error {
 public:
  using Error::Error;
};

// An index or dimension out of range; Python sees IndexError.
class IndexError : public Error {
 public:
  using Error::Error;
};

// Memory that could not be had; Python sees MemoryError.
class OutOfMemoryError : public Error {
 public:
  using Error::Error;
};

// Something lydia does not offer (yet, or on this device); Python sees NotImplementedError.
class NotImplementedError : public Error {
 public:
  using Error::Error;
};

// Something the operating system refused (files, mappings); Python sees OSError.
class IoError : public Error {
 public:
  using Error::Error;
};

// Joins its arguments into one message and throws it as `E`.
template <class E = Error, class... Parts>
[[noreturn]] void fail(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  throw E(out.str());
}

}  // namespace lydia

// Throws `E` with the joined parts unless `condition` holds. The parts are only built on failure.
#define LYDIA_CHECK(condition, E, ...) \
  do {                                 \
    if (!(condition)) [[unlikely]]     \
      ::lydia::fail<E>(__VA_ARGS__);   \
  } while (0)
