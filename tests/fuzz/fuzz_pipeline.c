/* The bytes of a capture file, all the way to the model; then each message is read again. */
#include <unistd.h>

#include "dissect/ingest/pipeline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Low, so that calls are evicted. */
static Limits small_limits(void)
{
  Limits limits = LIMITS_DEFAULT;

  limits.calls = 3;
  limits.messages = 24;
  limits.endpoints = 4;
  limits.methods = SIP_METHOD_COUNT + 1;
  limits.carrier.connections = 2;
  return limits;
}

static void file_batch(Trace *trace, const Batch *batch, const StoreSet *stores)
{
  Arena scratch = {0};
  SipMsg msg;

  arena_init(&scratch, 1024);
  batch_note(batch, trace);
  for (size_t i = 0; i < batch->count; i++) {
    const Message *message = trace_add(trace, &batch->arrivals[i]);
    if (message)
      (void) !message_load(message, stores, &scratch, &msg, NULL);
    arena_reset(&scratch);
  }
  arena_clear(&scratch);
}

static void play(Source *source, StoreSet *stores)
{
  Limits limits = small_limits();
  g_autoptr(Trace) trace = trace_new(&limits);
  g_autoptr(Pipeline) pipeline = pipeline_start(&(Setup){source, stores, &limits});

  for (bool last = false; !last;) {
    Batch *batch = pipeline_take(pipeline, G_USEC_PER_SEC);
    if (!batch)
      continue;
    last = batch->last;
    file_batch(trace, batch, stores);
    pipeline_give_back(pipeline, batch);
  }
  for (size_t i = 0; i < trace_call_count(trace); i++)
    if (trace_call_at(trace, i))
      call_summarize(trace_call_at(trace, i), trace_now(trace));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  char path[] = "/tmp/rung-fuzz-XXXXXX";
  int fd = g_mkstemp(path);
  const char *const files[] = {path, NULL};
  const SourceOptions options = {.files = files};
  g_autoptr(StoreSet) stores = store_set_new();

  g_assert(fd >= 0 && write(fd, data, size) == (ssize_t) size);
  g_autoptr(Source) source = source_open(&options, stores, NULL);
  close(fd);
  unlink(path);
  if (source)
    play(source, stores);
  return 0;
}
