#!/usr/bin/env bash
# Compiles the kernel files beside this script, each to NAME.fatbin: machine code for sm_80 and sm_90
# and PTX of compute_80 for the rest; a file with the line "// needs sm_90a" for that alone.
#
#   build.sh OUT WORK
#
# OUT receives the fatbins; WORK the compilers' messages and ptxas.txt, a table of what each kernel
# takes of the machine. What is unchanged (file, headers, flags, compiler) is not compiled again: it
# is taken from OUT, or from the cache that all checkouts of a user share,
# $SAGITTA_NVCC_CACHE or ~/.cache/sagitta/nvcc. Without nvcc (PATH or CUDA_HOME) nothing is compiled,
# which is no error: NVRTC compiles the sources where they are used.
set -euo pipefail
export LC_ALL=C

sources=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
flags="-std=c++17 -O3 -Xptxas -v -fatbin"
architectures="-gencode arch=compute_80,code=[sm_80,compute_80] -gencode arch=compute_90,code=sm_90"
sm_90a="-gencode arch=compute_90a,code=sm_90a"

# Compiles one file unless its fatbin is there: compile NAME KEY FLAGS, with out, work, cache, nvcc set.
compile() {
  local name=$1 key=$2 options=$3
  local partial="$work/$name.partial"
  if [ "$(cat "$work/$name.key" 2>/dev/null)" = "$key" ] && [ -s "$out/$name.fatbin" ]; then
    return
  fi
  if [ -s "$cache/$key.fatbin" ] && [ -e "$cache/$key.log" ]; then
    cp "$cache/$key.fatbin" "$partial"
    cp "$cache/$key.log" "$work/$name.log"
    touch "$cache/$key.fatbin" "$cache/$key.log"
  else
    echo "nvcc $name.cu" >&2
    # shellcheck disable=SC2086 # the options are words
    if ! "$nvcc" $options -I "$sources" -o "$partial" "$sources/$name.cu" >"$work/$name.log" 2>&1; then
      cat "$work/$name.log" >&2
      echo "build.sh: $name.cu does not compile" >&2
      return 1
    fi
    keep "$partial" "$cache/$key.fatbin"
    keep "$work/$name.log" "$cache/$key.log"
  fi
  grep -v -e '^ptxas info' -e 'bytes stack frame' -e '^$' "$work/$name.log" >&2 || true
  mv "$partial" "$out/$name.fatbin"
  echo "$key" >"$work/$name.key"
}

# Puts a copy into the cache, whole or not at all; a cache that cannot be written is no error.
keep() {
  { mkdir -p "$cache" && cp "$1" "$2.$$" && mv "$2.$$" "$2"; } 2>/dev/null || true
}

# ptxas's messages of one file as rows of the table.
rows() {
  awk -v file="$1.cu" '
    /Compiling entry function/ { split($0, part, "\047"); kernel = part[2]; arch = part[4] }
    /bytes stack frame/ { stack = $1; spills = $5 + $9 }
    /Used [0-9]+ registers/ {
      registers = shared = 0
      for (i = 1; i < NF; i++) {
        if ($(i + 1) ~ /^registers/) registers = $i
        if ($(i + 2) ~ /^smem/) shared = $i
      }
      printf "%-44s %-8s %9d %11d %12d %11d  %s\n", kernel, arch, registers, spills, shared, stack, file
    }' "$work/$1.log"
}

if [ "${1:-}" = --one ]; then
  compile "$2" "$3" "$4"
  exit
fi

[ $# -eq 2 ] || { echo "usage: build.sh OUT WORK" >&2; exit 2; }
export out=$1 work=$2
mkdir -p "$out" "$work"
export nvcc=${CUDA_HOME:+$CUDA_HOME/bin/nvcc}
[ -x "$nvcc" ] || nvcc=$(command -v nvcc || true)
if [ -z "$nvcc" ]; then
  rm -f "$out"/*.fatbin "$out/architectures.txt" "$work"/*.key "$work/ptxas.txt"
  echo "No nvcc here (PATH, CUDA_HOME): kernels are left to NVRTC on the machine that uses them."
  exit
fi
export cache=${SAGITTA_NVCC_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sagitta/nvcc}

common=$({ "$nvcc" --version; cat "$sources"/*.cuh; } | sha256sum)
for file in "$sources"/*.cu; do
  name=$(basename "$file" .cu)
  options="$flags $architectures"
  ! grep -q '^// needs sm_90a$' "$file" || options="$flags $sm_90a"
  key=$({ echo "$common $options"; cat "$file"; } | sha256sum | cut -d ' ' -f 1)
  printf '%s\0%s\0%s\0' "$name" "$key" "$options"
done >"$work/list"
xargs -0 -n 3 -P 2 "${BASH_SOURCE[0]}" --one <"$work/list"

for fatbin in "$out"/*.fatbin; do
  [ -e "$sources/$(basename "$fatbin" .fatbin).cu" ] || rm -f "$fatbin"
done
{
  printf '%-44s %-8s %9s %11s %12s %11s  %s\n' \
    kernel arch registers spill_bytes shared_bytes stack_bytes file
  for file in "$sources"/*.cu; do rows "$(basename "$file" .cu)"; done
} >"$work/ptxas.txt.partial"
mv "$work/ptxas.txt.partial" "$work/ptxas.txt"
echo "sm_80, sm_90, PTX of compute_80" >"$out/architectures.txt"
find "$cache" -type f -mtime +30 -delete 2>/dev/null || true
