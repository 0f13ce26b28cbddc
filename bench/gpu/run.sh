#!/usr/bin/env bash
# Tests, then measures Sagitta on this machine's NVIDIA GPU, beside PyTorch where a python3 has it.
# It stands in the folder that bundle.sh made and needs bash, tar, xz (or a python3 with lzma), the
# driver, glibc 2.34 or newer, zlib and libstdc++; neither Java nor a network. What is compressed is
# unpacked beside it at first use, so a bundle that ran is three times as large.
#
#   run.sh [--out DIR] [--quick] [--device cuda:0] [--only STAGE,…] [--tests REGEX]
#     [--works WORKLOAD:BATCH,…] [--at-once N,…] [--precisions P,…] [--compiled] [--data DIR]
#     [--column SHADOWS,TARGETS,EPOCHS,SAMPLES] [--limits TRAINING,SCORING]
#
# Stages, in this order; without --only all but memcheck, racecheck, trace, shadows and column:
#   devices     what is there, and why not the rest
#   tests       the conformance suite; --tests names test classes, without their "Test"
#   memcheck    the same under compute-sanitizer: stray accesses
#   racecheck   the same: races in shared memory
#   accuracy    zero-order scores of a trained ResNet-18 in every precision against float64
#   launches    what a launch costs the host, on a driver that does nothing
#   layers      each convolution of ResNet-18 at batch 256: own kernels, cuDNN, PyTorch
#   models      training step at batches 128 and 512, forward, HVP, zero-order score
#   estimators  every estimator of curvature: rate, arithmetic, memory, error against float64
#   trace       which kernels the time of a training step goes to, in bf16 and tf32, and that of a
#               zero-order score in bf16; by CUPTI, so the bundle must have been made where that is
#   shadows     ResNet-18s an hour on 10,000 images each, several at once: --at-once, --precisions
#   column      the paper's CIFAR-100 column, scaled: a run's models, and their scores
# layers and models have parts that --only takes too: layers-tf32, layers-bf16, layers-fp32, and
# models- with the same; --works names other works than models'. A bundle without tests has no launches
# either.
#
# The images of "shadows" are the CIFAR-100 records that the bundle was given, each repeated until there
# are 20,000, a random half for each model; of a bundle without any, 5,000 synthetic ones. The list
# --at-once (default: 1,2,4,8) says how many models train at the same time, --precisions (default:
# bf16) how. Of each two or more are trained a worker, one epoch each; a model is said to take 100.
#
# "column" trains SHADOWS + TARGETS ResNet-18s in bf16, each on a random half of the records (those of
# the bundle or of --data, none twice), as the paper does but in few EPOCHS, and so in batches of 128,
# not 512: four times as many steps. Then it scores the first SAMPLES of the records under each model,
# n = 10 and both views (--column's default: 12,3,28,2500). --at-once (default: 4) and --precisions are
# one value each. Training and scoring end at the latest after --limits seconds (default: 135,55). What
# is done by then is kept in a run folder beside this script, where the same command goes on. DIR
# receives the run without its weights, in parts that are no larger than 15 MiB; elsewhere
#
#   mkdir RUN && cat DIR/column.tar.* | tar -C RUN -xf -
#   ./sagitta attack RUN && ./sagitta report RUN --data CIFAR-100
#
# make table and page of it, and of a run that was cut short, with some of the models that have scores
# as targets, ./sagitta attack --masks RUN/masks.safetensors --scores RUN/scores --targets … --out DIR.
#
# --data names the folder of records that bundle.sh --data-only made (default: the bundle's own).
#
# --quick takes shorter turns and smaller batches; --compiled compares with torch.compile too, which
# takes minutes to compile. DIR (default: results) receives what each stage said and, as JSON, every
# figure with device, driver and commit. SAGITTA_CUDA_DRIVER names a driver to use in place of the
# system's, such as the tests' emulated one, on which everything is tiny; PYTHON the python3 to ask for
# torch. Exit code 1: a stage did not end well, the others ran all the same; 2: wrong use.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
java=$here/jre/bin/java
suites='BackendConformance|KernelGolden|FloatGradient|StencilRules|TrainingGoldens|SameTraining'
suites="$suites|Bf16Tensor|Bf16Network|Dual|RandomDirection|Plan|Streams|HessianProducts"
suites="$suites|ExactCurvature|Architectures|PrivateStep|CudaAudit|CudaAtOnce"
pool=20000  # images that the shadows' halves are drawn from
out=results
quick=false
compiled=false
named_works=
device=cuda:0
stages=
at_once=
data=$here/data
named_column=
limits=135,55
shadow_precisions=bf16
known=" devices tests memcheck racecheck accuracy launches layers models estimators trace shadows"
known="$known column layers-tf32 layers-bf16 layers-fp32 models-tf32 models-bf16 models-fp32 "

