// The core of lydia.agiformer: the C++ model, whose tensors are the Python module's parameters.
#include <nanobind/stl/pair.h>

#include "lydia/io/json.h"
#include "lydia/models/agiformer/generate.h"
#include "lydia/models/agiformer/pretrained.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"
#include "python/bind.h"
#include "python/register.h"

namespace lydia::python {
namespace {

using namespace models;
using Maybe = std::optional<Tensor>;

struct Core {
  std::unique_ptr<Agiformer> model;
  GenerationOptions generation = {};  // what is saved beside the model, as it was found there
};

AgiformerInput input_of(const Maybe& text, const Maybe& image, const Maybe& audio,
                        const Maybe& video, const Maybe& mask, const Maybe& morpho_types,
                        const Maybe& semantic_categories) {
  const auto get = [](const Maybe& t) { return t.value_or(Tensor()); };
  return {get(text),
          get(image),
          get(audio),
          get(video),
          get(mask),
          get(morpho_types),
          get(semantic_categories)};
}

double mean_of(const Tensor& t) { return mean(t.detach().to(DType::F32)).item<double>(); }

nb::dict router_dict(const RouterInfo& r) {
  nb::dict info;
  info["load_balancing_loss"] = r.load_balancing_loss;
  info["z_loss"] = r.z_loss;
  info["expert_usage"] = r.expert_usage.detach();
  info["router_entropy"] = r.router_entropy;
  info["choice"] = r.choice;
  info["weight"] = r.weight;
  nb::dict out;
  out["router_info"] = info;
  out["num_active_experts"] = sum(gt(r.expert_usage, 0)).item<int64_t>();
  return out;
}

nb::dict introspection_dict(const IntrospectionInfo& seen) {
  nb::dict out;
  out["num_iterations"] = seen.rounds.size();
  out["expected_iterations"] = mean_of(seen.expected_rounds);
  out["final_confidence"] = mean_of(seen.confidence);
  out["final_error"] = mean_of(seen.error);
  out["confidence"] = seen.confidence;
  out["error"] = seen.error;
  nb::list rounds;
  for (const IntrospectionRound& r : seen.rounds) {
    nb::dict round;
    round["error_score"] = mean_of(r.error);
    round["confidence"] = mean_of(r.confidence);
    rounds.append(round);
  }
  out["iterations"] = rounds;
  return out;
}

nb::dict info_dict(const AgiformerInfo& info) {
  nb::dict out;
  out["modalities"] = info.modalities;
  if (info.memory.present) {
    nb::dict memory;
    memory["step_count"] = info.memory.step_count;
    memory["read_entropy"] = info.memory.read_entropy;
    memory["slots_used"] = info.memory.slots_used;
    out["memory"] = memory;
  }
  nb::list blocks;
  for (const RouterInfo& r : info.routers) {
    nb::dict block;
    block["moe"] = router_dict(r);
    if (info.introspection.present && blocks.size() + 1 == info.routers.size())
      block["introspection"] = introspection_dict(info.introspection);
    blocks.append(block);
  }
  out["blocks"] = blocks;
  return out;
}

MemoryState state_of(const MemoryState* state) { return state ? *state : MemoryState(); }

nb::tuple forward(Core& core, const Maybe& text, const Maybe& image, const Maybe& audio,
                  const Maybe& video, const Maybe& mask, const Maybe& morpho_types,
                  const Maybe& semantic_categories, const MemoryState* state, bool training) {
  if (core.model->training() != training) core.model->train(training);
  AgiformerOutput out = core.model->forward(
      input_of(text, image, audio, video, mask, morpho_types, semantic_categories),
      state_of(state));
  nb::dict info = info_dict(out.info);
  if (out.state.defined()) info["state"] = out.state;
  return nb::make_tuple(out.logits, out.states, info, std::move(out));
}

nb::dict loss(const Core& core, const AgiformerOutput& out, const Tensor& target) {
  const AgiformerLoss parts = core.model->loss(out, target);
  nb::dict d;
  d["total"] = parts.total;
  d["language"] = parts.language;
  d["load_balancing"] = parts.balance;
  d["router_z"] = parts.router_z;
  d["confidence"] = parts.confidence;
  d["error"] = parts.error;
  d["ponder"] = parts.ponder;
  return d;
}

Tensor run_generate(Core& core, const Tensor& text, const nb::dict& settings, const Maybe& mask,
                    const Maybe& image, const Maybe& audio, const Maybe& video,
                    const nb::object& streamer, MemoryState* state) {
  GenerationOptions o;
  const auto get = [&](const char* name, auto& to, const char* kind) {
    const nb::object value = settings[name];
    LYDIA_CHECK(nb::try_cast(value, to), TypeError, "generate: ", name, ": expected ", kind,
                ", got ", nb::repr(value).c_str());
  };
  const char *const integer = "an integer of 64 bits", *const number = "a number";
  get("max_new_tokens", o.max_new_tokens, integer), get("temperature", o.temperature, number);
  get("top_k", o.top_k, integer), get("top_p", o.top_p, number);
  get("repetition_penalty", o.repetition_penalty, number);
  get("use_cache", o.use_cache, "True or False");
  if (!settings["eos"].is_none()) get("eos", o.eos, integer);
  if (!settings["seed"].is_none()) get("seed", o.seed.emplace(), "an integer of 0 to 2^64 - 1");
  LYDIA_CHECK(streamer.is_none() || PyCallable_Check(streamer.ptr()), TypeError,
              "generate: streamer: expected a function of the tokens [B], got ",
              nb::repr(streamer).c_str());
  const Streamer stream = [&](const Tensor& tokens) {
    if (PyErr_CheckSignals() != 0) throw nb::python_error();  // Ctrl-C
    if (streamer.is_none()) return true;
    const nb::object go_on = streamer(tokens);
    const int truth = go_on.is_none() ? 1 : PyObject_IsTrue(go_on.ptr());
    if (truth < 0) throw nb::python_error();
    return truth != 0;
  };
  return generate(*core.model, text, o, mask.value_or(Tensor()),
                  {image.value_or(Tensor()), audio.value_or(Tensor()), video.value_or(Tensor())},
                  stream, state);
}

nb::dict tensors_of(const MemoryState& s) {
  nb::dict out;
  for (const auto& [name, value] : s.tensors()) out[name.c_str()] = value;
  return out;
}

MemoryState state_from(const nb::dict& tensors) {
  nn::NamedTensors named;
  for (const auto& [name, value] : tensors)
    named.emplace_back(nb::cast<std::string>(name), nb::cast<Tensor>(value));
  return MemoryState::from_tensors(named);
}

void register_state(nb::module_& m) {
  nb::class_<MemoryState>(m, "_MemoryState",
                          "What sequences have left in an AGIFORMER's memory: passed in and out of "
                          "forward. MemoryState() is empty.")
      .def(nb::init<>())
      .def_prop_ro(
          "step_counts",
          [](const MemoryState& s) {
            return s.defined() ? s.counts : zeros({0, 3}, DType::I64);
          },
          "int64 [batch, 3]: tokens seen, writes, slots in use.")
      .def("detach", &MemoryState::detached, "The same state, cut off the graph.")
      .def("tensors", &tensors_of, "The state as named tensors, for files; they share its storage.")
      .def_static("from_tensors", &state_from, "tensors"_a,
                  "The state of such tensors; ValueError for half of one.")
      .def("__getstate__",
           [](const MemoryState& s) { return s.defined() ? tensors_of(s) : nb::dict(); })
      .def("__setstate__",
           [](MemoryState& s, const nb::dict& tensors) {
             new (&s) MemoryState(tensors.size() > 0 ? state_from(tensors) : MemoryState());
           })
      .def("__repr__", [](const MemoryState& s) {
        if (!s.defined()) return std::string("MemoryState(empty)");
        return "MemoryState(batch " + std::to_string(s.batch()) + ", working " +
               std::to_string(s.working.size(1)) + ", slots " + std::to_string(s.bank.size(1)) +
               ", width " + std::to_string(s.total.size(1)) + ")";
      });
}

}  // namespace

void register_agiformer(nb::module_& m) {
  register_state(m);
  nb::class_<AgiformerOutput>(m, "_AgiformerOutput");
  nb::class_<Core>(m, "_Agiformer")
      .def("__init__",
           [](Core* self, const std::string& config) {
             new (self) Core{std::make_unique<Agiformer>(
                 agiformer_config(io::parse_json(config, "AGIFORMER")))};
           })
      .def("config", [](const Core& c) { return io::to_json(to_json(c.model->config)); })
      .def("named_parameters", [](const Core& c) { return c.model->named_parameters(); })
      .def("forward", &forward, "text"_a.none(), "image"_a.none(), "audio"_a.none(),
           "video"_a.none(), "mask"_a.none(), "morpho_types"_a.none(),
           "semantic_categories"_a.none(), "state"_a.none(), "training"_a)
      .def("loss", &loss)
      .def("generate", &run_generate, "text"_a, "settings"_a, "mask"_a.none(), "image"_a.none(),
           "audio"_a.none(), "video"_a.none(), "streamer"_a.none(), "state"_a.none())
      .def("set_morphology",
           [](Core& c, const Tensor& types, const Tensor& categories) {
             c.model->set_morphology(types, categories);
           })
      .def("load_vision",
           [](Core& c, const std::string& directory) { c.model->load_vision(directory); })
      .def("save", [](const Core& c, const std::string& directory) {
        save_pretrained(*c.model, directory, c.generation);
      });
  m.def("_agiformer_load", [](const std::string& directory) {
    return Core{load_pretrained(directory), load_generation_config(directory)};
  });
  m.def("_agiformer_clip_config", [](const std::string& directory, const std::string& config) {
    AgiformerConfig c = agiformer_config(io::parse_json(config, "AGIFORMER"));
    read_clip_config(directory, c);
    return io::to_json(to_json(c));
  });
  // The Python object becomes another handle of `tensor`: gradients and values are shared.
  m.def("_share_tensor", [](nb::handle_t<Tensor> object, const Tensor& tensor) {
    nb::cast<Tensor&>(object) = tensor;
  });
}

}  // namespace lydia::python
