#include "python/data.h"

#include <deque>

#include "lydia/ops/copy.h"
#include "lydia/ops/reduce.h"
#include "python/buffer.h"

namespace lydia::python {
namespace {

bool is_plain_number(PyObject* o) { return PyLong_Check(o) || PyFloat_Check(o); }

bool is_sequence(PyObject* o) {
  return PyList_Check(o) || PyTuple_Check(o) ||
         (PySequence_Check(o) && !PyUnicode_Check(o) && !PyBytes_Check(o));
}

[[noreturn]] void not_a_number(PyObject* o) {
  fail<TypeError>("tensor: expected numbers or bools, got ", nb::str(nb::handle(o).type()).c_str());
}

nb::object index_of(PyObject* o) {
  PyObject* index = PyNumber_Index(o);
  if (!index) throw nb::python_error();
  return nb::steal(index);
}

void check_same(bool same) {
  LYDIA_CHECK(same, ValueError, "tensor: expected data that does not change while it is read");
}

// First walk over the data: its shape, and the dtype that holds all leaves. Arrays and tensors in
// the sequences become lists, which the second walk finds again in the same order.
class Survey {
 public:
  explicit Survey(PyObject* data) { walk(data, 0); }

  Dims sizes;
  std::optional<DType> dtype;  // absent without leaves
  bool floats = false;         // a leaf is a floating number
  bool huge = false;           // an integer does not fit int64
  std::deque<nb::object> lists;

 private:
  void walk(PyObject* o, int depth) {
    if (is_plain_number(o)) return leaf(o, depth);
    if (PyList_CheckExact(o) || PyTuple_CheckExact(o)) return row(o, depth);
    if (PyObject_HasAttrString(o, "tolist")) {
      lists.push_back(nb::handle(o).attr("tolist")());
      typed_ = add_array(o);  // then its leaves add no dtype
      walk(lists.back().ptr(), depth);
      typed_ = false;
      return;
    }
    if (is_sequence(o)) return row(o, depth);
    if (!PyIndex_Check(o)) not_a_number(o);
    leaf(index_of(o).ptr(), depth);
  }

  bool add_array(nb::handle array) {
    std::optional<DType> known;
    if (nb::isinstance<Tensor>(array)) {
      known = nb::cast<const Tensor&>(array).dtype();
    } else if (PyObject_HasAttrString(array.ptr(), "dtype")) {
      const nb::object own = array.attr("dtype");
      known = dtype_from_name(nb::str(nb::handle(own)).c_str());
    }
    if (known) add(*known);
    return known.has_value();
  }
  void add(DType t) { dtype = dtype ? promote_types(*dtype, t) : t; }
  // Of a leaf: the first of its kind counts.
  void add_leaf(DType t, bool& seen) {
    if (seen || typed_) return;
    seen = true;
    add(t);
  }

  void leaf(PyObject* o, int depth) {
    if (PyBool_Check(o)) {
      add_leaf(DType::Bool, bools_);
    } else if (PyFloat_Check(o)) {
      floats = true;
      add_leaf(default_dtype(), reals_);
    } else {
      int overflow = 0;
      (void)PyLong_AsLongLongAndOverflow(o, &overflow);
      huge |= overflow != 0;
      add_leaf(DType::I64, ints_);
    }
    closed_ = true;
    check(depth == sizes.ndim());
  }

  void row(PyObject* o, int depth) {
    const nb::object items = nb::steal(PySequence_Fast(o, "tensor: expected a sequence"));
    if (!items.is_valid()) nb::raise_python_error();
    const Py_ssize_t n = PySequence_Fast_GET_SIZE(items.ptr());
    if (depth == sizes.ndim()) {
      check(!closed_);
      LYDIA_CHECK(depth < kMaxDims, ValueError, "tensor: expected at most ", kMaxDims,
                  " dimensions");
      sizes.push_back(n);
      closed_ = n == 0;
    } else {
      check(sizes[static_cast<size_t>(depth)] == n);
    }
    for (Py_ssize_t i = 0; i < n; ++i) {
      check(i <
            PySequence_Fast_GET_SIZE(items.ptr()));  // code of an item may have changed the list
      const nb::object item = nb::borrow(PySequence_Fast_GET_ITEM(items.ptr(), i));
      walk(item.ptr(), depth + 1);
    }
  }

  static void check(bool regular) {
    LYDIA_CHECK(regular, ValueError, "tensor: expected numbers in equally long rows");
  }

  bool closed_ = false;  // no deeper dimensions
  bool typed_ = false;   // inside an array
  bool bools_ = false, ints_ = false, reals_ = false;
};

// Second walk: writes the leaves, row by row.
template <class T>
class Filler {
 public:
  Filler(const Tensor& out, std::deque<nb::object>& lists)
      : to_(static_cast<T*>(out.data_ptr())), end_(to_ + out.numel()), lists_(lists) {}

  bool is_full() const { return to_ == end_; }

  void walk(PyObject* o) {
    if (is_plain_number(o)) {
      write(o);
    } else if (PyList_CheckExact(o) || PyTuple_CheckExact(o)) {
      row(o);
    } else if (PyObject_HasAttrString(o, "tolist")) {
      check_same(!lists_.empty());
      const nb::object list = std::move(lists_.front());
      lists_.pop_front();
      walk(list.ptr());
    } else if (is_sequence(o)) {
      row(o);
    } else {
      write(index_of(o).ptr());
    }
  }

