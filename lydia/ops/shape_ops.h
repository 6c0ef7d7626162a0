// Rearranging and repeating, written with views and copies.
#pragma once

#include <optional>
#include <vector>

#include "lydia/core/tensor.h"

namespace lydia {

// A copy with the order of the dims reversed.
Tensor flip(const Tensor& x, const Dims& dims);
Tensor fliplr(const Tensor& x);
Tensor flipud(const Tensor& x);
// Elements move on by `shifts` along `dims` and come back in at the front; no dims: over the flat
// order.
Tensor roll(const Tensor& x, const Dims& shifts, const Dims& dims = {});
// k quarter turns from dims[0] towards dims[1].
Tensor rot90(const Tensor& x, int64_t k = 1, const Dims& dims = {0, 1});

// x repeated `repeats` times per dimension; repeats may name more dimensions than x has.
Tensor repeat(const Tensor& x, const Dims& repeats);
// NumPy's tile: like repeat, with missing repeats taken as 1.
Tensor tile(const Tensor& x, const Dims& repeats);
// Each element `repeats` times in a row along dim; no dim: over the flat order.
Tensor repeat_interleave(const Tensor& x, int64_t repeats,
                         std::optional<int64_t> dim = std::nullopt);
Tensor repeat_interleave(const Tensor& x, const Tensor& repeats,
                         std::optional<int64_t> dim = std::nullopt);

// `sections` pieces, the first ones one longer where it does not divide; or cuts at `indices`.
std::vector<Tensor> tensor_split(const Tensor& x, int64_t sections, int64_t dim = 0);
std::vector<Tensor> tensor_split(const Tensor& x, const Dims& indices, int64_t dim = 0);

std::vector<Tensor> broadcast_tensors(const std::vector<Tensor>& tensors);
// Coordinate grids of 1-d tensors; `xy` swaps the first two dimensions ("ij" does not).
std::vector<Tensor> meshgrid(const std::vector<Tensor>& tensors, bool xy = false);
Tensor cartesian_prod(const std::vector<Tensor>& tensors);
// 1 at the class, 0 elsewhere: int64 [.., classes]; classes < 0: the largest value + 1.
Tensor one_hot(const Tensor& x, int64_t classes = -1);

// Values beside x: `pads` lists (before, after) from the last dimension on; negative ones cut off.
// mode: "constant", "reflect" (without the edge), "replicate" (the edge), "circular".
Tensor pad(const Tensor& x, const Dims& pads, std::string_view mode = "constant", Scalar value = 0);

}  // namespace lydia
