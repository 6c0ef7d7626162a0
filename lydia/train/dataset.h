// Where examples come from: by their number (Dataset) or one after another (IterableDataset).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lydia/train/example.h"

namespace lydia::train {

class Dataset {
 public:
  virtual ~Dataset() = default;
  virtual int64_t size() const = 0;
  // Called from several threads at once. io::CorruptRecord says that this one record is broken;
  // IndexError outside [0, size()).
  virtual Example get(int64_t index) const = 0;
  // The record's place for messages: "train.jsonl:17" where there is a file, else "example 17".
  virtual std::string where(int64_t index) const;

 protected:
  void check_index(int64_t index) const;
};
using DatasetPtr = std::shared_ptr<const Dataset>;

// Example i is row i of each tensor: views, nothing is copied.
class TensorDataset final : public Dataset {
 public:
  // ValueError unless all have the same first size.
  explicit TensorDataset(Example columns);
  int64_t size() const override { return size_; }
  Example get(int64_t index) const override;
  const Example& columns() const { return columns_; }

 private:
  Example columns_;
  int64_t size_ = 0;
};

// Example i is what a function makes of i. The function is called from several threads at once.
class FunctionDataset final : public Dataset {
 public:
  using Make = std::function<Example(int64_t)>;
  using Where = std::function<std::string(int64_t)>;
  FunctionDataset(int64_t size, Make make, Where where = nullptr);
  int64_t size() const override { return size_; }
  Example get(int64_t index) const override;
  std::string where(int64_t index) const override;

 private:
  int64_t size_;
  Make make_;
  Where where_;
};

// Keeps in memory what `base` has made once; for data that fit there and cost more to make than to
// keep. Callers must not change the tensors.
class CachedDataset final : public Dataset {
 public:
  explicit CachedDataset(DatasetPtr base);
  ~CachedDataset() override;
  int64_t size() const override { return base_->size(); }
  Example get(int64_t index) const override;
  std::string where(int64_t index) const override { return base_->where(index); }

 private:
  struct Slot;
  DatasetPtr base_;
  std::unique_ptr<Slot[]> slots_;
};

// The examples of `base` with these numbers, in this order.
class Subset final : public Dataset {
 public:
  Subset(DatasetPtr base, std::vector<int64_t> indices);
  int64_t size() const override { return static_cast<int64_t>(indices_.size()); }
  Example get(int64_t index) const override;
  std::string where(int64_t index) const override;

 private:
  DatasetPtr base_;
  std::vector<int64_t> indices_;
};

// One dataset after the other.
class ConcatDataset final : public Dataset {
 public:
  explicit ConcatDataset(std::vector<DatasetPtr> parts);
  int64_t size() const override { return ends_.empty() ? 0 : ends_.back(); }
  Example get(int64_t index) const override;
  std::string where(int64_t index) const override;

 private:
  std::pair<size_t, int64_t> locate(int64_t index) const;

  std::vector<DatasetPtr> parts_;
  std::vector<int64_t> ends_;
};

// The examples of one epoch, one after another. Used by one thread at a time.
class ExampleStream {
 public:
  virtual ~ExampleStream() = default;
  // False at the end. After an io::CorruptRecord the next call goes on behind the broken record.
  virtual bool next(Example& out) = 0;
  // Leaves out `count` sound examples. Override it where there is a quicker way than reading them.
  virtual void skip(int64_t count);
};

class IterableDataset {
 public:
  virtual ~IterableDataset() = default;
  // The same epoch gives the same examples in the same order, every time.
  virtual std::unique_ptr<ExampleStream> stream(int64_t epoch) const = 0;
};
using IterableDatasetPtr = std::shared_ptr<const IterableDataset>;

}  // namespace lydia::train
