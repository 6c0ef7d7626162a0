// Scalars as text, both ways: the rules by which YAML 1.1, read as OmegaConf reads it, tells
// numbers and booleans from strings, and numbers written as Python writes them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lydia::config {

class Node;

// What a plain (unquoted) scalar of a YAML file is: null (~, null, empty), bool (true, yes, on,
// ...), int (12, 0x1F, 0b11, 017, 1_000, 1:30), float (1.5, 1e-3, .inf, .nan, 1:30.5), else a
// string. Throws ValueError for an integer beyond 64 bits.
Node yaml_scalar(std::string_view text);

// What an unquoted word of an override or an interpolation is: null, bool (true and false in any
// case), int (12, 1_000), float (1., 1e-3, inf, nan), else nothing. Throws as above.
std::optional<Node> word_scalar(std::string_view text);

// The shortest text that reads back as the same number: 0.1, 1e-05, 1e+16, 2.0, inf, nan.
std::string float_text(double value);
// What Python's str() gives for a scalar: None, True, 3, 0.5, text.
std::string python_text(const Node& scalar);

}  // namespace lydia::config
