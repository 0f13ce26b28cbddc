// Where a program's time on an NVIDIA GPU goes: a library that the driver loads into any process, a
// JVM among them, and that writes a table of kernels and copies when the process ends.
//
//   g++ -std=c++17 -O2 -shared -fPIC -I CUDA/include trace.cpp -o libtrace.so -L CUDA/lib
//       -l:libcupti.so.13 -Wl,-rpath,'$ORIGIN'
//   CUDA_INJECTION64_PATH=$PWD/libtrace.so TRACE_TABLE=table.txt TRACE_FROM=50 java …
//
// It wants CUPTI of CUDA 13 and the real driver. Variables, all with defaults:
//   TRACE_TABLE          receives the tables (standard error)
//   TRACE_CSV            receives every record of the window (nothing)
//   TRACE_FROM TRACE_TO  the window, in percent of the span from the first record's begin to the last
//                        one's end (0 and 100); a record belongs to it that begins in it
//   TRACE_ROWS           of each table, the rest being summed up (40)
// "busy" is the share of the window in which a kernel or copy was under way; shares of rows are of
// the sum of all rows' times, which is more where several ran at once.
#include <cupti.h>
#include <cxxabi.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace {

constexpr size_t BUFFER_BYTES = size_t{4} << 20;
constexpr double NANOS_PER_MICRO = 1e3;
constexpr double NANOS_PER_MILLI = 1e6;

// A kernel or a copy; of a copy the launch is zeros.
struct Record {
  uint64_t begin, end;  // nanoseconds
  int name;
  int grid[3], block[3];
  int registers, shared_bytes;
  unsigned stream;
  uint64_t bytes;
};

struct Window {
  uint64_t begin, end;
  double millis() const { return (end - begin) / NANOS_PER_MILLI; }
};

struct Sum {
  uint64_t nanos = 0;
  long calls = 0;
};

// Never destroyed: buffers may arrive while the process ends.
struct Trace {
  std::mutex lock;
  std::vector<Record> records;
  std::vector<std::string> names;
  std::map<std::string, int> indices;
  size_t unfinished = 0;
  bool failed = false;

  void add(const Record& record) {
    if (record.begin == 0 || record.end < record.begin) {
      unfinished++;
    } else {
      records.push_back(record);
    }
  }

  int index(const std::string& name) {
    auto [at, is_new] = indices.emplace(name, static_cast<int>(names.size()));
    if (is_new) names.push_back(name);
    return at->second;
  }
};

Trace& trace() {
  static Trace* one = new Trace;
  return *one;
}

void say(const char* format, ...) {
  va_list values;
  va_start(values, format);
  fputs("trace: ", stderr);
  vfprintf(stderr, format, values);
  fputc('\n', stderr);
  va_end(values);
}

bool check(CUptiResult result, const char* call) {
  if (result == CUPTI_SUCCESS) return true;
  const char* text = nullptr;
  cuptiGetResultString(result, &text);
  say("%s: %s (%d)", call, text == nullptr ? "no text" : text, static_cast<int>(result));
  return false;
}

#define CHECK(call) check(call, #call)

// ---------------------------------------------------------------- what CUPTI hands over

const char* copy_name(uint8_t kind) {
  switch (kind) {
    case CUPTI_ACTIVITY_MEMCPY_KIND_HTOD: return "(copy to the device)";
    case CUPTI_ACTIVITY_MEMCPY_KIND_DTOH: return "(copy to the host)";
    case CUPTI_ACTIVITY_MEMCPY_KIND_DTOD: return "(copy on the device)";
    default: return "(copy of another kind)";
  }
}

void add(const CUpti_Activity* activity) {
  Trace& all = trace();
  if (activity->kind == CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL) {
    auto* k = reinterpret_cast<const CUpti_ActivityKernel10*>(activity);
    all.add(
        {k->start, k->end, all.index(k->name == nullptr ? "(no name)" : k->name),
         {k->gridX, k->gridY, k->gridZ}, {k->blockX, k->blockY, k->blockZ},
         k->registersPerThread, k->staticSharedMemory + k->dynamicSharedMemory, k->streamId, 0});
  } else if (activity->kind == CUPTI_ACTIVITY_KIND_MEMCPY) {
    auto* c = reinterpret_cast<const CUpti_ActivityMemcpy6*>(activity);
    all.add(
        {c->start, c->end, all.index(copy_name(c->copyKind)), {}, {}, 0, 0, c->streamId, c->bytes});
  } else if (activity->kind == CUPTI_ACTIVITY_KIND_MEMSET) {
    auto* m = reinterpret_cast<const CUpti_ActivityMemset4*>(activity);
    all.add(
        {m->start, m->end, all.index("(fill)"), {}, {}, 0, 0, m->streamId, m->bytes});
  }
}

