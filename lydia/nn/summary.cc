// Summaries of models.
#include "lydia/nn/summary.h"

#include <atomic>
#include <map>

#include "lydia/autograd/grad_mode.h"
#include "lydia/nn/text.h"
#include "lydia/ops/op.h"
#include "lydia/report/format.h"
#include "lydia/report/table.h"

namespace lydia::nn {
namespace {

int64_t macs_of(const KernelCall& call) {
  switch (call.op) {
    case Op::linear:
    case Op::matmul: {
      const Tensor& a = call.in(0);
      return a.ndim() ? call.out().numel() * a.sizes().back() : 0;
    }
    case Op::convolution:
      return call.in(1).size(0) ? call.out().numel() * (call.in(1).numel() / call.in(1).size(0))
                                : 0;
    case Op::scaled_dot_product_attention: {
      const Tensor &q = call.in(0), &v = call.in(2);
      return q.numel() * v.size(-2) + call.out().numel() * v.size(-2);
    }
    case Op::lstm_scan:
    case Op::gru_scan: return call.in(0).numel() * call.in(1).size(1);
    default: return 0;
  }
}

// Restores the modes of all modules.
class EvaluationGuard {
 public:
  explicit EvaluationGuard(Module& model) {
    for (auto& [name, module] : model.named_modules())
      modes_.emplace_back(module, module->training());
    model.eval();
  }
  ~EvaluationGuard() {
    // Parents come first, so that each module has its own mode in the end.
    for (auto& [module, mode] : modes_) module->train(mode);
  }
  EvaluationGuard(const EvaluationGuard&) = delete;
  EvaluationGuard& operator=(const EvaluationGuard&) = delete;

 private:
  std::vector<std::pair<Module*, bool>> modes_;
};

std::string shown(const Dims& sizes) { return lydia::to_string(sizes); }

std::string count(int64_t n) {
  return n ? report::format_count(static_cast<double>(n)) : std::string("-");
}

}  // namespace

struct MacCounter::Listener final : KernelObserver {
  void before(const KernelCall&) override {}
  void after(const KernelCall& call) override { total += macs_of(call); }
  std::atomic<int64_t> total{0};
};

MacCounter::MacCounter() : listener_(std::make_unique<Listener>()) {
  set_kernel_observer(listener_.get());
}
MacCounter::~MacCounter() { set_kernel_observer(nullptr); }
int64_t MacCounter::count() const { return listener_->total; }

Summary summary(Module& model, const Tensor& input) {
  Summary out;
  std::map<const Module*, size_t> at;
  std::vector<ModuleHookHandle> handles;
  const EvaluationGuard evaluation(model);
  const NoGradGuard no_grad;
  const MacCounter macs;
  for (auto& [name, module] : model.named_modules()) {
    at[module] = out.rows.size();
    out.rows.push_back({name,
                        module->type_name(),
                        false,
                        {},
                        module->parameter_count(),
                        module->parameter_count(true),
                        0});
    handles.push_back(module->register_forward_pre_hook([&](Module& m, const Tensor&) {
      out.rows[at[&m]].macs -= macs.count();
      return Tensor();
    }));
    handles.push_back(module->register_forward_hook([&](Module& m, const Tensor&, const Tensor& y) {
      SummaryRow& row = out.rows[at[&m]];
      row.macs += macs.count();
      row.called = true;
      row.output = y.sizes();
      return Tensor();
    }));
  }
  struct Remove {
    const std::vector<ModuleHookHandle>& handles;
    ~Remove() {
      for (const ModuleHookHandle& h : handles) h.remove();
    }
  } const remove{handles};
  model(input);
  out.parameters = out.rows[0].parameters;
  out.trainable = out.rows[0].trainable;
  out.macs = out.rows[0].macs;
  return out;
}

std::string Summary::text() const {
  using report::Align;
  report::Table table(
      {"layer", "type", "output", "parameters", "trainable", "multiply-adds"},
      {Align::Left, Align::Left, Align::Left, Align::Right, Align::Right, Align::Right});
  for (const SummaryRow& r : rows)
    table.row({r.name.empty() ? "(model)" : r.name, r.type, r.called ? shown(r.output) : "-",
               count(r.parameters), count(r.trainable), count(r.macs)});
  return table.text() + nn::text("parameters: ", parameters, " (trainable: ", trainable,
                                 ")\nmultiply-adds: ", macs, ", ",
                                 report::format_count(2 * static_cast<double>(macs)), " FLOPs\n");
}

}  // namespace lydia::nn
