/* Runs a model on ready tensors through ONNX Runtime's C API and says how fast.
 *
 *   c_peer LIBRARY MODEL BATCH SECONDS
 *
 * The session has the options of infer/session_ort.go, and input and output tensors are made once and reused. It prints one JSON
 * object: pictures, seconds of the clock, seconds of the processor, and the first row of scores as a check that both sides compute
 * the same. Input is the same sequence of bytes as in session/main.go, one value a byte.
 */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "onnxruntime_c_api.h"

static const OrtApi *api;

static void need(OrtStatus *status, const char *doing) {
  if (status == NULL) return;
  fprintf(stderr, "c_peer: %s: %s\n", doing, api->GetErrorMessage(status));
  exit(1);
}

static double seconds_of(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static const OrtApi *load(const char *library) {
  void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  if (handle == NULL) {
    fprintf(stderr, "c_peer: load library: %s\n", dlerror());
    exit(1);
  }
  const OrtApiBase *(*base)(void);
  *(void **)&base = dlsym(handle, "OrtGetApiBase");
  const OrtApi *found = base == NULL ? NULL : base()->GetApi(ORT_API_VERSION);
  if (found == NULL) {
    fprintf(stderr, "c_peer: library %s does not speak API %d\n", library, ORT_API_VERSION);
    exit(1);
  }
  return found;
}

static OrtSession *open_session(OrtEnv *env, const char *model) {
  OrtSessionOptions *options;
  OrtSession *session;
  need(api->CreateSessionOptions(&options), "make options");
  need(api->SetIntraOpNumThreads(options, 1), "set threads");
  need(api->SetInterOpNumThreads(options, 1), "set threads");
  need(api->SetSessionExecutionMode(options, ORT_SEQUENTIAL), "set execution mode");
  need(api->SetSessionGraphOptimizationLevel(options, ORT_ENABLE_ALL), "set optimisation");
  need(api->EnableCpuMemArena(options), "set arena");
  need(api->DisableMemPattern(options), "set patterns");
  need(api->AddSessionConfigEntry(options, "session.intra_op.allow_spinning", "0"), "set spinning");
  need(api->AddSessionConfigEntry(options, "session.inter_op.allow_spinning", "0"), "set spinning");
  need(api->CreateSession(env, model, options, &session), "load model");
  api->ReleaseSessionOptions(options);
  return session;
}

/* shape_of reads type and dimensions; the first, which is open, becomes batch. It returns the number of elements. */
static size_t shape_of(OrtTypeInfo *info, int64_t batch, int64_t *dims, size_t *rank, ONNXTensorElementDataType *type) {
  const OrtTensorTypeAndShapeInfo *tensor;
  need(api->CastTypeInfoToTensorInfo(info, &tensor), "read shape");
  need(api->GetTensorElementType(tensor, type), "read shape");
  need(api->GetDimensionsCount(tensor, rank), "read shape");
  if (*rank == 0 || *rank > 8) {
    fprintf(stderr, "c_peer: a tensor has %zu dimensions\n", *rank);
    exit(1);
  }
  need(api->GetDimensions(tensor, dims, *rank), "read shape");
  dims[0] = batch;
  size_t count = 1;
  for (size_t i = 0; i < *rank; i++) count *= (size_t)dims[i];
  return count;
}

static OrtValue *tensor_of(OrtMemoryInfo *memory, void *data, size_t bytes, const int64_t *dims, size_t rank, ONNXTensorElementDataType type) {
  OrtValue *value;
  need(api->CreateTensorWithDataAsOrtValue(memory, data, bytes, dims, rank, type, &value), "make tensor");
  return value;
}

int main(int argc, char **argv) {
  if (argc != 5) {
    fprintf(stderr, "usage: c_peer LIBRARY MODEL BATCH SECONDS\n");
    return 2;
  }
  int64_t batch = atoll(argv[3]);
  double limit = atof(argv[4]);
  setenv("ORT_DISABLE_TELEMETRY", "1", 1);
  api = load(argv[1]);

  OrtEnv *env;
  OrtAllocator *allocator;
  OrtMemoryInfo *memory;
  need(api->CreateEnv(ORT_LOGGING_LEVEL_FATAL, "peer", &env), "start");
  OrtSession *session = open_session(env, argv[2]);
  need(api->GetAllocatorWithDefaultOptions(&allocator), "get allocator");
  need(api->CreateCpuMemoryInfo(OrtDeviceAllocator, OrtMemTypeDefault, &memory), "get memory");

  char *in_name, *out_name;
  OrtTypeInfo *in_info, *out_info;
  int64_t in_dims[8], out_dims[8];
  size_t in_rank, out_rank;
  ONNXTensorElementDataType in_type, out_type;
  need(api->SessionGetInputName(session, 0, allocator, &in_name), "read input");
  need(api->SessionGetOutputName(session, 0, allocator, &out_name), "read output");
  need(api->SessionGetInputTypeInfo(session, 0, &in_info), "read input");
  need(api->SessionGetOutputTypeInfo(session, 0, &out_info), "read output");
  size_t in_count = shape_of(in_info, batch, in_dims, &in_rank, &in_type);
  size_t out_count = shape_of(out_info, batch, out_dims, &out_rank, &out_type);
  if ((in_type != ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8 && in_type != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT) ||
      out_type != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT) {
    fprintf(stderr, "c_peer: input type %d, output type %d: uint8 or float32 to float32 is needed\n", in_type, out_type);
    return 1;
  }

  size_t in_bytes = in_type == ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8 ? in_count : 4 * in_count;
  void *in_data = aligned_alloc(64, (in_bytes + 63) / 64 * 64);
  float *out_data = aligned_alloc(64, (4 * out_count + 63) / 64 * 64);
  if (in_data == NULL || out_data == NULL) {
    fprintf(stderr, "c_peer: no memory for %zu bytes\n", in_bytes);
    return 1;
  }
  uint32_t state = 1;
  for (size_t i = 0; i < in_count; i++) {
    state ^= state << 13; /* xorshift32 (Marsaglia 2003) */
    state ^= state >> 17;
    state ^= state << 5;
    uint8_t value = (uint8_t)(state >> 24);
    if (in_type == ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8)
      ((uint8_t *)in_data)[i] = value;
    else
      ((float *)in_data)[i] = value;
  }
  OrtValue *in = tensor_of(memory, in_data, in_bytes, in_dims, in_rank, in_type);
  OrtValue *out = tensor_of(memory, out_data, 4 * out_count, out_dims, out_rank, out_type);
  const char *const in_names[] = {in_name}, *const out_names[] = {out_name};
  const OrtValue *const inputs[] = {in};

  for (int i = 0; i < 3; i++) need(api->Run(session, NULL, in_names, inputs, 1, out_names, 1, &out), "run");
  double start = seconds_of(CLOCK_MONOTONIC), cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID), now = start;
  int64_t pictures = 0;
  while (now - start < limit) {
    need(api->Run(session, NULL, in_names, inputs, 1, out_names, 1, &out), "run");
    pictures += batch;
    now = seconds_of(CLOCK_MONOTONIC);
  }
  cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu;

  printf("{\"pictures\": %lld, \"seconds\": %.6f, \"cpu_seconds\": %.6f, \"scores\": [", (long long)pictures, now - start, cpu);
  size_t classes = out_count / (size_t)batch;
  for (size_t i = 0; i < classes; i++) printf("%s%.9g", i == 0 ? "" : ", ", (double)out_data[i]);
  printf("]}\n");
  return 0;
}
