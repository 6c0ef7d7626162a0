// Tokenizers for programs in C and in languages that call C.
//
// Handles may be used from any thread. Functions that fail give NULL or -1 and leave one line in
// lydia_last_error() of the calling thread.
#ifndef LYDIA_TEXT_TOKENIZER_C_H_
#define LYDIA_TEXT_TOKENIZER_C_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct lydia_tokenizer lydia_tokenizer;

// From the folder that a tokenizer was saved to, or from a model file.
lydia_tokenizer* lydia_tokenizer_load(const char* path);
void lydia_tokenizer_free(lydia_tokenizer* tokenizer);  // NULL is fine

// Ids of the model and the added ones.
int32_t lydia_tokenizer_size(const lydia_tokenizer* tokenizer);

// How many ids the text has; the first `capacity` of them go to `ids` (which may be NULL when
// `capacity` is 0). Any bytes are a text.
int64_t lydia_tokenizer_encode(const lydia_tokenizer* tokenizer, const char* text, size_t size,
                               int add_special_tokens, int32_t* ids, size_t capacity);

// How many bytes the text of the ids has; the first `capacity` of them go to `text`.
int64_t lydia_tokenizer_decode(const lydia_tokenizer* tokenizer, const int32_t* ids, size_t count,
                               int skip_special_tokens, char* text, size_t capacity);

// What went wrong last in this thread; "" at first.
const char* lydia_last_error(void);

#ifdef __cplusplus
}
#endif

#endif  // LYDIA_TEXT_TOKENIZER_C_H_
