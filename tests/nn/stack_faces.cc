// Attention, transformer and recurrent layers of tests/python/nn/cases.py in C++.
#include <limits>

#include "lydia/nn/rnn.h"
#include "lydia/nn/transformer.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/triangle.h"
#include "tests/nn/faces.h"

namespace lydia::nn {
namespace {

Tensor later(int64_t n) {
  return triu(full({n, n}, -std::numeric_limits<double>::infinity(), DType::F32), 1);
}

Tensor second_of_three_padding() {
  const Tensor mask = zeros({2, 3}, DType::Bool);
  mask.data<bool>()[2] = true;
  return mask;
}

void add_attention(std::vector<Face>& f) {
  f.push_back(face_called<MultiheadAttention>(
      "attention",
      [](MultiheadAttention& m, const Tensors& in) {
        const auto [y, w] = m.forward_weights(in[0], in[1], in[2]);
        return Tensors{y, w};
      },
      4, 2));
  MultiheadOptions batch_first;
  batch_first.batch_first = true;
  f.push_back(face_called<MultiheadAttention>(
      "attention_masked",
      [](MultiheadAttention& m, const Tensors& in) {
        AttentionMasks masks;
        masks.key_padding_mask = second_of_three_padding();
        masks.attn_mask = triu(ones({3, 3}, DType::Bool), 1);
        const auto [y, w] = m.forward_weights(in[0], in[1], in[2], masks, false);
        return Tensors{y, w};
      },
      4, 2, batch_first));
  MultiheadOptions sizes;
  sizes.kdim = 3;
  sizes.vdim = 5;
  sizes.bias = false;
  f.push_back(face_called<MultiheadAttention>(
      "attention_sizes",
      [](MultiheadAttention& m, const Tensors& in) {
        return Tensors{m.forward(in[0], in[1], in[2])};
      },
      4, 2, sizes));
}

TransformerOptions small() {
  TransformerOptions o;
  o.dim_feedforward = 6;
  o.dropout = 0;
  return o;
}

void add_transformers(std::vector<Face>& f) {
  TransformerOptions batch_first = small();
  batch_first.batch_first = true;
  f.push_back(face<TransformerEncoderLayer>("encoder_layer", 4, 2, batch_first));
  TransformerOptions first = small();
  first.activation = [](const Tensor& x) { return gelu(x); };
  first.norm_first = true;
  first.bias = false;
  f.push_back(face_called<TransformerEncoderLayer>(
      "encoder_layer_norm_first",
      [](TransformerEncoderLayer& m, const Tensors& in) {
        AttentionMasks masks;
        masks.attn_mask = later(3);
        masks.key_padding_mask = zeros({2, 3});
        masks.key_padding_mask.data<float>()[1] = -1;
        masks.key_padding_mask.data<float>()[2] = 0.5f;
        return Tensors{m.forward(in[0], masks)};
      },
      4, 2, first));
  f.push_back(face_called<TransformerDecoderLayer>(
      "decoder_layer",
      [](TransformerDecoderLayer& m, const Tensors& in) {
        AttentionMasks causal;
        causal.is_causal = true;
        return Tensors{m.forward(in[0], in[1], causal)};
      },
      4, 2, small()));
  f.push_back(face<TransformerEncoder>("encoder", 4, 2, 2, small(), true));
  f.push_back(face_called<Transformer>(
      "transformer",
      [](Transformer& m, const Tensors& in) { return Tensors{m.forward(in[0], in[1])}; }, 4, 2, 1,
      2, small()));
}

RnnOptions stacked(bool batch_first, bool bias) {
  RnnOptions o;
  o.num_layers = 2;
  o.bidirectional = true;
  o.batch_first = batch_first;
  o.bias = bias;
  return o;
}

// RNN and GRU, with a first state where the case has one.
template <class M, class... Args>
Face recurrent_face(const char* name, Args... args) {
  return face_called<M>(
      name,
      [](M& m, const Tensors& in) {
        const auto [y, h] = m.forward(in[0], in.size() > 1 ? in[1] : Tensor());
        return Tensors{y, h};
      },
      args...);
}
template <class... Args>
Face lstm_face(const char* name, Args... args) {
  return face_called<LSTM>(
      name,
      [](LSTM& m, const Tensors& in) {
        const RecurrentResult r = m.forward(in[0], {}, {});
        return Tensors{r.output, r.h, r.c};
      },
      args...);
}

void add_recurrent(std::vector<Face>& f) {
  f.push_back(recurrent_face<RNN>("rnn", 3, 4));
  f.push_back(recurrent_face<RNN>("rnn_stacked", 3, 4, stacked(true, true), true));
  f.push_back(lstm_face("lstm", 3, 20));
  f.push_back(lstm_face("lstm_stacked", 3, 4, stacked(false, false)));
  f.push_back(recurrent_face<GRU>("gru", 3, 20));
  f.push_back(recurrent_face<GRU>("gru_stacked", 3, 4, stacked(true, true)));
  f.push_back(face_called<RNNCell>(
      "rnn_cell", [](RNNCell& m, const Tensors& in) { return Tensors{m.forward(in[0], in[1])}; }, 3,
      4));
  f.push_back(face_called<LSTMCell>(
      "lstm_cell",
      [](LSTMCell& m, const Tensors& in) {
        const auto [h, c] = m.forward(in[0], ones({2, 4}), zeros({2, 4}));
        return Tensors{h, c};
      },
      3, 4));
  f.push_back(face_called<GRUCell>(
      "gru_cell", [](GRUCell& m, const Tensors& in) { return Tensors{m.forward(in[0], in[1])}; }, 3,
      4, false));
}

}  // namespace

void add_stack_faces(std::vector<Face>& out) {
  add_attention(out);
  add_transformers(out);
  add_recurrent(out);
}

}  // namespace lydia::nn