fail() { echo "run.sh: $1" >&2; exit 2; }

while [ $# -gt 0 ]; do
  case $1 in
    --quick) quick=true; shift; continue ;;
    --compiled) compiled=true; shift; continue ;;
    --out | --device | --only | --tests | --works | --at-once | --precisions | --data | --column | \
      --limits)
      [ $# -gt 1 ] || fail "$1: expected a value" ;;
    *)
      fail "expected --out, --quick, --compiled, --device, --only, --tests, --works, --at-once, \
--precisions, --data, --column or --limits, got $1" ;;
  esac
  case $1 in
    --out) out=$2 ;;
    --device) device=$2 ;;
    --only) stages=$2 ;;
    --tests) suites=$2 ;;
    --works) named_works=$2 ;;
    --at-once) at_once=$2 ;;
    --precisions) shadow_precisions=$2 ;;
    --data) data=$2 ;;
    --column) named_column=$2 ;;
    --limits) limits=$2 ;;
  esac
  shift 2
done
for stage in ${stages//,/ }; do
  case $known in *" $stage "*) ;; *) fail "--only: expected some of$known, got $stage" ;; esac
done
if [ -z "$stages" ]; then
  stages=devices,accuracy,layers,models,estimators
  [ ! -d "$here/tests" ] || stages=$stages,tests,launches
elif [ ! -d "$here/tests" ]; then
  for stage in tests memcheck racecheck launches; do
    case ",$stages," in *",$stage,"*) fail "$stage: expected $here/tests, found a bundle without" ;; esac
  done
fi
numbers() { [[ $2 =~ ^[1-9][0-9]*(,[1-9][0-9]*){$3}$ ]] || fail "$1: expected $4, got $2"; }
[ -z "$named_column" ] || numbers --column "$named_column" 3 SHADOWS,TARGETS,EPOCHS,SAMPLES
numbers --limits "$limits" 1 "seconds of training and of scoring"
[ "$data" = "$here/data" ] || [ -e "$data/records" ] ||
  fail "--data: expected a folder that bundle.sh --data-only made, found no $data/records"
mkdir -p "$out" || exit 2
out=$(cd "$out" && pwd)
status=0

# Whether one of the stages, or the whole that it is a part of, is to run.
wanted() { case ",$stages," in *",$1,"* | *",${1%%-*},"*) true ;; *) false ;; esac; }

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

# ---------------------------------------------------------------- what there is

expand() {
  if command -v xz >/dev/null; then
    xz -dc "$1"
  else
    "${PYTHON:-python3}" -c 'import lzma, shutil, sys
shutil.copyfileobj(lzma.open(sys.argv[1]), sys.stdout.buffer)' "$1"
  fi
}

# Unpacks an archive of a folder beside this script, once: unpack NAME. What is whole has its name.
unpack() {
  [ ! -d "$here/$1" ] || return 0
  rm -rf "$here/.unpacking" && mkdir "$here/.unpacking" &&
    expand "$here/$1.txz" | tar -C "$here/.unpacking" -xf - &&
    mv "$here/.unpacking/$1" "$here/$1" && rm -r "$here/.unpacking"
}

unpack jre || fail "$here/jre.txz: cannot be unpacked there; xz, or python3 with lzma, and tar are needed"

