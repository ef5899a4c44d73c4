/* A capture of samples/ as a trace, read as the program does; RUNG_SAMPLES is the folder. */
#pragma once

#include "dissect/ingest/run.h"
#include "tests/test.h"

typedef Run SampleTrace;

/* Names separated by blanks are merged by time; the trace is still empty. */
static inline SampleTrace sample_trace_begin(const char *names)
{
  const char *folder = g_getenv("RUNG_SAMPLES");
  g_auto(GStrv) files = g_strsplit(names, " ", -1);
  const SourceOptions options = {.files = (const char *const *) files};
  SampleTrace sample;
  GError *error = NULL;

  assert_non_null(folder);
  for (size_t i = 0; files[i]; i++) {
    char *path = g_build_filename(folder, files[i], NULL);
    g_free(files[i]);
    files[i] = path;
  }
  if (!run_open(&sample, &options, &LIMITS_DEFAULT, &error))
    fail_msg("%s: %s", names, error->message);
  return sample;
}

static inline void sample_trace_fill(SampleTrace *sample)
{
  sample->follows_media = true;
  run_start(sample);
  run_feed_all(sample);
}

static inline SampleTrace sample_trace_read(const char *names)
{
  SampleTrace sample = sample_trace_begin(names);

  sample_trace_fill(&sample);
  return sample;
}

static inline void sample_trace_clear(SampleTrace *sample)
{
  run_close(sample, false);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SampleTrace, sample_trace_clear)