void CUPTIAPI give_buffer(uint8_t** buffer, size_t* bytes, size_t* most_records) {
  *buffer = static_cast<uint8_t*>(aligned_alloc(8, BUFFER_BYTES));
  *bytes = *buffer == nullptr ? 0 : BUFFER_BYTES;
  *most_records = 0;  // as many as fit
}

void CUPTIAPI take_buffer(CUcontext context, uint32_t stream, uint8_t* buffer, size_t, size_t valid_bytes) {
  std::lock_guard<std::mutex> guard(trace().lock);
  CUpti_Activity* activity = nullptr;
  CUptiResult result = CUPTI_SUCCESS;
  while (valid_bytes > 0 &&
         (result = cuptiActivityGetNextRecord(buffer, valid_bytes, &activity)) == CUPTI_SUCCESS) {
    add(activity);
  }
  if (result != CUPTI_ERROR_MAX_LIMIT_REACHED) {
    trace().failed |= !check(result, "cuptiActivityGetNextRecord");
  }
  size_t dropped = 0;
  if (CHECK(cuptiActivityGetNumDroppedRecords(context, stream, &dropped)) && dropped > 0) {
    say("%zu records were dropped: expected none", dropped);
    trace().failed = true;
  }
  free(buffer);
}

// ---------------------------------------------------------------- what is made of it

double number(const char* variable, double otherwise) {
  const char* text = getenv(variable);
  if (text == nullptr || *text == 0) return otherwise;
  char* rest = nullptr;
  double value = strtod(text, &rest);
  if (*rest == 0 && value >= 0) return value;
  say("%s: expected a number of at least 0, got %s; it is taken to be %g", variable, text, otherwise);
  return otherwise;
}

FILE* open_file(const char* path) {
  FILE* file = fopen(path, "w");
  if (file == nullptr) say("%s: cannot be written", path);
  return file;
}

void close_file(FILE* file, const char* path) {
  bool bad = ferror(file) != 0;
  if (fclose(file) != 0 || bad) say("%s: cannot be written", path);
}

// Removes the records that do not begin in the window; the rest are in the order of their begins.
Window cut(std::vector<Record>& records, double from, double to) {
  auto earlier = [](const Record& a, const Record& b) { return a.begin < b.begin; };
  std::sort(records.begin(), records.end(), earlier);
  uint64_t first = records.front().begin, last = 0;
  for (const Record& record : records) last = std::max(last, record.end);
  double span = last - first;
  Window window{first + static_cast<uint64_t>(span * from / 100),
                first + static_cast<uint64_t>(span * to / 100)};
  records.erase(std::remove_if(records.begin(), records.end(),
                               [&](const Record& record) {
                                 return record.begin < window.begin || record.begin > window.end;
                               }),
                records.end());
  return window;
}

uint64_t busy_nanos(const std::vector<Record>& records, const Window& window) {
  uint64_t busy = 0, until = window.begin;
  for (const Record& record : records) {
    uint64_t begin = std::max(record.begin, until), end = std::min(record.end, window.end);
    if (end > begin) {
      busy += end - begin;
      until = end;
    }
  }
  return busy;
}

// Kernels of libraries have the names of C++.
std::string plain_name(const std::string& name) {
  int status = 0;
  char* plain = abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status);
  std::string text = status == 0 ? plain : name;
  free(plain);
  return text.substr(0, 100);
}

std::string launch_text(const Record& record) {
  if (record.grid[0] == 0) return "";
  const int *g = record.grid, *b = record.block;
  auto triple = [](const int* n) {
    return std::to_string(n[0]) + "x" + std::to_string(n[1]) + "x" + std::to_string(n[2]);
  };
  std::string block = b[1] * b[2] == 1 ? std::to_string(b[0]) : triple(b);
  return triple(g) + " * " + block + ", " + std::to_string(record.registers) + " registers";
}

