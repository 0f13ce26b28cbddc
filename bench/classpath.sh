# Sourced by the commands beside it: builds the benchmarks, with their peers unless $peers is false,
# and sets $java, $classpath and $flags.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
mkdir -p "$root/bench/target"
profile=-Ppeers
[ "${peers:-true}" = true ] || profile=-P!peers
echo "Building the benchmarks …" >&2
(cd "$root" && mvn -B -q -ntp "$profile" -pl bench -am -DskipTests package \
  dependency:build-classpath -Dmdep.outputFile=target/classpath.txt >&2)
classpath=$root/bench/target/classes:$(cat "$root/bench/target/classpath.txt")
flags="-Xmx4g -XX:MaxDirectMemorySize=8g"
if [ "$("$java" -XshowSettings:properties -version 2>&1 | sed -n 's/.*java.specification.version = //p')" -ge 22 ]; then
  flags="$flags --enable-native-access=ALL-UNNAMED"
fi
