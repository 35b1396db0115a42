# SPDX-License-Identifier: MIT
"""What can be changed in a C file: candidates for mutants, found in clang's syntax tree."""
import collections
import json
import locale
import os
import re
import shlex

import clang.cindex
from clang.cindex import CursorKind as K

# libclang wants the letters of C: in a Turkish locale, where I is no large i, it reads nothing.
locale.setlocale(locale.LC_CTYPE, "C")

# A change of one place: the bytes from START to END of FILE become TEXT. KIND says what was done.
Mutant = collections.namedtuple("Mutant", "file line function kind start end old text")

OPERATORS = {
    "<": ["<=", ">="], "<=": ["<", ">"], ">": [">=", "<="], ">=": [">", "<"], "==": ["!="], "!=": ["=="],
    "&&": ["||"], "||": ["&&"], "+": ["-"], "-": ["+"], "*": ["+"], "/": ["*"], "%": ["/"],
    "&": ["|"], "|": ["&"], "<<": [">>"], ">>": ["<<"],
    "+=": ["-="], "-=": ["+="], "|=": ["&="], "&=": ["|="],
}
RELATIONAL = {"<", "<=", ">", ">=", "==", "!="}
FREES = re.compile(r"^(free|close|(\w+_)?(finish|destroy|release|unref|free|free_all|deinit|cleanup))$")
EQUALITY = re.compile(r"^(mem|str)n?(case)?cmp$")
ASKED_FOR_ZERO = re.compile(rb"\s*[!=]= 0\b")
DROPPED = {K.CALL_EXPR, K.BINARY_OPERATOR, K.COMPOUND_ASSIGNMENT_OPERATOR, K.UNARY_OPERATOR, K.CSTYLE_CAST_EXPR}


def compile_commands(build):
    """Of each C file: its path, the arguments for the parser, and the object files made of it."""
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as f:
        entries = json.load(f)
    units = {}
    for entry in entries:
        path = os.path.normpath(os.path.join(entry["directory"], entry["file"]))
        words = shlex.split(entry["command"])
        keep = [w for w in words if re.match(r"-[ID]", w) or w.startswith("-std")]
        units.setdefault(path, (keep, entry["directory"], []))[2].append(entry["output"])
    return units


