# SPDX-License-Identifier: MIT
"""Which layer a file is of, and where the tests of each layer are."""
import fnmatch
import os
import re

# From the bottom up. Of each: the folders, the suites of its unit tests, and the layers right above.
LAYERS = {
    "base": (["reference/base"], ["schema", "xdr", "message"]),
    "schema": (["reference/schema"], ["xdr", "message", "protocol"]),
    "xdr": (["reference/xdr"], ["message", "session", "oracle"]),
    "message": (["reference/message"], ["session", "scenario", "client"]),
    "scenario": (["reference/scenario"], ["runner", "daemon"]),
    "session": (["reference/session"], ["client", "daemon"]),
    "uri": (["reference/uri"], ["transport", "client"]),
    "transport": (["reference/transport"], ["auth", "client", "runner"]),
    "auth": (["reference/auth"], ["client"]),
    "capture": (["reference/capture"], ["cli", "daemon"]),
    "client": (["reference/client", "reference/api"], ["api", "cli"]),
    "runner": (["conformance"], ["cli"]),
    "gate": (["conformance/gate"], ["cli"]),
    "fuzz": (["fuzz/blackbox", "fuzz/mutator"], ["cli"]),
    "cli": (["reference/cli"], []),
    "mock": (["mock-daemon"], []),
}
SUITE = {"mock": "daemon"}
# How far from a change its tests may be.
FAR = ("unit", "above", "wide")
# Where the proof, which is long, can be expected to see more than all other tests.
PROVED = {"message", "session", "runner", "mock"}
NO_PRODUCT = re.compile(r"(^|/)(test-|tell-)[^/]*$|(^|/)testing(/|\.c$|-)|/proof/|(^|/)(make-(tables|api|calls|capture)|print-format|mutator-engines)\.c$")


def layer_of(name):
    """The one with the longest folder of which NAME is (of `fuzz/mutator`, files that begin so)."""
    found = [(len(f), layer) for layer, (folders, _) in LAYERS.items() for f in folders if re.match(re.escape(f) + "[/.-]", name)]
    return max(found)[1] if found else None


def is_product(name):
    return name.endswith(".c") and layer_of(name) is not None and not NO_PRODUCT.search(name)


def wanted(layers, globs):
    def want(name):
        return is_product(name) and (not layers or layer_of(name) in layers) and (
            not globs or any(fnmatch.fnmatch(name, g) or name.endswith("/" + g) for g in globs))
    return want


def near_suites(layer):
    """The suites of the unit tests of LAYER, and of those right above."""
    return SUITE.get(layer, layer), [SUITE.get(s, s) for s in LAYERS[layer][1]]


def asked(tests, layers, far):
    """The tests that mutants of LAYERS may need: up to FAR, one of FAR."""
    if far == "wide":
        return [t for t in tests if "proof" not in t.suites or PROVED & set(layers)]
    suites = set()
    for layer in layers:
        own, above = near_suites(layer)
        suites |= {own, *(above if far == "above" else ())}
    return [t for t in tests if t.suites & suites]


def order(tests, name, seconds):
    """TESTS in the order in which they are likely to notice a change of the file NAME, each with how near
    it is: `unit` for tests of its layer, `above` for those right above, `wide` for the rest. SECONDS: by argv, what those take
    that were run."""
    layer = layer_of(name)
    own, above = near_suites(layer)
    stem = os.path.basename(name)[:-2]

    def rank(test):
        if own in test.suites:
            near = 0
        elif any(s in test.suites for s in above):
            near = 1
        else:
            near = 3 if "proof" in test.suites else 2
        return near, near == 0 and not is_about(test.name, stem), seconds.get(test.argv) or 0, test.name, test.argv

    ranked = sorted((rank(t), t) for t in tests if "proof" not in t.suites or layer in PROVED)
    return [((*FAR, "wide")[r[0]], t) for r, t in ranked]


def is_about(test, stem):
    """test-xdr-edit and edit.c, test-client and client-call.c."""
    return stem.startswith(test) or test.startswith(stem) or test.endswith("-" + stem)
