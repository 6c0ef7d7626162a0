#include "lydia/models/agiformer/cache.h"

#include <algorithm>

#include "lydia/autograd/grad_mode.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/view.h"

namespace lydia::models {

Tensor Rows::kept() const {
  return buffer_.defined() ? narrow(buffer_, 1, begin_, end_ - begin_) : Tensor();
}

Tensor Rows::append(const Tensor& rows, int64_t limit) {
  const NoGradGuard guard;
  const int64_t count = rows.size(1);
  if (!buffer_.defined() || end_ + count > buffer_.size(1)) {
    const Tensor old = kept();
    const int64_t keep = old.defined() ? std::min(end_ - begin_, limit > 0 ? limit : end_) : 0;
    Dims sizes = rows.sizes();
    sizes[1] = std::max<int64_t>(2 * (keep + count), 16);
    buffer_ = empty(sizes, rows.dtype(), rows.device());
    if (keep > 0) copy_(narrow(buffer_, 1, 0, keep), narrow(old, 1, old.size(1) - keep, keep));
    begin_ = 0;
    end_ = keep;
  }
  copy_(narrow(buffer_, 1, end_, count), rows);
  end_ += count;
  if (limit > 0) begin_ = std::max(begin_, end_ - limit);
  return kept();
}

Cache& Cache::part(int index) {
  std::unique_ptr<Cache>& found = parts_[index];
  if (!found) found = std::make_unique<Cache>();
  return *found;
}

void Cache::clear() {
  rows_.clear();
  values_.clear();
  parts_.clear();
  tokens = text_tokens = 0;
}

}  // namespace lydia::models
