// Numbers, durations and sizes as short text for people.
#pragma once

#include <cstdint>
#include <string>

namespace lydia::report {

// `value` with `digits` significant digits and no trailing zeros: 0.00123, 42, 1.5e+09, nan.
std::string format_number(double value, int digits = 4);
// `value` with exactly `decimals` digits after the point.
std::string format_fixed(double value, int decimals);
// 12s, 3m 05s, 2h 07m, 4d 03h; "?" when not finite or negative.
std::string format_duration(double seconds);
// 512 B, 1.5 KiB, 2.3 GiB.
std::string format_bytes(uint64_t bytes);
// 950, 12.3k, 4.56M, 1.20G: a rate or a count.
std::string format_count(double value);

}  // namespace lydia::report
