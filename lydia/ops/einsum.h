// Contractions: sums of products named by index letters, written with permute, mul and matmul.
//
// einsum("bij,bjk->bik", {a, b}): letters name dimensions; those missing on the right are summed; a
// letter twice in one operand takes its diagonal; "..." stands for broadcast dimensions; without
// "->" the result has the ellipsis, then the letters that occur once, in alphabetical order.
// Several operands are contracted two at a time, the smallest result first.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "lydia/core/tensor.h"

namespace lydia {

Tensor einsum(std::string_view equation, const std::vector<Tensor>& operands);
// Sum over dims_a of a beside dims_b of b; the result has a's other dimensions, then b's.
Tensor tensordot(const Tensor& a, const Tensor& b, const Dims& dims_a, const Dims& dims_b);
// a[i] b[j] of 1-d tensors.
Tensor outer(const Tensor& a, const Tensor& b);
// Sum of a[i] b[i] of 1-d tensors.
Tensor dot(const Tensor& a, const Tensor& b);
// Sum over the last dimensions of both.
Tensor inner(const Tensor& a, const Tensor& b);
Tensor kron(const Tensor& a, const Tensor& b);
// Vector product along a dimension of size 3 (the first one of that size by default).
Tensor cross(const Tensor& a, const Tensor& b, std::optional<int64_t> dim = std::nullopt);

}  // namespace lydia
