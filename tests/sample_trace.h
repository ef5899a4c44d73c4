/* A capture of samples/ as a trace, by the way the program goes; RUNG_SAMPLES is the folder. */
#pragma once

#include "dissect/ingest/pipeline.h"
#include "tests/test.h"

typedef struct {
  StoreSet *stores;
  Source *source;
  Trace *trace;
  uint64_t seed; /* pipeline_seed */
} SampleTrace;

static inline void sample_trace_fill(SampleTrace *sample)
{
  g_autoptr(Pipeline) pipeline = pipeline_start(sample->source, sample->stores, &LIMITS_DEFAULT);

  sample->seed = pipeline_seed(pipeline);
  for (bool last = false; !last;) {
    Batch *batch = pipeline_take(pipeline, G_USEC_PER_SEC);

    if (!batch)
      continue;
    last = batch->last;
    batch_note(batch, sample->trace);
    for (size_t i = 0; i < batch->count; i++)
      trace_add(sample->trace, &batch->arrivals[i]);
    pipeline_give_back(pipeline, batch);
  }
}

/* Names divided by spaces are merged by time; the trace is still empty. */
static inline SampleTrace sample_trace_begin(const char *names)
{
  const char *folder = g_getenv("RUNG_SAMPLES");
  g_auto(GStrv) files = g_strsplit(names, " ", -1);
  SampleTrace sample = {.stores = store_set_new(), .trace = trace_new(&LIMITS_DEFAULT)};
  const SourceOptions options = {.files = (const char *const *) files};
  GError *error = NULL;

  assert_non_null(folder);
  for (size_t i = 0; files[i]; i++) {
    char *path = g_build_filename(folder, files[i], NULL);
    g_free(files[i]);
    files[i] = path;
  }
  sample.source = source_open(&options, sample.stores, &error);
  if (!sample.source)
    fail_msg("%s: %s", names, error->message);
  return sample;
}

static inline SampleTrace sample_trace_read(const char *names)
{
  SampleTrace sample = sample_trace_begin(names);

  sample_trace_fill(&sample);
  return sample;
}

static inline void sample_trace_clear(SampleTrace *sample)
{
  trace_free(sample->trace);
  source_free(sample->source);
  store_set_free(sample->stores);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SampleTrace, sample_trace_clear)
