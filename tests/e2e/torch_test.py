"""The models built in, and what can be said of model and input files before they are loaded."""

import zipfile

import support

SCRIPT = ("--workload", "torchscript")


class Models(support.TestCase):
    def test_threads_are_what_was_asked_for(self):
        report = self.sweep("--workload", "mlp", "--items", 16, "--workers", 1, "--threads", "1,2", "--chunk", 4)
        for cell in report["cells"]:
            self.assert_measured(cell)
            for worker in cell["workers_detail"]:
                self.assertEqual((worker["threads_effective"], worker["inter_op_threads"]), (cell["threads"], 1))
                self.assertIn(worker["blas_threads"], (None, cell["threads"]))
                self.assertGreater(worker["startup_ms"]["library"], 0)
        self.assertEqual({cell["threads"] for cell in report["cells"]}, {1, 2})

    def test_every_model_in_every_mode(self):
        for model, items, options in (("mlp", 6, ()), ("encoder", 3, ()), ("resnet18", 2, ())):
            with self.subTest(model):
                report = self.sweep("--workload", model, "--items", items, "--workers", 2, "--chunk", "2", "--modes",
                                    "processes,threads", *options, seconds=120)
                for cell in report["cells"]:
                    self.assertEqual((cell["ordering"]["verdict"], cell["output_check"]["verdict"]), ("ok", "ok"))
                self.assertEqual(report["workload"]["model"], model)
                self.assertTrue(report["workload"]["digest"])

    def test_a_kill_of_a_worker_with_libtorch_is_named(self):
        report = self.sweep("--workload", "mlp", "--workers", 2, "--chunk", 2, "--fault", "kill:3", code=3)
        self.assertRegex(self.cells_of(report, "processes")[0]["reason"], r"SIGKILL.* held chunks? .*\b3\b")

    def test_host_names_the_libraries(self):
        libraries = support.read_json(self.run_program("host", "--json").out)["libraries"]
        self.assertIn("torch", libraries["library"].lower())
        self.assertTrue(libraries["blas_library"])

    def test_plan_needs_no_model(self):
        done = self.run_program("plan", "--workload", "encoder", "--workers", "1,2", "--json")
        self.assertEqual((done.code, done.err), (0, ""), done)
        self.assertTrue(support.read_json(done.out)["cells"])


class ModelFiles(support.TestCase):
    def refuse(self, *arguments, words):
        for command in ("run", "plan"):
            with self.subTest(command=command, arguments=arguments):
                self.assert_usage_error(self.run_program(command, *arguments), *words)

    def zip(self, name):
        with zipfile.ZipFile(self.folder / name, "w") as archive:
            archive.writestr("word/document.xml", "no model")

    def test_models_that_are_none(self):
        (self.folder / "text.pt").write_text("hello, I am no model")
        (self.folder / "empty.pt").touch()
        (self.folder / "folder.pt").mkdir()
        for name, words in (("missing.pt", ("No such file",)), ("text.pt", ("not a TorchScript file",)),
                            ("empty.pt", ("empty",)), ("folder.pt", ("directory",)),
                            ("/dev/null", ("not a regular file",))):
            self.refuse(*SCRIPT, "--model", name, "--input-shape", "3", words=(f"--model {name}", *words))

    def test_a_zip_file_that_is_no_model(self):
        self.zip("foreign.pt")
        done = self.run_program("run", *SCRIPT, "--model", "foreign.pt", "--input-shape", "3", "--workers", 1)
        self.assert_usage_error(done, "--model foreign.pt", "not a TorchScript file")

    def test_inputs_that_are_none(self):
        self.zip("m.pt")
        (self.folder / "text.pt").write_text("hello")
        (self.folder / "empty.pt").touch()
        for name, words in (("missing.pt", ("No such file",)), ("text.pt", ("not a tensor file",)),
                            ("empty.pt", ("empty",)), (".", ("directory",))):
            self.refuse(*SCRIPT, "--model", "m.pt", "--inputs", name, words=(f"--inputs {name}", *words))

    def test_what_is_missing_or_contradicts(self):
        self.zip("m.pt")
        model = (*SCRIPT, "--model", "m.pt")
        self.refuse(*SCRIPT, words=("--model",))
        self.refuse(*model, words=("--input-shape", "--inputs"))
        self.refuse(*model, "--input-dtype", "int64", words=("--input-dtype", "--input-shape"))
        self.refuse(*model, "--input-shape", "3", "--input-dtype", "float99", words=("--input-dtype", "float99"))
        self.refuse(*model, "--input-shape", "3;4", "--input-dtype", "int64,int64,int8", words=("--input-dtype",))
        for shape in ("0", "-1", "x", "3,,x", "1000000,1000000"):
            self.refuse(*model, f"--input-shape={shape}", words=("--input-shape",))
        self.zip("x.pt")
        self.refuse(*model, "--inputs", "x.pt", "--items", 4, words=("--items 4", "--inputs x.pt"))
        self.refuse("--workload", "torch", words=("--model", "resnet18"))
        self.refuse("--workload", "torch", "--model", "vgg", words=("--model vgg",))
        self.refuse("--workload", "mlp", "--model", "encoder", words=("--model encoder",))


if __name__ == "__main__":
    support.main()