class Finder:
    """Walks one translation unit."""

    def __init__(self, source, name, path, args, directory):
        self.name, self.path = name, path
        self.found = []
        with open(path, "rb") as f:
            self.text = f.read()
        args = [a if not a.startswith("-I") or os.path.isabs(a[2:]) else "-I" + os.path.join(directory, a[2:]) for a in args]
        self.unit = clang.cindex.Index.create().parse(path, args=args)
        wrong = [d for d in self.unit.diagnostics if d.severity >= clang.cindex.Diagnostic.Error]
        if wrong:
            raise ValueError(f"{name}: {wrong[0].spelling}")

    def own(self, cursor):
        return cursor.location.file and cursor.location.file.name == self.path

    def span(self, cursor):
        return cursor.extent.start.offset, cursor.extent.end.offset

    def slice(self, start, end):
        return self.text[start:end].decode("utf-8", "replace")

    def add(self, kind, start, end, text, function):
        old = self.slice(start, end)
        if old == text or not old:
            return
        text += "\n" * (old.count("\n") - text.count("\n"))  # the lines behind keep their numbers
        line = self.text.count(b"\n", 0, start) + 1
        self.found.append(Mutant(self.name, line, function, kind, start, end, old, text))

    def walk(self):
        for cursor in self.unit.cursor.get_children():
            if not self.own(cursor):
                continue
            if cursor.kind == K.FUNCTION_DECL and cursor.is_definition():
                for child in cursor.get_children():
                    if child.kind == K.COMPOUND_STMT:
                        self.visit(child, cursor, cursor.spelling)
            elif cursor.kind == K.VAR_DECL:
                self.visit_variable(cursor, cursor.spelling)
        return self.found

    def visit_variable(self, cursor, function):
        """Sizes of arrays are no candidates, initialisers are."""
        start, end = self.span(cursor)
        equals = self.text.find(b"=", start, end)
        for child in cursor.get_children():
            if equals >= 0 and self.span(child)[0] > equals:
                self.visit(child, cursor, function)

    def visit(self, cursor, parent, function):
        if not self.own(cursor):
            return
        if cursor.kind == K.VAR_DECL:
            self.visit_variable(cursor, function)
            return
        children = list(cursor.get_children())
        self.look(cursor, parent, children, function)
        for i, child in enumerate(children):
            if cursor.kind == K.CASE_STMT and i == 0:
                continue
            self.visit(child, cursor, function)

    def look(self, cursor, parent, children, function):
        kind = cursor.kind
        if kind in (K.BINARY_OPERATOR, K.COMPOUND_ASSIGNMENT_OPERATOR):
            self.operator(children, function)
        if kind in (K.IF_STMT, K.WHILE_STMT, K.CONDITIONAL_OPERATOR) and children:
            self.condition(children[0], kind, function)
        if kind == K.INTEGER_LITERAL:
            self.constant(cursor, parent, function)
        if kind == K.DECL_REF_EXPR:
            self.enumerator(cursor, function)
        if kind == K.CALL_EXPR:
            self.swap(cursor, function)
        in_block = parent.kind in (K.COMPOUND_STMT, K.CASE_STMT, K.DEFAULT_STMT) or (
            parent.kind in (K.IF_STMT, K.WHILE_STMT, K.FOR_STMT) and kind in DROPPED and self.is_statement(cursor))
        if in_block:
            self.drop(cursor, function)

    def is_statement(self, cursor):
        end = self.span(cursor)[1]
        return self.text[end:end + 1] == b";" and self.text[:self.span(cursor)[0]].rstrip()[-1:] in b")e"

    def operator(self, children, function):
        if len(children) != 2:
            return
        start, end = self.span(children[0])[1], self.span(children[1])[0]
        between = self.slice(start, end)
        op = between.strip()
        if op not in OPERATORS or start >= end:
            return
        at = start + len(between) - len(between.lstrip())
        kind = "relation" if op in RELATIONAL else "logic" if op in ("&&", "||") else "arithmetic"
        for other in OPERATORS[op]:
            self.add(kind, at, at + len(op), other, function)

    def condition(self, cursor, kind, function):
        start, end = self.span(cursor)
        text = self.slice(start, end)
        if cursor.kind == K.DECL_STMT or not text:
            return
        if cursor.kind == K.BINARY_OPERATOR and re.search(r"==|!=", text):
            return  # the operator's own mutants say the same
        self.add("condition", start, end, f"!({text})", function)

    def constant(self, cursor, parent, function):
        start, end = self.span(cursor)
        text = self.slice(start, end)
        if text in ("true", "false"):
            self.add("verdict", start, end, "false" if text == "true" else "true", function)
            return
        match = re.fullmatch(r"(0[xX][0-9a-fA-F]+|\d+)([uUlL]*)", text)
        if not match or (parent.kind == K.INIT_LIST_EXPR and text == "0"):
            return
        value = int(match[1], 0) if not re.fullmatch(r"0\d+", match[1]) else int(match[1], 8)
        for other in (value + 1, value - 1):
            if other >= 0:
                self.add("constant", start, end, f"{other}{match[2]}", function)

    def enumerator(self, cursor, function):
        target = cursor.referenced
        start, end = self.span(cursor)
        if not target or target.kind != K.ENUM_CONSTANT_DECL or self.slice(start, end) != cursor.spelling:
            return
        names = [c.spelling for c in target.semantic_parent.get_children() if c.kind == K.ENUM_CONSTANT_DECL]
        if len(names) > 1:
            self.add("verdict", start, end, names[(names.index(cursor.spelling) + 1) % len(names)], function)

    def swap(self, cursor, function):
        args = list(cursor.get_arguments())
        if cursor.spelling == "calloc":
            return  # the same product
        if EQUALITY.match(cursor.spelling) and ASKED_FOR_ZERO.match(self.text, self.span(cursor)[1]):
            return  # equal is equal whichever is first
        if cursor.spelling + "(" not in self.slice(*self.span(cursor)):
            return  # the words of a macro
        for a, b in zip(args, args[1:]):
            (s1, e1), (s2, e2) = self.span(a), self.span(b)
            one, two = self.slice(s1, e1), self.slice(s2, e2)
            same = a.type.get_canonical().spelling == b.type.get_canonical().spelling
            if same and e1 < s2 and one != two and '"' not in one[:1] + two[:1] and re.fullmatch(r"\s*,\s*", self.slice(e1, s2)):
                self.add("swap", s1, e2, two + self.slice(e1, s2) + one, function)

    def drop(self, cursor, function):
        start, end = self.span(cursor)
        text = self.slice(start, end)
        if cursor.kind in (K.BREAK_STMT, K.CONTINUE_STMT):
            self.add("statement", start, end, "(void)0", function)
        elif cursor.kind in DROPPED and self.text[end:end + 1] == b";" and not text.startswith("va_"):
            call = cursor.kind == K.CALL_EXPR
            kind = "free" if call and FREES.match(cursor.spelling) else "statement"
            self.add(kind, start, end, "(void)0", function)


def find(source, build, wanted):
    """All candidates of the files for which WANTED says yes, in order."""
    found = []
    for path, (args, directory, _) in sorted(compile_commands(build).items()):
        name = os.path.relpath(path, source)
        if not name.startswith("..") and wanted(name):
            found += Finder(source, name, path, args, directory).walk()
    return sorted(set(found))
