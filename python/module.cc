// The module lydia._C: types first, then one register function per binding file.
#include "lydia/core/allocator.h"
#include "lydia/core/threads.h"
#include "lydia/core/version.h"
#include "lydia/ops/op.h"
#include "python/bind.h"
#include "python/callback.h"
#include "python/register.h"

namespace lydia::python {

void register_io(nb::module_& m);  // io.cc

namespace {

// Kernels long enough to matter run without Python's lock.
void* release_gil() { return PyGILState_Check() ? PyEval_SaveThread() : nullptr; }
void acquire_gil(void* state) { PyEval_RestoreThread(static_cast<PyThreadState*>(state)); }

nb::list op_names(const std::string& kind) {
  nb::list out;
  const auto add = [&](const char* of, const char* name) {
    if (kind == of) out.append(name);
  };
#define LYDIA_POINTWISE_OP(name) add("pointwise", #name);
#define LYDIA_KERNEL_OP(name) add("kernel", #name);
#define LYDIA_VIEW_OP(name) add("view", #name);
#define LYDIA_COMPOSITE(name) add("composite", #name);
#include "lydia/ops/op_list.inc"
  return out;
}

bool op_is_differentiable(const std::string& name) {
  for (int i = 0; i < kOpCount; ++i)
    if (op_name(static_cast<Op>(i)) == name) return grad_rule(static_cast<Op>(i)).fn != nullptr;
  return true;  // composites inherit it
}

}  // namespace

NB_MODULE(_C, module) {
  Module m(module);
  nb::set_leak_warnings(false);
  set_long_kernel_scope({&release_gil, &acquire_gil});
  register_errors(m);
  register_dtype(m);
  TensorClass tensor(m, "Tensor",
                     "An array of numbers of one dtype, with shape and strides over a storage that "
                     "views share.\n"
                     "Ops on tensors with requires_grad are recorded for backward().",
                     nb::dynamic_attr(), nb::is_weak_referenceable(), nb::type_slots(tensor_slots));
  register_tensor(m, tensor);
  register_ops_copy(m, tensor);
  register_ops_pointwise(m, tensor);
  register_ops_logic(m, tensor);
  register_ops_activation(m, tensor);
  register_ops_view(m, tensor);
  register_ops_reduce(m, tensor);
  register_ops_norm(m, tensor);
  register_ops_linalg(m);
  register_ops_loss(m);
  register_ops_matmul(m, tensor);
  register_ops_conv(m);
  register_ops_index(m, tensor);
  register_ops_creation(m);
  register_ops_attention(m);
  register_function(m);
  register_ops_gather(m, tensor);
  register_ops_cat(m);
  register_ops_shape(m, tensor);
  register_ops_sort(m, tensor);
  register_ops_random(m, tensor);
  register_ops_pool(m);
  register_data(m);
  register_io(m);
  register_ops_rnn(m);
  register_nn(m);
  register_memory(m, tensor);
  register_autograd_tools(m);
  register_autograd(m, tensor);
  register_optim(m);
  register_config(m);
  register_io_arrays(m);
  register_io_text(m);
  register_report(m);
  register_report_pages(m);
  register_optim_schedule(m);
  register_amp(m);
  register_metrics(m);
  register_io_corpora(m);
  register_audio(m);
  register_vision(m);
  register_datasets(m);
  register_agiformer(m);
  register_text(m);
  register_tokenizer(m);
  register_train(m);

  m.attr("__version__") = std::string(version());
  m.def("set_num_threads", &set_num_threads, "num"_a);
  m.def("get_num_threads", &get_num_threads);
  m.def("memory_stats", [] {
    const MemoryStats s = memory_stats();
    nb::dict d;
    d["allocated"] = s.allocated;
    d["reserved"] = s.reserved;
    d["peak_allocated"] = s.peak_allocated;
    d["peak_reserved"] = s.peak_reserved;
    d["allocations"] = s.allocations;
    d["cache_hits"] = s.cache_hits;
    return d;
  });
  m.def("reset_peak_memory_stats", &reset_peak_memory_stats);
  m.def("empty_cache", &empty_cache);
  m.def("_op_names", &op_names, "kind"_a, "The ops of lydia/ops/op_list.inc, for the test sweep.");
  m.def("_op_is_differentiable", &op_is_differentiable, "name"_a);
}

}  // namespace lydia::python
