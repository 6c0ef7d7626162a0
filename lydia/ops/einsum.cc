#include "lydia/ops/einsum.h"

#include <algorithm>

#include "lydia/ops/autocast.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/matmul.h"
#include "lydia/ops/op.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/view.h"

namespace lydia {
namespace {

// Labels of dimensions: letters by their code, ellipsis dimensions 1000 and up, from the right.
using Labels = std::vector<int>;
constexpr int kEllipsis = 1000;

// One operand or intermediate: a tensor whose dimension d is called labels[d], each label once.
struct Term {
  Tensor tensor;
  Labels labels;

  bool has(int label) const {
    return std::find(labels.begin(), labels.end(), label) != labels.end();
  }
  size_t place(int label) const {
    return static_cast<size_t>(std::find(labels.begin(), labels.end(), label) - labels.begin());
  }
  int64_t size(int label) const { return tensor.sizes()[place(label)]; }
};

// The labels written in `text`; the ellipsis becomes `dims` labels.
Labels parse_labels(std::string_view text, int dims) {
  Labels out;
  bool seen = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 3) == "...") {
      LYDIA_CHECK(!seen, ValueError, "einsum: expected at most one ellipsis in '", text, "'");
      seen = true;
      for (int d = dims - 1; d >= 0; --d) out.push_back(kEllipsis + d);
      i += 2;
      continue;
    }
    const char c = text[i];
    LYDIA_CHECK((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'), ValueError,
                "einsum: expected letters and '...', got '", text, "'");
    out.push_back(c);
  }
  return out;
}

// A letter twice in one operand takes the diagonal of its two dimensions.
Term make_term(std::string_view text, const Tensor& operand) {
  check_defined("einsum", operand, "operands");
  const bool ellipsis = text.find("...") != std::string_view::npos;
  const int letters = static_cast<int>(text.size()) - (ellipsis ? 3 : 0);
  LYDIA_CHECK(ellipsis ? operand.ndim() >= letters : operand.ndim() == letters, ValueError,
              "einsum: '", text, "' names ", letters, " dimensions, got an operand of shape ",
              operand.sizes());
  Term term{operand, parse_labels(text, operand.ndim() - letters)};
  for (size_t i = 0; i < term.labels.size(); ++i) {
    const auto again = std::find(term.labels.begin() + static_cast<int64_t>(i) + 1,
                                 term.labels.end(), term.labels[i]);
    if (again == term.labels.end()) continue;
    const auto j = again - term.labels.begin();
    LYDIA_CHECK(term.tensor.sizes()[i] == term.tensor.sizes()[static_cast<size_t>(j)], ValueError,
                "einsum: '", text, "' repeats a letter over sizes ", term.tensor.sizes()[i],
                " and ", term.tensor.sizes()[static_cast<size_t>(j)]);
    const int label = term.labels[i];
    term.tensor = diagonal(term.tensor, 0, static_cast<int64_t>(i), j);
    term.labels.erase(again);
    term.labels.erase(term.labels.begin() + static_cast<int64_t>(i));
    term.labels.push_back(label);
    i = static_cast<size_t>(-1);  // look again from the start
  }
  return term;
}

// Labels that occur once over all operands, ellipsis first, letters in order.
Labels implied_output(const std::vector<std::string_view>& texts, int ellipsis_dims) {
  Labels out;
  for (int d = ellipsis_dims - 1; d >= 0; --d) out.push_back(kEllipsis + d);
  int count[128] = {};
  for (std::string_view text : texts)
    for (char c : text)
      if (c != '.') ++count[static_cast<int>(c)];
  for (int c = 'A'; c <= 'z'; ++c)
    if (count[c] == 1) out.push_back(c);
  return out;
}

Term sum_out(const Term& t, const std::vector<int>& gone) {
  if (gone.empty()) return t;
  Dims dims;
  Term out;
  for (size_t d = 0; d < t.labels.size(); ++d) {
    const bool drop = std::find(gone.begin(), gone.end(), t.labels[d]) != gone.end();
    if (drop)
      dims.push_back(static_cast<int64_t>(d));
    else
      out.labels.push_back(t.labels[d]);
  }
  out.tensor = sum(t.tensor, dims, false, t.tensor.dtype());
  return out;
}

