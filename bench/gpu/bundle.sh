#!/usr/bin/env bash
# Makes .gpu-bundle/: all that run.sh needs on a machine with an NVIDIA GPU but neither Java nor a
# network. A Java 17 runtime, the jars with their compiled kernels, the tests with their goldens and
# what runs them, the benchmarks, PyTorch's side of them; where CUPTI of CUDA 13 lies beside nvcc, the
# tracer too.
#
#   bench/gpu/bundle.sh [--with-host] [--without-tests] [--data ARCHIVE [--records N]] [--out DIR]
#     [--classpath PATH] [--quick]
#   bench/gpu/bundle.sh --data-only --data ARCHIVE [--records N] [--out DIR] [--quick]
#
# --with-host takes oneDNN along, for the host beside the GPU. --without-tests leaves out the tests,
# and the count of what a launch costs, which is among them. --data takes the first N (default: 5000)
# training records of CIFAR-100 along for the stages "shadows" and "column": ARCHIVE is a compressed
# tar with a train.bin of 3074 bytes a record, each about 2.3 KB here. Records that are too many to be
# sent together with the rest are sent before it: --data-only makes a folder of them (.gpu-data), for
# run.sh --data. --classpath is that of the tests where everything is built already, so that Maven is
# not asked. --quick compresses in a sixth of the time to 2 MB more.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
bundle=
limit_mb=44
with_host=false
with_tests=true
data_only=false
data=
records=5000
record_bytes=3074
classpath=
compress=(xz -9)

fail() { echo "bundle.sh: $1" >&2; exit 1; }

while [ $# -gt 0 ]; do
  case $1 in
    --with-host) with_host=true ;;
    --without-tests) with_tests=false ;;
    --data-only) data_only=true ;;
    --data) data=${2:?expected an archive}; shift ;;
    --records) records=${2:?expected a number}; shift ;;
    --out) bundle=${2:?expected a folder}; shift ;;
    --classpath) classpath=${2:?expected a class path}; shift ;;
    --quick) compress=(xz -1) ;;
    *) fail "expected --with-host, --without-tests, --data, --data-only, --records, --out, \
--classpath or --quick, got $1" ;;
  esac
  shift
done
# What is sent to a GPU host, the repository's 5 MB included, is 64 MiB at most.
[ -z "$data" ] || limit_mb=59
! $with_host || limit_mb=$((limit_mb + 40))
case $records in '' | 0* | *[!0-9]*) fail "--records: expected a number above 0, got $records" ;; esac
[ -z "$data" ] || [ -f "$data" ] || fail "--data: expected an archive, found none at $data"
[ -z "$data" ] || data=$(readlink -f "$data")
! $data_only || [ -n "$data" ] || fail "--data-only: expected --data ARCHIVE with it, got none"
command -v xz >/dev/null || fail "needs xz"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Lets nothing be replaced but what was made here: require_ours FOLDER FILE, which is in such a folder.
require_ours() {
  [ ! -e "$1" ] || [ -e "$1/$2" ] || [ -z "$(ls -A "$1")" ] ||
    fail "$1: expected no folder, an empty one or one with $2, found other files"
}

# Puts the first records of the archive into a folder: take_records FOLDER.
take_records() {
  mkdir -p "$1" "$work/data"
  tar -C "$work/data" -xf "$data"
  local train found
  train=$(find "$work/data" -name train.bin)
  [ -f "$train" ] || fail "$data: expected one train.bin, found '$train'"
  found=$(($(stat -c %s "$train") / record_bytes))
  [ "$found" -ge "$records" ] || fail "$data: expected $records records, found $found"
  head -c $((records * record_bytes)) "$train" | "${compress[@]}" >"$1/train.bin.xz"
  echo "$records" >"$1/records"
}

# Says how large a folder is, and fails where it is too large to be sent.
measure() {
  local size_mb
  size_mb=$(du -sm "$1" | cut -f 1)
  echo "$1: $size_mb MB"
  [ "$size_mb" -le "$limit_mb" ] || fail "expected at most $limit_mb MB"
}

if $data_only; then
  folder=${bundle:-$root/.gpu-data}
  require_ours "$folder" records
  rm -rf "$folder"
  take_records "$folder"
  measure "$folder"
  exit
fi

