"""scripts/ci: workflows that are well-formed, whose commands the real program takes, and whose exit codes are its own."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import support

FOLDER = support.SOURCE / "scripts/ci"
NAMES = ("github-actions.yml", ".gitlab-ci.yml", "azure-pipelines.yml")
SUITE = {"workload": "null", "workers": [1], "threads": [1], "chunk": [4], "transport": ["shm"], "placement": ["none"],
         "window_s": 0.3, "warmup_s": 0.01, "measure_cpus_s": 0, "repetitions": 1, "reference_every": 0}

try:
    import yaml
except ImportError:
    yaml = None


def blocks_of(name):
    """The scripts of a workflow that call the program, each as (job, text), in their order."""
    with open(FOLDER / name, encoding="utf-8") as file:
        tree = yaml.safe_load(file)
    jobs = tree.get("jobs", tree)
    if isinstance(jobs, list):
        jobs = {job["job"]: job for job in jobs}
    found = []
    for job_name, job in jobs.items():
        if not isinstance(job, dict):
            continue
        steps = job.get("steps", [])
        texts = [step.get("run") or step.get("bash") or "" for step in steps]
        if isinstance(job.get("script"), list):
            texts.append("set -e\n" + "\n".join(job["script"]))  # as GitLab runs it
        found += [(job_name, text) for text in texts if "coresweep " in text]
    return found


class CiFiles(support.TestCase):
    def setUp(self):
        super().setUp()
        if yaml is None or shutil.which("yamllint") is None:
            self.skipTest("needs yamllint and python3-yaml (scripts/setup --test)")
        (self.folder / "bin").mkdir()
        (self.folder / "suite.json").write_text(json.dumps(SUITE))

    def program(self, text=None):
        """What `coresweep` means in the scripts: the real program, or a stand-in."""
        path = self.folder / "bin/coresweep"
        path.unlink(missing_ok=True)
        if text is None:
            path.symlink_to(os.path.realpath(support.PROGRAM))
        else:
            path.write_text("#!/bin/sh\n" + text)
            path.chmod(0o755)

    def run_block(self, text, folder):
        environment = {**self.environment(), "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
                       "SUITE": str(self.folder / "suite.json"), "CANDIDATE": "transport=pipe", "BUDGET": "3s",
                       "HISTORY": "history/history.db"}
        return subprocess.run(["bash", "-e", "-c", text], env=environment, cwd=folder, capture_output=True, text=True,
                              check=False)

    def test_yamllint_finds_nothing(self):
        done = subprocess.run(["yamllint", "--strict", "-c", FOLDER / ".yamllint", *(FOLDER / name for name in NAMES)],
                              capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_the_real_program_takes_every_command(self):
        self.program()
        for name in NAMES:
            with tempfile.TemporaryDirectory(dir=self.folder) as folder:
                blocks = blocks_of(name)
                self.assertEqual(sum(text.count("coresweep ") for _, text in blocks),
                                 (FOLDER / name).read_text().count("coresweep gate \"") +
                                 len(re.findall(r"coresweep (run|report|history|gate --baseline) ?", (FOLDER / name).read_text())))
                for job, text in blocks:
                    done = self.run_block(text, folder)
                    words = f"{name}: {job}: {done}"
                    # A gate of three seconds decides nothing, nor does one against no earlier run.
                    self.assertIn(done.returncode, (0, 3, 4) if name == ".gitlab-ci.yml" else (0,), words)
                    self.assertEqual(done.stderr, "", words)
                for made in ("report.json", "gate.json", "history/history.db"):
                    self.assertTrue((pathlib.Path(folder) / made).exists(), (name, made))

    def codes_that_pass(self, name, job, text):
        """Of each exit code of `coresweep gate`: does the step pass? GitLab's list of codes counts."""
        with open(FOLDER / name, encoding="utf-8") as file:
            allowed = yaml.safe_load(file).get(job, {}).get("allow_failure", {}).get("exit_codes", [])
        passing = []
        for code in range(7):
            self.program(f'case $1 in gate) exit {code} ;; esac\n')
            done = self.run_block(text, self.folder)
            if done.returncode == 0 or done.returncode in allowed:
                passing.append(code)
            else:
                self.assertEqual(done.returncode, code, (name, job, done))
        return passing

    def test_exit_codes_are_those_of_the_program(self):
        header = (support.SOURCE / "bench/exit_codes.h").read_text()
        words = re.search(r"kGateExitCodeHelp =(.*?);\n", header, re.DOTALL).group(1)
        self.assertIn("0 PASS", words)
        self.assertIn("3 INCONCLUSIVE; 4 UNFIT", words)
        for name in NAMES:
            for job, text in blocks_of(name):
                if "coresweep gate" in text:
                    expected = [0, 3, 4] if "--baseline" in text else [0, 3]
                    self.assertEqual(self.codes_that_pass(name, job, text), expected, (name, job))

    def test_a_sweep_with_failed_cells_fails_the_job(self):
        self.program('case $1 in run) exit 3 ;; esac\n')
        for name in NAMES:
            for job, text in blocks_of(name):
                if "coresweep run" in text:
                    self.assertIn(self.run_block(text, self.folder).returncode, (1, 3) if name != ".gitlab-ci.yml" else (1,))


if __name__ == "__main__":
    support.main()
