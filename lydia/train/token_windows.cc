#include "lydia/train/token_windows.h"

#include <algorithm>

#include "lydia/core/error.h"
#include "lydia/ops/copy.h"

namespace lydia::train {

TokenWindows::TokenWindows(std::shared_ptr<const std::vector<int32_t>> tokens, int64_t length,
                           int64_t stride)
    : tokens_(std::move(tokens)), length_(length), stride_(stride) {
  LYDIA_CHECK(length >= 1 && stride >= 1, ValueError,
              "TokenWindows: expected length and stride of at least 1, got ", length, " and ",
              stride);
  const auto count = static_cast<int64_t>(tokens_->size());
  LYDIA_CHECK(count > length, ValueError, "TokenWindows: expected more than ", length,
              " tokens, got ", count, "; give more text or a shorter length");
  size_ = (count - length - 1) / stride + 1;
}

Example TokenWindows::get(int64_t index) const {
  check_index(index);
  const Tensor ids = empty({length_ + 1}, DType::I64);
  std::copy_n(tokens_->begin() + index * stride_, length_ + 1, ids.data<int64_t>());
  return {{"input_ids", ids}};
}

}  // namespace lydia::train
