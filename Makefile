# The two commands of README.md, and what developers need beside them. The build itself is CMake's:
# see CMakePresets.json.
JOBS ?= $(shell nproc)
BUILD := build/release
HELP_TEXT := build/corpus/help-tr.txt
DEMO_TEXT = $(or $(TEXT),$(HELP_TEXT))
STEPS ?= 400
DEMO_EVERY = $(shell echo $$((($(STEPS) + 2) / 3)))
DEMO_PROMPTS = "Belgeyi kaydetmek için" "Bu iletişim penceresinde"
CTEST := ctest --output-on-failure --no-tests=error --timeout 1200

# build_preset <preset>: configures once, then builds (ninja configures again when it must).
define build_preset
	@test -f build/$(1)/build.ninja || cmake --preset $(1)
	cmake --build --preset $(1) -j $(JOBS)
endef

.PHONY: all setup test check nightly demo plan figures bench bench-peers bench-tokenizers ablation format tidy clean

all: setup
	$(call build_preset,release)

setup:
	@tools/setup.sh

# The release build with all its tests: C++, Python, and the examples in their quick form.
test: all
	$(CTEST) --test-dir $(BUILD) -j $(JOBS)

# Format, layers, clashing names, and under ASan and UBSan every C++ test (leaks too) and the op
# sweep from Python.
check: setup
	tools/format --check
	tools/check_layers
	$(call build_preset,asan)
	tools/check_odr build/asan
	$(CTEST) --test-dir build/asan -j $(JOBS) -L 'cpp|^(ops|cli)$$'

# What takes longer: clang, ThreadSanitizer, clang-tidy, `pip install .`, more rounds of fuzzing.
nightly:
	@tools/setup.sh nightly
	$(call build_preset,clang)
	$(CTEST) --test-dir build/clang -j $(JOBS)
	$(call build_preset,tsan)
	$(CTEST) --test-dir build/tsan -L cpp
	tools/tidy --all
	tools/check_wheel
	$(call build_preset,asan)
	LYDIA_FUZZ_ROUNDS=20 $(CTEST) --test-dir build/asan -j $(JOBS) -L 'cpp|^(ops|cli|train)$$'

# The main job on real Turkish text (or TEXT=file), three to five minutes: trains MorphoPiece, shows how it
# cuts sentences beside byte-pair encoding, trains AGIFORMER's `minimal` on its tokens (STEPS=1000 for
# more), shows the loss and lets it write; then a small character model against a Kneser-Ney 5-gram.
# Pages and models: out/tokenizer, out/minimal, out/charlm.
demo: all
	@test -n "$(TEXT)" || tools/turkish_text $(HELP_TEXT)
	$(BUILD)/lydia tokenizer train $(DEMO_TEXT) --output out/tokenizer
	@$(BUILD)/lydia tokenizer show --bpe $(DEMO_TEXT) <examples/tokenizer/sentences.txt
	@$(BUILD)/lydia tokenizer show --bpe $(DEMO_TEXT) --html out/tokenizer/page.html \
	  <examples/tokenizer/sentences.txt
	@rm -rf out/minimal
	$(BUILD)/lydia train model=minimal data=morphopiece data.path=$(DEMO_TEXT) data.tokenizer=out/tokenizer \
	  data.batch_size=4 training.learning_rate=2e-3 training.max_steps=$(STEPS) training.eval_interval=$(DEMO_EVERY) \
	  training.save_interval=$(DEMO_EVERY) output_dir=out/minimal
	@for prompt in $(DEMO_PROMPTS); do \
	  echo; $(BUILD)/lydia generate --model out/minimal --prompt "$$prompt" --max-new-tokens 40 \
	    --temperature 0.7 --seed 1 || exit 1; \
	done
	@echo
	$(BUILD)/examples/charlm/charlm --text $(DEMO_TEXT) --out out/charlm

# plans/lydia.yaml: corpus, training, evaluation, a text, a release through the licence gate. What is
# up to date is not run again.
plan: all
	$(BUILD)/lydia atlas check plans/lydia.yaml
	$(BUILD)/lydia atlas run plans/lydia.yaml $(ARGS)

# The measured lines of docs/tensors.md and docs/training.md: every lesson and every training example
# in full. Takes most of an hour.
figures: all
	tools/figures

bench: all
	cmake --build --preset release -j $(JOBS) --target bench

# lydia against pinned peers, in one interleaved run; the table goes to docs/performance.md.
bench-peers: bench
	@tools/setup.sh bench
	PYTHONPATH=$(BUILD)/python .venv-bench/bin/python bench/peers/run.py $(ARGS)

# The tokenizer against pinned peers; the tables go to docs/morphopiece.md.
bench-tokenizers: all
	@tools/setup.sh bench
	PYTHONPATH=$(BUILD)/python .venv-bench/bin/python bench/peers/tokenizers.py \
	  --gold $(GOLD) --text $(TEXT) $(ARGS)

# Small AGIFORMERs with and without their parts, beside a plain transformer; the table goes to
# docs/agiformer.md. About an hour.
ablation: all
	.venv/bin/python bench/agiformer_ablation.py $(ARGS)

format:
	tools/format

tidy:
	@tools/setup.sh nightly
	tools/tidy

clean:
	rm -rf build out
