#!/bin/bash -eu
# SPDX-License-Identifier: MIT
# Builds all fuzz targets for ClusterFuzzLite and OSS-Fuzz. They set CC, CXX, CFLAGS, CXXFLAGS,
# LIB_FUZZING_ENGINE, OUT and WORK; the machine that runs the targets has none of our libraries, so
# that those are linked statically.

build=$WORK/build
rm -rf "$build"
meson setup "$build" --prefer-static \
    -Dfuzz=engine -Dfuzz_engine="$LIB_FUZZING_ENGINE" \
    -Dauto_features=disabled -Dtools=false -Dlate_libraries=false -Db_lundef=false -Db_pie=false -Dbuildtype=plain
ninja -C "$build" fuzzers

for target in "$build"/fuzz/fuzz-*; do
    [ -f "$target" ] && [ -x "$target" ] || continue
    name=${target##*/fuzz-}
    cp "$target" "$OUT/$name"

    inputs=$WORK/$name-inputs
    rm -rf "$inputs"
    mkdir -p "$inputs"
    for d in "$build/fuzz/seeds/$name" "fuzz/corpus/$name" "fuzz/regressions/$name"; do
        [ ! -d "$d" ] || find "$d" -type f -exec cp -t "$inputs" {} +
    done
    (cd "$inputs" && find . -type f | zip -q -@ "$OUT/${name}_seed_corpus.zip")
    for dict in "$build/fuzz/seeds/$name.dict" "fuzz/dict/$name.dict"; do
        [ ! -f "$dict" ] || cp "$dict" "$OUT/"
    done
    printf '[libfuzzer]\nmax_len = 65536\ntimeout = 5\nrss_limit_mb = 512\nmalloc_limit_mb = 2\n' \
        >"$OUT/$name.options"
done
