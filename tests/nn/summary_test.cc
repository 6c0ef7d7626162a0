// summary: shapes, parameters and multiplications by hand.
#include "lydia/nn/summary.h"

#include <doctest/doctest.h>

#include "lydia/nn/activation.h"
#include "lydia/nn/containers.h"
#include "lydia/nn/conv.h"
#include "lydia/nn/linear.h"
#include "lydia/nn/rnn.h"
#include "lydia/ops/copy.h"

namespace lydia::nn {
namespace {

TEST_CASE("a summary counts parameters and multiplications per module") {
  Sequential net;
  net.add<Conv2d>(2, 3, Dims{3});
  net.add<Flatten>();
  Sequential& head = net.add<Sequential>();
  head.add<Dropout>(0.5);
  head.add<Linear>(48, 10);
  net.freeze("0.*");
  const Summary s = summary(net, ones({5, 2, 6, 6}));
  REQUIRE(s.rows.size() == 6);
  CHECK(s.rows[1].name == "0");
  CHECK(s.rows[1].type == "Conv2d");
  CHECK(s.rows[1].output == Dims{5, 3, 4, 4});
  CHECK(s.rows[1].macs == 5 * 48 * 18);
  CHECK(s.rows[1].trainable == 0);
  CHECK(s.rows[3].name == "2");
  CHECK(s.rows[3].macs == 5 * 480);
  CHECK(s.rows[5].parameters == 490);
  CHECK(s.parameters == 57 + 490);
  CHECK(s.trainable == 490);
  CHECK(s.macs == 5 * 48 * 18 + 5 * 480);
  CHECK(s.text().find("multiply-adds: 6720, 13.4k FLOPs") != std::string::npos);
  CHECK(head.training());  // modes and hooks are as before
  CHECK(summary(net, ones({1, 2, 6, 6})).macs == 48 * 18 + 480);
}

TEST_CASE("recurrent layers count both products") {
  LSTM m(3, 4);
  CHECK(summary(m, ones({5, 2, 3})).macs == 5 * 2 * 16 * (3 + 4));
}

TEST_CASE("an error leaves no hooks behind") {
  Linear m(3, 4);
  CHECK_THROWS_AS(summary(m, ones({2, 5})), ValueError);
  CHECK(m.training());
  CHECK(summary(m, ones({1, 3})).macs == 12);
}

}  // namespace
}  // namespace lydia::nn
