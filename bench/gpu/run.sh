#!/usr/bin/env bash
# Tests, then measures Sagitta on this machine's NVIDIA GPU, beside PyTorch where a python3 has it.
# It stands in the folder that bundle.sh made and needs bash and the driver only.
#
#   run.sh [--out DIR] [--quick] [--device cuda:0] [--only STAGE,…] [--sanitize]
#
# Stages: devices, tests, launches, layers (each convolution of ResNet-18 at batch 256), models
# (training step at batches 128 and 512, forward, HVP, zero-order score). --quick measures one
# second where it else takes ten, and smaller batches. --sanitize runs the tests once more under
# compute-sanitizer's memcheck and racecheck. DIR (default: results) receives what the tests said
# and, as JSON, every figure with device, driver and commit. SAGITTA_CUDA_DRIVER names a driver to
# use in place of the system's, such as the tests' emulated one; PYTHON the python3 to ask for torch.
# Exit code 1: a test failed or a stage did not end well; the later stages run all the same.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
java=$here/jre/bin/java
out=results
quick=false
sanitize=false
device=cuda:0
stages=devices,tests,launches,layers,models
while [ $# -gt 0 ]; do
  case $1 in
    --out) out=$2; shift ;;
    --device) device=$2; shift ;;
    --only) stages=$2; shift ;;
    --quick) quick=true ;;
    --sanitize) sanitize=true ;;
    *) echo "run.sh: expected --out, --quick, --device, --only or --sanitize, got $1" >&2; exit 2 ;;
  esac
  shift
done
mkdir -p "$out"
out=$(cd "$out" && pwd)
classpath=$here/tests:$(printf '%s:' "$here"/lib/*.jar)
flags=(-Xmx4g -XX:MaxDirectMemorySize=8g "-Dsagitta.root=$here" -cp "$classpath")
candidate=cuda
if [ -n "${SAGITTA_CUDA_DRIVER:-}" ]; then
  flags=("-Dsagitta.cuda.driver=$SAGITTA_CUDA_DRIVER" "${flags[@]}")
  candidate=cuda-emulated
fi
status=0

wanted() { case ",$stages," in *",$1,"*) true ;; *) false ;; esac; }

# Runs a stage, its words on the screen and in a file: stage NAME COMMAND…
stage() {
  local name=$1 start=$SECONDS
  shift
  printf '\n== %s\n' "$name"
  "$@" 2>&1 | tee "$out/$name.txt"
  local code=${PIPESTATUS[0]}
  [ "$code" -eq 0 ] || status=1
  echo "== $name: exit code $code, $((SECONDS - start)) s"
}

# The suites that reach the device, in a process that the words before "--" start.
tests() {
  "$@" "$java" "-Dsagitta.test.backend=$candidate" "${flags[@]}" \
    org.junit.platform.console.ConsoleLauncher execute --disable-banner --details=summary \
    --include-engine junit-jupiter --fail-if-no-tests --scan-classpath "$here/tests" \
    --include-classname '.*\.(BackendConformance|FloatGradient|KernelGolden|TrainingGoldens|SameTraining)Test'
}

python=
for candidate_python in "${PYTHON:-python3}" /usr/bin/python3; do
  if "$candidate_python" -c 'import sys, torch; sys.exit(not torch.cuda.is_available())' 2>/dev/null; then
    python=$candidate_python
    packages=$("$python" -c 'import os, torch; print(os.path.dirname(os.path.dirname(torch.__file__)))')
    # PyTorch's wheels bring cuBLAS and cuDNN.
    flags=("-Dsagitta.cuda.python=$packages" "${flags[@]}")
    break
  fi
done

# Measures side by side: compare NAME PRECISION OPTIONS -- WORKLOAD…
compare() {
  local name=$1 precision=$2
  shift 2
  local worker="$java ${flags[*]}"
  local ours="io.sagitta.bench.Worker sagitta --device $device --precision $precision --warm-up $warm_up"
  local engines=("sagitta=$worker ${own:-} $ours")
  [ -z "${own:-}" ] || engines+=("cudnn=$worker -Dsagitta.cuda.products=cudnn $ours")
  if [ -n "$python" ]; then
    local torch="$python $here/peers/pytorch_worker.py --device cuda --precision $precision --warm-up $warm_up"
    engines+=("pytorch=$torch")
    [ -z "${compiled:-}" ] || engines+=("pytorch-compiled=$torch --compile")
  fi
  "$java" "${flags[@]}" io.sagitta.bench.Compare --keep --rounds "$rounds" --seconds "$seconds" \
    --out "$out/$name.json" --record "commit=$(cat "$here/commit")" --record "device=$gpu" \
    --record "precision=$precision" "${engines[@]}" "$@"
}

gpu=$(nvidia-smi --query-gpu=name,driver_version --format=csv,noheader 2>/dev/null | head -n 1 || true)
gpu=${gpu:-${SAGITTA_CUDA_DRIVER:-unknown}}
echo "$gpu; commit $(cat "$here/commit"); PyTorch: ${python:-none with a GPU}"
rounds=5 seconds=1 warm_up=2 layers=layers:256
first_order=(train:128 train:512 forward:512 zo:128)
second_order=(hvp:256)
if $quick; then
  rounds=3 seconds=0.2 warm_up=0.5
  first_order=(train:128 forward:128)
  second_order=(hvp:64)
fi
if [ -n "${SAGITTA_CUDA_DRIVER:-}" ]; then
  rounds=1 seconds=0 warm_up=0
  layers="conv-forward-3x64-32-k3s1:1 conv-input-64x128-32-k1s2:1 conv-weight-64x128-32-k1s2:1"
  first_order=(train-resnet8:2)
  second_order=()
fi

if wanted devices; then
  stage devices "$java" "${flags[@]}" io.sagitta.attack.cli.Main devices
fi
if wanted tests; then
  stage tests tests env
fi
if $sanitize; then
  if sanitizer=$(command -v compute-sanitizer || ls /usr/local/cuda/bin/compute-sanitizer 2>/dev/null); then
    for tool in memcheck racecheck; do
      stage "$tool" tests "$sanitizer" --tool "$tool" --target-processes all --error-exitcode 9
    done
  else
    echo "compute-sanitizer is not here: not run"
  fi
fi
if wanted launches; then
  # On a driver that does nothing, so that the host's share is all there is.
  stage launches "$java" "-Dsagitta.cuda.driver=$here/noop/libcuda.so.1" -cp "$classpath" \
    io.sagitta.kernels.cuda.LaunchCost "$out/launches.json"
fi
if wanted layers; then
  for precision in tf32 bf16 fp32; do
    own=-Dsagitta.cuda.products=own stage "layers-$precision" compare "layers-$precision" \
      "$precision" $layers
  done
fi
if wanted models; then
  stage models-tf32 compare models-tf32 tf32 "${first_order[@]}" "${second_order[@]}"
  # torch.compile offers no second derivatives.
  compiled=yes stage models-bf16 compare models-bf16 bf16 "${first_order[@]}"
fi
exit $status
