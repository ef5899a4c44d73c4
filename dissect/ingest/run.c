#include "dissect/ingest/run.h"

#include "dissect/ingest/parsers.h"
#include "dissect/net/hep.h"
#include "dissect/net/hep_rtcp.h"

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

/* Not more of them at once than the next packets can wait for. */
enum { LEAVING_MAX = 1000 };

/* Evicts calls: one, but many at once where looking at those that leave may mean to read all that
 * is kept again.  How many; 0: there is none. */
static size_t evict(const Run *run, void *data)
{
  enum { SHARE = 8 };
  size_t many = CLAMP(trace_kept_calls(run->trace) / SHARE, 1, LEAVING_MAX);
  Call *const *calls;
  size_t count = trace_choose(run->trace, run->leaving ? many : 1, &calls);

  if (run->leaving && count > 0)
    run->leaving(data, calls, count);
  trace_evict_chosen(run->trace);
  return count;
}

/* What a capture wrote is dropped with its oldest calls. */
static void make_room(const Run *run, void *data)
{
  size_t gone = 0, count = 1;

  while (!store_set_reclaim(run->stores) && count > 0 && gone < LEAVING_MAX) {
    count = evict(run, data);
    gone += count;
  }
}

void run_start(Run *run)
{
  run->is_recycled = source_is_live(run->source) && !source_follows(run->source);
  if (run->is_recycled)
    trace_hold_octets(run->trace, run->stores);
  heap_advise(&run->heap);
  run->pipeline =
    pipeline_start(&(Setup){run->source, run->stores, &run->limits, .wants_rtcp = run->hep != NULL,
                            .is_confined = run->is_confined, .parsers = parsers_wanted()});
  run->seed = pipeline_seed(run->pipeline);
}

/* A capture on an interface sees the HEP that it sends, too: sending that again would never end. */
static bool is_own(const Run *run, const Endpoint *from)
{
  return source_is_live(run->source) &&
         hep_send_is_own(run->hep, from->family == ADDRESS_IPV6, from->address, from->port);
}

static void send_hep(const Run *run, const RawMessage *raw)
{
  if (raw->copy && is_own(run, &raw->from))
    return;
  hep_send_add(run->hep, &(HepMessage){
                           .type = HEP_SIP,
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

/* HEP servers show a report in the call whose Call-ID is its correlation id. */
static Slice correlation_for(const Run *run, const SeenRtcp *seen)
{
  if (seen->correlation.len > 0)
    return seen->correlation;
  const Call *call = trace_media_call(run->trace, &seen->src, &seen->dst, seen->time_ns);
  return call ? call_text_kept(call, CALL_TEXT_ID) : SLICE_NONE;
}

static void send_rtcp(const Run *run, const SeenRtcp *seen)
{
  HepRtcp report;

  if ((endpoint_is_known(&seen->from) && is_own(run, &seen->from)) ||
      !hep_rtcp_read(seen->octets, &report))
    return;
  g_autoptr(GString) text = g_string_new(NULL);
  hep_rtcp_append_json(&report, text);
  hep_send_add(run->hep, &(HepMessage){
                           .type = HEP_RTCP,
                           .is_ipv6 = seen->src.family == ADDRESS_IPV6,
                           .protocol = hep_protocol(TRANSPORT_UDP),
                           .src = seen->src.address,
                           .dst = seen->dst.address,
                           .src_port = seen->src.port,
                           .dst_port = seen->dst.port,
                           .time_ns = MAX(seen->time_ns, 0),
                           .message = slice_of(text->str, text->len),
                           .correlation = correlation_for(run, seen),
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
  heap_advise(&run->heap);
  batch_note(batch, run->trace);
  if ((run->follows_media && trace_stream_count(run->trace) > 0) || batch->rtcp->len > 0)
    trace_follow_media(run->trace, run->stores);
  for (size_t i = 0; i < batch->count; i++) {
    trace_expect(run->trace, &batch->arrivals[i], batch->count - i);
    while (run->leaving && trace_is_full(run->trace, &batch->arrivals[i]) && evict(run, data) > 0)
      ;
    const Message *message = trace_add(run->trace, &batch->arrivals[i]);
    if (run->hep)
      send_hep(run, &batch->arrivals[i].raw);
    if (note)
      note(data, &batch->arrivals[i], message);
  }
  for (guint i = 0; i < batch->rtcp->len; i++)
    send_rtcp(run, &g_array_index(batch->rtcp, SeenRtcp, i));
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
