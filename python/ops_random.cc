// Random tensors and generators.
#include "lydia/ops/copy.h"
#include "lydia/ops/random.h"
#include "python/bind.h"

namespace lydia::python {
namespace {

using OptDType = std::optional<DType>;
using OptDevice = std::optional<DeviceArg>;

// 16 bytes: seed and blocks used, low byte first.
Tensor state_tensor(const Generator& g) {
  Tensor out = empty({16}, DType::U8);
  const Generator::State s = g.state();
  auto* to = static_cast<uint8_t*>(out.data_ptr());
  for (int i = 0; i < 8; ++i) {
    to[i] = static_cast<uint8_t>(s.seed >> (8 * i));
    to[8 + i] = static_cast<uint8_t>(s.used >> (8 * i));
  }
  return out;
}

void set_state(Generator& g, const Tensor& state) {
  LYDIA_CHECK(state.dtype() == DType::U8 && state.numel() == 16, ValueError,
              "set_state: expected 16 bytes from get_state(), got shape ", state.sizes(), " of ",
              state.dtype());
  const Tensor bytes = contiguous(state);
  const auto* from = static_cast<const uint8_t*>(bytes.data_ptr());
  Generator::State s{0, 0};
  for (int i = 0; i < 8; ++i) {
    s.seed |= uint64_t{from[i]} << (8 * i);
    s.used |= uint64_t{from[8 + i]} << (8 * i);
  }
  g.set_state(s);
}

// Negative seeds count from 2^64, as in torch.
uint64_t to_seed(Scalar seed) {
  LYDIA_CHECK(!seed.is_float(), TypeError, "manual_seed: expected an int, got ", seed);
  return seed.to<uint64_t>();
}

void register_generator(Module& m) {
  nb::class_<Generator>(m, "Generator", "A stream of random numbers with a seed of its own.")
      .def(
          "__init__",
          [](Generator* g, const std::optional<DeviceArg>& device) {
            if (device) check_device_available(*device);
            new (g) Generator();
          },
          "device"_a = nb::none())
      .def(
          "manual_seed",
          [](nb::handle_t<Generator> g, Scalar seed) {
            nb::cast<Generator&>(g).set_seed(to_seed(seed));
            return nb::borrow(g);
          },
          "seed"_a, doc_of("manual_seed"))
      .def("seed", &Generator::seed_randomly, doc_of("seed"))
      .def(
          "initial_seed", [](const Generator& g) { return g.state().seed; }, doc_of("initial_seed"))
      .def("get_state", &state_tensor, "The state: 16 bytes.")
      .def("set_state", &set_state, "state"_a, "Sets a state from get_state().");
  m.attr("default_generator") = nb::cast(&default_generator(), nb::rv_policy::reference);
  m.def(
      "manual_seed",
      [](Scalar seed) {
        default_generator().set_seed(to_seed(seed));
        return nb::cast(&default_generator(), nb::rv_policy::reference);
      },
      "seed"_a);
  m.def("seed", [] { return default_generator().seed_randomly(); });
  m.def("initial_seed", [] { return default_generator().state().seed; });
  m.def("get_rng_state", [] { return state_tensor(default_generator()); });
  m.def(
      "set_rng_state", [](const Tensor& state) { set_state(default_generator(), state); },
      "new_state"_a);
  m.def(
      "use_deterministic_algorithms", [](bool mode, bool) { use_deterministic_algorithms(mode); },
      "mode"_a, nb::kw_only(), "warn_only"_a = false);
  m.def("are_deterministic_algorithms_enabled", &are_deterministic_algorithms_enabled);
}

Tensor finish(Tensor t, const OptDevice& device, bool requires_grad) {
  if (device) check_device_available(*device);
  if (requires_grad) t.set_requires_grad();
  return t;
}

template <class F>
void def_random(Module& m, const char* name, F make) {
  m.def(
      name,
      [make](const nb::args& size, Generator* g, OptDType t, OptDevice d, bool grad) {
        return finish(make(args_to_dims(size), t.value_or(default_dtype()), g), d, grad);
      },
      "size"_a, nb::kw_only(), "generator"_a.none() = nb::none(), "dtype"_a = nb::none(),
      "device"_a = nb::none(), "requires_grad"_a = false);
  m.def((std::string(name) + "_like").c_str(),
        [make](const Tensor& x, Generator* g, OptDType t, OptDevice d, bool grad) {
          return finish(make(x.sizes(), t.value_or(x.dtype()), g), d, grad);
        },
        "input"_a, nb::kw_only(), "generator"_a.none() = nb::none(), "dtype"_a = nb::none(),
        "device"_a = nb::none(), "requires_grad"_a = false);
}

void register_randint(Module& m) {
  const auto make = [](int64_t low, int64_t high, const Dims& size, Generator* g, OptDType t,
                       OptDevice d, bool grad) {
    return finish(randint(low, high, size, t.value_or(DType::I64), g), d, grad);
  };
  m.def("randint", make, "low"_a, "high"_a, "size"_a, nb::kw_only(),
        "generator"_a.none() = nb::none(), "dtype"_a = nb::none(), "device"_a = nb::none(),
        "requires_grad"_a = false);
  m.def(
      "randint",
      [make](int64_t high, const Dims& size, Generator* g, OptDType t, OptDevice d, bool grad) {
        return make(0, high, size, g, t, d, grad);
      },
      "high"_a, "size"_a, nb::kw_only(), "generator"_a.none() = nb::none(), "dtype"_a = nb::none(),
      "device"_a = nb::none(), "requires_grad"_a = false);
  const auto like = [](const Tensor& x, int64_t low, int64_t high, Generator* g, OptDType t,
                       const OptDevice& d, bool grad) {
    return finish(randint(low, high, x.sizes(), t.value_or(x.dtype()), g), d, grad);
  };
  m.def("randint_like", like, "input"_a, "low"_a, "high"_a, nb::kw_only(),
        "generator"_a.none() = nb::none(), "dtype"_a = nb::none(), "device"_a = nb::none(),
        "requires_grad"_a = false);
  m.def(
      "randint_like",
      [like](const Tensor& x, int64_t high, Generator* g, OptDType t, const OptDevice& d,
             bool grad) { return like(x, 0, high, g, t, d, grad); },
      "input"_a, "high"_a, nb::kw_only(), "generator"_a.none() = nb::none(), "dtype"_a = nb::none(),
      "device"_a = nb::none(), "requires_grad"_a = false);
  m.def(
      "randperm",
      [](int64_t n, Generator* g, OptDType t, OptDevice d, bool grad) {
        return finish(randperm(n, t.value_or(DType::I64), g), d, grad);
      },
      "n"_a, nb::kw_only(), "generator"_a.none() = nb::none(), "dtype"_a = nb::none(),
      "device"_a = nb::none(), "requires_grad"_a = false);
}

// mean and std: tensors, or numbers where the other is a tensor or size is given.
void register_normal(Module& m) {
  m.def(
      "normal",
      [](const Tensor& mean, const Tensor& std, Generator* g) { return normal(mean, std, g); },
      "mean"_a, "std"_a, nb::kw_only(), "generator"_a.none() = nb::none());
  m.def(
      "normal",
      [](const Tensor& mean, double std, Generator* g) {
        return normal(mean, full_like(mean, std), g);
      },
      "mean"_a, "std"_a = 1.0, nb::kw_only(), "generator"_a.none() = nb::none());
  m.def(
      "normal",
      [](double mean, const Tensor& std, Generator* g) {
        return normal(full_like(std, mean), std, g);
      },
      "mean"_a, "std"_a, nb::kw_only(), "generator"_a.none() = nb::none());
  m.def(
      "normal",
      [](double mean, double std, const Dims& size, Generator* g, OptDType t, OptDevice d,
         bool grad) {
        return finish(normal_(empty(size, t.value_or(default_dtype())), mean, std, g), d, grad);
      },
      "mean"_a, "std"_a, "size"_a, nb::kw_only(), "generator"_a.none() = nb::none(),
      "dtype"_a = nb::none(), "device"_a = nb::none(), "requires_grad"_a = false);
}

// Tensor.<name>(a, b, *, generator=None) in place.
void def_fill(TensorClass& c, const char* name,
              const Tensor& (*f)(const Tensor&, double, double, Generator*), const char* first,
              double a, const char* second, double b) {
  c.def(
      name,
      [f](nb::handle_t<Tensor> self, double x, double y, Generator* g) {
        f(nb::cast<const Tensor&>(self), x, y, g);
        return nb::borrow(self);
      },
      nb::arg(first) = a, nb::arg(second) = b, nb::kw_only(), "generator"_a.none() = nb::none());
}

void def_fill(TensorClass& c, const char* name,
              const Tensor& (*f)(const Tensor&, double, Generator*), const char* first, double a) {
  c.def(
      name,
      [f](nb::handle_t<Tensor> self, double x, Generator* g) {
        f(nb::cast<const Tensor&>(self), x, g);
        return nb::borrow(self);
      },
      nb::arg(first) = a, nb::kw_only(), "generator"_a.none() = nb::none());
}

}  // namespace

void register_ops_random(Module& m, TensorClass& c) {
  register_generator(m);
  def_random(m, "rand", [](const Dims& s, DType t, Generator* g) { return rand(s, t, g); });
  def_random(m, "randn", [](const Dims& s, DType t, Generator* g) { return randn(s, t, g); });
  register_randint(m);
  def_fill(c, "uniform_", &uniform_, "from_", 0, "to", 1);
  def_fill(c, "normal_", &normal_, "mean", 0, "std", 1);
  def_fill(c, "exponential_", &exponential_, "lambd", 1);
  def_fill(c, "bernoulli_", &bernoulli_, "p", 0.5);
  c.def(
      "random_",
      [](nb::handle_t<Tensor> self, int64_t low, int64_t high, Generator* g) {
        random_(nb::cast<const Tensor&>(self), low, high, g);
        return nb::borrow(self);
      },
      "from_"_a, "to"_a, nb::kw_only(), "generator"_a.none() = nb::none());
  def_op(
      m, c, "bernoulli",
      [](const Tensor& x, double p, Generator* g) { return bernoulli_(empty_like(x), p, g); },
      "p"_a, nb::kw_only(), "generator"_a.none() = nb::none());
  def_op(m, c, "bernoulli", &bernoulli, nb::kw_only(), "generator"_a.none() = nb::none());
  def_op(m, c, "multinomial", &multinomial, "num_samples"_a, "replacement"_a = false, nb::kw_only(),
         "generator"_a.none() = nb::none());
  register_normal(m);
  m.def(
      "dropout",
      [](const Tensor& x, double p, bool train, Generator* g) { return dropout(x, p, train, g); },
      "input"_a, "p"_a = 0.5, "train"_a = true, nb::kw_only(), "generator"_a.none() = nb::none());
}

}  // namespace lydia::python
