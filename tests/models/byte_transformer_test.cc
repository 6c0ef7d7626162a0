// The byte transformer: what it sees, and its hashed tables.
#include "lydia/models/byte_transformer.h"

#include <doctest/doctest.h>

#include "lydia/autograd/backward.h"
#include "lydia/autograd/grad_mode.h"
#include "lydia/core/error.h"
#include "lydia/core/rng.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/random.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/view.h"

namespace lydia::models {
namespace {

ByteTransformer small(int64_t ngrams) {
  default_generator().set_seed(0);
  return ByteTransformer({.width = 16,
                          .layers = 2,
                          .heads = 2,
                          .context = 12,
                          .dropout = 0,
                          .ngrams = ngrams,
                          .table_rows = 64});
}

double largest_difference(const Tensor& a, const Tensor& b) {
  return amax(abs(a - b)).item<double>();
}

TEST_CASE("a byte sees itself and those before it, with tables and without") {
  const NoGradGuard no_grad;
  for (const int64_t ngrams : {1, 4}) {
    ByteTransformer model = small(ngrams);
    model.eval();
    const Tensor ids = randint(0, 256, {2, 12});
    const Tensor changed = clone(ids);
    const int64_t at = 5;
    changed.data<int64_t>()[at] = (changed.data<int64_t>()[at] + 1) % 256;
    const Tensor a = model.forward(ids), b = model.forward(changed);
    CHECK(largest_difference(narrow(a, 1, 0, at), narrow(b, 1, 0, at)) == 0);
    CHECK(largest_difference(select(select(a, 0, 0), 0, at), select(select(b, 0, 0), 0, at)) > 0);
    CHECK(largest_difference(select(a, 0, 1), select(b, 0, 1)) == 0);  // the other text
  }
}

TEST_CASE("a table's row follows from the last n bytes alone") {
  ByteTransformer model = small(3);
  // "abc" twice: the second "c" asks for the same row of three bytes, "abd" for another.
  const Tensor ids = full({1, 7}, 0, DType::I64);
  const int64_t text[] = {97, 98, 99, 97, 98, 99, 100};
  std::copy(std::begin(text), std::end(text), ids.data<int64_t>());
  backward(sum(square(model.forward(ids))));
  const auto rows_with_gradient = [&](const std::string& name) {
    int64_t rows = 0;
    for (const auto& [key, value] : model.named_parameters()) {
      if (key != name + ".weight") continue;
      const Tensor per_row = amax(abs(value.grad()), {1});
      for (int64_t i = 0; i < per_row.numel(); ++i) rows += per_row.data<float>()[i] > 0;
    }
    return rows;
  };
  // ^a ab bc ca cd, and ^^a ^ab abc bca cab bcd: some may share a row of the 64.
  CHECK(rows_with_gradient("grams2") <= 5);
  CHECK(rows_with_gradient("grams2") >= 4);
  CHECK(rows_with_gradient("grams3") <= 6);
  CHECK(rows_with_gradient("grams3") >= 4);
}

TEST_CASE("sizes that make no model are refused") {
  CHECK_THROWS_AS(ByteTransformer({.ngrams = 0}), ValueError);
  CHECK_THROWS_AS(ByteTransformer({.ngrams = 9}), ValueError);
  CHECK_THROWS_AS(ByteTransformer({.ngrams = 2, .table_rows = 0}), ValueError);
}

}  // namespace
}  // namespace lydia::models
