"""Tests of scripts/setup with stand-ins for the programs that look at or change the system."""

import pathlib
import tempfile
import unittest

import support

# The stand-ins write what they were asked for to $log; `installed` holds "package=installed" words.
PROGRAMS = {
    "dpkg-query": 'for p; do case " $(cat {0}/installed) " in *" $p "*) printf "%s=installed " $p;; '
                  '*" -$p "*) printf "%s=config-files " $p;; *) bad=1;; esac; done; exit ${{bad:-0}}',
    "id": "cat {0}/uid",
    "sudo": 'exit 1',
    "apt-get": 'echo "apt-get $*" >>{0}/log; case "$*" in *" install "*) exit $(cat {0}/apt-exit);; esac',
    "update-alternatives": 'case $1 in --get-selections) cat {0}/selections;; '
                           '*) echo "update-alternatives $*" >>{0}/log;; esac',
}


class Setup(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        for name, text in PROGRAMS.items():
            support.write_program(self.folder / "bin" / name, text.format(self.folder) + "\n")
        self.write(uid="0", installed="", selections="", log="", **{"apt-exit": "0"})

    def write(self, **files):
        for name, text in files.items():
            (self.folder / name).write_text(text)

    def setup(self, *options):
        return support.run([support.SCRIPTS / "setup", *options], path_first=self.folder / "bin")

    def log(self):
        return (self.folder / "log").read_text()

    def install_line(self):
        return next(line for line in self.log().splitlines() if " install " in line)

    def install_all(self):
        self.setup()
        self.write(installed=self.install_line().partition("--no-install-recommends ")[2], log="")

    def test_installs_what_is_missing(self):
        done = self.setup()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(self.log(), r"(?s)apt-get .*update\napt-get .*install --no-install-recommends ")
        for package in ("g++", "libtorch-dev", "libopenblas0-openmp", "python3-torch", "clang-14"):
            self.assertIn(f" {package}", self.install_line())

    def test_run_needs_neither_linters_nor_python_torch(self):
        self.setup("--run")
        for package in ("python3-torch", "clang-14", "clang-tidy-14", "clang-format-14", "llvm-14",
                        "libclang-rt-14-dev"):
            self.assertNotIn(package, self.install_line())
        self.assertIn(" libtorch-dev", self.install_line())

    def test_test_needs_python_torch_but_no_linters(self):
        self.setup("--test")
        self.assertIn(" python3-torch", self.install_line())
        self.assertNotIn("clang", self.install_line())

    def test_does_nothing_and_needs_no_root_when_all_is_there(self):
        self.install_all()
        self.write(uid="1000")
        done = self.setup()
        self.assertEqual((done.returncode, done.stderr, self.log()), (0, "", ""))

    def test_installs_only_the_missing_one(self):
        self.install_all()
        packages = (self.folder / "installed").read_text().replace(" cmake ", " -cmake ")
        self.write(installed=packages)
        self.assertEqual(self.setup().returncode, 0)
        self.assertTrue(self.install_line().endswith("--no-install-recommends cmake"), self.log())

    def test_stops_without_root_and_says_what_is_missing(self):
        self.write(uid="1000")
        done = self.setup("--run")
        self.assertEqual(done.returncode, 1)
        self.assertIn("needs root, or sudo without a password", done.stderr)
        self.assertIn("libtorch-dev", done.stderr)
        self.assertEqual(self.log(), "")

    def test_uses_sudo_where_it_asks_for_no_password(self):
        self.write(uid="1000")
        support.write_program(self.folder / "bin/sudo", f'echo "sudo $*" >>{self.folder}/log\nshift\n"$@"\n')
        self.assertEqual(self.setup().returncode, 0)
        self.assertRegex(self.log(), r"sudo -n env \S+ apt-get .* install ")

    def test_fails_when_the_packages_cannot_be_installed(self):
        self.write(**{"apt-exit": "100"})
        done = self.setup()
        self.assertEqual(done.returncode, 1)
        self.assertIn("apt-get could not install", done.stderr)

    def test_refuses_unknown_options(self):
        self.assertEqual(self.setup("--everything").returncode, 2)
        self.assertEqual(self.setup("--run", "--test").returncode, 2)
        self.assertEqual(self.log(), "")

    def selections(self, mode):
        """One line of `update-alternatives --get-selections` whose better choice exists."""
        triplet = f"../..{self.folder}"
        better = self.folder / "openblas-openmp"
        better.mkdir(exist_ok=True)
        (better / "libopenblas.so.0").touch()
        return f"libopenblas.so.0-{triplet} {mode} /usr/lib/x/openblas-pthread/libopenblas.so.0\n"

    def test_chooses_the_openmp_blas_where_nobody_chose(self):
        self.install_all()
        self.write(selections=self.selections("auto"))
        self.assertEqual(self.setup().returncode, 0)
        self.assertIn("update-alternatives --set libopenblas.so.0-", self.log())

    def test_leaves_a_blas_chosen_by_hand_and_says_so(self):
        self.install_all()
        self.write(selections=self.selections("manual"))
        done = self.setup()
        self.assertEqual((done.returncode, self.log()), (0, ""))
        self.assertIn("does not obey the thread count", done.stderr)

    def test_leaves_the_blas_without_root_and_says_so(self):
        self.install_all()
        self.write(uid="1000", selections=self.selections("auto"))
        done = self.setup()
        self.assertEqual((done.returncode, self.log()), (0, ""))
        self.assertIn("does not obey the thread count", done.stderr)


if __name__ == "__main__":
    unittest.main()
