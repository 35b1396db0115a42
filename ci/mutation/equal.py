# SPDX-License-Identifier: MIT
"""ci/mutation/equal.tsv: mutants that change nothing that anybody could see, each with its reason. A row is
file, function, the line as it is, the line as the mutant has it, reason; lines without their indent."""
import os

HEAD = "# file\tfunction\tline\tmutant\treason"


def lines_of(text, mutant):
    """The line of the change, before and after."""
    start = text.rfind(b"\n", 0, mutant.start) + 1
    end = text.find(b"\n", mutant.end)
    end = len(text) if end < 0 else end
    after = text[start:mutant.start] + mutant.text.encode() + text[mutant.end:end]
    return [" ".join(part.decode("utf-8", "replace").split()) for part in (text[start:end], after)]


class Equal:
    def __init__(self, path):
        self.reasons = {}
        if not os.path.exists(path):
            return
        with open(path, encoding="utf-8") as f:
            for number, line in enumerate(f, 1):
                row = line.rstrip("\n").split("\t")
                if line.startswith("#") or not line.strip():
                    continue
                if len(row) != 5 or not all(row):
                    raise ValueError(f"{path}:{number}: five columns are wanted, see the first line")
                self.reasons[tuple(row[:4])] = row[4]

    def reason(self, mutant, before, after):
        return self.reasons.get((mutant.file, mutant.function, before, after))

    def stale(self, root):
        """Rows whose line is no longer in its file."""
        out = []
        for file, function, before, _ in self.reasons:
            path = os.path.join(root, file)
            text = ""
            if os.path.exists(path):
                with open(path, encoding="utf-8") as f:
                    text = " ".join(f.read().split())
            if before not in text:
                out.append(f"{file}: {function}: {before}")
        return out
