#!/usr/bin/env python3
"""Makes tests/config/golden.json: what Hydra 1.3 composes from a table of configs and overrides.

Run it with a Python that has hydra-core 1.3 (and nothing of lydia):
    python -m venv /tmp/hydra && /tmp/hydra/bin/pip install 'hydra-core==1.3.*'
    /tmp/hydra/bin/python tools/make_config_goldens.py

A case is (name, config folder, primary config, override lists). For each override list the file
holds the unresolved and the resolved configuration, or an error for what Hydra refuses.
"""
import json
import math
import os
import sys
import tempfile
import warnings
from pathlib import Path

from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from omegaconf import OmegaConf

sys.path.insert(0, str(Path(__file__).resolve().parent))
from config_golden_cases import CASES, SCALARS, SWEEPS, WORDS  # noqa: E402

warnings.simplefilter("ignore")
OUT = Path(__file__).resolve().parent.parent / "tests" / "config" / "golden.json"


def plain(value):
    """JSON without NaN and infinity; keys as text."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return {"__float__": repr(value)}
    return value


def container(config, resolve):
    try:
        return {"value": plain(OmegaConf.to_container(config, resolve=resolve))}
    except Exception as error:
        return {"error": type(error).__name__}


def run_case(files, name, overrides):
    with tempfile.TemporaryDirectory() as folder:
        for path, text in files.items():
            target = Path(folder) / (path + ".yaml")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        GlobalHydra.instance().clear()
        try:
            with initialize_config_dir(config_dir=folder, version_base="1.3"):
                config = compose(config_name=name, overrides=overrides)
        except Exception as error:
            return {"error": type(error).__name__}
        return {"raw": container(config, False), "resolved": container(config, True)}


def scalar(text):
    try:
        value = OmegaConf.to_container(OmegaConf.create("a: " + text))["a"]
        return {"text": text, "value": plain(value)}
    except Exception as error:
        return {"text": text, "error": type(error).__name__}


def word(text):
    try:
        override = OverridesParser.create().parse_override("a=" + text)
        if override.is_sweep_override():
            return {"text": text, "sweep": True}
        return {"text": text, "value": plain(override.value())}
    except Exception as error:
        return {"text": text, "error": type(error).__name__}


def sweep(overrides):
    parsed = OverridesParser.create().parse_overrides(overrides)
    return {"overrides": overrides, "runs": BasicSweeper.split_arguments(parsed, None)[0]}


def main():
    os.environ["LYDIA_GOLDEN"] = "from env"
    os.environ.pop("LYDIA_UNSET", None)
    cases = []
    for name, files, primary, override_lists in CASES:
        runs = [{"overrides": o, **run_case(files, primary, o)} for o in override_lists]
        cases.append({"name": name, "files": files, "config": primary, "runs": runs})
    golden = {"cases": cases, "scalars": [scalar(text) for text in SCALARS],
              "words": [word(text) for text in WORDS], "sweeps": [sweep(o) for o in SWEEPS]}
    OUT.write_text(json.dumps(golden, ensure_ascii=False, indent=1) + "\n")
    count = sum(len(case["runs"]) for case in cases)
    print(f"{OUT}: {count} compositions, {len(SCALARS)} scalars, {len(WORDS)} words")


if __name__ == "__main__":
    main()
