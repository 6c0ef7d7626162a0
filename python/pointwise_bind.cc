#include "python/pointwise_bind.h"

#include "lydia/ops/copy.h"

namespace lydia::python {

nb::object write_out(const char* op, nb::handle_t<Tensor> out, const Tensor& result) {
  const Tensor& target = nb::cast<const Tensor&>(out);
  LYDIA_CHECK(target.sizes() == result.sizes(), ValueError, op, ": expected out of shape ",
              result.sizes(), ", got ", target.sizes());
  LYDIA_CHECK(can_cast(result.dtype(), target.dtype()), TypeError, op, ": a result of ",
              result.dtype(), " can't be stored in out, which is ", target.dtype());
  LYDIA_CHECK(!result.requires_grad() && !(grad_enabled() && target.requires_grad()), Error, op,
              ": out= takes no part in gradients; use no_grad(), or leave out= away");
  write_inplace(op, target, result);
  return nb::borrow(out);
}

namespace {

// lydia.<name>(..., out=): `f` over the arguments before it.
template <class... Args, class... Names>
void def_out(Module& m, const char* name, Tensor (*f)(Args...), const Names&... names) {
  m.def(
      name,
      [f, name](Args... args, nb::handle_t<Tensor> out) {
        return write_out(name, out, f(args...));
      },
      names..., nb::kw_only(), "out"_a);
}

}  // namespace

void def_unary(Module& m, TensorClass& c, const char* name, Unary f, UnaryInPlace f_) {
  m.def(name, f, "input"_a);
  def_out(m, name, f, "input"_a);
  c.def(name, f);
  if (f_)
    c.def((std::string(name) + "_").c_str(),
          [f_](nb::handle_t<Tensor> self) { return in_place(self, f_); });
}

void def_binary(Module& m, TensorClass& c, const char* name, Binary f, BinaryScalar fs,
                BinaryReversed rs, const char* dunder, const char* reversed, const char* second) {
  const nb::arg input("input"), other(second);
  m.def(name, f, input, other);
  m.def(name, fs, input, other);
  m.def(name, rs, input, other);
  def_out(m, name, f, input, other);
  def_out(m, name, fs, input, other);
  def_out(m, name, rs, input, other);
  c.def(name, f, other).def(name, fs, other);
  if (dunder) c.def(dunder, f, nb::is_operator()).def(dunder, fs, nb::is_operator());
  if (reversed)
    c.def(
        reversed, [rs](const Tensor& self, Scalar a) { return rs(a, self); }, nb::is_operator());
}

void def_in_place(TensorClass& c, const char* name, InPlace f, InPlaceScalar fs, const char* dunder,
                  const char* second) {
  const nb::arg other(second);
  const auto tensor = [f](nb::handle_t<Tensor> self, const Tensor& b) {
    return in_place(self, [&](const Tensor& x) { f(x, b); });
  };
  const auto scalar = [fs](nb::handle_t<Tensor> self, Scalar b) {
    return in_place(self, [&](const Tensor& x) { fs(x, b); });
  };
  c.def(name, tensor, other).def(name, scalar, other);
  if (dunder) c.def(dunder, tensor, nb::is_operator()).def(dunder, scalar, nb::is_operator());
}

void def_alias(Module& m, TensorClass& c, const char* alias, const char* name) {
  if (nb::hasattr(m, name)) m.attr(alias) = m.attr(name);
  if (nb::hasattr(c, name)) c.attr(alias) = c.attr(name);
  const std::string alias_ = std::string(alias) + "_", name_ = std::string(name) + "_";
  if (nb::hasattr(c, name_.c_str())) c.attr(alias_.c_str()) = c.attr(name_.c_str());
}

}  // namespace lydia::python