// t's dimensions in the order of `labels` (all of which it has).
Tensor in_order(const Term& t, const Labels& labels) {
  Dims order;
  bool same = true;
  for (int label : labels) {
    const auto at = static_cast<int64_t>(t.place(label));
    same &= at == order.ndim();
    order.push_back(at);
  }
  return same ? t.tensor : permute(t.tensor, order);
}

struct Pair {
  Labels batch, left, right, summed;  // of a contraction; left and right: of one operand only
};

Pair split_labels(const Term& a, const Term& b, const Labels& kept) {
  Pair p;
  const auto is_kept = [&](int l) { return std::find(kept.begin(), kept.end(), l) != kept.end(); };
  for (int l : a.labels) {
    if (!b.has(l))
      p.left.push_back(l);
    else
      (is_kept(l) ? p.batch : p.summed).push_back(l);
  }
  for (int l : b.labels)
    if (!a.has(l)) p.right.push_back(l);
  return p;
}

Labels joined(std::initializer_list<Labels> parts) {
  Labels out;
  for (const Labels& p : parts) out.insert(out.end(), p.begin(), p.end());
  return out;
}

Dims sizes_of(const Term& t, const Labels& labels) {
  Dims out;
  for (int l : labels) out.push_back(t.size(l));
  return out;
}

// Dimensions of size 1 that the other operand has wider are repeated (stride 0).
Term widened(const Term& t, const Term& other) {
  Dims sizes = t.tensor.sizes();
  for (size_t d = 0; d < t.labels.size(); ++d)
    if (sizes[d] == 1 && other.has(t.labels[d])) sizes[d] = other.size(t.labels[d]);
  return {sizes == t.tensor.sizes() ? t.tensor : expand(t.tensor, sizes), t.labels};
}

// Contracts two terms; `kept` are the labels that the output or other terms still need.
Term contract(const Term& first, const Term& second, const Labels& kept) {
  const auto lonely = [&](const Term& t, const Term& other) {
    Labels out;
    for (int l : t.labels)
      if (!other.has(l) && std::find(kept.begin(), kept.end(), l) == kept.end()) out.push_back(l);
    return out;
  };
  Term a = sum_out(first, lonely(first, second)), b = sum_out(second, lonely(second, first));
  a = widened(a, b);
  b = widened(b, a);
  const Pair p = split_labels(a, b, kept);
  const Labels labels = joined({p.batch, p.left, p.right});
  const Dims batch = sizes_of(a, p.batch), left = sizes_of(a, p.left), right = sizes_of(b, p.right);
  Dims sizes = batch;
  for (int64_t s : left) sizes.push_back(s);
  for (int64_t s : right) sizes.push_back(s);
  const int64_t m = numel_of(left), n = numel_of(right), count = numel_of(batch);
  const int64_t k = numel_of(sizes_of(a, p.summed));
  const Tensor x = in_order(a, joined({p.batch, p.left, p.summed}));
  const Tensor y = in_order(b, joined({p.batch, p.summed, p.right}));
  const bool batched = !p.batch.empty();
  if (p.summed.empty()) {
    const Tensor rows = reshape(x, {count, m, 1}), cols = reshape(y, {count, 1, n});
    return {reshape(mul(rows, cols), sizes), labels};
  }
  const Tensor rows = reshape(x, batched ? Dims{count, m, k} : Dims{m, k});
  const Tensor cols = reshape(y, batched ? Dims{count, k, n} : Dims{k, n});
  return {reshape(matmul(rows, cols), sizes), labels};
}

// Elements of the result of contracting a and b.
double result_size(const Term& a, const Term& b, const Labels& kept) {
  double size = 1;
  for (int l : a.labels)
    if (std::find(kept.begin(), kept.end(), l) != kept.end())
      size *= static_cast<double>(a.size(l));
  for (int l : b.labels)
    if (!a.has(l) && std::find(kept.begin(), kept.end(), l) != kept.end())
      size *= static_cast<double>(b.size(l));
  return size;
}

// What the output and the terms other than i and j need.
Labels needed_by_others(const std::vector<Term>& terms, size_t i, size_t j, const Labels& output) {
  Labels kept = output;
  for (size_t t = 0; t < terms.size(); ++t)
    if (t != i && t != j) kept.insert(kept.end(), terms[t].labels.begin(), terms[t].labels.end());
  return kept;
}