bundle=${bundle:-$root/.gpu-bundle}
java_home=${JAVA_HOME:-$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")}
version=$("$java_home/bin/java" -XshowSettings:properties -version 2>&1 |
  sed -n 's/.*java.specification.version = //p')
[ "$version" = 17 ] || fail "expected a JDK 17 (JAVA_HOME), got $version"
command -v g++ >/dev/null || fail "needs g++ for the driver that does nothing"
require_ours "$bundle" run.sh

cd "$root"
if [ -z "$classpath" ]; then
  echo "Building …" >&2
  JAVA_HOME=$java_home mvn -B -q -ntp -pl src/test -am -DskipTests test-compile \
    dependency:build-classpath -Dmdep.outputFile=target/classpath.txt >&2
  classpath=$(cat src/test/target/classpath.txt)
fi
[ -e kernels/target/cuda/ptxas.txt ] || fail "needs nvcc for the kernels"

rm -rf "$bundle"
mkdir -p "$bundle/lib" "$bundle/peers"

for module in kernels engine nn attack bench; do
  "$java_home/bin/jar" -c -f "$bundle/lib/sagitta-$module.jar" -C "$module/target/classes" .
done
# Not in a jar, for the tests read their goldens as files.
! $with_tests || cp -r src/test/target/test-classes "$bundle/tests"

tr ':' '\n' <<<"$classpath" | while read -r jar; do
  name=$(basename "$jar")
  case $name in
    sagitta-* | classes) ;;
    dnnl-* | javacpp-* | opencl-*) ! $with_host || cp "$jar" "$bundle/lib/" ;;
    jcuda-natives-*)
      # The PTX compiler is 24 MB that nothing here calls.
      mkdir "$work/natives"
      (cd "$work/natives" && "$java_home/bin/jar" -x -f "$jar" && rm -f lib/libJNvPTXCompiler*)
      "$java_home/bin/jar" -c -f "$bundle/lib/$name" -C "$work/natives" .
      rm -r "$work/natives"
      ;;
    jcuda-* | jcublas-* | jcudnn-* | ejml-* | tribuo-* | protobuf-java-* | picocli-* | \
      progressbar-* | jline-* | jmustache-* | commons-math3-* | jackson-annotations-* | jackson-core-* | \
      jackson-databind-* | slf4j-api-* | slf4j-tinylog-* | tinylog-*) cp "$jar" "$bundle/lib/" ;;
    junit-* | opentest4j-* | apiguardian-* | assertj-* | jqwik-*)
      ! $with_tests || cp "$jar" "$bundle/lib/" ;;
    # Pictures, other engines, Spark: nothing that run.sh begins asks for them.
    *.jar) ;;
  esac
done

# Pictures and plots (java.desktop, 12 MB) are for where reports are made.
classes=("$bundle"/lib/sagitta-*.jar)
! $with_tests || classes+=("$bundle/tests")
modules=$("$java_home/bin/jdeps" --multi-release 17 --ignore-missing-deps --print-module-deps \
  "${classes[@]}" | sed 's/,java.desktop//')
modules="$modules,java.logging,java.management,java.xml,jdk.unsupported,jdk.management,jdk.zipfs"
"$java_home/bin/jlink" --add-modules "$modules" --compress=0 --strip-java-debug-attributes \
  --no-header-files --no-man-pages --output "$work/jre"
! command -v strip >/dev/null || find "$work/jre/lib" -name '*.so' -exec strip --strip-unneeded {} +
# Modules that are not compressed one by one are much smaller together.
tar -C "$work" -c jre | "${compress[@]}" >"$bundle/jre.txz"

mkdir "$bundle/noop"
g++ -std=c++17 -O2 -shared -fPIC -static-libstdc++ -Wl,-soname,libcuda.so.1 \
  src/test/cpp/noop/driver.cpp -o "$bundle/noop/libcuda.so.1"

# nvcc may be a script that calls the real one, which tells its folder.
cuda=$({ nvcc --dryrun none.cu 2>&1 || true; } | sed -n 's/^#\$ _HERE_=//p')/..
if [ -e "$cuda/include/cupti.h" ] && [ -e "$cuda/lib/libcupti.so.13" ]; then
  mkdir "$work/trace"
  g++ -std=c++17 -O2 -shared -fPIC -static-libstdc++ -I "$cuda/include" bench/gpu/trace.cpp \
    -o "$work/trace/libtrace.so" -L "$cuda/lib" -l:libcupti.so.13 -Wl,-rpath,'$ORIGIN'
  cp -L "$cuda/lib/libcupti.so.13" "$work/trace/"
  tar -C "$work" -c trace | "${compress[@]}" >"$bundle/trace.txz"
else
  echo "No tracer: found no CUPTI of CUDA 13 beside nvcc (include/cupti.h, lib/libcupti.so.13)." >&2
fi

[ -z "$data" ] || take_records "$bundle/data"

cp bench/gpu/run.sh "$bundle/"
cp bench/peers/*.py "$bundle/peers/"
cp kernels/target/cuda/ptxas.txt "$bundle/"
git describe --always --dirty --abbrev=12 >"$bundle/commit"

du -sm "$bundle"/* | sort -n
measure "$bundle"
