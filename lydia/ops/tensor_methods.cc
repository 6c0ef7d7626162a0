// The methods of Tensor: each calls the function of its name.
#include "lydia/ops/copy.h"
#include "lydia/ops/matmul.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/softmax.h"
#include "lydia/ops/view.h"

namespace lydia {

Tensor Tensor::to(DType dtype) const { return lydia::to(*this, dtype); }
Tensor Tensor::clone() const { return lydia::clone(*this); }
Tensor Tensor::contiguous() const { return lydia::contiguous(*this); }
const Tensor& Tensor::copy_(const Tensor& src) const { return lydia::copy_(*this, src); }
const Tensor& Tensor::fill_(Scalar value) const { return lydia::fill_(*this, value); }
const Tensor& Tensor::zero_() const { return lydia::zero_(*this); }
Tensor Tensor::view(const Dims& sizes) const { return lydia::view(*this, sizes); }
Tensor Tensor::reshape(const Dims& sizes) const { return lydia::reshape(*this, sizes); }
Tensor Tensor::permute(const Dims& dims) const { return lydia::permute(*this, dims); }
Tensor Tensor::transpose(int64_t dim0, int64_t dim1) const {
  return lydia::transpose(*this, dim0, dim1);
}
Tensor Tensor::t() const { return lydia::t(*this); }
Tensor Tensor::squeeze() const { return lydia::squeeze(*this); }
Tensor Tensor::unsqueeze(int64_t dim) const { return lydia::unsqueeze(*this, dim); }
Tensor Tensor::expand(const Dims& sizes) const { return lydia::expand(*this, sizes); }
Tensor Tensor::narrow(int64_t dim, int64_t start, int64_t length) const {
  return lydia::narrow(*this, dim, start, length);
}
Tensor Tensor::select(int64_t dim, int64_t index) const { return lydia::select(*this, dim, index); }
Tensor Tensor::flatten(int64_t start_dim, int64_t end_dim) const {
  return lydia::flatten(*this, start_dim, end_dim);
}
Tensor Tensor::exp() const { return lydia::exp(*this); }
Tensor Tensor::log() const { return lydia::log(*this); }
Tensor Tensor::sqrt() const { return lydia::sqrt(*this); }
Tensor Tensor::tanh() const { return lydia::tanh(*this); }
Tensor Tensor::sigmoid() const { return lydia::sigmoid(*this); }
Tensor Tensor::relu() const { return lydia::relu(*this); }
Tensor Tensor::sum(const Dims& dims, bool keepdim) const {
  return lydia::sum(*this, dims, keepdim);
}
Tensor Tensor::mean(const Dims& dims, bool keepdim) const {
  return lydia::mean(*this, dims, keepdim);
}
Tensor Tensor::amax(const Dims& dims, bool keepdim) const {
  return lydia::amax(*this, dims, keepdim);
}
Tensor Tensor::argmax(std::optional<int64_t> dim, bool keepdim) const {
  return lydia::argmax(*this, dim, keepdim);
}
Tensor Tensor::softmax(int64_t dim) const { return lydia::softmax(*this, dim); }
Tensor Tensor::matmul(const Tensor& other) const { return lydia::matmul(*this, other); }
const Tensor& Tensor::add_(const Tensor& other) const { return lydia::add_(*this, other); }
const Tensor& Tensor::sub_(const Tensor& other) const { return lydia::sub_(*this, other); }
const Tensor& Tensor::mul_(const Tensor& other) const { return lydia::mul_(*this, other); }
const Tensor& Tensor::div_(const Tensor& other) const { return lydia::div_(*this, other); }

}  // namespace lydia
