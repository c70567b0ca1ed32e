#!/usr/bin/env python3
"""The shipped scenarios and parameter sets are valid by configs/scenario.schema.json; planted mistakes are not.

YAML is read as our reader and editors (YAML 1.2) read it: only true and false are booleans, 1e5 is a number.
"""
import json, pathlib, re, sys
import jsonschema, yaml


class Loader(yaml.SafeLoader):
    pass


Loader.yaml_implicit_resolvers = {}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|false)$"), list("tf"))
Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?(0|[1-9][0-9]*)$"), list("-0123456789"))
Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"^-?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"), list("-.0123456789"))

root = pathlib.Path(sys.argv[1])
schema = json.loads((root / "configs/scenario.schema.json").read_text())
jsonschema.Draft7Validator.check_schema(schema)
check = jsonschema.Draft7Validator(schema)
check_site = jsonschema.Draft7Validator(schema["properties"]["secondary_sites"]["additionalProperties"])  # configs/sites: keys of a site
problems = []

# Sweeps, fits and machine files are other languages, with readers of their own.
files = [f for folder, pattern in (("scenarios", "**/*.yaml"), ("configs", "*/*.yaml")) for f in sorted((root / folder).glob(pattern))
         if f.parent.name not in ("sweeps", "fits", "machines")]
for file in files:
    for error in (check_site if file.parent.name == "sites" else check).iter_errors(yaml.load(file.read_text(), Loader=Loader)):
        problems.append(f"{file}: {'.'.join(map(str, error.absolute_path))}: {error.message[:200]}")
if len(files) < 20:
    problems.append(f"only {len(files)} files found below {root}")

# What the schema can see, it must see.
good = yaml.load((root / "scenarios/sarcoma_spheroid.yaml").read_text(), Loader=Loader)
for path, value in ((["domian"], 1), (["domain", "voxle"], "20 um"), (["domain", "voxel"], "20 min"), (["domain", "voxel"], 20), (["duration"], 72),
                    (["seed"], "one"), (["processes"], {"division": "of"}), (["matrix"], "nothing"), (["matrix", "alignment"], 1.5),
                    (["population", "core", "place"], {"spere": {}}), (["fields", "oxygen", "initial"], 38), (["fields", "mmp", "initial"], "38 mmHg"),
                    (["perturbations"], {"a": {"knobs": {"akt1_knockdown": 1.5}}}), (["perturbations"], {"a": {"knobs": {"no_knob": 1}}}),
                    (["vessels"], {"v": {"path": [["0 um", "0 um"]]}}), (["vessels"], {"v": {"way": []}}), (["vessel_wall"], {"oxygen": 40}),
                    (["secondary_sites"], {"lung": {"domian": {}}}), (["secondary_sites"], {"lung": {"fields": {"oxygen": {"initial": 38}}}}),
                    (["circulation"], {"lodging": {"lung": 1.5}}), (["circulation"], {"split_in": 0})):
    bad = json.loads(json.dumps(good))
    at = bad
    for key in path[:-1]:
        at = at.setdefault(key, {})
    at[path[-1]] = value
    if check.is_valid(bad):
        problems.append(f"the schema accepts {'.'.join(path)} = {value!r}")
bad = dict(good)
del bad["extends"], bad["duration"]
if check.is_valid(bad):
    problems.append("the schema accepts a scenario without duration")

print("\n".join(problems), end="\n" if problems else "")
sys.exit(bool(problems))
