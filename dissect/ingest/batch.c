#include "dissect/ingest/batch.h"

enum { SCRATCH_FIRST = 64 * 1024 };

Batch *batch_new(void)
{
  Batch *batch = g_new0(Batch, 1);

  arena_init(&batch->scratch, SCRATCH_FIRST);
  batch->faults = g_ptr_array_new_with_free_func(g_free);
  batch->logs = g_array_new(false, false, sizeof(LogLine));
  batch->rtcp = g_array_new(false, false, sizeof(SeenRtcp));
  batch->news.changed = g_ptr_array_new();
  batch->news.gone = g_array_new(false, false, sizeof(uint32_t));
  return batch;
}

void batch_free(Batch *batch)
{
  frame_batch_clear(&batch->frames);
  arena_clear(&batch->scratch);
  g_ptr_array_unref(batch->faults);
  g_array_unref(batch->logs);
  g_array_unref(batch->rtcp);
  g_ptr_array_unref(batch->news.changed);
  g_array_unref(batch->news.gone);
  g_free(batch->arrivals);
  g_free(batch);
}

Arrival *batch_next_arrival(Batch *batch)
{
  if (batch->count == batch->room) {
    batch->room = MAX(batch->room * 2, (size_t) 256);
    batch->arrivals = g_renew(Arrival, batch->arrivals, batch->room);
  }
  return &batch->arrivals[batch->count];
}

void batch_parse(Batch *batch, uint64_t seed)
{
  size_t kept = 0;

  for (size_t i = 0; i < batch->count; i++) {
    if (kept != i)
      batch->arrivals[kept].raw = batch->arrivals[i].raw;
    kept += arrival_parse(&batch->arrivals[kept], seed);
  }
  batch->count = kept;
}

void batch_note(const Batch *batch, Trace *trace)
{
  trace_note_packets(trace, batch->packets, batch->bytes);
  trace_note_losses(trace, batch->lost_fragments, batch->skipped_octets, batch->dropped_packets);
  trace_note_ignored(trace, batch->ignored_segments);
  trace_note_undecoded(trace, &batch->undecoded);
  trace_note_tls(trace, &batch->tls);
  trace_note_time(trace, batch->first_ns, batch->last_ns);
  trace_note_streams(trace, &batch->news);
  for (guint i = 0; i < batch->logs->len; i++) {
    const LogLine *line = &g_array_index(batch->logs, LogLine, i);
    trace_add_note(trace, &line->call, line->copy, &line->note);
  }
}
