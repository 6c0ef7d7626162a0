// The recurrences under lydia.nn.LSTM and lydia.nn.GRU.
#include "lydia/ops/rnn.h"
#include "python/bind.h"
#include "python/register.h"

namespace lydia::python {

void register_ops_rnn(nb::module_& m) {
  m.def(
      "_lstm_scan",
      [](const Tensor& x, const Tensor& w_hh, const Tensor& h0, const Tensor& c0, bool reverse,
         const std::vector<int64_t>& rows) {
        const LstmStates s = lstm_scan(x, w_hh, h0, c0, {reverse, rows});
        return nb::make_tuple(s.h, s.c, s.gates);
      },
      "x"_a, "w_hh"_a, "h0"_a, "c0"_a, "reverse"_a = false, "rows"_a = std::vector<int64_t>());
  m.def(
      "_gru_scan",
      [](const Tensor& x, const Tensor& w_hh, const std::optional<Tensor>& b_hh, const Tensor& h0,
         bool reverse, const std::vector<int64_t>& rows) {
        const GruStates s = gru_scan(x, w_hh, b_hh.value_or(Tensor()), h0, {reverse, rows});
        return nb::make_tuple(s.h, s.gates);
      },
      "x"_a, "w_hh"_a, "b_hh"_a.none(), "h0"_a, "reverse"_a = false,
      "rows"_a = std::vector<int64_t>());
}

}  // namespace lydia::python