classpath=$here/tests:$(printf '%s:' "$here"/lib/*.jar)
flags=(-Dfile.encoding=UTF-8 -Xmx4g -XX:MaxDirectMemorySize=8g "-Dsagitta.root=$here" -cp "$classpath")
candidate=cuda
emulated=false
if [ -n "${SAGITTA_CUDA_DRIVER:-}" ]; then
  flags=("-Dsagitta.cuda.driver=$SAGITTA_CUDA_DRIVER" "${flags[@]}")
  candidate=cuda-emulated
  emulated=true
fi
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
found=$("$java" "${flags[@]}" io.sagitta.attack.cli.Main devices 2>&1)
found_status=$?
cudnn=false
case $found in *"cuDNN: "[0-9]*) cudnn=true ;; esac
gpu=$(nvidia-smi --query-gpu=name,driver_version --format=csv,noheader 2>/dev/null | head -n 1 || true)
gpu=${gpu:-${SAGITTA_CUDA_DRIVER:-unknown}}
commit=$(cat "$here/commit")
echo "$gpu; commit $commit; PyTorch: ${python:-none with a GPU}"

# ---------------------------------------------------------------- what is done

devices() { echo "$found"; return $found_status; }

# The suites that reach the device, in a process that the words before "--" start: tests WORD… -- FLAG…
tests() {
  local before=()
  while [ "$1" != -- ]; do before+=("$1"); shift; done
  shift
  "${before[@]}" "$java" "-Dsagitta.test.backend=$candidate" "$@" "${flags[@]}" \
    org.junit.platform.console.ConsoleLauncher execute --disable-banner --details=summary \
    --include-engine junit-jupiter --fail-if-no-tests --scan-classpath "$here/tests" \
    --include-classname ".*\.($suites)Test"
}

sanitized() {
  local sanitizer
  if ! sanitizer=$(command -v compute-sanitizer || ls /usr/local/cuda/bin/compute-sanitizer 2>/dev/null); then
    echo "compute-sanitizer is neither on the path nor in /usr/local/cuda/bin"
    return 1
  fi
  # With an allocation of the driver's for each buffer, so that every stray access shows.
  tests "$sanitizer" --tool "$1" --target-processes all --error-exitcode 9 -- \
    -Dsagitta.cuda.memory=exact
}

accuracy() {
  "$java" "${flags[@]}" io.sagitta.bench.StreamAccuracy --device "$device" --out "$out/accuracy.json" "$@"
}

# On a driver that does nothing, so that the host's share is all there is.
launches() {
  "$java" "-Dsagitta.cuda.driver=$here/noop/libcuda.so.1" -cp "$classpath" \
    io.sagitta.kernels.cuda.LaunchCost "$out/launches.json"
}

# Measures side by side; words that Compare gives to bash are quoted: compare NAME PRECISION WORKLOAD…
compare() {
  local name=$1 precision=$2 tolerance=1e-3
  shift 2
  # Gradients of one in low precision are those of the wrong side of many a kink.
  case $precision in tf32) tolerance=0.2 ;; bf16) tolerance=0.5 ;; esac
  local worker ours torch
  worker=$(printf '%q ' "$java" "${flags[@]}")
  ours="io.sagitta.bench.Worker sagitta --device $device --precision $precision --warm-up $warm_up"
  local engines=("sagitta=$worker ${own:-} $ours")
  # Of bf16 all products are our own.
  if [ -n "${own:-}" ] && $cudnn && [ "$precision" != bf16 ]; then
    engines+=("cudnn=$worker -Dsagitta.cuda.products=cudnn $ours")
  fi
  if [ -n "$python" ]; then
    torch=$(printf '%q ' "$python" "$here/peers/pytorch_worker.py")
    torch="$torch --device $device --precision $precision --warm-up $warm_up"
    engines+=("pytorch=$torch")
    ! $compiled || [ -n "${own:-}" ] ||
      engines+=("pytorch-compiled=$torch --compile --hvp jvp-of-grad")
    case "$*" in *hvp*) engines+=("pytorch-jvp-of-grad=$torch --hvp jvp-of-grad") ;; esac
  fi
  "$java" "${flags[@]}" io.sagitta.bench.Compare --keep --rounds "$rounds" --seconds "$seconds" \
    --out "$out/$name.json" --record "commit=$commit" --record "device=$gpu" \
    --record "precision=$precision" --tolerance "$tolerance" "${engines[@]}" "$@"
}

estimators() {
  local table=("$java" "${flags[@]}" io.sagitta.bench.EstimatorTable --device "$device" "$@")
  "${table[@]}" --estimators "$estimator_names" --out "$out/estimators.json" &&
    "${table[@]}" --estimators zo --precisions "$stencil_names" --out "$out/zero-order.json"
}

# Runs a program under the tracer: traced NAME FROM TO COMMAND…, FROM and TO in percent of the time in
# which it uses the device.
traced() {
  local table=$out/trace-$1.txt from=$2 to=$3
  printf '\n-- %s\n' "$1"
  shift 3
  rm -f "$table"
  CUDA_INJECTION64_PATH=$here/trace/libtrace.so TRACE_TABLE=$table TRACE_FROM=$from TRACE_TO=$to \
    "$@" || return 1
  if [ ! -s "$table" ]; then
    echo "trace: expected $table, but the tracer wrote none; it says why above, unless it was not loaded"
    return 1
  fi
  cat "$table"
}

# A training of so many epochs: training PRECISION EPOCHS, the words before it being traced's.
training() {
  rm -f "$out/trace.safetensors"
  "${@:3}" "$java" "${flags[@]}" io.sagitta.attack.cli.Main train --dataset synthetic \
    --train-samples 4992 --arch resnet18 --batch 128 --epochs "$2" --precision "$1" \
    --device "$device" --out "$out/trace.safetensors"
  local code=$?
  rm -f "$out/trace.safetensors"
  return $code
}

trace() {
  if $emulated; then
    echo "trace: expected NVIDIA's driver, which CUPTI needs, got $SAGITTA_CUDA_DRIVER"
    return 1
  fi
  if [ ! -e "$here/trace.txz" ]; then
    echo "trace: expected $here/trace.txz, found none: this bundle was made where there was no CUPTI"
    return 1
  fi
  unpack trace || return 1
  local precision
  for precision in bf16 tf32; do
    # Kernels are chosen and kept on disk before; the first epochs are the virtual machine's warm-up.
    training "$precision" 1 && training "$precision" 3 traced "train-$precision" 60 95 || return 1
  done
  # Three seconds of scores, after the network was built and before the rate of a product is measured.
  traced zero-order-bf16 40 60 "$java" "${flags[@]}" io.sagitta.bench.EstimatorTable \
    --device "$device" --models resnet18:64 --batches 2048 --seconds 3 --peak-side 2048 \
    --error-samples 0 --estimators zo --precisions bf16 --out "$out/trace.json"
}

shadows() {
  local images=(--images 2500)
  if [ -e "$data/records" ]; then
    images=(--dataset cifar100 --data "$data" --images $((pool / 2)))
    [ -e "$data/train.bin" ] || repeated || return 1
  fi
  "$java" "${flags[@]}" io.sagitta.bench.ShadowRate --device "$device" --at-once "${at_once:-1,2,4,8}" \
    --precisions "$shadow_precisions" "${images[@]}" --out "$out/shadows.json" "$@"
}

# Makes train.bin of the records, repeated.
repeated() {
  local records copies i
  records=$(cat "$data/records")
  copies=$(((pool + records - 1) / records))
  echo "$records records of CIFAR-100, each $copies times"
  expand "$data/train.bin.xz" >"$data/once.bin" &&
    for ((i = 0; i < copies; i++)); do cat "$data/once.bin" || return 1; done \
      >"$data/repeated.bin" &&
    mv "$data/repeated.bin" "$data/train.bin" && rm "$data/once.bin"
}

# A command of Sagitta's, stopped if it takes longer: within SECONDS WORD…
within() {
  local code
  timeout -k 25 "$1" "$java" "${flags[@]}" io.sagitta.attack.cli.Main "${@:2}"
  code=$?
  [ $code -ne 124 ] || echo "column: '$2' was stopped after $1 s"
  return $code
}

# Trains and scores a run: column OPTION…, those of its networks.
column() {
  local shadows targets epochs samples training scoring code=0
  IFS=, read -r shadows targets epochs samples <<<"$column_size"
  IFS=, read -r training scoring <<<"$limits"
  if [ ! -e "$data/records" ]; then
    echo "column: expected records of CIFAR-100, found no $data/records; bundle.sh --data makes them"
    return 1
  fi
  [ -e "$data/train.bin" ] || repeated || return 1
  local run=$here/column-${column_size//,/-}
  echo "$gpu; commit $commit"
  # As many as there are without repetition.
  within "$training" shadows "$run" --dataset cifar100 --data "$data" \
    --train-samples "${column_records:-$(cat "$data/records")}" --shadows "$shadows" \
    --targets "$targets" --epochs "$epochs" --augment crop-flip --precision "$shadow_precisions" \
    --score-precision "$shadow_precisions" --score-samples "$samples" --seed 0 \
    --at-once "${at_once:-4}" --device "$device" "$@" || code=$?
  [ -e "$run/run.json" ] || return $code
  within "$scoring" score "$run" --trained-only --device "$device" || code=$?
  rm -f "$out"/column.tar.*
  tar -C "$run" -cf - run.json masks.safetensors progress.jsonl scores |
    split -b 15m -d -a 1 - "$out/column.tar." || code=$?
  return $code
}

rounds=5 seconds=1 warm_up=2
layer_seconds=0.1 layer_warm_up=0.3 layer_works=(layers:256)
works=(train:128 train:512 forward:512 hvp:256 zo:512)
accuracy_of=(--model resnet18:64)
estimated=(--models resnet18:64 --batches 1024 --seconds 1 --peak-side 8192)
estimator_names=forward,zo-trace,hutchinson,hutch++,gradient-norm,exact
stencil_names=bf16,tf32,fp32,plain-fp32
shadows_of=(--arch resnet18 --width 64 --rounds 3)
column_size=12,3,28,2500 column_of=(--arch resnet18 --width 64 --batch 128 --n 10)
column_records=
if $quick; then
  rounds=3 seconds=0.2 warm_up=0.5 layer_seconds=0.05 layer_warm_up=0.1
  works=(train:128 forward:128 hvp:64 zo:32)
  accuracy_of=(--model resnet18:64 --samples 32 --epochs 4)
  estimated=(--models resnet18:64 --batches 64 --seconds 0.2 --peak-side 8192 --error-samples 2)
  shadows_of=(--arch resnet18 --width 64 --rounds 1)
  column_size=2,1,1,128
fi
if $emulated; then
  rounds=1 seconds=0 warm_up=0 layer_seconds=0 layer_warm_up=0
  layer_works=(conv-forward-3x64-32-k3s1:1 conv-input-64x128-32-k1s2:1 conv-weight-64x128-32-k1s2:1)
  works=(train-resnet8:2)
  accuracy_of=(--model resnet8:4 --train 16 --epochs 1 --samples 5 --n 1)
  estimated=(--models resnet8:4 --batches 4 --probes 1 --seconds 0 --peak-side 64 --error-samples 4)
  estimator_names=forward,exact
  stencil_names=bf16
  shadows_of=(--arch resnet8 --width 4 --images 8 --batch 4 --models 3 --rounds 1)
  column_size=2,1,1,2 column_records=8
  column_of=(--arch resnet8 --width 4 --batch 4 --n 1 --views 1)
fi

[ -z "$named_column" ] || column_size=$named_column
[ -z "$named_works" ] || IFS=, read -r -a works <<<"$named_works"

if wanted devices; then stage devices devices; fi
if wanted tests; then stage tests tests env -- ; fi
for tool in memcheck racecheck; do
  if wanted "$tool"; then stage "$tool" sanitized "$tool"; fi
done
if wanted accuracy; then stage accuracy accuracy "${accuracy_of[@]}"; fi
if wanted launches; then stage launches launches; fi
for precision in tf32 bf16 fp32; do
  if wanted "layers-$precision"; then
    own=-Dsagitta.cuda.products=own seconds=$layer_seconds warm_up=$layer_warm_up \
      stage "layers-$precision" compare "layers-$precision" "$precision" "${layer_works[@]}"
  fi
done
for precision in tf32 bf16 fp32; do
  if wanted "models-$precision"; then
    stage "models-$precision" compare "models-$precision" "$precision" "${works[@]}"
  fi
done
if wanted estimators; then stage estimators estimators "${estimated[@]}"; fi
if wanted trace; then stage trace trace; fi
if wanted shadows; then stage shadows shadows "${shadows_of[@]}"; fi
if wanted column; then stage column column "${column_of[@]}"; fi
exit $status
