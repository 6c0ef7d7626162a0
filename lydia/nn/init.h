// First values of parameters, by torch.nn.init's names and defaults. Each writes into its tensor
// without recording and returns it. A weight [out, in, *K] has fan_in = in * |K| and fan_out = out
// * |K|; convolutions turned round have in first, as in PyTorch.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "lydia/core/rng.h"
#include "lydia/core/tensor.h"

namespace lydia::nn::init {

enum class Fan { In, Out };
// "fan_in" or "fan_out"; ValueError otherwise.
Fan parse_fan(const std::string& text);
// (fan_in, fan_out); ValueError below two dimensions.
std::pair<int64_t, int64_t> calculate_fans(const Tensor& t);
// What keeps the variance through a nonlinearity: linear, conv*, sigmoid 1; tanh 5/3; relu sqrt 2;
// leaky_relu sqrt(2 / (1 + param^2)), param 0.01 unless given; selu 3/4.
double calculate_gain(const std::string& nonlinearity, std::optional<double> param = std::nullopt);

const Tensor& uniform_(const Tensor& t, double a = 0, double b = 1, Generator* g = nullptr);
const Tensor& normal_(const Tensor& t, double mean = 0, double std = 1, Generator* g = nullptr);
// normal, drawn again where outside [a, b] (by inversion: Devroye 1986, chapter II.2).
const Tensor& trunc_normal_(const Tensor& t, double mean = 0, double std = 1, double a = -2,
                            double b = 2, Generator* g = nullptr);
const Tensor& constant_(const Tensor& t, double value);
const Tensor& ones_(const Tensor& t);
const Tensor& zeros_(const Tensor& t);
const Tensor& eye_(const Tensor& t);  // 2-d
// Convolutions [out, in / groups, *K] that leave their channels as they are.
const Tensor& dirac_(const Tensor& t, int64_t groups = 1);
// Glorot, Bengio 2010: variance gain^2 * 2 / (fan_in + fan_out).
const Tensor& xavier_uniform_(const Tensor& t, double gain = 1, Generator* g = nullptr);
const Tensor& xavier_normal_(const Tensor& t, double gain = 1, Generator* g = nullptr);
// He et al. 2015: variance gain^2 / fan.
const Tensor& kaiming_uniform_(const Tensor& t, double a = 0, Fan fan = Fan::In,
                               const std::string& nonlinearity = "leaky_relu",
                               Generator* g = nullptr);
const Tensor& kaiming_normal_(const Tensor& t, double a = 0, Fan fan = Fan::In,
                              const std::string& nonlinearity = "leaky_relu",
                              Generator* g = nullptr);
// Rows (or columns, of which there are more) orthonormal, times gain; Q of a random matrix, with
// the signs that make it uniform (Mezzadri 2007). Dimensions after the first count as one.
const Tensor& orthogonal_(const Tensor& t, double gain = 1, Generator* g = nullptr);
// normal(0, std) with ceil(sparsity * rows) zeros in each column (Martens 2010); 2-d.
const Tensor& sparse_(const Tensor& t, double sparsity, double std = 0.01, Generator* g = nullptr);

}  // namespace lydia::nn::init
