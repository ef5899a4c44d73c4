#include "dissect/ingest/run.h"

#include "dissect/net/hep.h"

bool run_open(Run *run, const SourceOptions *options, const Limits *limits, GError **error)
{
  *run = (Run){.stores = store_set_new(), .limits = *limits, .latest_ns = TIME_NONE};
  run->source = source_open(options, run->stores, error);
  if (!run->source) {
    g_clear_pointer(&run->stores, store_set_free);
    return false;
  }
  run->trace = trace_new(limits);
  run->faults = g_ptr_array_new_with_free_func(g_free);
  return true;
}

/* What a capture wrote is dropped with its oldest calls, not more of them at once than the next
 * packets can wait for. */
static void make_room(const Run *run, void *data)
{
  enum { CALLS_MAX = 1000 };

  if (store_set_reclaim(run->stores))
    return;
  if (run->room)
    run->room(data);
  for (unsigned calls = 0; calls < CALLS_MAX && !store_set_reclaim(run->stores); calls++)
    if (!trace_evict(run->trace))
      return;
}

void run_start(Run *run)
{
  run->is_recycled = source_is_live(run->source) && !source_follows(run->source);
  if (run->is_recycled)
    trace_hold_octets(run->trace, run->stores);
  run->pipeline = pipeline_start(
    &(Setup){run->source, run->stores, &run->limits, .is_confined = run->is_confined});
  run->seed = pipeline_seed(run->pipeline);
}

/* A capture on an interface sees the HEP that is sent, too: sending it again would never end. */
static void send_hep(const Run *run, const RawMessage *raw)
{
  if (raw->copy && source_is_live(run->source) &&
      hep_send_is_own(run->hep, raw->from.family == ADDRESS_IPV6, raw->from.address,
                      raw->from.port))
    return;
  hep_send_add(run->hep, &(HepMessage){
                           .is_ipv6 = raw->src.family == ADDRESS_IPV6,
                           .protocol = hep_protocol((Transport) raw->transport),
                           .src = raw->src.address,
                           .dst = raw->dst.address,
                           .src_port = raw->src.port,
                           .dst_port = raw->dst.port,
                           .time_ns = MAX(raw->time_ns, 0),
                           .message = raw->octets,
                         });
}

/* What is held goes on, and what the user should know of it is a fault. */
static void tick_hep(const Run *run)
{
  if (!run->hep)
    return;
  hep_send_tick(run->hep);
  char *news = hep_send_news(run->hep);
  if (news)
    g_ptr_array_add(run->faults, news);
}

bool run_feed(Run *run, uint64_t wait_us, RunMessage note, void *data)
{
  Batch *batch = pipeline_take(run->pipeline, wait_us);

  tick_hep(run);
  if (!batch)
    return false;
  batch_note(batch, run->trace);
  if (run->follows_media && trace_stream_count(run->trace) > 0)
    trace_follow_media(run->trace, run->stores);
  for (size_t i = 0; i < batch->count; i++) {
    trace_expect(run->trace, &batch->arrivals[i], batch->count - i);
    const Message *message = trace_add(run->trace, &batch->arrivals[i]);
    if (run->hep)
      send_hep(run, &batch->arrivals[i].raw);
    if (note)
      note(data, &batch->arrivals[i], message);
  }
  if (run->frames)
    run->frames(data, &batch->frames);
  if (run->is_recycled && batch->frames.count > 0)
    store_set_note(run->stores, batch->frames.frames[batch->frames.count - 1].number);
  if (run->is_recycled)
    make_room(run, data);
  run->messages += batch->count;
  for (guint i = 0; i < batch->faults->len; i++)
    g_ptr_array_add(run->faults, g_strdup(batch->faults->pdata[i]));
  if (run->latest_ns != trace_now(run->trace)) {
    run->latest_ns = trace_now(run->trace);
    run->latest_us = g_get_monotonic_time();
  }
  run->over = batch->last;
  pipeline_give_back(run->pipeline, batch);
  return true;
}

int64_t run_now(const Run *run)
{
  if (run->latest_ns == TIME_NONE || run->over || !source_is_live(run->source))
    return run->latest_ns;
  return run->latest_ns + (g_get_monotonic_time() - run->latest_us) * 1000;
}

void run_feed_all(Run *run)
{
  while (!run->over)
    run_feed(run, G_USEC_PER_SEC, NULL, NULL);
}

void run_close(Run *run, bool keep_trace)
{
  g_clear_pointer(&run->pipeline, pipeline_free);
  g_clear_pointer(&run->hep, hep_send_free);
  if (!keep_trace)
    g_clear_pointer(&run->trace, trace_free);
  g_clear_pointer(&run->source, source_free);
  g_clear_pointer(&run->stores, store_set_free);
  g_clear_pointer(&run->faults, g_ptr_array_unref);
}
