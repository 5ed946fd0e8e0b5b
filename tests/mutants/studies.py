"""Mistakes in studies: what keeps their runs, draws and counts them, what they tell; and in a recorded training."""

from __future__ import annotations

from .case import mutant

FILES = {
    "study_bits": "tests/study/test_same_bits.py",
    "study_damage": "tests/study/test_damage.py",
    "study_records": "tests/study/test_record.py",
    "study_status": "tests/study/test_status.py",
    "study_designs": "tests/study/test_designs.py",
    "study_precision": "tests/study/test_precision.py",
    "study_shard": "tests/study/test_shard.py",
    "study_cluster": "tests/study/test_cluster.py",
    "study_matching": "tests/study/test_matching.py",
    "study_table": "tests/reporting/test_difference_table.py",
    "study_powers": "tests/study/test_power_law.py",
    "study_screen": "tests/study/test_rank_screen.py",
    "study_sobol": "tests/study/test_sobol_indices.py",
    "study_difference": "tests/study/test_difference.py",
    "training_physics": "tests/infer/test_training_physics.py",
    "training_stretches": "tests/infer/test_training_stretches.py",
    "training_tampering": "tests/infer/test_training_tampering.py",
    "training_endurance": "tests/infer/test_training_endurance.py",
}
RECORD, STORE, TABLE, CLAIMS = (f"study/{n}.py" for n in ("record", "store", "table", "claims"))
SEALED = "sealed.py"
DESIGNS, AXES, SPEC, WORK, PRECISION = (f"study/{n}.py" for n in ("designs", "axes", "spec", "work", "precision"))
ENGINE, SHARD, CLUSTER, PULSE, PLAN = (f"study/{n}.py" for n in ("engine", "shard", "cluster", "pulse", "plan"))
GROUPS, SCREEN, SOBOL = (f"study/{n}.py" for n in ("power_groups", "rank_screen", "sobol_indices"))
SIGMAS = "study/cell_sigmas.py"
ESTIMATES, RECORDING, STEPS = (f"infer/training_{n}.py" for n in ("estimates", "recording", "steps"))

