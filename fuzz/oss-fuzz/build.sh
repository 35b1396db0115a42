#!/bin/bash -eu
# SPDX-License-Identifier: MIT
# Builds all fuzz targets for ClusterFuzzLite and OSS-Fuzz, in the folder of the sources. They set CC, CXX, CFLAGS,
# CXXFLAGS, LIB_FUZZING_ENGINE, SANITIZER, OUT and WORK; the machine that runs the targets has none of our libraries,
# so that those are linked statically, and what there is no static one of goes to $OUT/lib. What CFLAGS say of sanitizers and coverage is left as it is.

build=$WORK/build
rm -rf "$build"
# SANITIZER is told, not used: CFLAGS have it already.
echo "sanitizer: ${SANITIZER-not told}, engine: ${FUZZING_ENGINE-not told}"
# shellcheck disable=SC2016
LDFLAGS="${LDFLAGS-} -Wl,-rpath,"'$ORIGIN/lib' meson setup "$build" --prefer-static \
    -Dfuzz=engine -Dfuzz_engine="$LIB_FUZZING_ENGINE" \
    -Dauto_features=disabled -Dtools=true -Dlate_libraries=false -Db_lundef=false -Db_pie=false -Dbuildtype=plain
ninja -C "$build" fuzzers

for target in "$build"/fuzz/fuzz-*; do
    [ -f "$target" ] && [ -x "$target" ] || continue
    name=${target##*/fuzz-}
    cp "$target" "$OUT/$name"
    ldd "$target" | awk '/=> \// && !/\/(libc|libm|libdl|librt|libpthread|libgcc_s|libresolv|libstdc\+\+)\.so/ {print $3}' |
        while read -r library; do
            mkdir -p "$OUT/lib"
            cp -L "$library" "$OUT/lib/"
        done

    inputs=$WORK/$name-inputs
    rm -rf "$inputs" "$OUT/${name}_seed_corpus.zip"
    mkdir -p "$inputs"
    for d in "$build/fuzz/seeds/$name" "fuzz/corpus/$name" "fuzz/regressions/$name"; do
        [ ! -d "$d" ] || find -L "$d" -type f -exec cp -t "$inputs" {} +
    done
    (cd "$inputs" && find . -type f | sort | zip -q -X -@ "$OUT/${name}_seed_corpus.zip")
    dict=
    for d in "$build/fuzz/seeds/$name.dict" "fuzz/dict/$name.dict"; do
        if [ -f "$d" ]; then
            cp "$d" "$OUT/"
            dict=$name.dict
        fi
    done
    python3 fuzz/campaign.py "$name" "$dict" >"$OUT/$name.options"
done
