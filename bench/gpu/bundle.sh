#!/usr/bin/env bash
# Makes .gpu-bundle/: all that run.sh needs on a machine with an NVIDIA GPU but neither Java nor a
# network. A Java 17 runtime, the jars with their compiled kernels, the tests with their goldens and
# what runs them, the benchmarks, PyTorch's side of them.
#
#   bench/gpu/bundle.sh [--with-host] [--out DIR] [--classpath PATH]
#
# --with-host takes oneDNN along, for the host beside the GPU. --classpath is that of the tests where
# everything is built already, so that Maven is not asked.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
bundle=$root/.gpu-bundle
limit_mb=60
with_host=false
classpath=

fail() { echo "bundle.sh: $1" >&2; exit 1; }

while [ $# -gt 0 ]; do
  case $1 in
    --with-host) with_host=true; limit_mb=100 ;;
    --out) bundle=${2:?expected a folder}; shift ;;
    --classpath) classpath=${2:?expected a class path}; shift ;;
    *) fail "expected --with-host, --out or --classpath, got $1" ;;
  esac
  shift
done
java_home=${JAVA_HOME:-$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")}
version=$("$java_home/bin/java" -XshowSettings:properties -version 2>&1 |
  sed -n 's/.*java.specification.version = //p')
[ "$version" = 17 ] || fail "expected a JDK 17 (JAVA_HOME), got $version"
command -v g++ >/dev/null || fail "needs g++ for the driver that does nothing"
[ ! -e "$bundle" ] || [ -e "$bundle/run.sh" ] || [ -z "$(ls -A "$bundle")" ] ||
  fail "$bundle: expected no folder, an empty one or an older bundle"

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
cp -r src/test/target/test-classes "$bundle/tests"

tr ':' '\n' <<<"$classpath" | while read -r jar; do
  name=$(basename "$jar")
  case $name in
    sagitta-* | classes) ;;
    dnnl-* | javacpp-* | opencl-*) ! $with_host || cp "$jar" "$bundle/lib/" ;;
    jcuda-natives-*)
      # The PTX compiler is 24 MB that nothing here calls.
      unpacked=$(mktemp -d)
      (cd "$unpacked" && "$java_home/bin/jar" -x -f "$jar" && rm -f lib/libJNvPTXCompiler*)
      "$java_home/bin/jar" -c -f "$bundle/lib/$name" -C "$unpacked" .
      rm -rf "$unpacked"
      ;;
    jcuda-* | jcublas-* | jcudnn-* | ejml-* | tribuo-* | protobuf-java-* | picocli-* | \
      progressbar-* | jline-* | jmustache-* | commons-math3-* | jackson-annotations-* | jackson-core-* | \
      jackson-databind-* | slf4j-api-* | slf4j-tinylog-* | tinylog-* | junit-* | opentest4j-* | \
      apiguardian-* | assertj-* | jqwik-*) cp "$jar" "$bundle/lib/" ;;
    # Pictures, other engines, Spark: nothing that run.sh begins asks for them.
    *.jar) ;;
  esac
done

# Pictures and plots (java.desktop, 12 MB) are for where reports are made.
modules=$("$java_home/bin/jdeps" --multi-release 17 --ignore-missing-deps --print-module-deps \
  "$bundle"/lib/sagitta-*.jar "$bundle/tests" | sed 's/,java.desktop//')
modules="$modules,java.logging,java.management,java.xml,jdk.unsupported,jdk.management,jdk.zipfs"
"$java_home/bin/jlink" --add-modules "$modules" --compress=2 --strip-java-debug-attributes \
  --no-header-files --no-man-pages --output "$bundle/jre"
! command -v strip >/dev/null || find "$bundle/jre/lib" -name '*.so' -exec strip --strip-unneeded {} +

mkdir "$bundle/noop"
g++ -std=c++17 -O2 -shared -fPIC -static-libstdc++ -Wl,-soname,libcuda.so.1 \
  src/test/cpp/noop/driver.cpp -o "$bundle/noop/libcuda.so.1"

cp bench/gpu/run.sh "$bundle/"
cp bench/peers/*.py "$bundle/peers/"
cp kernels/target/cuda/ptxas.txt "$bundle/"
git describe --always --dirty --abbrev=12 >"$bundle/commit"

du -sm "$bundle"/* | sort -n
size_mb=$(du -sm "$bundle" | cut -f 1)
echo "$bundle: $size_mb MB"
[ "$size_mb" -le "$limit_mb" ] || fail "expected at most $limit_mb MB"