MUTANTS = (
    mutant(
        "studies: a record's seal is not looked at",
        "study_damage",
        (SEALED, 'content.pop("seal") == seal_of(content)', 'content.pop("seal")'),
    ),
    mutant(
        "studies: a record may be another run's",
        "study_damage",
        (RECORD, 'content is not None and content.get("key") == key', "content is not None"),
    ),
    mutant(
        "studies: verdicts are not checked",
        "study_damage",
        (RECORD, 'content["verdict"] not in VERDICTS or ', ""),
    ),
    mutant(
        "studies: records are written in place",
        "study_bits",
        (SEALED, "    os.replace(partial, path)\n", "    path.write_text(text)\n"),
    ),
    mutant(
        "studies: a failure is not kept",
        "study_status",
        (WORK, "    except Exception as error:", "    except ZeroDivisionError as error:"),
    ),
    mutant(
        "studies: a failure is tried again",
        "study_status",
        (
            STORE,
            "read_finished(self.path, key) is not None or read_failed(self.path, key) is not None",
            "read_finished(self.path, key) is not None",
        ),
    ),
    mutant("studies: a retry forgets nothing", "study_status", (ENGINE, "store.forget(mine)", "pass")),
    mutant(
        "studies: another study is written over",
        "study_bits study_damage",
        (STORE, "    if not others:\n", "    if True:\n"),
    ),
    mutant(
        "studies: two writers train the same run",
        "study_bits",
        (
            CLAIMS,
            "        except (BlockingIOError, PermissionError):\n            return False",
            "        except (BlockingIOError, PermissionError):\n            return True",
        ),
    ),
    mutant(
        "studies: a run freed by a killed process is left",
        "study_bits",
        (STORE, "left = [cell for cell in cells if not self.settled(cell.key)]", "left: list[Cell] = []"),
    ),
    mutant(
        "studies: a table's seal is not looked at",
        "study_damage",
        (TABLE, 'if found.attrs.get("seal") != table_seal(found):', "if False:"),
    ),
    mutant(
        "studies: a table that stands is not looked at",
        "study_damage",
        (ENGINE, "return read_table(table).identical(results)", "return True"),
    ),
    mutant("studies: a table of any size is read", "study_damage", (TABLE, " or array.shape[0] > MAX_CELLS", "")),
    mutant(
        "studies: what is lost from a table reads as zero",
        "study_damage",
        (TABLE, '{"f": np.nan, "i": -1}.get(variable.dtype.kind, 0)', "0"),
    ),
    mutant(
        "studies: every run has the same noise",
        "study_bits",
        (WORK, "cell=cell.key, progress=progress), {", 'cell="", progress=progress), {'),
    ),
    mutant(
        "studies: the digest leaves errors out",
        "study_records",
        (RECORD, "[e.value.hex(), e.stderr.hex(), e.side]", "[e.value.hex(), e.side]"),
    ),
    mutant(
        "studies: a shard takes its neighbour's runs",
        "study_shard",
        (SHARD, "index % self.of == self.number - 1", "index % self.of == self.number % self.of"),
    ),
    mutant(
        "studies: a new parameter changes old keys",
        "study_designs",
        (AXES, '(name != "ramp" and value != DEFAULTS[name])', 'name != "ramp"'),
    ),
    mutant(
        "studies: patterns told twice make another run",
        "study_designs",
        (SPEC, "named(point | as_told)", "named(point)"),
    ),
    mutant(
        "studies: drawings draw the same patterns",
        "study_designs",
        (SPEC, "    if number == 0:\n", "    if number >= 0:\n"),
    ),
    mutant(
        "studies: logarithmic ranges are linear",
        "study_designs",
        (AXES, 'if self.scale == "log":\n            value', 'if self.scale == "":\n            value'),
    ),
    mutant("studies: two axes are drawn alike", "study_designs", (DESIGNS, "key=[seed, i]", "key=[seed, 0]")),
    mutant(
        "studies: a ramp is not told",
        "study_designs",
        (DESIGNS, '    if point["ramp"] is not None:\n', "    if False:\n"),
    ),
    mutant(
        "studies: a rule's parameter is forgotten",
        "study_designs",
        (WORK, "return rule.tuned(parameter)", "return rule"),
    ),
    mutant(
        "studies: a network is forgotten",
        "study_designs",
        (WORK, '"network": _network(coordinates["network"])', '"network": None'),
    ),
    mutant(
        "studies: feedback is forgotten",
        "study_designs",
        (
            WORK,
            '("labelling", "patterns", "inputs", "drawing", "ramp", "parameter")',
            '("labelling", "patterns", "inputs", "drawing", "ramp", "parameter", "feedback")',
        ),
    ),
    mutant(
        "studies: scouts share the run's noise",
        "study_precision",
        (WORK, 'cell=f"{cell.key}/scouts {number}")', "cell=cell.key)"),
    ),
    mutant(
        "studies: half the replicas that an error needs",
        "study_precision",
        (PRECISION, "wanted = needed * (", "wanted = 0.5 * needed * ("),
    ),
    mutant("studies: no room for the scouts' doubt", "study_precision", (PRECISION, "DOUBTS = 2.0", "DOUBTS = 0.0")),
    mutant(
        "studies: a budget counts without its scouts",
        "study_precision",
        (PRECISION, "left = precision.at_most - spent", "left = precision.at_most"),
    ),
    mutant(
        "studies: an error that is missed is not told",
        "study_precision",
        (WORK, "reached = taken.stderr <= precision.target(taken.value)", "reached = True"),
    ),
    mutant(
        "studies: the dead are still at work",
        "study_status",
        (
            PULSE,
            "    except (ProcessLookupError, OverflowError):\n        return False",
            "    except (ProcessLookupError, OverflowError):\n        return True",
        ),
    ),
    mutant(
        "studies: a plan counts what is settled",
        "study_status",
        (PLAN, "        if cell.key in settled:\n            continue\n", ""),
    ),
    mutant(
        "cluster: more runs in flight than there is room for", "study_cluster", (CLUSTER, "AHEAD = 2\n", "AHEAD = 3\n")
    ),
    mutant(
        "cluster: workers of other versions",
        "study_cluster",
        (CLUSTER, "    if maker() != made_by:\n        return maker()\n", ""),
    ),
    mutant(
        "cluster: keys that others can read",
        "study_cluster",
        ("study/cluster_existing.py", "status.st_mode & 0o077:", "status.st_mode & 0o007:"),
    ),
    mutant(
        "exponents: chi2 halved",
        "study_powers",
        (GROUPS, "2.0 * float(found.cost), x.size - 2", "float(found.cost), x.size - 2"),
    ),
    mutant(
        "screen: permuted across groups",
        "study_screen",
        (SCREEN, "left[np.argsort(group + draw", "left[np.argsort(0.0 * group + draw"),
    ),
    mutant(
        "sobol: noise taken twice",
        "study_sobol",
        (SOBOL, "0.5 * (square[:, j] + square[:, 0])", "square[:, j] + square[:, 0]"),
    ),
    mutant(
        "sobol: points of one cell counted as two",
        "study_sobol",
        (SOBOL, "shared = np.where(cell[:, j] == cell[:, -1], square[:, -1], 0.0)", "shared = np.zeros(y.shape[0])"),
    ),
    mutant(
        "differences: only the larger error",
        "study_difference",
        (SIGMAS, "error = np.hypot(*stderr)", "error = np.maximum(*stderr)"),
    ),
    mutant(
        "differences: bounds that agree exclude each other",
        "study_difference",
        (SIGMAS, "(direction * sigmas > ALARM)", "(np.abs(sigmas) > ALARM)"),
    ),
    mutant(
        "training: noise heat of a step doubled",
        "training_physics",
        (ESTIMATES, "warm = 0.5 * eta**2 * traces / n", "warm = eta**2 * traces / n"),
    ),
    mutant(
        "training: scatter of parts for that of the mean",
        "training_physics",
        (RECORDING, "np.var(shards, axis=0, ddof=1) / shards.shape[0]", "np.var(shards, axis=0, ddof=1)"),
    ),
    mutant(
        "training: spurious heat left in",
        "training_physics",
        (ESTIMATES, "heat = raw - 0.5 * eta * traces if scatter", "heat = raw if scatter"),
    ),
    mutant(
        "training: loss of the wrong sign in the balance",
        "training_physics",
        (ESTIMATES, "mean = (balance + change) / (n", "mean = (balance - change) / (n"),
    ),
    mutant(
        "training: bias of 1/T left in",
        "training_physics",
        (ESTIMATES, "raw * (1.0 - 2.0 / freedom) - own", "raw - own"),
    ),
    mutant(
        "training: heat with the gradient before the step",
        "training_physics",
        (STEPS, '"after": float(g @ dw)', '"after": float(last @ dw)'),
    ),
    mutant(
        "training: the way while away counted with the recorded",
        "training_stretches",
        (STEPS, "since = away if self._begun is self.start else w - self._begun", "since = away"),
    ),
    mutant(
        "training: half the way that noise goes",
        "training_stretches",
        ("infer/training_sums.py", "wandered = 2.0 * float(rate", "wandered = float(rate"),
    ),
    mutant(
        "training: stretches joined across a break",
        "training_stretches",
        (
            "infer/training_sums.py",
            "[stretch] for stretch in training.stretches]",
            "[stretch] for stretch in [slice(None)]]",
        ),
    ),
    mutant(
        "training: weights that never moved are counted",
        "training_stretches",
        (STEPS, "self.sums[MOVES] += dw[k] != 0.0", "self.sums[MOVES] += 1.0"),
    ),
    mutant(
        "training: what is no plain file is read",
        "training_tampering",
        ("infer/training_store.py", "not stat.S_ISREG(found.st_mode) or ", ""),
    ),
    mutant(
        "training: a recorder ends the training",
        "training_endurance",
        (RECORDING, "            except Exception as error:", "            except OSError as error:"),
    ),
    mutant(
        "budget: interference of two terms taken as independent",
        "budget",
        (
            "learning/decomposition.py",
            'known["interference"] = k.interference',
            'known["interference"] = k.of_all - k.of_each',
        ),
    ),
    mutant(
        "budget: what was never met adds no error",
        "budget",
        ("learning/knowledge.py", "unseen=unseen**2)", "unseen=0.0)"),
    ),
    mutant(
        "matched: conditions mixed",
        "study_matching",
        ("study/matching.py", '["rule", "schedule", *apart]', '["rule", "schedule"]'),
    ),
    mutant(
        "differences: a shift downwards is none",
        "study_difference",
        ("study/difference.py", "abs(self.shift) > ALARM", "self.shift > ALARM"),
    ),
    mutant(
        "differences: no alarm for all runs together",
        "study_difference",
        ("study/difference.py", "self.probability < UNLIKELY", "False"),
    ),
    mutant(
        "differences: nothing in common is no difference",
        "study_difference",
        ("study/difference.py", "+ self.broken_bits + self.nothing", "+ self.broken_bits"),
    ),
    mutant(
        "differences: what a stranger wrote goes to the terminal",
        "study_table",
        ("reporting/difference_table.py", "return escape(printable(found))", "return escape(found)"),
    ),
)
