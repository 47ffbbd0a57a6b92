"""What the tests of the real program share: running it, reading its reports, finding what it left.

CORESWEEP_PROGRAM names the program. Every process that a test starts carries the test's own mark in
its environment, which workers inherit: whatever is found with it afterwards was left over.
"""

import errno
import json
import os
import pathlib
import pty
import re
import resource
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import uuid

PROGRAM = os.environ["CORESWEEP_PROGRAM"]
SOURCE = pathlib.Path(__file__).resolve().parents[2]
MARK = "CORESWEEP_E2E_MARK"
PATIENCE_S = 60  # for what ends by itself; also under a sanitizer on a busy machine
GRACE_S = 2  # for processes whose parent has gone

# Short trials: what is tested is not how fast anything is.
QUICK = ("--window-s", "0.05", "--warmup-s", "0.01", "--repetitions", "1", "--reference-every", "0",
         "--measure-cpus-s", "0")
FAST = QUICK + ("--threads", "1", "--placement", "none")
# One trial that a busy machine gets something done in too: where exit codes are judged.
ONE_TRIAL = ("--window-s", "0.3", "--warmup-s", "0.01", "--repetitions", 1, "--reference-every", 0, "--measure-cpus-s", 0,
             "--threads", 1, "--placement", "none", "--workload", "null", "--workers", 1, "--chunk", 4, "--transport", "shm", "-q",
             "-o", "report.json")
# FAST for faults, with short patience.
IMPATIENT = FAST + ("--chunk-timeout-s", "1", "--startup-timeout-s", "5")

REPORT_KEYS = ("schema_version", "tool", "created", "host", "config", "cells", "trials", "skipped", "repro")
CELL_KEYS = ("id", "mode", "workers", "threads", "placement", "width", "dispatcher", "chunk", "transport",
             "dispatch", "credit", "wait", "oversubscribed", "repetitions",
             "verdict", "warnings", "throughput", "speedup", "parallel_efficiency",
             "dispatch_efficiency", "latency", "chunk_cost", "ordering", "output_check", "workers_detail")


def cpus_of(text):
    """The set of CPUs in a list such as "0-2,5"."""
    cpus = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        cpus.update(range(int(first), int(last or first) + 1))
    return cpus


def _refuse_constant(name):
    raise ValueError(f"{name} is no JSON")


def read_json(text):
    """`text` as strict JSON: no NaN, no infinity."""
    return json.loads(text, parse_constant=_refuse_constant)


