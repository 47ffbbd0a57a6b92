"""A Chromium that is driven as a person would: by keys, through its accessibility tree, with scripts off.

It speaks the DevTools protocol over a pair of pipes (`--remote-debugging-pipe`): JSON texts, each ended by a NUL.
"""

import json
import os
import select
import subprocess
import tempfile
import time

from pages import CHROMIUM, CHROMIUM_OPTIONS, BrowserCase

PATIENCE_S = 60
KEYS = {"Tab": 9, "Enter": 13, " ": 32, "ArrowDown": 40, "ArrowUp": 38, "End": 35, "Home": 36}
TEXTS = {"Enter": "\r", " ": " "}
# What a screen reader announces by name alone.
NAMED = {"button", "columnheader", "combobox", "figure", "heading", "image", "link", "navigation", "region", "searchbox"}


class Browser:
    """One page of `page_file`. Leave it by `with`: the browser ends then."""

    def __init__(self, page_file, scripts=True):
        self.profile = tempfile.TemporaryDirectory()
        to_browser, self.write_fd = os.pipe()
        self.read_fd, from_browser = os.pipe()

        def at_their_numbers():
            kept = [os.dup(fd) for fd in (to_browser, from_browser)]
            os.dup2(kept[0], 3)
            os.dup2(kept[1], 4)

        self.process = subprocess.Popen(
            [CHROMIUM, *CHROMIUM_OPTIONS, f"--user-data-dir={self.profile.name}", "--remote-debugging-pipe",
             "--window-size=1280,900", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "HOME": self.profile.name},
            preexec_fn=at_their_numbers, pass_fds=(3, 4))
        os.close(to_browser)
        os.close(from_browser)
        self.number, self.buffer, self.session, self.console = 0, b"", None, []
        target = next(found for found in self.ask("Target.getTargets")["targetInfos"] if found["type"] == "page")
        self.session = self.ask("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Accessibility"):
            self.ask(f"{domain}.enable")
        self.ask("Emulation.setScriptExecutionDisabled", value=not scripts)
        self.ask("Page.navigate", url=f"file://{page_file}")
        self.until("Page.loadEventFired")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.session = None
            self.ask("Browser.close")
            self.process.wait(timeout=PATIENCE_S)
        finally:
            self.process.kill()
            self.process.wait()
            os.close(self.write_fd)
            os.close(self.read_fd)
            self.profile.cleanup()

    def ask(self, method, **parameters):
        """The answer to a command of the protocol."""
        self.number += 1
        command = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            command["sessionId"] = self.session
        os.write(self.write_fd, json.dumps(command).encode() + b"\0")
        answer = self.next(lambda message: message.get("id") == self.number)
        if "error" in answer:
            raise AssertionError(f"{method}: {answer['error']}")
        return answer["result"]

    def until(self, event):
        self.next(lambda message: message.get("method") == event)

    def next(self, wanted):
        """The next message that is `wanted`; what the console says on the way is kept."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            text, end, rest = self.buffer.partition(b"\0")
            if end:
                self.buffer = rest
                message = json.loads(text)
                if message.get("method") in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"):
                    self.console.append(message["params"])
                if wanted(message):
                    return message
                continue
            if not select.select([self.read_fd], [], [], max(0, deadline - time.monotonic()))[0]:
                raise AssertionError(f"the browser said nothing for {PATIENCE_S} s")
            piece = os.read(self.read_fd, 1 << 20)
            if not piece:
                raise AssertionError("the browser ended")
            self.buffer += piece

    def value(self, expression):
        """What a JavaScript expression gives in the page, as the page's own scripts would see it."""
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def press(self, key, shift=False):
        code = KEYS[key]
        event = {"key": key, "code": "Space" if key == " " else key, "windowsVirtualKeyCode": code,
                 "modifiers": 8 if shift else 0}
        self.ask("Input.dispatchKeyEvent", type="keyDown", **event, **({"text": TEXTS[key]} if key in TEXTS else {}))
        self.ask("Input.dispatchKeyEvent", type="keyUp", **event)

    def accessible(self):
        """What a screen reader is told, in its order: (role, name, properties) of what is not ignored."""
        nodes = self.ask("Accessibility.getFullAXTree")["nodes"]
        return [(node["role"]["value"], node.get("name", {}).get("value", ""),
                 {found["name"]: found["value"].get("value") for found in node.get("properties", [])})
                for node in nodes if not node["ignored"]]


class AccessCase(BrowserCase):
    def open(self, **options):
        """The page, opened until the test ends."""
        browser = self.enterContext(Browser(self.folder / "page.html", **options))
        self.assertEqual(browser.console, [])
        return browser

    def assert_told(self, told, roles=frozenset()):
        """Whether a screen reader finds its way by what it is `told`: `roles` among it, nothing without a name."""
        found = [role for role, _, _ in told]
        self.assertEqual(roles - set(found), set())
        self.assertEqual([role for role, name, _ in told if role in NAMED and not name.strip()], [])
        for role, name, _ in told:
            if role == "image":
                self.assertGreater(len(name), 40, name)
        self.assertEqual(found.count("main"), 1)
