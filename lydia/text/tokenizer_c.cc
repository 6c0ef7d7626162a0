#include "lydia/text/tokenizer_c.h"

#include <algorithm>
#include <exception>
#include <string>

#include "lydia/core/error.h"
#include "lydia/text/tokenizer.h"

struct lydia_tokenizer {
  lydia::text::Tokenizer tokenizer;
};

namespace {

thread_local std::string last_error;

// f(), or `failed` with the message kept.
template <class T, class F>
T guarded(T failed, const F& f) {
  try {
    return f();
  } catch (const std::exception& error) {
    last_error = error.what();
    return failed;
  }
}

void expect(const void* pointer, size_t size, const char* name) {
  LYDIA_CHECK(pointer || size == 0, lydia::ValueError, "lydia_tokenizer: expected ", name,
              ", got NULL");
}

template <class List, class T>
int64_t copy_out(const List& from, T* to, size_t capacity) {
  expect(to, capacity, "room for the result");
  std::copy_n(from.begin(), std::min(capacity, from.size()), to);
  return static_cast<int64_t>(from.size());
}

}  // namespace

lydia_tokenizer* lydia_tokenizer_load(const char* path) {
  return guarded<lydia_tokenizer*>(nullptr, [&] {
    expect(path, 1, "a path");
    return new lydia_tokenizer{lydia::text::Tokenizer::load(path)};
  });
}

void lydia_tokenizer_free(lydia_tokenizer* tokenizer) { delete tokenizer; }

int32_t lydia_tokenizer_size(const lydia_tokenizer* tokenizer) {
  return guarded<int32_t>(-1, [&] {
    expect(tokenizer, 1, "a tokenizer");
    return tokenizer->tokenizer.size();
  });
}

int64_t lydia_tokenizer_encode(const lydia_tokenizer* tokenizer, const char* text, size_t size,
                               int add_special_tokens, int32_t* ids, size_t capacity) {
  return guarded<int64_t>(-1, [&] {
    expect(tokenizer, 1, "a tokenizer");
    expect(text, size, "a text");
    const auto encoding = tokenizer->tokenizer.encode(
        {std::string_view(text, size)},
        {.add_special_tokens = add_special_tokens != 0, .details = false});
    return copy_out(encoding.ids, ids, capacity);
  });
}

int64_t lydia_tokenizer_decode(const lydia_tokenizer* tokenizer, const int32_t* ids, size_t count,
                               int skip_special_tokens, char* text, size_t capacity) {
  return guarded<int64_t>(-1, [&] {
    expect(tokenizer, 1, "a tokenizer");
    expect(ids, count, "ids");
    return copy_out(tokenizer->tokenizer.decode({ids, count}, skip_special_tokens != 0), text,
                    capacity);
  });
}

const char* lydia_last_error(void) { return last_error.c_str(); }