def read_report(path):
    """The report in a file, valid by its schema where it has one, whatever the test is about."""
    report = read_json(pathlib.Path(path).read_text(encoding="utf-8"))
    if report.get("schema") in ("coresweep.report", "coresweep.gate", "coresweep.history_gate", "coresweep.comparison"):
        done = subprocess.run([PROGRAM, "validate", path], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
    return report


def read_npy(path):
    """(numpy type, shape, bytes) of a .npy file, without numpy."""
    data = pathlib.Path(path).read_bytes()
    assert data[:8] == b"\x93NUMPY\x01\x00", path
    begin = 10 + int.from_bytes(data[8:10], "little")
    header = data[10:begin].decode("latin1")
    dtype, order, shape = re.fullmatch(
        r"\{'descr': '(\S+)', 'fortran_order': (\w+), 'shape': \(([\d, ]*)\), \}\s*\n", header).groups()
    assert order == "False" and begin % 64 == 0, path
    return dtype, tuple(int(size) for size in shape.split(",") if size.strip()), data[begin:]


def lines_of(path):
    return _read(path).decode().splitlines()


def _transports():
    """Those that this container allows."""
    with socket.socket() as probe:
        loopback = probe.connect_ex(("127.0.0.1", 1)) in (0, errno.ECONNREFUSED)
    queues = os.path.exists("/proc/sys/fs/mqueue/msg_max") and resource.getrlimit(resource.RLIMIT_MSGQUEUE)[0] != 0
    forbidden = {"tcp": not loopback, "mq": not queues}
    return tuple(name for name in ("pipe", "unix", "seqpacket", "tcp", "mq", "zeromq", "shm", "shm_loan")
                 if not forbidden.get(name))


def wait_until(condition, seconds=PATIENCE_S):
    """The first true value of `condition()`; the last one when time is up."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value or time.monotonic() > end:
            return value
        time.sleep(0.005)


class Done:
    """How a run ended and what it printed."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def __repr__(self):
        return f"exit code {self.code}\nstdout: {self.out}\nstderr: {self.err}"


class TestCase(unittest.TestCase):
    """A folder to work in, and at the end the check that nothing is left."""

    maxDiff = None

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="coresweep-e2e-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.mark = uuid.uuid4().hex
        self.addCleanup(self._kill_left)
        self.addCleanup(self.assert_no_shared_memory_left, self._shared_memory())
        self.addCleanup(self.assert_nothing_runs)

    # Starting

    def environment(self):
        return {**os.environ, MARK: self.mark, "CORESWEEP_GITHUB": "off", "CORESWEEP_AZURE": "off"}

    def start(self, *arguments, **options):
        """The program, running; its output goes to pipes unless `options` (of Popen) say else."""
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen([PROGRAM, *map(str, arguments)], env=self.environment(),
                                cwd=self.folder, text=True, **{**streams, **options})

    def end(self, process, seconds=PATIENCE_S):
        """Waits for `process`, which must end by itself."""
        try:
            out, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            self.fail(f"did not end within {seconds} s\n{Done(process.returncode, out, err)}")
        return Done(process.returncode, out, err)

    def run_program(self, *arguments, seconds=PATIENCE_S, **options):
        return self.end(self.start(*arguments, **options), seconds)

    def sweep(self, *arguments, code=0, report="report.json", common=FAST, seconds=PATIENCE_S):
        """Runs a sweep that must end with `code`; its report, checked for what every report has."""
        done = self.run_program("run", *common, "-o", report, *arguments, seconds=seconds)
        self.assertEqual(done.code, code, done)
        self.assertEqual(done.err, "")
        self.done = done
        read = self.report(report)
        self.assertTrue(read["finished"])
        return read

    def run_on_terminal(self, *arguments, keys=None, when=None, stdout_too=True):
        """Runs the program as foreground job of a terminal of its own, types `keys` once `when(text
        so far)`. Returns `Done` with all that the terminal showed as `err`."""
        pid, terminal = pty.fork()
        if pid == 0:
            try:
                os.chdir(self.folder)
                if not stdout_too:
                    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
                os.execve(PROGRAM, [PROGRAM, *map(str, arguments)], self.environment())
            finally:
                os._exit(127)
        shown = b""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            if keys and when(shown.decode(errors="replace")):
                os.write(terminal, keys)
                keys = None
            if not select.select([terminal], [], [], 0.02)[0]:
                continue
            try:
                read = os.read(terminal, 65536)
            except OSError:  # EIO: nobody has the other end open
                read = b""
            if not read:
                break
            shown += read
        else:
            os.kill(pid, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        os.close(terminal)
        return Done(status, "", shown.decode())

    # Looking

    def report(self, name="report.json"):
        """The report, checked for what every report has."""
        report = read_report(self.folder / name)
        self.assertEqual([key for key in REPORT_KEYS if key not in report], [])
        for cell in report["cells"]:
            self.assertEqual([key for key in CELL_KEYS if key not in cell], [], cell)
            self.assertIn(cell["id"], report["repro"])
        return report

    def cell(self, report, cell_id):
        found = [cell for cell in report["cells"] if cell["id"] == cell_id]
        self.assertEqual(len(found), 1, f"{cell_id} in {[cell['id'] for cell in report['cells']]}")
        return found[0]

    def cells_of(self, report, mode):
        return [cell for cell in report["cells"] if cell["mode"] == mode]

    def marked(self):
        """Process numbers of everything that this test started and that still runs."""
        sign = f"{MARK}={self.mark}".encode()
        return [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc")))
                if sign in _read(f"/proc/{pid}/environ").split(b"\0")]

    def workers(self):
        return [pid for pid in self.marked()
                if _read(f"/proc/{pid}/cmdline").split(b"\0")[1:2] == [b"worker"]]

    @staticmethod
    def links(pid):
        """What the descriptors of a process are, without the standard streams."""
        try:
            folder = f"/proc/{pid}/fd"
            return [os.readlink(f"{folder}/{fd}") for fd in os.listdir(folder) if int(fd) > 2]
        except OSError:
            return []

    def _kill_left(self):
        for pid in self.marked():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    @staticmethod
    def _shared_memory():
        """Names in /dev/shm, without the folders of unit tests that may run beside."""
        names = os.listdir("/dev/shm") if os.path.isdir("/dev/shm") else []
        return {name for name in names if not name.startswith("coresweep-test-")}

    # Judging

    def assert_nothing_runs(self, seconds=GRACE_S):
        wait_until(lambda: not self.marked(), seconds)
        left = {pid: _read(f"/proc/{pid}/cmdline") for pid in self.marked()}
        self.assertEqual(left, {}, "left-over processes")

    def assert_no_shared_memory_left(self, before):
        self.assertLessEqual(self._shared_memory(), before, "left in /dev/shm")

    def assert_measured(self, cell):
        """The cell came out right: everything it must show is there."""
        self.assertIn(cell["verdict"], ("ok", "unstable", "throttled", "stolen", "migrated"), cell)
        self.assertGreater(cell["throughput"]["median"], 0)
        self.assertGreater(cell["speedup"]["median"], 0)
        ordering = cell["ordering"]
        self.assertEqual(ordering["verdict"], "ok")
        for count in ("missing", "duplicated", "misplaced", "corrupted"):
            self.assertEqual(ordering[count], 0, count)
        self.assertEqual(cell["output_check"]["verdict"], "ok")
        self.assertGreater(ordering["answers"], 0)
        self.assertEqual(cell["output_check"]["compared"], ordering["answers"])
        self.assertEqual(len(cell["workers_detail"]), cell["workers"])

    def assert_usage_error(self, done, *words):
        """Exit code 2 and exactly one line, which holds all `words`."""
        self.assertEqual(done.code, 2, done)
        self.assertRegex(done.err, r"\Acoresweep: [^\n]+\n\Z", done)
        for word in words:
            self.assertIn(word, done.err)


def _read(path):
    try:
        return pathlib.Path(path).read_bytes()
    except OSError:
        return b""


TRANSPORTS = _transports()


def main():
    """Runs the tests that the command line names. When all of them are skipped, says why as a
    GoogleTest program does and exits with 77, so that CTest counts them as skipped."""
    program = unittest.main(module="__main__", exit=False, verbosity=2)
    result = program.result
    if result.wasSuccessful() and result.skipped and len(result.skipped) >= result.testsRun:
        for test, reason in result.skipped:
            print(f"{test.id()}: Skipped\n{reason}")
        sys.exit(77)
    sys.exit(not result.wasSuccessful() or result.testsRun == 0)