template <typename Key>
void print(FILE* out, const std::vector<Record>& records, size_t rows, const char* title, Key key) {
  std::map<std::pair<int, std::string>, Sum> sums;
  double all = 0;
  for (const Record& record : records) {
    Sum& sum = sums[{record.name, key(record)}];
    sum.nanos += record.end - record.begin;
    sum.calls++;
    all += record.end - record.begin;
  }
  std::vector<std::pair<std::pair<int, std::string>, Sum>> order(sums.begin(), sums.end());
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return a.second.nanos > b.second.nanos;
  });
  auto row = [&](const Sum& sum, const std::string& name, const std::string& launch) {
    fprintf(out, "%6.2f %% %10.3f %8ld %10.2f  %s%s%s\n", 100 * sum.nanos / all,
            sum.nanos / NANOS_PER_MILLI, sum.calls, sum.nanos / NANOS_PER_MICRO / sum.calls,
            name.c_str(), launch.empty() ? "" : "  ", launch.c_str());
  };
  fprintf(out, "\n%8s %10s %8s %10s  %s\n", "share", "ms", "calls", "mean µs", title);
  Sum rest;
  for (size_t i = 0; i < order.size(); i++) {
    const auto& [what, sum] = order[i];
    if (i < rows) {
      row(sum, plain_name(trace().names[what.first]), what.second);
    } else {
      rest.nanos += sum.nanos;
      rest.calls += sum.calls;
    }
  }
  if (rest.calls > 0) row(rest, std::to_string(order.size() - rows) + " others", "");
}

void write_csv(FILE* out, const std::vector<Record>& records, const Window& window) {
  fputs("begin_nanos,nanos,grid_x,grid_y,grid_z,block_x,block_y,block_z,registers,shared_bytes,"
        "stream,bytes,name\n", out);
  for (const Record& r : records) {
    fprintf(out, "%llu,%llu,%d,%d,%d,%d,%d,%d,%d,%d,%u,%llu,\"%s\"\n",
            static_cast<unsigned long long>(r.begin - window.begin),
            static_cast<unsigned long long>(r.end - r.begin), r.grid[0], r.grid[1], r.grid[2],
            r.block[0], r.block[1], r.block[2], r.registers, r.shared_bytes, r.stream,
            static_cast<unsigned long long>(r.bytes), trace().names[r.name].c_str());
  }
}

void report(FILE* out, std::vector<Record>& records) {
  double from = number("TRACE_FROM", 0), to = number("TRACE_TO", 100);
  Window window = cut(records, from, to);
  if (records.empty()) {
    say("nothing began between %g and %g %% of the span: expected TRACE_FROM < TRACE_TO", from, to);
    return;
  }
  double busy = busy_nanos(records, window) / NANOS_PER_MILLI;
  fprintf(out, "from %g to %g %% of the span: %.3f ms, busy %.3f ms (%.1f %%), %zu kernels and copies\n",
          from, to, window.millis(), busy, 100 * busy / window.millis(), records.size());
  size_t rows = static_cast<size_t>(number("TRACE_ROWS", 40));
  print(out, records, rows, "kernel", [](const Record&) { return std::string(); });
  print(out, records, rows, "kernel  grid * block", launch_text);
  if (const char* path = getenv("TRACE_CSV"); path != nullptr && *path != 0) {
    if (FILE* csv = open_file(path); csv != nullptr) {
      write_csv(csv, records, window);
      close_file(csv, path);
    }
  }
}

void finish() {
  bool flushed = CHECK(cuptiActivityFlushAll(CUPTI_ACTIVITY_FLAG_FLUSH_FORCED));
  std::lock_guard<std::mutex> guard(trace().lock);
  // Without a table a caller sees that there is none; one of some records would mislead.
  if (!flushed || trace().failed) return;
  if (trace().unfinished > 0) say("%zu records without times are left out", trace().unfinished);
  if (trace().records.empty()) {
    say("no kernel and no copy was recorded");
    return;
  }
  const char* path = getenv("TRACE_TABLE");
  if (path == nullptr || *path == 0) {
    report(stderr, trace().records);
  } else if (FILE* out = open_file(path); out != nullptr) {
    report(out, trace().records);
    close_file(out, path);
  }
}

}  // namespace

// Called by the driver when it starts, through CUDA_INJECTION64_PATH.
extern "C" int InitializeInjection() {
  bool ready = CHECK(cuptiActivityRegisterCallbacks(give_buffer, take_buffer)) &&
               CHECK(cuptiActivityEnable(CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL)) &&
               CHECK(cuptiActivityEnable(CUPTI_ACTIVITY_KIND_MEMCPY)) &&
               CHECK(cuptiActivityEnable(CUPTI_ACTIVITY_KIND_MEMSET)) && atexit(finish) == 0;
  return ready ? 1 : 0;
}
