"""Tests of scripts/check_layers.py."""

import pathlib
import tempfile
import unittest

import support

layers = support.load("check_layers")


class Layers(unittest.TestCase):
    def violations(self, files):
        """The violations in a tree of the given files (path -> text)."""
        with tempfile.TemporaryDirectory() as folder:
            for path, text in files.items():
                file = pathlib.Path(folder, path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
            return layers.check(pathlib.Path(folder))[0]

    def assert_violation(self, path, line, words):
        violations = self.violations({path: f"#pragma once\n{line}\n"})
        self.assertEqual(len(violations), 1, violations)
        self.assertIn(f"{path}:2: ", violations[0])
        self.assertIn(words, violations[0])

    def test_every_arrow_of_the_table_is_allowed(self):
        for folder, targets in layers.MAY_INCLUDE.items():
            for target in (folder, *targets):
                tree = {f"{folder}/a.cc": f'#include "{target}/b.h"\n#include <vector>\n'}
                self.assertEqual(self.violations(tree), [])

    def test_every_other_arrow_is_refused(self):
        for folder, targets in layers.MAY_INCLUDE.items():
            for target in set(layers.MAY_INCLUDE) - set(targets) - {folder}:
                self.assert_violation(f"{folder}/a.cc", f'#include "{target}/b.h"',
                                      f"{folder} may not include {target}")

    def test_arrows_that_the_design_names_are_refused(self):
        for path, target in (("harness/base/a.h", "harness/core/cell.h"),
                             ("harness/core/a.cc", "harness/host/probe.h"),
                             ("harness/host/a.cc", "harness/ipc/start_gate.h"),
                             ("workloads/torch/a.cc", "harness/run/worker.h"),
                             ("reports/a.cc", "harness/run/sweep.h"),
                             ("harness/run/a.cc", "workloads/registry.h"),
                             ("harness/run/a.cc", "tests/support/fake.h")):
            self.assert_violation(path, f'#include "{target}"', "may not include")

    def test_indented_and_bracketed_includes_are_seen(self):
        self.assert_violation("harness/base/a.h", '  #  include "bench/main.h"', "may not include")
        self.assert_violation("harness/base/a.h", "#include <bench/main.h>", "may not include")
        self.assert_violation("harness/core/a.h", "#include <harness/base/error.h>", "in quotes")

    def test_a_path_that_does_not_start_at_the_root_is_refused(self):
        self.assert_violation("harness/base/a.cc", '#include "error.h"', "from the root")

    def test_libtorch_is_seen_by_its_folder_alone(self):
        for header in ("torch/torch.h", "ATen/Parallel.h", "c10/util/Logging.h"):
            for path in ("workloads/a.cc", "harness/run/a.cc", "tests/workloads/a.cc"):
                self.assert_violation(path, f"#include <{header}>", "only workloads/torch may see")
            tree = {"workloads/torch/a.cc": f"#include <{header}>\n"}
            self.assertEqual(self.violations(tree), [])

    def test_hwloc_is_seen_by_its_folder_alone(self):
        self.assert_violation("harness/run/a.cc", "#include <hwloc.h>", "only harness/host")
        self.assert_violation("bench/a.cc", "#include <hwloc/shmem.h>", "only harness/host")
        self.assertEqual(self.violations({"harness/host/a.cc": "#include <hwloc.h>\n"}), [])

    def test_a_cycle_of_headers_is_named(self):
        tree = {f"harness/base/{a}.h": f'#include "harness/base/{b}.h"\n' for a, b in ("ab", "bc", "ca")}
        violations = self.violations(tree)
        self.assertEqual(len(violations), 1, violations)
        self.assertIn("harness/base/a.h -> harness/base/b.h -> harness/base/c.h -> harness/base/a.h",
                      violations[0])

    def test_a_diamond_of_headers_is_no_cycle(self):
        include = '#include "harness/base/{}.h"\n'.format
        self.assertEqual(self.violations({"harness/base/a.h": include("b") + include("c"),
                                          "harness/base/b.h": include("d"),
                                          "harness/base/c.h": include("d"),
                                          "harness/base/d.h": "#include <vector>\n"}), [])

    def test_a_file_outside_the_layers_is_refused(self):
        self.assertEqual(self.violations({"harness/a.h": "#pragma once\n"}),
                         ["harness/a.h: lies in no folder of the layers"])

    def test_a_tree_without_files_fails(self):
        with tempfile.TemporaryDirectory() as folder:
            done = support.run([support.SCRIPTS / "check_layers.py", folder])
        self.assertEqual(done.returncode, 1)

    def test_the_exit_code_tells_of_violations(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "harness/base/a.h")
            file.parent.mkdir(parents=True)
            file.write_text('#include "bench/main.h"\n')
            self.assertEqual(support.run([support.SCRIPTS / "check_layers.py", folder]).returncode, 1)
            file.write_text("#include <vector>\n")
            self.assertEqual(support.run([support.SCRIPTS / "check_layers.py", folder]).returncode, 0)


if __name__ == "__main__":
    unittest.main()
