#include "lydia/core/scalar.h"

#include <ostream>

namespace lydia {

std::ostream& operator<<(std::ostream& out, const Scalar& value) {
  switch (value.kind()) {
    case Scalar::Kind::Bool: return out << (value.to<bool>() ? "True" : "False");
    case Scalar::Kind::Int: return out << value.to<int64_t>();
    case Scalar::Kind::UInt: return out << value.to<uint64_t>();
    default: return out << value.to<double>();
  }
}

}  // namespace lydia
