/* A trace that grows one message at a time, with random calls. */
#pragma once

#include "dissect/trace/trace.h"
#include "tests/test.h"

/* Longer than the part of a text that lists keep. */
#define GROWING_TRACE_LONG                                                                         \
  "this-is-a-user-that-goes-on-and-on-and-on-and-on-and-on-and-on-and-on-and-on-and-on-and-on-"    \
  "until-there-is-no-end-of-it-and-then-some-more-of-it-to-be-sure-that-it-is-cut-"

typedef struct {
  Trace *trace;
  StoreSet *stores;
  unsigned store;
  GRand *random;
  int64_t now_ns;
} GrowingTrace;

static inline GrowingTrace growing_trace_new(const Limits *limits, uint32_t seed)
{
  GrowingTrace growing = {
    .trace = trace_new(limits),
    .stores = store_set_new(),
    .random = g_rand_new_with_seed(seed),
    .now_ns = INT64_C(1767323045000000000),
  };

  assert_true(store_set_add_spool(growing.stores, &growing.store, NULL));
  return growing;
}

static inline void growing_trace_clear(GrowingTrace *growing)
{
  trace_free(growing->trace);
  store_set_free(growing->stores);
  g_rand_free(growing->random);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(GrowingTrace, growing_trace_clear)

/* A message of call `id`, whose first one decides its kind: INVITE, REGISTER or OPTIONS. */
static inline char *growing_trace_text(GrowingTrace *growing, unsigned id)
{
  static const char *const KINDS[] = {"INVITE", "REGISTER", "OPTIONS"};
  static const char *const STARTS[] = {"100 Trying", "180 Ringing", "200 OK",
                                       "404 No",     "486 Busy",    "503 Down"};
  static const char *const USERS[] = {"Bob",
                                      "alice",
                                      "a-rather-long-name",
                                      "A-rather-long-Name2",
                                      GROWING_TRACE_LONG "b",
                                      GROWING_TRACE_LONG "a"};
  const char *kind = KINDS[id % G_N_ELEMENTS(KINDS)];
  unsigned cseq = (unsigned) g_rand_int_range(growing->random, 1, 3);
  int start = g_rand_int_range(growing->random, -3, G_N_ELEMENTS(STARTS));
  const char *method = start == -1 && id % 3 == 0 ? "BYE" : kind;
  g_autofree char *request = g_strdup_printf("%s sip:%u@example.com SIP/2.0", method, id);
  g_autofree char *response = g_strdup_printf("SIP/2.0 %s", start < 0 ? "" : STARTS[start]);
  const char *to_tag = start > 0 || method != kind ? ";tag=t" : "";

  return g_strdup_printf("%s\r\nVia: SIP/2.0/UDP a.example.com;branch=z9hG4bK%u%s\r\n"
                         "From: <sip:%s@example.com>;tag=f\r\nTo: <sip:%u@example.com>%s\r\n"
                         "Call-ID: %u\r\nCSeq: %u %s\r\nX-Turn: %d\r\nContent-Length: 0\r\n\r\n",
                         start < 0 ? request : response, cseq, method,
                         USERS[id / 3 % G_N_ELEMENTS(USERS)], id % 7, to_tag, id, cseq, method,
                         g_rand_int_range(growing->random, 0, 100));
}

static inline Endpoint growing_trace_host(unsigned number)
{
  return (Endpoint){.address = {192, 0, 2, (uint8_t) number}, .port = 5060, .family = ADDRESS_IPV4};
}

static inline const Message *growing_trace_add_of(GrowingTrace *growing, unsigned id,
                                                  uint64_t frame)
{
  g_autofree char *text = growing_trace_text(growing, id);
  Arrival arrival = {.raw = {.octets = slice_from_string(text), .transport = TRANSPORT_UDP}};

  growing->now_ns += g_rand_int_range(growing->random, 0, 900) * INT64_C(1000000);
  arrival.raw.time_ns = growing->now_ns;
  arrival.raw.frame = frame;
  arrival.raw.src = growing_trace_host(id % 11);
  arrival.raw.dst = growing_trace_host(200);
  assert_true(
    store_append(growing->stores, growing->store, arrival.raw.octets, &arrival.raw.ref, NULL));
  assert_true(store_set_flush(growing->stores, NULL));
  assert_true(arrival_parse(&arrival, 42));
  trace_note_time(growing->trace, growing->now_ns, growing->now_ns);
  return trace_add(growing->trace, &arrival);
}

static inline const Message *growing_trace_add(GrowingTrace *growing, unsigned id)
{
  return growing_trace_add_of(growing, id, 0);
}