 private:
  void row(PyObject* o) {
    const nb::object items = nb::steal(PySequence_Fast(o, ""));
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(items.ptr()); ++i) {
      const nb::object item = nb::borrow(PySequence_Fast_GET_ITEM(items.ptr(), i));
      walk(item.ptr());
    }
  }

  // Sequences run code of their own, which may give other items the second time.
  void write(PyObject* o) {
    check_same(to_ < end_);
    *to_++ = value(o);
  }

  static T value(PyObject* o) {
    T out{};
    if constexpr (std::is_same_v<T, double>)
      out = PyFloat_AsDouble(o);
    else if constexpr (std::is_same_v<T, uint64_t>)
      out = PyLong_AsUnsignedLongLong(o);
    else
      out = static_cast<T>(PyLong_AsLongLong(o));
    if (out == static_cast<T>(-1) && PyErr_Occurred()) {
      PyErr_Clear();
      fail<ValueError>("tensor: expected numbers that int64 or float64 can hold, got ",
                       nb::str(nb::handle(o)).c_str());
    }
    return out;
  }

  T* to_;
  T* const end_;
  std::deque<nb::object>& lists_;
};

template <class T>
Tensor filled(PyObject* data, Survey& survey) {
  Tensor out = empty(survey.sizes, dtype_of<T>());
  Filler<T> filler(out, survey.lists);
  if (out.numel()) filler.walk(data);
  check_same(filler.is_full());
  return out;
}

// The values in the widest dtype of their kind, and the dtype they have by themselves.
std::pair<Tensor, DType> read_sequence(PyObject* data, bool dtype_given) {
  Survey survey(data);
  const DType own = survey.dtype.value_or(default_dtype());
  if (survey.floats || is_floating(own)) return {filled<double>(data, survey), own};
  if (own == DType::Bool) return {filled<bool>(data, survey), own};
  LYDIA_CHECK(!survey.huge || dtype_given || own == DType::U64, ValueError,
              "tensor: expected integers that int64 can hold; give dtype= for larger ones");
  if (survey.huge) return {filled<uint64_t>(data, survey), own};
  return {filled<int64_t>(data, survey), own};
}

// Integers that `dtype` cannot hold are an error here, where a cast would wrap them.
void check_range(const Tensor& values, DType dtype) {
  if (!is_integral(values.dtype()) || !is_integral(dtype) || values.numel() == 0) return;
  const bool wider = item_size(dtype) > item_size(values.dtype());
  if (values.dtype() == dtype || (wider && is_signed(dtype) >= is_signed(values.dtype()))) return;
  const Scalar low = amin(values).item(), high = amax(values).item();
  const bool fits = visit_dtype(dtype, [&](auto tag) {
    using T = decltype(tag);
    if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>)
      return (low.kind() == Scalar::Kind::UInt ? std::in_range<T>(low.to<uint64_t>())
                                               : std::in_range<T>(low.to<int64_t>())) &&
             (high.kind() == Scalar::Kind::UInt ? std::in_range<T>(high.to<uint64_t>())
                                                : std::in_range<T>(high.to<int64_t>()));
    else
      return true;
  });
  LYDIA_CHECK(fits, ValueError, "tensor: expected values that ", dtype, " can hold, got ", low,
              " to ", high);
}

}  // namespace

Tensor tensor_of(nb::handle data, std::optional<DType> dtype) {
  PyObject* o = data.ptr();
  if (!PyLong_Check(o) && !PyFloat_CheckExact(o)) {  // NumPy's float64 scalar is a float
    if (PyObject_CheckBuffer(o)) {
      const Tensor shared = tensor_over_buffer(data, "tensor");
      if (dtype) check_range(shared, *dtype);
      return to(shared, dtype.value_or(shared.dtype()), true);
    }
    if (!is_sequence(o) && PyObject_HasAttrString(o, "__array__"))
      return tensor_of(data.attr("__array__")(), dtype);
  }
  const auto [values, own] = read_sequence(o, dtype.has_value());
  check_range(values, dtype.value_or(own));
  return to(values, dtype.value_or(own));
}

Tensor index_tensor(nb::handle item) {
  Tensor t;
  try {
    t = tensor_of(item, std::nullopt);
  } catch (const TypeError&) {
  } catch (const ValueError&) {
  }
  if (t.defined() && t.numel() == 0 && PyList_Check(item.ptr())) return to(t, DType::I64);
  LYDIA_CHECK(
      t.defined() && !is_floating(t.dtype()), IndexError,
      "index: expected ints, slices, Ellipsis, None, bools, or integer or bool arrays, got ",
      nb::str(item.type()).c_str());
  return t;
}

void register_data(Module& m) {
  m.def("_tensor_of", &tensor_of, "data"_a.none(), "dtype"_a.none());
  m.def(
      "_over_buffer", [](nb::object o, const char* op) { return tensor_over_buffer(o, op); },
      "object"_a, "op"_a);
  m.def("_has_buffer", [](nb::handle o) { return PyObject_CheckBuffer(o.ptr()) != 0; });
}

}  // namespace lydia::python