Term contract_all(std::vector<Term> terms, const Labels& output) {
  while (terms.size() > 1) {
    size_t best_i = 0, best_j = 1;
    double best = -1;
    for (size_t i = 0; i < terms.size(); ++i)
      for (size_t j = i + 1; j < terms.size(); ++j) {
        const double size = result_size(terms[i], terms[j], needed_by_others(terms, i, j, output));
        if (best < 0 || size < best) best = size, best_i = i, best_j = j;
      }
    const Labels kept = needed_by_others(terms, best_i, best_j, output);
    terms[best_i] = contract(terms[best_i], terms[best_j], kept);
    terms.erase(terms.begin() + static_cast<int64_t>(best_j));
  }
  return terms[0];
}

void check_sizes(const std::vector<Term>& terms) {
  for (size_t i = 0; i < terms.size(); ++i)
    for (size_t j = i + 1; j < terms.size(); ++j)
      for (int l : terms[i].labels) {
        if (!terms[j].has(l)) continue;
        const int64_t a = terms[i].size(l), b = terms[j].size(l);
        LYDIA_CHECK(
            a == b || a == 1 || b == 1, ValueError, "einsum: ",
            l >= kEllipsis ? std::string("...") : "'" + std::string(1, static_cast<char>(l)) + "'",
            " has sizes ", a, " and ", b, " in operands ", i, " and ", j);
      }
}

std::vector<std::string_view> split_at_commas(std::string_view text) {
  std::vector<std::string_view> out;
  size_t start = 0;
  for (size_t i = 0; i <= text.size(); ++i)
    if (i == text.size() || text[i] == ',') {
      out.push_back(text.substr(start, i - start));
      start = i + 1;
    }
  return out;
}

void check_output(const Labels& output, const std::vector<Term>& terms, std::string_view text) {
  for (size_t i = 0; i < output.size(); ++i) {
    const bool twice = std::find(output.begin(), output.begin() + static_cast<int64_t>(i),
                                 output[i]) != output.begin() + static_cast<int64_t>(i);
    const bool known =
        std::any_of(terms.begin(), terms.end(), [&](const Term& t) { return t.has(output[i]); });
    LYDIA_CHECK(!twice && known, ValueError, "einsum: expected each letter of the output '", text,
                "' once, and in an operand");
  }
}

}  // namespace

Tensor einsum(std::string_view equation, const std::vector<Tensor>& operands) {
  LYDIA_LOW_PRECISION(einsum, equation, operands);
  std::string plain;
  for (char c : equation)
    if (c != ' ') plain.push_back(c);
  const size_t arrow = plain.find("->");
  const std::string_view all(plain);
  const auto texts = split_at_commas(all.substr(0, arrow));
  LYDIA_CHECK(!operands.empty() && texts.size() == operands.size(), ValueError, "einsum: '",
              equation, "' names ", texts.size(), " operands, got ", operands.size());
  DType dtype = operands[0].defined() ? operands[0].dtype() : DType::F32;
  for (const Tensor& t : operands) {
    check_defined("einsum", t, "operands");
    dtype = promote_types(dtype, t.dtype());
  }
  std::vector<Term> terms;
  int ellipsis_dims = 0;
  for (size_t i = 0; i < texts.size(); ++i) {
    terms.push_back(make_term(texts[i], to(operands[i], dtype)));
    const auto dims = std::count_if(terms[i].labels.begin(), terms[i].labels.end(),
                                    [](int l) { return l >= kEllipsis; });
    ellipsis_dims = std::max(ellipsis_dims, static_cast<int>(dims));
  }
  check_sizes(terms);
  const std::string_view right = arrow == std::string::npos ? "" : all.substr(arrow + 2);
  const Labels output = arrow == std::string::npos ? implied_output(texts, ellipsis_dims)
                                                   : parse_labels(right, ellipsis_dims);
  check_output(output, terms, right);
  const Term result = contract_all(std::move(terms), output);
  Labels gone;
  for (int l : result.labels)
    if (std::find(output.begin(), output.end(), l) == output.end()) gone.push_back(l);
  return in_order(sum_out(result, gone), output);
}

}  // namespace lydia
