# The two commands of README.md, and what developers need beside them. The build itself is CMake's:
# see CMakePresets.json.
JOBS ?= $(shell nproc)
BUILD := build/release
HELP_TEXT := build/corpus/help-tr.txt
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

# On real Turkish text (or TEXT=file): trains the tokenizer, shows how it cuts sentences beside
# byte-pair encoding (out/tokenizer/page.html too), then trains a small character model, shows it
# against a 5-gram model, and lets it write. Report and weights go to out/charlm.
demo: all
	@test -n "$(TEXT)" || tools/turkish_text $(HELP_TEXT)
	$(BUILD)/lydia tokenizer train $(or $(TEXT),$(HELP_TEXT)) --output out/tokenizer
	@$(BUILD)/lydia tokenizer show --bpe $(or $(TEXT),$(HELP_TEXT)) <examples/tokenizer/sentences.txt
	@$(BUILD)/lydia tokenizer show --bpe $(or $(TEXT),$(HELP_TEXT)) --html out/tokenizer/page.html \
	  <examples/tokenizer/sentences.txt
	$(BUILD)/examples/charlm/charlm --text $(or $(TEXT),$(HELP_TEXT)) --out out/charlm

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
